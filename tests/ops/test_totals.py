from __future__ import annotations

from pathlib import Path

import pytest

from ops.testing import close
from ops.totals import Totals, read_report

REPORT = """<testsuites><testsuite name="pytest" time="1.5">
<testcase classname="a" name="good"/><testcase classname="a" name="fine"/>
<testcase classname="a" name="bad"><failure message="no"/></testcase>
<testcase classname="a" name="broken"><error message="no"/></testcase>
<testcase classname="a" name="left"><skipped type="pytest.skip" message="no browser"/></testcase>
<testcase classname="a" name="known"><skipped type="pytest.xfail" message="later"/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.xml"
    path.write_text(REPORT)
    return path


def test_a_report_is_counted_by_outcome(report: Path) -> None:
    assert read_report(report, 1) == Totals(3, 1, 1, 1.5, ("a.left: no browser",))


def test_two_sides_add_up_to_one_line_in_pytests_form() -> None:
    total = Totals(passed=300, seconds=100.0) + Totals(passed=12, failed=1, errors=1, seconds=23.45, skips=("a",))
    assert total.line().strip("=").strip() == "1 failed, 312 passed, 1 skipped, 1 error in 123.45s"
    assert total.line().startswith("===")
    assert total.line().endswith("===")


@pytest.mark.parametrize(
    "bad", [Totals(failed=1), Totals(errors=1), read_report(Path("none.xml"), 5), read_report(Path("none.xml"), 0)]
)
def test_either_side_failing_crashing_or_collecting_nothing_fails_all(bad: Totals) -> None:
    assert not (Totals(passed=10) + bad).good(skips_allowed=True)
    assert not (bad + Totals(passed=10)).good(skips_allowed=True)


def test_a_run_that_fails_without_a_failed_test_is_an_error(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text('<testsuites><testsuite time="1"><testcase classname="a" name="good"/></testsuite></testsuites>')
    assert read_report(report, 3).errors == 1
    assert read_report(report, 0).errors == 0
    report.write_text("<testsuites><tests")
    assert read_report(report, 0).errors == 1


def test_nothing_at_all_is_not_good() -> None:
    assert not Totals().good(skips_allowed=True)
    assert "no tests ran" in Totals().line()


def test_a_skipped_test_fails_only_where_none_may_be_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    totals = Totals(passed=5, skips=("e2e.chat: no browser",))
    assert close(totals, skips_allowed=True) == 0
    assert close(totals, skips_allowed=False) == 1
    assert "SKIPPED e2e.chat: no browser" in capsys.readouterr().out
