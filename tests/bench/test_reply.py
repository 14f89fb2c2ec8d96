"""The report on how long a reply of staff takes; the measurement itself needs a stack and a browser."""

from __future__ import annotations

from bench.reply import report


def test_the_report_gives_median_and_95th_percentile_with_the_verdict() -> None:
    lines = report([100.0] * 18 + [200.0, 900.0])
    assert "20 replies" in lines[0]
    assert lines[1].split() == ["p50", "100", "ms"]
    assert lines[2].split()[1] == "235"
    assert "must met" in lines[2]
    assert "900" in lines[3]
    assert "NOT MET" in report([600.0] * 20)[2]
