"""Members of staff who work by HTTP, for measurements and tests, with the cookies of a session that is logged in."""

from __future__ import annotations

import json
import secrets
import uuid
from typing import Protocol, Self

import httpx


class Clinic(Protocol):
    """A running stack."""

    @property
    def url(self) -> str:
        """Where it answers."""
        ...

    def manage(self, *arguments: str) -> str:
        """Run a management command on its database and return what it prints."""
        ...


def sign_in(username: str, first_name: str, role: str) -> None:
    """Make an account with everything set up and print the cookie of a session; run by `manage.py shell`."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.conf import settings
    from django.test import Client

    from clinic.accounts.models import User

    user = User.objects.create_user(username, password=secrets.token_urlsafe(), role=role, first_name=first_name)
    TOTP.activate(user, generate_totp_secret())
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    print(json.dumps([name, client.cookies[name].value, settings.CSRF_COOKIE_NAME]))


class Member:
    """Somebody at the clinic, logged in; a context manager. All deeds are POSTs as a page's script sends them."""

    def __init__(self, url: str, name: str, cookies: dict[str, str], csrf: str) -> None:
        """Work at the clinic that answers at `url`; `name` is what visitors read."""
        self.name = name
        self._cookies, self._csrf = cookies, csrf
        headers = {"HX-Request": "true", "X-CSRFToken": csrf}
        self.http = httpx.Client(base_url=url, cookies=cookies, headers=headers, timeout=30, trust_env=False)

    def __enter__(self) -> Self:
        """Return the member."""
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up."""
        self.http.close()

    @classmethod
    def of(cls, stack: Clinic, name: str, role: str = "front_desk") -> Self:
        """Hire somebody and log them in; `name` is what visitors read."""
        username = f"{name.lower()}-{uuid.uuid4().hex[:8]}"
        code = f"from bench.member import sign_in; sign_in({username!r}, {name!r}, {role!r})"
        session, key, csrf_cookie = json.loads(stack.manage("shell", "--no-imports", "-c", code).splitlines()[-1])
        csrf = secrets.token_hex(16)
        return cls(stack.url, name, {session: key, csrf_cookie: csrf}, csrf)

    def at(self, url: str) -> Member:
        """Return the same person with the same session at another process of the clinic."""
        return Member(url, self.name, self._cookies, self._csrf)

    def take(self, conversation: str) -> httpx.Response:
        """Take a conversation over."""
        return self._post(conversation, "take")

    def reply(self, conversation: str, text: str, client_id: str = "") -> httpx.Response:
        """Answer the visitor; the same id sends nothing twice."""
        return self._post(conversation, "reply", text=text, client_id=client_id or str(uuid.uuid4()))

    def give_back(self, conversation: str) -> httpx.Response:
        """Give a conversation back to the bot, its matters settled."""
        return self._post(conversation, "give-back", settle="1")

    def close(self, conversation: str) -> httpx.Response:
        """Close a conversation."""
        return self._post(conversation, "close")

    def type(self, conversation: str, on: bool = True) -> httpx.Response:
        """Begin or stop to type."""
        return self._post(conversation, "typing", on=str(int(on)))

    def _post(self, conversation: str, deed: str, **fields: str) -> httpx.Response:
        return self.http.post(f"/staff/conversations/{conversation}/{deed}/", data=fields)
