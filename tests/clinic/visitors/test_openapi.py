"""The API keeps to its own description."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.clinic.conftest import KEY, Visitor

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# The stream never ends by itself; tests of its own cover it.
WELL_FORMED, MALFORMED = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
OPERATIONS = [
    ("/conversations", "POST", WELL_FORMED),
    ("/conversations", "POST", MALFORMED),
    ("/messages", "POST", WELL_FORMED),
    ("/messages", "POST", MALFORMED),
    ("/messages", "GET", WELL_FORMED),
    ("/messages", "GET", MALFORMED),
    ("/typing", "POST", WELL_FORMED),
    ("/typing", "POST", MALFORMED),
    ("/end", "POST", WELL_FORMED),
    ("/end", "POST", MALFORMED),
    ("/rating", "POST", WELL_FORMED),
    ("/rating", "POST", MALFORMED),
    ("/practice", "GET", WELL_FORMED),
    ("/health", "GET", WELL_FORMED),
    ("/openapi.json", "GET", WELL_FORMED),
]


@pytest.mark.parametrize(("path", "method", "mode"), OPERATIONS)
def test_every_operation_answers_as_described(
    visitor: Visitor, clinic: httpx.Client, path: str, method: str, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_dict(clinic.get("/openapi.json").json())
    operation = schema[path][method]
    headers = visitor.headers | {"Measuring-Key": KEY}

    @settings(
        max_examples=20,
        deadline=None,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        # What the case says of the token is left out: a conversation of our own answers more than 401.
        case.headers.pop("Authorization", None)
        case.call_and_validate(base_url=str(clinic.base_url).rstrip("/"), headers=headers, checks=CHECKS)

    check()


def test_the_description_names_every_address(clinic: httpx.Client) -> None:
    from clinic.visitors import api

    described = {f"{api.ROOT}{path}" for path in clinic.get("/openapi.json").json()["paths"]}
    assert described == {*api.ROUTES, api.STREAM}
