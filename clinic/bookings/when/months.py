"""Names of months in English and Spanish, long and short, as `dateparser` knows them.

`dateparser` is asked for nothing else. It reads today's clock, not the clinic's, unless told otherwise by
RELATIVE_BASE, and its caches keep an entry for every value of that setting for ever; a month's name needs no clock.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dateparser.date import DateDataParser  # type: ignore[import-untyped]

# Words that begin otherwise are never asked for.
STEM = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic|set)[a-z]{0,8}"


@cache
def _parser() -> DateDataParser:
    # The import takes about 0.2 s, so that only a visitor who names a month pays for it, once.
    from dateparser.date import DateDataParser

    return DateDataParser(
        languages=["en", "es"], settings={"STRICT_PARSING": True, "DATE_ORDER": "DMY", "PARSERS": ["absolute-time"]}
    )


@lru_cache(maxsize=512)
def month_of(word: str) -> int | None:
    """Return 1 to 12 for the name of a month, None for any other word."""
    found = _parser().get_date_data(f"1 {word} 2000").date_obj
    return found.month if found and found.day == 1 and found.year == 2000 else None
