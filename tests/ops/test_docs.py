"""The documents say what is there: commands, settings, paths and links are held to the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

from ops.paths import ROOT
from ops.settings import DEFAULT_PORTS

README = ROOT / "README.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
OPERATIONS = ROOT / "docs" / "operations.md"
DOCUMENTS = [README, *sorted((ROOT / "docs").glob("*.md")), ROOT / "data" / "README.md"]

FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"(!?)\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
MAKE_TARGET = re.compile(r"\bmake ([a-z]+(?:-[a-z]+)*)\b")
MODULE = re.compile(r"\bpython3? -m (\w+(?:\.\w+)*)")
MANAGEMENT_COMMAND = re.compile(r"\bmanage\.py ([a-z_]+)")
# A file has one of these endings, a folder a slash, and what has a slash inside is lower case (a time zone is not).
# An address and a pattern with <…> have other characters.
PATH = re.compile(r"\.?[\w.-]+(/[\w.*-]+)*/?")
ENDINGS = (".py", ".md", ".yml", ".yaml", ".json", ".jsonl", ".png", ".example", ".ini", ".toml", ".txt", ".sqlite3")

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def code_of(document: Path) -> str:
    """Everything that a document sets in code, a piece on each line."""
    text = document.read_text(encoding="utf-8")
    return "\n".join([*FENCE.findall(text), *spans_of(document)])


def spans_of(document: Path) -> list[str]:
    """What a document sets in backticks within its sentences and tables."""
    return SPAN.findall(FENCE.sub("", document.read_text(encoding="utf-8")))


def paths_of(document: Path) -> Iterator[str]:
    """The files and folders that a document names, alone or as a command's first word."""
    for span in spans_of(document):
        name = span.split()[0]
        is_named = name.endswith(("/", *ENDINGS)) or ("/" in name and name.islower())
        if is_named and PATH.fullmatch(name):
            yield name


def made_here() -> set[str]:
    """The names at the top that `.gitignore` keeps out: no fresh checkout holds them."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    return {line.rstrip("/") for line in lines if line and not line.startswith("#") and "*" not in line}


def exists(name: str, bases: list[Path]) -> bool:
    """Whether a path, which may hold a `*`, is there below one of the folders."""
    return any(any(base.glob(name.rstrip("/"))) if "*" in name else (base / name).exists() for base in bases)


def anchor_of(heading: str) -> str:
    """The anchor that a heading gets: lower case, dashes for spaces, no other signs."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def table_rows(text: str) -> list[list[str]]:
    """The cells of every row of every table in a text."""
    lines = (line.strip() for line in text.splitlines())
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in lines if line.startswith("|")]


def make_targets() -> set[str]:
    """The targets of the Makefile."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def example_settings() -> dict[str, str]:
    """Name and value of every setting in `.env.example`."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


@each_document
def test_every_make_target_that_is_named_exists(document: Path) -> None:
    assert set(MAKE_TARGET.findall(code_of(document))) <= make_targets()


def test_every_make_target_is_documented() -> None:
    named = {target for document in DOCUMENTS for target in MAKE_TARGET.findall(code_of(document))}
    assert make_targets() <= named


def test_the_readme_opens_with_what_it_is_a_picture_and_the_two_commands() -> None:
    first_screen = "\n".join(README.read_text(encoding="utf-8").splitlines()[:24])
    assert "docs/screenshot-chat.png" in first_screen
    assert "make run" in first_screen
    assert "make test" in first_screen


@each_document
def test_every_module_and_management_command_that_is_named_exists(document: Path) -> None:
    code = code_of(document)
    for module in MODULE.findall(code):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), f"{module} cannot be run"
    assert set(MANAGEMENT_COMMAND.findall(code)) <= set(get_commands())


def test_every_setting_is_documented_with_its_default() -> None:
    rows = [row for row in table_rows(OPERATIONS.read_text(encoding="utf-8")) if re.fullmatch(r"`[A-Z_]+`", row[0])]
    documented = {row[0].strip("`"): row[1].strip("`").replace("–", "") for row in rows}
    assert documented == example_settings()
    assert all(row[2] for row in rows)


def test_the_ports_are_documented() -> None:
    rows = table_rows(OPERATIONS.read_text(encoding="utf-8"))
    ports = {row[2].strip("`"): int(row[1]) for row in rows if len(row) == 3 and row[1].isdecimal()}
    assert ports == DEFAULT_PORTS


@each_document
def test_every_path_that_is_named_exists(document: Path) -> None:
    names = set(paths_of(document))
    # A name may be relative to a folder that the same document names.
    named = [ROOT / name for name in names if name.endswith("/")]
    bases = [ROOT, document.parent, *(folder for folder in named if folder.is_dir())]
    missing = [name for name in names if name.split("/")[0] not in made_here() and not exists(name, bases)]
    assert not missing


def test_every_folder_has_a_room() -> None:
    section = ARCHITECTURE.read_text(encoding="utf-8").partition("\n## Rooms\n")[2].partition("\n## ")[0]
    rooms = {name.rstrip("/") for row in table_rows(section) for name in SPAN.findall(row[0]) if name.endswith("/")}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()} - made_here() - {".git"}
    assert folders == rooms


@each_document
def test_links_lead_somewhere_and_pictures_are_ours(document: Path) -> None:
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    assert "<img" not in text
    for picture, target in LINK.findall(text):
        if target.startswith(("http://", "https://")):
            assert not picture, f"{target} would be fetched from elsewhere"
            continue
        file, _, anchor = target.partition("#")
        linked = document.parent / file if file else document
        assert linked.exists(), f"{target} is not there"
        if anchor:
            headings = HEADING.findall(FENCE.sub("", linked.read_text(encoding="utf-8")))
            assert anchor in map(anchor_of, headings), f"{linked.name} has no section {anchor}"
