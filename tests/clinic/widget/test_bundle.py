"""The widget's source becomes one small program, or an error that says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.widget import bundle, strings


def write(folder: Path, **modules: str) -> Path:
    """Write modules, and return where the first stands."""
    for name, source in modules.items():
        (folder / f"{name}.js").write_text(source, encoding="utf-8")
    return folder / f"{next(iter(modules))}.js"


def test_modules_are_joined_once_each_before_whoever_imports_them(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        main='import { a } from "./a.js";\nimport { b } from "./b.js";\na(b);\n',
        a='import { b } from "./b.js";\nexport const a = () => b;\n',
        b="export function b() {}\n",
    )
    assert bundle.joined(entry) == ('(() => {\n"use strict";\nfunction b() {}\nconst a = () => b;\na(b);\n})();\n')


@pytest.mark.parametrize(
    "source", ['import * as a from "./a.js";\n', "export default 1;\n", 'import a from "./a.js";\n', "export { a };\n"]
)
def test_a_form_of_import_or_export_that_is_not_known_is_refused(tmp_path: Path, source: str) -> None:
    with pytest.raises(bundle.SourceError, match=r"main\.js cannot be joined"):
        bundle.joined(write(tmp_path, main=source, a="export const a = 1;\n"))


def test_a_name_that_two_modules_have_is_refused(tmp_path: Path) -> None:
    entry = write(
        tmp_path, main='import { a } from "./a.js";\nconst own = a;\n', a="const own = 1;\nexport const a = own;\n"
    )
    with pytest.raises(bundle.SourceError, match="own has already been declared"):
        bundle.script(bundle.joined(entry))


def test_what_is_no_program_or_no_style_is_refused(tmp_path: Path) -> None:
    with pytest.raises(bundle.SourceError):
        bundle.script("const = 1;")


def test_a_script_and_a_style_lose_what_only_people_read(tmp_path: Path) -> None:
    assert bundle.script("// A remark.\nconst first = 1;\nconsole.log(first);\n") == "const first=1;console.log(first)"
    file = tmp_path / "a.css"
    file.write_text("/* A remark. */\np {\n  margin: 0.5em;\n}\n", encoding="utf-8")
    assert bundle.style(file, file) == "p{margin:.5em}p{margin:.5em}"


def test_the_end_of_a_script_element_is_written_so_that_it_ends_none() -> None:
    assert bundle.script('console.log("</p>");') == 'console.log("<\\/p>")'


@pytest.mark.parametrize(
    "source",
    [
        "const a = f();\nconst { b } = g({ a });\n",
        "const a = f();\n\n// A remark.\nconst { b } = await g({ x: a });\n",
        "let a = f(\n  1,\n);\nconst [b] = g({ ...a });\n",
        "function h() {\n  const a = f();\n  const { b } = g({ a });\n}\n",
    ],
)
def test_what_the_minifier_would_turn_around_is_refused(source: str) -> None:
    with pytest.raises(bundle.SourceError, match="Must not follow a declaration: line"):
        bundle.script(source)


@pytest.mark.parametrize(
    "source",
    [
        "const a = f();\nconst { b } = a;\n",
        "const a = f();\ng(a);\nconst { b } = g({ a });\n",
        "function h(a) {\n  const { b } = g({ a });\n  return b;\n}\n",
        "const a = () => {\n  const b = 1;\n  return b;\n};\na();\nconst { c } = g({ a });\n",
    ],
)
def test_what_it_keeps_in_order_is_taken(source: str) -> None:
    bundle.script(source)


def test_the_minifier_still_needs_watching() -> None:
    """When this fails the minifier has been mended, and the check for it can go."""
    small = bundle._small("application/javascript", "const a = f();\nconst { b } = g({ a });\nh(a, b, a);\n")
    assert small.index("g({a") < small.index("f()")


def test_our_own_source_can_be_joined() -> None:
    assert bundle.script(bundle.joined(strings.SOURCE / "chat" / "main.js"))
