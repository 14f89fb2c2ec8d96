"""The words of the grammar, and what English and Spanish visitors write for them.

The right-hand sides are the words that `grammar` reads: "mon" to "sun" for the days, "any mon" for every Monday,
and plain English for the rest.
"""

from __future__ import annotations

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMEROS = ("uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce")
_DIAS = ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo")

# Misspelt words of these kinds are put right; short names of days are too near to other words.
REPAIRED = (
    *_NAMES,
    *("tomorrow", "tonight", "morning", "afternoon", "evening", "weekend", "weekday"),
    *("january", "february", "august", "september", "october", "november", "december"),
)

_ORDINALS = (
    *("fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth"),
    *("fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"),
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november"),
    "december",
)

ENGLISH: dict[str, str] = {
    **dict(zip(_NAMES, WEEKDAYS, strict=True)),
    **{f"{name}s": f"any {day}" for name, day in zip(_NAMES, WEEKDAYS, strict=True)},
    **{f"{name}'s": day for name, day in zip(_NAMES, WEEKDAYS, strict=True)},
    **{day: day for day in WEEKDAYS},
    **dict.fromkeys(("tues", "tu"), "tue"),
    **dict.fromkeys(("weds",), "wed"),
    **dict.fromkeys(("thur", "thurs", "thr"), "thu"),
    **{word: str(number) for number, word in enumerate(_NUMBERS, 1)},
    **dict.fromkeys(("tmrw", "tmr", "tmw", "tomo", "tomoz", "2moro", "tommorow", "tomorrow's"), "tomorrow"),
    **dict.fromkeys(("2day", "tdy", "today's"), "today"),
    **dict.fromkeys(("tonite", "2nite"), "tonight"),
    **dict.fromkeys(("mornings", "morn", "mornin"), "morning"),
    **dict.fromkeys(("afternoons", "aft"), "afternoon"),
    **dict.fromkeys(("evenings", "eve", "night", "nights"), "evening"),
    **dict.fromkeys(("lunch", "lunchtime", "lunchtimes"), "lunch"),
    **dict.fromkeys(("noon", "midday", "noontime"), "noon"),
    **dict.fromkeys(("o'clock", "oclock", "h", "hrs", "uhr"), "oclock"),
    **dict.fromkeys(("wk", "wks"), "week"),
    "midweek": "mid week",
    "workdays": "weekdays",
    "weekdays": "weekdays",
    "weekends": "any weekend",
    "weekday": "weekdays",
    "workday": "weekdays",
    "wkend": "weekend",
    **dict.fromkeys(("till", "til", "'til", "until", "untill"), "until"),
    **dict.fromkeys(("thru", "through", "thro"), "to"),
    **dict.fromkeys(("&", "+", "/"), "and"),
    "-": "to",
    "by": "until",
    **dict.fromkeys(("except", "excluding", "besides", "avoid", "avoiding", "without"), "except"),
    **dict.fromkeys(("not", "never", "nor", "neither"), "not"),
    **dict.fromkeys(("can't", "cannot", "cant", "won't", "wont", "don't", "dont", "couldn't", "unable"), "not"),
    **dict.fromkeys(("away", "busy", "unavailable", "traveling", "travelling"), "not"),
    **dict.fromkeys(("around", "about", "approx", "approximately", "roughly"), "around"),
    **dict.fromkeys(("between", "btwn", "btw"), "between"),
    **dict.fromkeys(("beginning", "start"), "beginning"),
    **dict.fromkeys(("since", "starting", "onwards", "onward"), "from"),
    **dict.fromkeys(("mid", "middle"), "mid"),
    **dict.fromkeys(("end", "ending"), "end"),
    **dict.fromkeys(("every", "each", "any", "most"), "any"),
    **dict.fromkeys(("coming", "upcoming", "following"), "coming"),
    **dict.fromkeys(("whenever", "anytime", "whatever", "flexible"), "whenever"),
    **dict.fromkeys(("asap", "soonest", "earliest", "immediately", "urgently"), "asap"),
    "fortnight": "2 weeks",
    "xmas": "christmas",
    "@": "at",
    "noonish": "noon ish",
    **{word: f"{number}th" for number, word in enumerate(_ORDINALS, 4)},
    "third": "3rd",
    "thirtieth": "30th",
    "turkey": "thanksgiving",
}

ENGLISH_PHRASES: dict[str, str] = {
    **{f"a {unit}": f"1 {unit}" for unit in ("day", "week", "month", "hour")},
    **{f"an {unit}": f"1 {unit}" for unit in ("hour",)},
    "a fortnight": "2 weeks",
    **{f"{start}couple{end}": "2" for start in ("a ", "") for end in (" of",)},
    "a couple": "2",
    "a few": "few",
    "half an hour": "30 minutes",
    "a quarter": "quarter",
    "lunch time": "lunch",
    "lunch hour": "lunch",
    "lunch break": "lunch",
    "mid day": "noon",
    "mid week": "mid week",
    "week end": "weekend",
    "week day": "weekdays",
    "week days": "weekdays",
    "work days": "weekdays",
    "work day": "weekdays",
    "business day": "weekdays",
    "business days": "weekdays",
    "to morrow": "tomorrow",
    "to day": "today",
    "o clock": "oclock",
    "o ' clock": "oclock",
    "in the am": "morning",
    "in the pm": "afternoon",
    "tomorrow am": "tomorrow morning",
    "tomorrow pm": "tomorrow afternoon",
    "today pm": "this afternoon",
    **{
        f"{name} {half}": f"{day} {part}"
        for name, day in zip((*WEEKDAYS, *_NAMES), WEEKDAYS * 2, strict=True)
        for half, part in (("am", "morning"), ("pm", "afternoon"))
    },
    **{
        f"{word} of {month}": f"{number} {month}"
        for word, number in (("first", "1st"), ("second", "2nd"))
        for month in _MONTHS
    },
    **{
        f"{month} {word}": f"{month} {number}"
        for word, number in (("first", "1st"), ("second", "2nd"))
        for month in _MONTHS
    },
    **{
        f"twenty {last}": f"2{number}"
        for last, number in (
            ("first", "1st"),
            ("second", "2nd"),
            ("third", "3rd"),
            ("fourth", "4th"),
            ("fifth", "5th"),
            ("sixth", "6th"),
            ("seventh", "7th"),
            ("eighth", "8th"),
            ("ninth", "9th"),
        )
    },
    "thirty first": "31st",
    "tomorrow or the day after": "tomorrow or day after tomorrow",
    "tomorrow or the day after tomorrow": "tomorrow or day after tomorrow",
    "before the end": "until end",
    "by the end": "until end",
    # No preference.
    "any time": "whenever",
    "any day": "whenever",
    "any date": "whenever",
    "every day": "whenever",
    "any time any day": "whenever",
    "all day": "whenever",
    "no preference": "whenever",
    "don't care": "whenever",
    "dont care": "whenever",
    "don't mind": "whenever",
    "dont mind": "whenever",
    "doesn't matter": "whenever",
    "doesnt matter": "whenever",
    "does not matter": "whenever",
    "not picky": "whenever",
    "up to you": "whenever",
    "you choose": "whenever",
    "you pick": "whenever",
    "pretty open": "whenever",
    "wide open": "whenever",
    "open schedule": "whenever",
    "as soon as possible": "asap",
    "as early as possible": "asap",
    "soon as possible": "asap",
    "next available": "asap",
    "next opening": "asap",
    "next free": "asap",
    "next slot": "asap",
    "next appointment": "asap",
    "first available": "asap",
    "first opening": "asap",
    "first slot": "asap",
    "first appointment": "asap",
    "right away": "asap",
    "right now": "asap",
    "sometime soon": "asap",
    "as soon as": "asap",
    **dict.fromkeys(("on vacation", "on holiday", "out of town", "out of office", "out of the office"), "not"),
    "in the new year": "in january",
    # Limits said the other way round.
    **{
        f"{absent} until": "from"
        for absent in (
            *("not available", "not free", "not back", "away", "busy", "gone", "unavailable", "out of town"),
            *("on vacation", "on holiday", "can't", "can't come", "cannot come", "can't make it"),
        )
    },
    "not before": "from",
    "not until": "from",
    "not till": "from",
    "no earlier than": "from",
    "not earlier than": "from",
    "no sooner than": "from",
    "any time after": "after",
    "anytime after": "after",
    "any day after": "after",
    "later than": "after",
    "any time before": "before",
    "anytime before": "before",
    "earlier than": "before",
    "not after": "until",
    "not later than": "until",
    "no later than": "until",
    "not past": "until",
    "up to": "until",
    "up until": "until",
    "at around": "around",
    "at about": "around",
    "or so": "ish",
    # Taking back.
    "instead of": "except",
    "rather than": "except",
    "apart from": "except",
    "aside from": "except",
    "other than": "except",
    "except for": "except",
    "can not": "not",
    "do not": "not",
    "will not": "not",
    "not on": "not",
    "anything but": "whenever except",
    "any day but": "whenever except",
    "every day but": "whenever except",
    "any time but": "whenever except",
    "anytime but": "whenever except",
    # After a day: that day is out.
    **{
        f"{verb} {good}": "out"
        for verb in (
            *("doesn't", "doesnt", "does not", "don't", "dont", "do not", "won't", "wont", "will not", "isn't", "isnt"),
            *("is not", "aren't", "are not", "is no", "are no", "not", "can't", "cannot"),
        )
        for good in (
            "work",
            "good",
            "possible",
            "suit",
            "fit",
            "ok",
            "okay",
            "great",
            "ideal",
            "available",
            "an option",
        )
    },
    "is out": "out",
    "are out": "out",
    # Talk that only sounds like a wish.
    **{
        f"{good} {part}": GAPWORD
        for GAPWORD in ("#",)
        for good in ("good", "have a good", "have a great", "have a nice", "have a lovely", "great", "nice", "lovely")
        for part in ("morning", "afternoon", "evening", "night", "day", "weekend", "week")
    },
    **dict.fromkeys(
        ("in the sun", "the sun", "sun exposure", "sun damage", "sun spots", "sun burn", "sun screen"), "#"
    ),
    **dict.fromkeys(("i sat", "we sat", "sat down", "sat in", "sat on", "get wed"), "#"),
    **dict.fromkeys(("may i", "may we", "i may", "it may", "may be", "may have", "that may", "may need"), "#"),
    **dict.fromkeys(
        ("of the day", "per day", "a day", "one day", "some day", "day time", "this time", "last time"), "#"
    ),
    **dict.fromkeys(("start with", "start over", "to start", "in the end", "close to", "years old", "year old"), "#"),
    **dict.fromkeys(
        ("by the way", "come by", "stop by", "drop by", "swing by", "why not", "not only", "not sure"), "#"
    ),
    "if not": "or",
    "mid - week": "mid week",
    "mid -": "mid",
    "early -": "early",
    "late -": "late",
    "a day from": "1 day from",
    "a day or two": "2 days",
    "a week or two": "2 weeks",
    "end of the day": "last thing",
    "end of day": "last thing",
    "the day after": "day after",
    "the day before": "day before",
    "new year's day": "newyear",
    "new years day": "newyear",
    "new year's": "newyear",
    "new years": "newyear",
    "new year": "newyear",
    "new year's eve": "newyeareve",
    "new years eve": "newyeareve",
    "christmas eve": "christmaseve",
    "christmas day": "christmas",
    "thanksgiving day": "thanksgiving",
    "black friday": "blackfriday",
    "valentine's day": "valentine",
    "valentines day": "valentine",
    "4th of july": "july 4",
    "fourth of july": "july 4",
    "labor day": "laborday",
    "memorial day": "memorialday",
}

FILLERS = frozenset(
    {"(", ")", "the", "on", "of", "sometime", "maybe", "preferably", "ideally", "also", "either", "both", "is"}
)

SPANISH_SIGNS = frozenset(
    {
        *_DIAS,
        *(
            "manana",
            "tarde",
            "tardes",
            "noche",
            "hoy",
            "ayer",
            "semana",
            "semanas",
            "mes",
            "mediodia",
            "cuando",
            "cuanto",
        ),
        *(
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
        ),
        *(
            "diciembre",
            "proximo",
            "proxima",
            "cualquier",
            "despues",
            "antes",
            "quiero",
            "puedo",
            "quisiera",
            "dias",
            "hora",
        ),
        *("las", "cita", "dia", "lunes", "igual", "pronto", "importa"),
    }
)

SPANISH: dict[str, str] = {
    **dict(zip(_DIAS, WEEKDAYS, strict=True)),
    **dict.fromkeys(("sabados",), "any sat"),
    **dict.fromkeys(("domingos",), "any sun"),
    **{word: str(number) for number, word in enumerate(_NUMEROS, 1)},
    "una": "1",
    "un": "1",
    "manana": "tomorrow",
    "mananas": "morning",
    "hoy": "today",
    "ayer": "yesterday",
    "tarde": "afternoon",
    "tardes": "afternoon",
    "noche": "evening",
    "noches": "evening",
    "mediodia": "noon",
    "semana": "week",
    "semanas": "weeks",
    "mes": "month",
    "meses": "months",
    "dia": "day",
    "dias": "days",
    "hora": "hour",
    "horas": "hours",
    **dict.fromkeys(("proximo", "proxima"), "next"),
    **dict.fromkeys(("este", "esta"), "this"),
    **dict.fromkeys(("pasado", "pasada"), "last"),
    **dict.fromkeys(("o", "u"), "or"),
    **dict.fromkeys(("y", "e"), "and"),
    "despues": "after",
    "antes": "before",
    "hasta": "until",
    "desde": "from",
    "del": "from",
    "entre": "between",
    "a": "to",
    "al": "to",
    "no": "no",
    **dict.fromkeys(("menos", "excepto", "salvo"), "except"),
    **dict.fromkeys(("cualquier", "cada", "todos"), "any"),
    "en": "in",
    **dict.fromkeys(("fin", "fines", "final", "finales"), "end"),
    **dict.fromkeys(("principio", "principios", "inicio"), "beginning"),
    "mediados": "mid",
    "media": "half",
    "cuarto": "quarter",
    "pero": "but",
    "temprano": "early",
}

SPANISH_PHRASES: dict[str, str] = {
    **{
        f"{by} la {part}": name
        for by in ("por", "en", "de", "a")
        for part, name in (("manana", "morning"), ("tarde", "afternoon"), ("noche", "evening"))
    },
    **dict.fromkeys(("por las mananas", "en las mananas"), "morning"),
    **dict.fromkeys(("por las tardes", "en las tardes"), "afternoon"),
    "esta manana": "this morning",
    "esta tarde": "this afternoon",
    "esta noche": "tonight",
    "pasado manana": "day after tomorrow",
    "a primera hora": "first thing",
    "primera hora": "first thing",
    "fin de semana": "weekend",
    "fines de semana": "any weekend",
    "entre semana": "weekdays",
    "manana o pasado": "tomorrow or day after tomorrow",
    "no importa": "whenever",
    "que viene": "coming",
    "dentro de": "in",
    "a eso de": "around",
    "a las": "at",
    "a la": "at",
    "al mediodia": "noon",
    "antes de": "before",
    "antes del": "before",
    "despues de": "after",
    "despues del": "after",
    "a partir de": "from",
    "a partir del": "from",
    "despues del trabajo": "after work",
    "despues de trabajar": "after work",
    "a finales de": "end",
    "a principios de": "beginning",
    "a mediados de": "mid",
    "el dia": "day",
    "todos los dias": "whenever",
    "cualquier dia": "whenever",
    "cualquier hora": "whenever",
    "cualquier momento": "whenever",
    "cuando sea": "whenever",
    "cuando quieran": "whenever",
    "cuando puedan": "whenever",
    "me da igual": "whenever",
    "lo antes posible": "asap",
    "cuanto antes": "asap",
    "lo mas pronto posible": "asap",
    **{f"los {dia}": f"any {day}" for dia, day in zip(_DIAS[:5], WEEKDAYS, strict=False)},
    **{f"todos los {dia}": f"any {day}" for dia, day in zip(_DIAS[:5], WEEKDAYS, strict=False)},
    "buenos dias": "#",
    "buen dia": "#",
    "buenas tardes": "#",
    "buenas noches": "#",
    "no puedo": "not",
    "no me va bien": "out",
}

SPANISH_FILLERS = frozenset({"el", "la", "los", "las", "de", "por", "lo"})

LONGEST_PHRASE = max(len(phrase.split()) for phrase in (*ENGLISH_PHRASES, *SPANISH_PHRASES))
