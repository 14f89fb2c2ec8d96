"""uv as this machine's pip would fetch: same certificates, same indexes."""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping

# pip's setting → the variable by which uv takes the same thing
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
    "retries": "UV_HTTP_RETRIES",
}
SECTIONS = ("global", "install", ":env:")


def uv_environment(pip_settings: str, ours: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Variables for uv from what ``pip config list`` prints; what is set for uv already is left alone."""
    values: dict[str, str] = {}
    for section in SECTIONS:  # pip lets the later ones win
        values |= _section(pip_settings, section)
    found = {UV_NAMES[name]: value for name, value in values.items() if name in UV_NAMES and value}
    if "UV_INDEX" in found:  # pip takes the best version of all indexes; the hashes guard against a wrong one
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if "UV_FIND_LINKS" in found:
        found["UV_FIND_LINKS"] = found["UV_FIND_LINKS"].replace(" ", ",")
    return {name: value for name, value in found.items() if name not in ours}


def _section(pip_settings: str, section: str) -> dict[str, str]:
    values = {}
    for line in pip_settings.splitlines():
        key, equals, written = line.partition("=")
        if equals and key.startswith(section + "."):
            values[key[len(section) + 1 :]] = " ".join(_literal(written).split())
    return values


def _literal(written: str) -> str:
    try:
        return str(ast.literal_eval(written))
    except (SyntaxError, ValueError):
        return written
