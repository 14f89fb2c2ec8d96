"""Who hears of what: the rules for alerts, and a button to try each."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic import env
from clinic.accounts.models import User
from clinic.accounts.roles import Right, Role
from clinic.alerting import editing, rules
from clinic.alerting.models import Kind, Rule
from clinic.audit.log import actor
from clinic.practice import facts
from clinic.staff.access import staff_page

NEEDS_MAIL = "E-mail needs a mail server: the settings EMAIL_URL and EMAIL_FROM of the server are empty."
NEEDS_KEY = "A webhook needs a secret to sign with: the setting ALERT_WEBHOOK_SECRET of the server is empty."
STALE = "Somebody else has changed this rule since you opened it. What you typed is still here: save again to keep it."


class RuleForm(forms.Form):
    """A rule, as staff type it."""

    version = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        max_length=80, label="Name of the rule", error_messages={"required": "Please give the rule a name."}
    )
    kinds = forms.MultipleChoiceField(
        choices=Kind.choices,
        label="What it is about",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Please choose at least one."},
    )
    emails = forms.CharField(
        required=False,
        max_length=2000,
        label="E-mail addresses",
        help_text="Separated by commas.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    roles = forms.MultipleChoiceField(
        required=False,
        choices=Role.choices,
        label="Everybody with this role, at the address of their account",
        widget=forms.CheckboxSelectMultiple,
    )
    webhook = forms.CharField(
        required=False,
        max_length=400,
        label="Webhook",
        help_text="An address that begins with https:// and takes signed alerts.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    quiet_from = forms.TimeField(
        required=False,
        label="Quiet from",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "This must be a time such as 21:30."},
    )
    quiet_until = forms.TimeField(
        required=False,
        label="Quiet until",
        help_text="What comes meanwhile is told at the end, in one message.",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "This must be a time such as 07:30."},
    )
    is_quiet_for_urgent = forms.BooleanField(required=False, label="Emergencies and urgent matters wait as well")
    is_active = forms.BooleanField(required=False, initial=True, label="This rule is on")

    def clean_name(self) -> str:
        """Refuse what is no single line."""
        return _line(self.cleaned_data["name"])

    def clean_emails(self) -> list[str]:
        """Return the addresses; without a mail server there may be none."""
        found: list[str] = _read("ALERT_EMAILS", re.sub(r"[\s;,]+", ",", self.cleaned_data["emails"]))
        if found and not settings.ENV["EMAIL_URL"]:
            raise forms.ValidationError(NEEDS_MAIL)
        return found

    def clean_roles(self) -> list[str]:
        """Return the roles; without a mail server there may be none."""
        found: list[str] = self.cleaned_data["roles"]
        if found and not settings.ENV["EMAIL_URL"]:
            raise forms.ValidationError(NEEDS_MAIL)
        return found

    def clean_webhook(self) -> str:
        """Return an address that a webhook may go to."""
        try:
            url = env.webhook(self.cleaned_data["webhook"].strip())
        except ValueError as error:
            raise forms.ValidationError(f"This {error}.") from None
        if problem := env.webhook_problem(url, "ALERT_WEBHOOK", settings.ENV):
            raise forms.ValidationError(f"This {problem}.")
        if url and not settings.ENV["ALERT_WEBHOOK_SECRET"]:
            raise forms.ValidationError(NEEDS_KEY)
        return url

    def clean(self) -> dict[str, Any]:
        """Refuse quiet hours without a beginning or an end."""
        cleaned: dict[str, Any] = super().clean() or {}
        if "quiet_from" in cleaned and "quiet_until" in cleaned:
            begins, ends = cleaned["quiet_from"], cleaned["quiet_until"]
            if (begins is None) != (ends is None):
                self.add_error("quiet_until", "Quiet hours need a beginning and an end.")
            elif begins is not None and begins == ends:
                self.add_error("quiet_until", "Quiet hours have to end at another time than they begin.")
        return cleaned

    @classmethod
    def of(cls, rule: Rule) -> RuleForm:
        """Return the form filled with a rule."""
        values = {name: getattr(rule, name) for name in editing.FIELDS} | {"version": rule.version}
        return cls(initial=values | {"emails": ", ".join(rule.emails)})

    def values(self) -> dict[str, Any]:
        """Return field of the rule → value; the form has to be valid."""
        return {name: self.cleaned_data[name] for name in editing.FIELDS}


def _line(text: str) -> str:
    if any(ord(character) < 32 for character in text):
        raise forms.ValidationError("This must be a single line of text.")
    return text


def _read(setting: str, text: str) -> Any:
    """Read a text by the rules of a setting."""
    try:
        return env.SETTINGS[setting].read(text.strip(","))
    except ValueError as error:
        raise forms.ValidationError(f"This {error}.") from None


@staff_page(Right.EDIT_PRACTICE)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show every rule in words."""
    shown = [{"rule": rule, **_in_words(rule)} for rule in rules.seeded()]
    heard = {kind for one in shown if one["reaches"] for kind in one["rule"].kinds}
    silent = [kind.label for kind in Kind if kind.value not in heard]
    practice = facts.snapshot().practice
    context = {"section": "alert_rules", "rules": shown, "silent": silent, "practice": practice}
    return render(request, "staff/alert_rules.html", context)


def _in_words(rule: Rule) -> dict[str, Any]:
    """Return what a rule is about and whom it reaches, as the page says it."""
    labels = [kind.label for kind in Kind if kind.value in rule.kinds]
    people = User.objects.filter(role__in=rule.roles, is_active=True)
    roles = [
        f"{Role(role).label} ({people.filter(role=role).exclude(email='').count()} with an address)"
        for role in rule.roles
        if role in Role.values
    ]
    ways = [*rule.emails, *roles, *([rule.webhook] if rule.webhook else [])]
    return {
        "kinds": "everything" if len(labels) == len(Kind) else ", ".join(labels),
        "ways": ways,
        "reaches": rule.is_active and bool(rules.targets(rule)),
    }


@staff_page(Right.EDIT_PRACTICE)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Make a rule."""
    form = RuleForm(request.POST) if request.method == "POST" else RuleForm()
    if form.is_bound and form.is_valid():
        rule = editing.add(form.values(), actor(request))
        messages.success(request, f"The rule “{rule.name}” counts from now on.")
        return redirect("staff:alert_rules")
    return _form(request, form, None)


@staff_page(Right.EDIT_PRACTICE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a rule."""
    rule = get_object_or_404(Rule, pk=pk)
    if request.method != "POST":
        return _form(request, RuleForm.of(rule), rule)
    form = RuleForm(request.POST)
    if not form.is_valid():
        return _form(request, form, rule)
    try:
        editing.save(pk, form.values(), form.cleaned_data["version"] or 0, actor(request))
    except editing.Stale:
        messages.error(request, STALE)
        return _form(request, RuleForm(_with_version(request, rule.version)), rule, status=409)
    messages.success(request, f"Saved: {form.cleaned_data['name']}.")
    return redirect("staff:alert_rules")


def _with_version(request: HttpRequest, version: int) -> Any:
    """Return what was typed, to be saved over another version."""
    typed = request.POST.copy()
    typed["version"] = str(version)
    return typed


def _form(request: HttpRequest, form: RuleForm, rule: Rule | None, status: int | None = None) -> HttpResponse:
    context = {
        "section": "alert_rules",
        "form": form,
        "rule": rule,
        "has_mail": bool(settings.ENV["EMAIL_URL"]),
        "has_secret": bool(settings.ENV["ALERT_WEBHOOK_SECRET"]),
    }
    is_wrong = form.is_bound and not form.is_valid()
    return render(request, "staff/alert_rule.html", context, status=status or (400 if is_wrong else 200))


@staff_page(Right.EDIT_PRACTICE)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a rule."""
    if editing.remove(pk, actor(request)):
        messages.success(request, "The rule is removed.")
    else:
        messages.error(request, "That rule is gone already, or may only be switched off.")
    return redirect("staff:alert_rules")


@staff_page(Right.EDIT_PRACTICE)
@require_POST
def try_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test alert by a rule."""
    count = editing.try_out(get_object_or_404(Rule, pk=pk), timezone.now(), actor(request))
    if count:
        messages.success(request, f"A test alert is on its way to {count} address{'es' if count > 1 else ''}.")
    else:
        messages.error(request, "This rule reaches nobody.")
    return redirect("staff:alert_rules")
