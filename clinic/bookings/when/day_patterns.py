"""The patterns of days, over the words of `vocabulary`, and the rule of each."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from clinic.bookings.when import calendar_days as days
from clinic.bookings.when.calendar_days import DayRule, Said
from clinic.bookings.when.months import STEM
from clinic.bookings.when.shapes import Days
from clinic.bookings.when.vocabulary import WEEKDAYS

_WD = rf"(?P<wd>{'|'.join(WEEKDAYS)})"
_D = r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th)?"
_D2 = r"(?P<d2>[0-9]{1,2})(?:st|nd|rd|th)?"
_ORD = r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th)"
_M = rf"(?P<m>{STEM})(?: \.)?"
_Y = r"(?:(?: ,)? (?:from )?(?P<y>20[0-9]{2}))?"
_NO_HOUR = r"(?! (?:am|pm|p|oclock|:|half)(?: |$))"
_NO_NOUN = (
    r"(?! (?:time|visit|session|treatment|appointment|try|one|round|floor|person|kid|child|dose|injection|week|day|line"
    r"|lines|step|date|wedding|anniversary|birthday)(?: |$))"
)


_UNIT = r"(?P<unit>day|week|month)s?"
_NUMBER = r"(?P<n>[0-9]{1,3}|few)"
_MONTH_NAME = rf"(?P<m>(?:this |next )?month|{STEM})"
_FEAST = (
    r"(?P<side>day after |day before )?"
    r"(?P<feast>newyear(?:eve)?|christmas(?:eve)?|valentine|halloween|thanksgiving|blackfriday|laborday|memorialday)"
)
_NTH = "first|1st|second|2nd|third|3rd|last"
_PART = r"(?P<part>early|beginning|mid|late|later|end)"

# The first pattern that fits at a word wins, so that longer ones stand before shorter ones.
_RULES: list[tuple[str, DayRule]] = [
    (r"(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})", days.iso_date),
    (rf"(?:from |between ){_D} (?:to|and|until) {_D2} {_M}{_Y}", days.month_days),
    (rf"{_D} (?:to|until) {_D2} {_M}{_Y}", days.month_days),
    (rf"(?:from |between )?{_M} {_D} (?:to|until) {_D2}{_Y}{_NO_HOUR}(?! {STEM})", days.month_days),
    (rf"(?:from |between ){_M} {_D} and {_D2}{_Y}{_NO_HOUR}", days.month_days),
    (rf"week {_M} {_D}", days.week_of(days.month_day)),
    (rf"week {_D} {_M}", days.week_of(days.month_day)),
    (rf"{_M} {_D}{_Y}{_NO_HOUR}", days.month_day),
    (rf"{_D} {_M}{_Y}", days.month_day),
    (
        rf"(?:in |during |at )?(?P<part>early|beginning|mid|late|end|(?:{_NTH}|1) week)"
        rf" (?:in )?{_MONTH_NAME}(?! [0-9])",
        days.part_of_month,
    ),
    (rf"(?P<nth>{_NTH}) {_WD} (?:in )?{_MONTH_NAME}", days.weekday_of_month),
    (r"end (?:this )?year", days.end_of_year),
    (rf"(?P<in>in |during |for )?{_M} (?P<y>20[0-9]{{2}})", days.month_alone),
    (r"(?P<which>this|next|coming) month", days.whole_month),
    (r"(?P<in>)month (?P<which>coming)", days.whole_month),
    (rf"(?P<in>in |during |for |this |next |coming ){_M}(?: month)?(?! [0-9])", days.month_alone),
    (rf"(?P<in>){_M}(?! [0-9])", days.month_alone),
    (rf"(?:in |at )?{_PART} (?:in )?(?P<which>this|next|coming) week(?P<after>)", days.week),
    (rf"(?:in |at )?{_PART} (?P<which>)week(?P<after>)", days.week),
    (r"(?P<part>)(?P<which>)week (?P<after>after next(?: week)?)", days.week),
    (
        r"(?P<part>)(?P<which>)week(?P<after> after)(?! (?:[a-z]+day|[a-z]{3}|christmas|thanksgiving|newyear)(?: |$))",
        days.week,
    ),
    (r"(?P<part>)(?P<which>this|next|coming) week(?P<after>)(?! ?end)", days.week),
    (r"(?P<part>)week (?P<which>coming)(?P<after>)", days.week),
    (r"(?P<which>this |next |coming |last |)(?:week ?end)", days.weekend),
    (r"(?P<near>day after tomorrow|day before yesterday|today|tomorrow|yesterday)", days.near_day),
    (
        rf"{_NUMBER} {_UNIT} (?:(?:from|after) )?(?:now )?(?P<point>{'|'.join(WEEKDAYS)}|today|tomorrow)",
        days.counted_from,
    ),
    (rf"(?P<point>{'|'.join(WEEKDAYS)}|tomorrow|today) (?:in )?{_NUMBER} {_UNIT}(?: from now)?", days.counted_from),
    (rf"(?:within|in|over|during) (?:next|coming) {_NUMBER} {_UNIT}", days.within),
    (rf"within {_NUMBER} {_UNIT}", days.within),
    (rf"(?:next|coming) {_NUMBER} {_UNIT}", days.within),
    (rf"(?P<n>[1-9]) any {_WD} from (?:now|today)", days.nth_weekday),
    (rf"in (?:around )?{_NUMBER} {_UNIT}(?: time)?", days.hence),
    (rf"{_NUMBER} {_UNIT} (?:from now|hence|later)", days.hence),
    (rf"(?:around )?{_NUMBER} {_UNIT} (?:ago|back|earlier)", days.ago),
    (r"last (?P<unit>week|month|year)", days.last_stretch),
    (rf"{_WD} after next", days.weekday_later),
    (
        rf"{_WD}(?: ,)? {_ORD}(?P<which>)(?: (?P<month>(?:next|this) month))?(?! (?:to )?{STEM}){_NO_NOUN}",
        days.weekday_and_number,
    ),
    (rf"{_WD} (?P<d>1[3-9]|2[0-9]|3[01])(?P<which>)(?! [a-z#]|:)", days.weekday_and_number),
    (rf"any (?P<every>{'|'.join(WEEKDAYS)}|weekdays|weekend)", days.every_weekday),
    (r"(?P<every>weekdays)", days.every_weekday),
    (rf"(?P<which>this|next|last|coming) (?:coming )?{_WD}", days.weekday),
    (rf"{_WD}(?P<which>)(?: coming)?", days.weekday),
    (rf"(?:day )?{_ORD}(?: (?P<month>(?:next|this) month))?{_NO_NOUN}", days.day_of_month),
    (r"day (?P<d>[0-9]{1,2})(?! [a-z#])", days.day_of_month),
    (_FEAST, days.holiday),
]

_ANY_D = r"[0-9]{1,2}(?:st|nd|rd|th)?"
_LIST = rf"(?P<list>{_ANY_D}(?:(?: ,)?(?: or| and| ,) {_ANY_D})+)"

_DATE = (
    r"(?P<a>[0-9]{1,2})/(?P<b>[0-9]{1,2})(?:/(?P<y>[0-9]{4}|[0-9]{2}))?"
    r"(?! (?:syringe|unit|vial|dose|ml|cc|face|price)s?(?: |$))"
)
_DATE_WITH_YEAR = r"(?P<a>[0-9]{1,2})[.-](?P<b>[0-9]{1,2})[.-](?P<y>[0-9]{4}|[0-9]{2})"
# Countries that write the month first, and those that write either.
_MONTH_FIRST = {"US": True, "CA": None, "PH": None, "PR": True}

END = r"(?= |$)"
LISTS = tuple(re.compile(pattern + END) for pattern in (rf"{_M} {_LIST}{_Y}(?! [a-z#]|:)", rf"{_LIST} {_M}{_Y}"))


@cache
def rules(region: str) -> tuple[tuple[re.Pattern[str], DayRule], ...]:
    """The rules in the order to try them, for a country's way to write dates in numbers."""
    numbers = days.numbers(_MONTH_FIRST.get(region, False))
    written = [(f"week {_DATE}", days.week_of(numbers)), (_DATE, numbers), (_DATE_WITH_YEAR, numbers)]
    return tuple((re.compile(pattern + END), rule) for pattern, rule in (*written, *_RULES))


def short_date(match: re.Match[str], today: date, region: str) -> Days:
    """Two numbers with a dash between, read as a date."""
    return days.numbers(_MONTH_FIRST.get(region, False))(Said(match, today, today)) or Days(())
