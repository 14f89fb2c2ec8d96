"""What becomes of the values that `bench.widget` takes; the measurement itself needs a stack and a browser."""

from __future__ import annotations

import json
import re

import httpx
import pytest

from bench import widget
from bench.figures import ROUND_TRIP_MS, WIDGET
from bench.hosting import Hosting, line
from bench.widget import FIGURES, NOTES, Figure, Measured, check_that_line_is_slow, lines, result
from bench.widget_visit import SLOW_LINE, WATCH, origin_of
from ops.errors import Stop
from ops.paths import ROOT

SERVICE = "http://127.0.0.1:8000"


def measured(value: float) -> Measured:
    """Every figure with this value, twice."""
    return Measured({figure.key: [value, value] for figure in (*FIGURES, *NOTES)})


@pytest.mark.parametrize(("counts", "value"), [("middle", 3.0), ("most", 100.0), ("p95", 61.2)])
def test_what_counts_of_the_values(counts: str, value: float) -> None:
    found = Figure("name", "key", "ms", counts).value([1, 2, 3, 4, 5, 6, 1, 2, 3, 100])
    assert found == pytest.approx(value, rel=0.1)


def test_nothing_measured_is_no_number_and_has_no_verdict() -> None:
    figure = FIGURES[0]
    assert figure.value([]) != figure.value([])
    [found] = [each for each in result(Measured(), 1, "1", 0)["figures"] if each["key"] == figure.key]
    assert found["value"] is None
    assert found["verdict"] == "–"
    assert lines(Measured())[1].endswith("–")


def test_every_goal_is_held_to_a_figure() -> None:
    assert {figure.goal for figure in FIGURES if figure.goal} == set(WIDGET)
    assert not any(figure.goal for figure in NOTES)


@pytest.mark.parametrize(("value", "verdict"), [(0, "aim met"), (10_000, "NOT MET")])
def test_the_table_gives_each_figure_its_verdict(value: float, verdict: str) -> None:
    table = lines(measured(value))
    for figure, row in zip(FIGURES, table[1:], strict=False):
        assert row.startswith(figure.name)
        assert row.endswith(f"≤ {WIDGET[figure.goal or ''].aim:g}  {verdict}")
    assert "\n".join(table).count(verdict) == len(FIGURES)


def test_hover_is_judged_by_the_95th_percentile_of_both_ways() -> None:
    judged = [figure for figure in FIGURES if figure.goal == "hover"]
    assert [figure.key for figure in judged] == ["hover at once", "hover rested"]
    assert {figure.counts for figure in judged} == {"p95"}
    slow = Measured({"hover at once": [100.0] * 15 + [300.0] * 5, "hover rested": [50.0] * 20})
    verdicts = {each["key"]: each["verdict"] for each in result(slow, 20, "1", 0)["figures"]}
    assert verdicts["hover at once"] == "NOT MET"
    assert verdicts["hover rested"] == "aim met"


def test_the_launcher_may_cost_one_round_trip_and_a_little() -> None:
    goal = WIDGET["launcher"]
    assert (goal.must, goal.aim) == (ROUND_TRIP_MS + 80, ROUND_TRIP_MS + 30)
    assert SLOW_LINE["latency"] == ROUND_TRIP_MS


def test_the_result_can_be_written_and_read_again() -> None:
    found = json.loads(json.dumps(result(measured(1.5), 20, "130.0", 0.5)))
    assert set(found) == {"taken_at", "machine", "rounds", "figures", "notes", "values"}
    assert found["machine"]["chromium"] == "130.0"
    assert {each["key"] for each in found["figures"]} <= set(found["values"])
    assert set(found["figures"][0]) == {"name", "key", "unit", "counts", "value", "must", "aim", "verdict"}


@pytest.mark.parametrize("path", ["/widget.js", "/chat/"])
def test_a_line_that_is_not_slow_is_found(path: str) -> None:
    answers = {"/widget.js": 160.0, "/chat/": 200.0}
    check_that_line_is_slow(answers)
    with pytest.raises(Stop, match=path):
        check_that_line_is_slow(answers | {path: 20.0})
    del answers[path]
    with pytest.raises(Stop, match=path):
        check_that_line_is_slow(answers)


def test_origins() -> None:
    assert origin_of("http://127.0.0.1:8000/chat/?lang=en#top") == "http://127.0.0.1:8000"
    assert origin_of("https://clinic.example/widget.js") == "https://clinic.example"


def test_the_host_serves_its_pages_from_two_sites() -> None:
    with Hosting(widget.pages(SERVICE)) as hosting, httpx.Client(trust_env=False) as http:
        for origin in (hosting.origin, hosting.foreign):
            assert line(SERVICE) in http.get(f"{origin}/with?again").text
        assert "<script" not in http.get(f"{hosting.origin}/bare").text
        assert http.get(f"{hosting.origin}/other").status_code == 404
        policy = http.get(f"{hosting.origin}/strict").headers["Content-Security-Policy"]
    assert policy == f"default-src 'none'; script-src {SERVICE}; frame-src {SERVICE}"


def test_what_the_page_notes_is_what_is_asked_for() -> None:
    watched = WATCH.read_text(encoding="utf-8")
    asked = {*re.findall(r'notes\(\)\["(\w+)"\]', (ROOT / "bench/widget.py").read_text(encoding="utf-8")), "usable"}
    assert asked == {"heading", "start", "launcher", "hover", "press", "violations", "usable"}
    for name in asked:
        assert re.search(rf'\b{name}: |\.{name} = |note\("{name}"\)', watched), name


def test_the_document_names_every_figure() -> None:
    said = (ROOT / "docs" / "measuring.md").read_text(encoding="utf-8").partition("## The widget")[2]
    for figure in FIGURES:
        goal = WIDGET[figure.goal or ""]
        assert re.search(rf"^\| {re.escape(figure.name)} \|.*\| ≤ {goal.must:g} \| ≤ {goal.aim:g} \|$", said, re.M), (
            figure.name
        )
