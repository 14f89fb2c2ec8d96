"""data/sources.yml: every statement is either carried by a response or left out for a reason."""

from collections import Counter
from typing import Any

import pytest

from tests.data.corpus import responses, statements

DOCUMENTS = {"Patient guide", "Treatment overview", "Product label"}


@pytest.mark.parametrize("statement", statements(), ids=lambda statement: statement["id"])
def test_a_statement_is_carried_or_left_out(statement: dict[str, Any]) -> None:
    assert bool(statement.get("responses")) != bool(statement.get("left_out"))


@pytest.mark.parametrize("statement", statements(), ids=lambda statement: statement["id"])
def test_a_statement_is_complete_and_names_responses_that_exist(statement: dict[str, Any]) -> None:
    assert set(statement) <= {"id", "document", "where", "fact", "figures", "responses", "left_out"}
    assert statement["document"] in DOCUMENTS
    assert statement["where"]
    assert statement["fact"]
    assert set(statement.get("responses", [])) <= set(responses())


@pytest.mark.parametrize("statement", statements(), ids=lambda statement: statement["id"])
def test_a_figure_also_stands_in_the_fact(statement: dict[str, Any]) -> None:
    assert all(str(figure) in statement["fact"] for figure in statement.get("figures", []))


def test_ids_are_unique() -> None:
    assert not [name for name, count in Counter(statement["id"] for statement in statements()).items() if count > 1]
