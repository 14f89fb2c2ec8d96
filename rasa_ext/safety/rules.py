"""Layer 1 of the gate: finds what is medical or an emergency in a message, by rules that can be read and explained."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from rasa_ext.safety.patterns import Match, Pattern, match_at
from rasa_ext.safety.reader import Reader, Reading
from rasa_ext.safety.vocabulary import DEFAULT_FOLDER, Entry, SafetyVocabulary, load_vocabulary

MAX_CHARACTERS = 6000
RECENT_MESSAGES = 5
# A sentence in pieces has its parts near the messages' ends: so many characters of each are read together.
SEAM = 600
# A sentence without an end is read in windows of so many tokens, each with a part of the one before.
WINDOW, OVERLAP = 48, 12
# So far before a danger a "no" may stand.
NEGATION_REACH = 8
# From so many words on, words without a verb of asking state something: "hard bump on forehead", but not "bruising".
STATEMENT = 3
LONGEST_PHRASE = 6
# In a statement of so many words, which is none but a run without punctuation, only what stands near a danger tells.
RUN_ON, NEAR = 40, 8
MASKED: dict[str, int] = {}


@dataclass(frozen=True)
class Finding:
    """One danger in a message.

    Attributes:
        level: `emergency` or `medical`.
        family: the vocabulary file.
        entry: the entry's id.
        intent: the intent of `domain.yml` that it stands for.
        start, end: the offsets of the words in the message; both 0 where they stand in the messages before.
    """

    level: str
    family: str
    entry: str
    intent: str
    start: int
    end: int


@dataclass(frozen=True)
class Danger:
    """A pattern of an entry."""

    pattern: Pattern
    entry: Entry


@dataclass(frozen=True)
class Speech:
    """A pattern of a section of `language.yml`."""

    pattern: Pattern
    section: str


Rule = TypeVar("Rule", Danger, Speech)


class DangerReader:
    """The rules of one vocabulary; it keeps nothing between texts but its caches."""

    def __init__(self, vocabulary: SafetyVocabulary) -> None:
        self._vocabulary = vocabulary
        self._reader = Reader(vocabulary)
        self._figures = _by_first_name(_speech_rules(vocabulary, ["figures_of_speech", "not_negation"]))
        entry_rules = [Danger(pattern, entry) for entry in vocabulary.entries for pattern in entry.patterns]
        self._dangers = _by_first_name(entry_rules)
        self._evidence = _by_first_name(
            _speech_rules(vocabulary, ["onset", "holder", "person", "asking", "hearsay", "general"])
        )
        self._together = [entry for entry in vocabulary.entries if entry.all_of]

    def read(self, text: str, recent: list[str]) -> list[Finding]:
        """Return the dangers in a text, read alone and together with the messages just before it, most urgent first."""
        text = text[:MAX_CHARACTERS]
        found = dict.fromkeys(self._read_alone(text))
        earlier = [message for message in map(_open_ended, recent[-RECENT_MESSAGES:]) if message]
        if earlier and text.strip():
            # All of them in a row, and each one alone: something else may have been sent between two pieces.
            for before in dict.fromkeys([" ".join(earlier), *earlier]):
                self._read_after(before, text, found)
        return sorted(found, key=lambda finding: (finding.level, finding.start, finding.entry))

    def _read_after(self, before: str, text: str, found: dict[Finding, None]) -> None:
        """Add what a text says together with a message before it, and neither says by itself."""
        before, text = _last_words(before), _first_words(text)
        # What the earlier message says by itself was found when it came.
        known = {(finding.entry, finding.start) for finding in self._read_alone(before)}
        seen = {finding.entry for finding in found}
        for finding in self._read_alone(f"{before} {text}"):
            if finding.entry not in seen and (finding.entry, finding.start) not in known:
                found[_move(finding, len(before) + 1)] = None

    def _read_alone(self, text: str) -> list[Finding]:
        reading = self._reader.read(text)
        negators = {
            place
            for place, names in enumerate(reading.names)
            if not self._vocabulary.words["negators"].isdisjoint(names)
        }
        self._mask_figures(reading, negators)
        findings: dict[tuple[str, int], Finding] = {}
        for first, last in reading.sentences:
            candidates = self._find(self._dangers, reading, first, last)
            if not candidates:
                continue
            segments = self._segments(reading, first, last)
            asked = last < len(reading.words) and "?" in reading.words[last]
            evidence = sorted(self._find(self._evidence, reading, first, last), key=_start)
            for rule, match in candidates:
                if self._is_negated(reading, rule.pattern, match, first, negators) or not _counts(
                    rule, match, reading.words, segments, evidence, asked
                ):
                    continue
                finding = _finding(rule.entry, reading, match)
                findings.setdefault((finding.entry, finding.start), finding)
        result = list(findings.values())
        return result + self._combined(result)

    def _mask_figures(self, reading: Reading, negators: set[int]) -> None:
        for first, last in reading.sentences:
            for rule, match in self._find(self._figures, reading, first, last):
                negators -= match.taken
                if rule.section == "figures_of_speech":
                    _mask(reading, match)

    def _find(self, rules: dict[str, list[Rule]], reading: Reading, first: int, last: int) -> list[tuple[Rule, Match]]:
        found: dict[tuple[int, int, int], tuple[Rule, Match]] = {}
        for begin in range(first, last, WINDOW - OVERLAP):
            end = min(begin + WINDOW, last)
            for rule, match in self._find_in_window(rules, reading, begin, end):
                found.setdefault((id(rule), match.start, match.end), (rule, match))
            if end == last:
                break
        return list(found.values())

    def _find_in_window(
        self, rules: dict[str, list[Rule]], reading: Reading, first: int, last: int
    ) -> Iterable[tuple[Rule, Match]]:
        names = reading.names
        present = set().union(*names[first:last])
        walls = {place for place in range(first, last) if not self._vocabulary.words["breaks"].isdisjoint(names[place])}
        possible: dict[int, bool] = {}
        for place in range(first, last):
            tried: set[int] = set()
            for name in names[place]:
                for rule in rules.get(name, ()):
                    key = id(rule)
                    if key in tried:
                        continue
                    tried.add(key)
                    if key not in possible:
                        possible[key] = not any(need.isdisjoint(present) for need in rule.pattern.needed)
                    if possible[key]:
                        match = match_at(rule.pattern, place, names, last, walls)
                        if match:
                            yield rule, match

    def _segments(self, reading: Reading, first: int, last: int) -> list[tuple[int, int]]:
        """Cut a sentence where another statement or question begins; voice-to-text leaves out all punctuation."""
        cuts = [place for place in range(first + 1, last) if self._opens(reading, place, first)]
        return list(zip([first, *cuts], [*cuts, last], strict=True))

    def _opens(self, reading: Reading, place: int, first: int) -> bool:
        names, words = reading.names, reading.words
        if not self._vocabulary.words["breaks"].isdisjoint(names[place]):
            return True
        following = words[place + 1] if place + 1 < len(words) else ""
        before = words[place - 1]
        if before in LINKS and words[place] in SUBJECTS:
            return True
        if place - first > 2 and words[place] in STARTERS and before not in REPORTING:
            return True
        if (
            (place - first >= 2 or before in OPENERS)
            and words[place] in AUXILIARIES
            and following in INVERTED
            and before not in QUESTION_WORDS
        ):
            return True
        return (
            place - first >= 2
            and words[place] in QUESTION_WORDS
            and following in AUXILIARIES
            and before not in REPORTING
        )

    def _is_negated(self, reading: Reading, pattern: Pattern, match: Match, first: int, negators: set[int]) -> bool:
        denies = any(not element.names.isdisjoint(self._vocabulary.words["negators"]) for element in pattern.elements)
        if not denies and any(p in negators and p not in match.taken for p in range(match.start, match.end)):
            return True
        transparent = self._vocabulary.words["transparent"]
        for place in range(match.start - 1, max(first, match.start - NEGATION_REACH) - 1, -1):
            if place in negators:
                return True
            if transparent.isdisjoint(reading.names[place]):
                return False
        return False

    def _combined(self, findings: list[Finding]) -> list[Finding]:
        """Return what two findings together mean: a drooping lid and any second sign."""
        ids = {finding.entry for finding in findings}
        result = []
        for entry in self._together:
            if all(not group.isdisjoint(ids) for group in entry.all_of):
                parts = [finding for finding in findings if any(finding.entry in group for group in entry.all_of)]
                start, end = min(part.start for part in parts), max(part.end for part in parts)
                result.append(Finding(entry.level, entry.family, entry.id, entry.intent, start, end))
        return result


# These begin a statement wherever they stand.
STARTERS = {"its", "im", "ive", "theres", "shes", "hes", "theyre"}
# What may stand before a question without saying anything.
OPENERS = {
    "hi",
    "hello",
    "hey",
    "hiya",
    "so",
    "ok",
    "okay",
    "well",
    "also",
    "please",
    "pls",
    "sorry",
    "just",
    "question",
}
LINKS = {"and", ",", "&", "-", "–", "—"}
SUBJECTS = {
    "i",
    "im",
    "ive",
    "my",
    "she",
    "he",
    "her",
    "his",
    "it",
    "its",
    "they",
    "their",
    "we",
    "our",
    "the",
    "this",
    "that",
    "now",
}
AUXILIARIES = {
    "is",
    "are",
    "was",
    "were",
    "do",
    "does",
    "did",
    "can",
    "could",
    "will",
    "would",
    "should",
    "am",
    "shall",
    "have",
    "has",
    "may",
    "might",
    "what's",
    "whats",
}
INVERTED = {"i", "it", "this", "that", "they", "you", "we", "she", "he", "there", "u", "my", "the", "these"}
QUESTION_WORDS = {"what", "how", "when", "why", "who", "where", "which", "whats", "hows"}
REPORTING = {"know", "wonder", "wondering", "ask", "asking", "tell", "sure", "understand", "see", "about", "me", "if"}


def _speech_rules(vocabulary: SafetyVocabulary, sections: list[str]) -> list[Speech]:
    return [Speech(pattern, section) for section in sections for pattern in vocabulary.speech[section]]


def _by_first_name(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    result: dict[str, list[Rule]] = {}
    for rule in rules:
        for name in rule.pattern.first:
            result.setdefault(name, []).append(rule)
    return result


def _start(found: tuple[Rule, Match]) -> int:
    return found[1].start


def _first(segment: tuple[int, int]) -> int:
    return segment[0]


def _counts(
    rule: Danger,
    match: Match,
    words: list[str],
    segments: list[tuple[int, int]],
    evidence: list[tuple[Speech, Match]],
    asked: bool,
) -> bool:
    """Say whether a match is about somebody who has it, as far as its entry asks for that; `evidence` is in order."""
    if rule.entry.fires == "always":
        return True
    begin = segments[bisect_right(segments, match.start, key=_first) - 1][0]
    end = segments[bisect_left(segments, match.end, key=_first) - 1][1]
    if end - begin > RUN_ON:
        begin, end = max(begin, match.start - NEAR), min(end, match.end + NEAR)
    within = evidence[bisect_left(evidence, begin, key=_start) : bisect_left(evidence, end, key=_start)]
    near = {other.section for other, where in within if where.end <= end}
    if "onset" in near:
        return True
    if "asking" in near:
        return False
    if rule.entry.fires == "unless_general":
        return True
    if "hearsay" in near:
        return False
    if "holder" in near:
        return True
    if "general" in near:
        return False
    question = words[begin] in AUXILIARIES or not QUESTION_WORDS.isdisjoint(words[begin:end])
    stated = not asked and not question and end - begin >= STATEMENT
    return stated or ("person" in near and not question)


def _mask(reading: Reading, match: Match) -> None:
    """Make the words of a figure of speech unreadable, and the phrases that reach into it."""
    for place in match.taken:
        reading.names[place] = MASKED
    for place in range(max(0, match.start - LONGEST_PHRASE), match.start):
        names = reading.names[place]
        if any(place + length > match.start for length in names.values()):
            reading.names[place] = {name: length for name, length in names.items() if place + length <= match.start}


def _open_ended(message: str) -> str:
    """Return a message without the marks at its end, because a piece of a sentence may end with one; not a question."""
    return message.strip().rstrip(".!…,;: ")


def _first_words(text: str) -> str:
    return text if len(text) <= SEAM else text[:SEAM].rpartition(" ")[0] or text[:SEAM]


def _last_words(text: str) -> str:
    return text if len(text) <= SEAM else text[-SEAM:].partition(" ")[2] or text[-SEAM:]


def _finding(entry: Entry, reading: Reading, match: Match) -> Finding:
    start, end = reading.spans[match.start][0], reading.spans[match.end - 1][1]
    return Finding(entry.level, entry.family, entry.id, entry.intent, start, end)


def _move(finding: Finding, boundary: int) -> Finding:
    """Return the finding with offsets in the message itself; what stands before it counts as its beginning."""
    start, end = max(0, finding.start - boundary), max(0, finding.end - boundary)
    return Finding(finding.level, finding.family, finding.entry, finding.intent, start, end)


@cache
def danger_reader(folder: str = DEFAULT_FOLDER) -> DangerReader:
    """Return the process's one reader of a vocabulary folder. Raises VocabularyError."""
    return DangerReader(load_vocabulary(folder))


def read_dangers(text: str, recent: list[str]) -> list[Finding]:
    """Return the dangers in a message with the project's vocabulary, most urgent first.

    Args:
        text: the message as it was typed; what stands after 6,000 characters is not read.
        recent: the visitor's messages just before it, oldest first.
    """
    return danger_reader().read(text, recent)
