"""The types of the widget's scripts are checked, or it is said that they are not."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from ops import typescript
from ops.errors import Stop
from ops.paths import ROOT

MISSING = "Node.js with npm is not installed."


def no_compiler() -> Path:
    raise Stop(MISSING)


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("false", 0), ("true", 1)])
def test_without_a_compiler_it_is_said_and_fails_only_in_ci(
    ci: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", ci)
    assert typescript.check_types(get=no_compiler) == code
    assert capsys.readouterr().err == f"The types of the widget's scripts were not checked: {MISSING}\n"


def test_without_node_there_is_no_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "node" else "/usr/bin/npm")
    with pytest.raises(Stop, match=r"^Node\.js with npm is not installed\.$"):
        typescript.ensure_compiler(tmp_path / "compiler")


def package(folder: Path) -> Path:
    """A package as npm gives it, with one file and one link to somewhere else."""
    archive = folder / "typescript.tgz"
    with tarfile.open(archive, "w:gz") as content:
        member = tarfile.TarInfo("package/bin/tsc")
        member.size = 3
        content.addfile(member, io.BytesIO(b"tsc"))
        link = tarfile.TarInfo("package/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        content.addfile(link)
    return archive


def test_a_package_that_we_do_not_know_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(typescript, "fetch", package)
    with pytest.raises(Stop, match="not the known"):
        typescript.ensure_compiler(tmp_path / "compiler")
    assert list(tmp_path.iterdir()) == []


def test_the_package_we_know_is_fetched_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fetched = []
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(typescript, "check", lambda archive, expected: None)
    monkeypatch.setattr(typescript, "fetch", lambda folder: fetched.append(folder) or package(folder))
    for _ in range(2):
        assert typescript.ensure_compiler(tmp_path / "compiler") == tmp_path / "compiler"
    assert len(fetched) == 1
    files = [path for path in (tmp_path / "compiler").rglob("*") if not path.is_dir()]
    assert files == [tmp_path / "compiler" / "package" / "bin" / "tsc"]
    assert files[0].read_bytes() == b"tsc"


def test_a_wrong_type_is_found(tmp_path: Path) -> None:
    try:
        typescript.ensure_compiler()
    except Stop as problem:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(problem))
    options = json.loads((typescript.PROJECT / "tsconfig.json").read_text(encoding="utf-8"))
    (tmp_path / "tsconfig.json").write_text(json.dumps(options), encoding="utf-8")
    (tmp_path / "script.js").write_text("/** @type {number} */\nexport const count = 1;\n", encoding="utf-8")
    assert typescript.check_types(tmp_path) == 0
    (tmp_path / "script.js").write_text('/** @type {number} */\nexport const count = "1";\n', encoding="utf-8")
    assert typescript.check_types(tmp_path) == 1
    (tmp_path / "script.js").write_text("export const same = (value) => value;\n", encoding="utf-8")
    assert typescript.check_types(tmp_path) == 1


def test_the_version_stands_in_one_place() -> None:
    naming = subprocess.run(
        ["git", "grep", "-lF", "--untracked", typescript.VERSION, "--", "*.py", "*.json", "Makefile", "requirements"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    assert naming == ["ops/typescript.py"]
    assert not list(ROOT.glob("package*.json"))
