from __future__ import annotations

from pathlib import Path

from ops.stamps import digest, read_stamp, write_stamp


def test_a_changed_new_renamed_or_missing_file_changes_the_digest(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "a.yml").write_text("one")
    seen = {digest([data], tmp_path)}
    (data / "a.yml").write_text("two")
    seen.add(digest([data], tmp_path))
    (data / "b.yml").write_text("two")
    seen.add(digest([data], tmp_path))
    (data / "b.yml").rename(data / "c.yml")
    seen.add(digest([data], tmp_path))
    seen.add(digest([data, tmp_path / "domain.yml"], tmp_path))
    assert len(seen) == 5


def test_caches_and_hidden_files_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one")
    before = digest([tmp_path], tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("x")
    (tmp_path / ".hidden").write_text("x")
    assert digest([tmp_path], tmp_path) == before


def test_a_stamp_that_was_cut_off_counts_as_none(tmp_path: Path) -> None:
    stamp = tmp_path / "deep" / "stamp.json"
    assert read_stamp(stamp) == {}
    write_stamp(stamp, {"inputs": "abc"})
    assert read_stamp(stamp) == {"inputs": "abc"}
    stamp.write_text('{"inputs": "a')
    assert read_stamp(stamp) == {}
