"""The comparison's figures and how they are printed."""

from __future__ import annotations

import json
from pathlib import Path

from bench.compare import Measured, comparisons, growths, lines, percentile_95, result
from bench.figures import Goal
from bench.load import Growth
from bench.memory import family, pss_megabytes


def measured(slowness: float) -> Measured:
    return Measured(
        starts=[9 * slowness, 2 * slowness, 3 * slowness],
        megabytes=400 * slowness,
        one=[10 * slowness] * 19 + [50 * slowness],
        many=[20 * slowness] * 10,
        many_seconds=slowness,
        visiting=10,
        visiting_seconds=2 * slowness,
        growth=Growth(early=[10.0, 10.0], late=[10.5, 10.5]),
    )


def test_ratios_and_verdicts() -> None:
    compared = comparisons(measured(1), measured(2))
    assert [round(each.ratio, 2) for each in compared] == [0.5, 0.5, 0.5, 0.5, 2.0, 2.0, 0.5, 0.5]
    printed = lines(compared, growths(measured(1), measured(2)))
    found = {line.split("  ")[0]: line for line in printed}
    assert found["time per message, 1 visitor, p50"].endswith("≤ 0.8   ≤ 0.4  must met")
    assert found["messages per second, 8 visitors"].endswith("≥ 2     ≥ 6  must met")
    assert found["memory of all processes"].endswith("≤ 1   ≤ 0.7  aim met")
    assert found["message 500 / message 5, ours"].endswith("1.05   ≤ 1.1  ≤ 1.03  must met")


def test_the_result_is_json_with_all_values() -> None:
    ours, stock = measured(1), measured(2)
    written = json.loads(json.dumps(result(comparisons(ours, stock), growths(ours, stock), ours, stock)))
    assert written["compared"][0]["verdict"] == "must met"
    assert written["compared"][1]["verdict"] is None
    assert written["values"]["stock"]["starts"] == [18, 4, 6]


def test_the_95th_percentile_lies_between_the_values() -> None:
    assert percentile_95([float(number) for number in range(101)]) == 95


def test_goals_bound_in_their_direction() -> None:
    least, most = Goal(2, 6, at_least=True), Goal(0.8, 0.4, at_least=False)
    assert [least.verdict(value) for value in (1, 2, 6)] == ["NOT MET", "must met", "aim met"]
    assert [most.verdict(value) for value in (0.9, 0.8, 0.4)] == ["NOT MET", "must met", "aim met"]
    assert most.verdict(float("nan")) == "–"


def test_memory_is_that_of_a_process_and_all_its_descendants(tmp_path: Path) -> None:
    parents = {10: 1, 11: 10, 12: 11, 20: 1}
    for pid, parent in parents.items():
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "stat").write_text(f"{pid} (a (b) c) S {parent} 0 0")
        (tmp_path / str(pid) / "smaps_rollup").write_text("55 rollup\nRss: 9 kB\nPss:     1000 kB\nPss_Anon: 5 kB\n")
    assert family([10], tmp_path) == {10, 11, 12}
    assert pss_megabytes([10], tmp_path) == 3.072
    assert pss_megabytes([20, 99], tmp_path) == 1.024
