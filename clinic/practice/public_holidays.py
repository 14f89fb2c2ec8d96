"""Public holidays of a country or region, as the `holidays` library knows them.

A region is written like "US", "US-CA" or "GB-ENG"; "" has no holidays. The names are for people alone: whatever the
clinic decides about a day is kept by its date, so a holiday may change its name in a later version of the library.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

FORM = "must be a country such as US or GB, or a country and a region such as US-CA or GB-ENG"


def check(region: str) -> str:
    """Return the region if it can be used; raises ValueError with the end of a sentence when it cannot."""
    if not region:
        return region
    import holidays  # Slow to load, and a clinic may do without.

    country, dash, part = region.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known or (dash and not part):
        raise ValueError(FORM)
    if part and part not in known[country]:
        regions = ", ".join(one for one in known[country] if "," not in one)
        raise ValueError(
            f"names a region that is not known: {country} has {regions}"
            if regions
            else f"names a region, but {country} has none"
        )
    return region


@lru_cache(maxsize=64)
def of_year(region: str, year: int) -> Mapping[date, str]:
    """Return the holidays of a year, date → name, in English where the library can; a few milliseconds, then kept."""
    if not region:
        return {}
    import holidays

    country, _, part = region.partition("-")
    languages = getattr(holidays, country).supported_languages
    english = [language for language in ("en_US", *languages) if language in languages and language.startswith("en")]
    found = holidays.country_holidays(
        country, subdiv=part or None, years=year, expand=False, language=english[0] if english else None
    )
    # The library writes two holidays of one date with a semicolon between them.
    return {day: name.replace("; ", ", ") for day, name in found.items() if day.year == year}


def name(region: str, day: date) -> str:
    """Return what the holiday of a date is called, "" when it is none."""
    return of_year(region, day.year).get(day, "")


def between(region: str, first: date, last: date) -> list[tuple[date, str]]:
    """Return (date, name) of the holidays from `first` to `last`, both included, in order."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [(day, found) for day in days if (found := name(region, day))]
