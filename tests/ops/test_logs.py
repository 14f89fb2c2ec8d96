from __future__ import annotations

from pathlib import Path

from ops.logs import Watcher, last_lines, turn_over


def test_a_log_that_has_grown_is_moved_aside_and_three_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    for content in "abcde":
        log.write_text(content * 20)
        turn_over(log, most=10)
    assert not log.exists()
    assert [log.with_name(f"web.log.{number}").read_text()[0] for number in (1, 2, 3)] == ["e", "d", "c"]
    assert not log.with_name("web.log.4").exists()


def test_a_small_log_stays(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("short")
    turn_over(log, most=10)
    assert log.read_text() == "short"


def test_only_new_and_whole_important_lines_are_passed_on(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("1 ERROR from the last time\n")
    watcher = Watcher(log)
    assert watcher.important() == []
    with log.open("a") as growing:
        growing.write("2 INFO fine\n3 ERR")
        growing.flush()
        assert watcher.important() == []
        growing.write("OR now\n")
    assert watcher.important() == ["3 ERROR now"]


def test_the_same_complaint_is_passed_on_once_a_minute(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    watcher = Watcher(log)
    log.write_text(
        "08:00:01 ERROR turn 3172e36d-5ca3 failed: status 500\n"
        "08:00:02 ERROR turn 99b2e36d-5cff failed: status 503\n"
        "08:00:03 ERROR no database\n"
    )
    assert [line[:8] for line in watcher.important()] == ["08:00:01", "08:00:03"]
    watcher.told = {kind: when - 61 for kind, when in watcher.told.items()}
    with log.open("a") as growing:
        growing.write("08:01:09 ERROR no database\n")
    assert len(watcher.important()) == 1


def test_last_lines_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    assert last_lines(log) == []
    log.write_text("a\n\nb\nc\n")
    assert last_lines(log, 2) == ["b", "c"]
