"""Who may do what: roles, rights, and the one table that joins them. What is not in it nobody may do."""

from __future__ import annotations

from enum import Enum

from django.db import models


class Role(models.TextChoices):
    """What a person does at the clinic."""

    FRONT_DESK = "front_desk", "Front desk"
    CLINICIAN = "clinician", "Clinician"
    MANAGER = "manager", "Manager"
    ADMINISTRATOR = "administrator", "Administrator"


class Right(Enum):
    """Something that may be allowed; the value is what the people's page calls it."""

    READ = "Read conversations, hand-offs and booking requests, and search them"
    ANSWER = "Take conversations over, answer, give them back, close them"
    ANNOTATE = "Write notes, set tags and assignees, judge what the bot understood"
    BOOK = "Work on booking requests"
    SIGN_OFF = "Sign off wording from the product's label"
    WITHDRAW_SIGN_OFF = "Withdraw a sign-off"
    NUMBERS = "See the numbers"
    EXPORT = "Export conversations and numbers"
    EDIT_PRACTICE = "Edit the clinic's facts, hours, answers, canned replies and alerts"
    SWITCH_BOT = "Switch the bot off and on"
    AUDIT = "Read the audit log"
    PRIVACY = "Export and erase a person's data, set retention and legal holds"
    PEOPLE = "Invite people, change roles, end access"


_ALL = frozenset(Right)
_DAILY = frozenset({Right.READ, Right.ANSWER, Right.ANNOTATE, Right.BOOK})

RIGHTS: dict[str, frozenset[Right]] = {
    Role.FRONT_DESK: _DAILY,
    Role.CLINICIAN: _DAILY | {Right.SIGN_OFF, Right.WITHDRAW_SIGN_OFF, Right.NUMBERS, Right.SWITCH_BOT},
    # Nobody but a clinician signs off wording: neither manager nor administrator needs a medical licence.
    Role.MANAGER: _ALL - {Right.SIGN_OFF, Right.PEOPLE},
    Role.ADMINISTRATOR: _ALL - {Right.SIGN_OFF},
}


def rights_of(role: str) -> frozenset[Right]:
    """Return what a role may do; no role, no right."""
    return RIGHTS.get(role, frozenset())
