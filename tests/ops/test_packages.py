from __future__ import annotations

from ops.packages import uv_environment

SETTINGS = """\
:env:.cert='/etc/two.pem'
global.cert='/etc/one.pem'
global.extra-index-url='\\nfile:///first\\nfile:///second'
global.find-links='/wheels /more'
global.no-color='true'
"""


def test_uv_is_told_what_pip_knows_and_pips_order_of_precedence_holds() -> None:
    assert uv_environment(SETTINGS, {}) == {
        "SSL_CERT_FILE": "/etc/two.pem",
        "UV_INDEX": "file:///first file:///second",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/wheels,/more",
    }


def test_what_is_set_for_uv_already_is_left_alone() -> None:
    assert "SSL_CERT_FILE" not in uv_environment(SETTINGS, {"SSL_CERT_FILE": "/mine.pem"})


def test_a_plain_machine_needs_nothing() -> None:
    assert uv_environment("", {}) == {}
