"""What the measurement of the gate's time prints."""

from bench.gate import percentile, report


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([1.0], 0.95) == 1.0


def test_the_report_tells_milliseconds_share_and_verdict() -> None:
    lines = report([0.001, 0.002, 0.004], [0.01, 0.02, 0.04])
    assert "gate's rules" in lines[2]
    assert "2.00" in lines[2]
    assert "10.0 %" in lines[4]
    assert "must met" in lines[5]


def test_the_report_says_when_the_gate_is_too_slow() -> None:
    assert "NOT MET" in report([0.02], [0.02])[-1]
