"""Makes what a browser gets from the widget's source: the modules of a program joined into one scope, all of it small.

The source is plain modules that would run as they are. Joined, they cost one answer; made small, half the bytes.
"""

from __future__ import annotations

import re
from pathlib import Path

import minify

IMPORT = re.compile(r"""^import\s*\{[^}]*\}\s*from\s*["']\./([\w.-]+)["'];\n""", re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:class|const|function) )", re.MULTILINE)
OTHER = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)

# tdewolff-minify 2.24 moves a destructuring declaration ahead of the declarations right before it when there is an
# object in its value, even one that names them: of `const a = 1; const {b} = f({a});` it makes
# `const {b} = f({a}), a = 1`.
DESTRUCTURING = re.compile(r"^( *)(?:const|let|var) [\[{].*[\]}] = .*\{")
DECLARATION = re.compile(r"(?:const|let|var)\b")
NO_STATEMENT = re.compile(r" *(?:[)\]}].*|//.*|/?\*.*)?$")


class SourceError(Exception):
    """The source uses something that cannot be joined, or is no program at all."""


def joined(entry: Path) -> str:
    """Return the program of a module and all that it imports, each before whoever imports it.

    Names at the top of the modules share one scope, so they must differ; `script` finds out when they do not. Raises
    `SourceError` for a form of import or export that this does not know.
    """
    parts: dict[Path, str] = {}
    _collect(entry, parts)
    return '(() => {\n"use strict";\n' + "".join(parts.values()) + "})();\n"


def _collect(file: Path, parts: dict[Path, str]) -> None:
    source = file.read_text(encoding="utf-8")
    for name in IMPORT.findall(source):
        if (found := file.parent / name) not in parts:
            _collect(found, parts)
    alone = EXPORT.sub("", IMPORT.sub("", source))
    if unknown := OTHER.search(alone):
        raise SourceError(f"{file.name} cannot be joined: {unknown[0]}")
    parts[file] = alone


def script(source: str) -> str:
    """Return a program without what only people read.

    Raises `SourceError` when it is none, and where the minifier would make another program of it.
    """
    _check_order(source)
    return _small("application/javascript", source)


def _check_order(source: str) -> None:
    lines = source.splitlines()
    for number, line in enumerate(lines):
        if (found := DESTRUCTURING.match(line)) and _follows_declaration(lines[:number], len(found[1])):
            raise SourceError(f"Must not follow a declaration: line {number + 1}, {line.strip()}")


def _follows_declaration(before: list[str], indent: int) -> bool:
    """Tell whether the last statement with this indent, in the block that `before` ends in, is a declaration."""
    for line in reversed(before):
        depth = len(line) - len(line.lstrip())
        if NO_STATEMENT.match(line) or depth > indent:
            continue
        return depth == indent and bool(DECLARATION.match(line, indent))
    return False


def style(*files: Path) -> str:
    """Return style sheets as one, without what only people read; raises `SourceError`."""
    return _small("text/css", "".join(file.read_text(encoding="utf-8") for file in files))


def _small(kind: str, source: str) -> str:
    try:
        # Within a page "</" would end the element that this stands in.
        return str(minify.string(kind, source)).replace("</", "<\\/")
    except minify.MinifyError as error:
        raise SourceError(str(error)) from None
