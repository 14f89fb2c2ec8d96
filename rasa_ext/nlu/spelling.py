"""Spelling repair: each word becomes the likeliest one for which a slip of the finger could have been typed.

What a word is worth is how often it stands in the training texts, there between the same neighbours, and, much less,
how frequent it is in English (its place in the encoder's vocabulary). What a slip is worth is how easily it happens:
letters swapped, lost, doubled or hit beside their key are common, others rare. A word that nobody knows is repaired
whenever there is a candidate; a known word only when its neighbours speak strongly against it ("tell me about he
person").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from rasa_ext.nlu.typos import NEIGHBOURS

WORD = re.compile(r"[A-Za-z']+")
SHORTEST, LONGEST = 2, 24
# From this length on a word may hold two slips.
LONG = 8
MEMO_SIZE = 20_000
# Of long messages the first words are repaired, so that the cost stays bounded.
MAX_WORDS = 400
# Word pieces below this id are special tokens and single characters.
FIRST_WORD_ID = 1997
EDGE = "^"
# How likely each kind of slip is, against the usual ones.
USUAL, VOWEL, OTHER, TWO_SLIPS = 1.0, 0.5, 0.1, 0.02
FIRST_LETTER = 0.5
VOWELS = frozenset("aeiouy")
# The share of words that hold a slip.
SLIP_SHARE = 0.03
# How much likelier than the typed word another must be where the typed one is a known word.
KNOWN_MARGIN = 5.0
# A word of the encoder's vocabulary counts as if it had been seen so often in training, at the first place of it.
COMMON_COUNT = 2.0
# The weight of a word's own frequency against that of its pair with a neighbour.
BACK_OFF = 20.0
# Pairs that were seen once say little and would be most of the model's file.
MIN_PAIR = 2
NO_PAIRS: Mapping[str, int] = {}
MIN_PRIOR = 0.5
# A word that nobody knows counts as if it had been seen so often.
UNKNOWN_COUNT = 0.0005
# A short word has many neighbours; the likeliest are looked at.
MAX_CANDIDATES = 24


@dataclass(frozen=True)
class Repaired:
    """A text after repair, and how sure it is (0 to 1) that what was changed had to be."""

    text: str
    sureness: float


@dataclass(frozen=True)
class Candidate:
    """A word that may have been meant: its likelihood before its neighbours are looked at, and that of the slip."""

    word: str
    prior: float
    slip: float


def count_words(texts: Iterable[str]) -> Counter[str]:
    """Count the words of the training texts and the pairs of neighbours ("does it"); ``^`` stands for a text's ends."""
    counts: Counter[str] = Counter()
    for text in texts:
        words = WORD.findall(text.lower())
        counts.update(words)
        ends = [EDGE, *words, EDGE]
        counts.update(f"{left} {right}" for left, right in pairwise(ends))
    return Counter({entry: count for entry, count in counts.items() if count >= MIN_PAIR or " " not in entry})


def shortened(word: str) -> set[str]:
    """Return the word and everything that is left when one of its letters is dropped."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def slip(typed: str, meant: str) -> float:
    """Return how likely a single slip makes `typed` from `meant`, against the usual slips; 0 when none does."""
    start = 0
    while start < min(len(typed), len(meant)) and typed[start] == meant[start]:
        start += 1
    ours, theirs = typed[start:], meant[start:]
    at_start = FIRST_LETTER if start == 0 else 1.0
    if len(ours) == len(theirs):
        if len(ours) > 1 and ours[:2] == theirs[1::-1] and ours[2:] == theirs[2:]:
            return USUAL
        if not ours or ours[1:] != theirs[1:]:
            return 0.0
        if ours[0] in NEIGHBOURS.get(theirs[0], ""):
            return USUAL * at_start
        return (VOWEL if {ours[0], theirs[0]} <= VOWELS else OTHER) * at_start
    if len(ours) + 1 == len(theirs):
        return USUAL * at_start if theirs[1:] == ours else 0.0
    if len(ours) == len(theirs) + 1 and ours[1:] == theirs:
        # Where letters repeat, the doubled one is the last of the common beginning.
        return USUAL if start and typed[start] == typed[start - 1] else OTHER * at_start
    return 0.0


class Speller:
    """Repairs texts; safe to share, it changes nothing but its memory of candidates."""

    def __init__(
        self,
        counts: Mapping[str, int],
        word_pieces: Mapping[str, int],
        protected: Iterable[str],
        shorthand: Mapping[str, str],
    ) -> None:
        """Take the training's counts (see `count_words`), the encoder's word pieces with their ids, words that are
        never changed, and what is written in full whatever stands around it ("u": "you").
        """
        self._shorthand = shorthand
        self._protected = frozenset(protected)
        priors = {
            word: COMMON_COUNT * FIRST_WORD_ID / rank
            for word, rank in word_pieces.items()
            if rank >= FIRST_WORD_ID and len(word) > 1 and word.isascii() and word.isalpha()
        }
        self._after: dict[str, dict[str, int]] = {}
        self._before: dict[str, dict[str, int]] = {}
        for entry, count in counts.items():
            first, _, second = entry.partition(" ")
            if second:
                self._after.setdefault(first, {})[second] = count
                self._before.setdefault(second, {})[first] = count
            else:
                priors[first] = priors.get(first, 0.0) + count
        self._priors = priors
        self._back_off = BACK_OFF / (sum(priors.values()) or 1.0)
        self._index: dict[str, list[str]] = {}
        for word in priors:
            if SHORTEST <= len(word) <= LONGEST:
                for key in shortened(word):
                    self._index.setdefault(key, []).append(word)
        self._memo: dict[str, list[Candidate]] = {}

    def __call__(self, text: str) -> str:
        """Return the text repaired."""
        return self.repair(text).text

    def repair(self, text: str) -> Repaired:
        """Repair a text word by word; capitals are lost in the words that change."""
        found = list(WORD.finditer(text))[:MAX_WORDS]
        words = [match.group().lower() for match in found]
        pieces: list[str] = []
        end, sureness, left = 0, 1.0, EDGE
        for place, (match, word) in enumerate(zip(found, words, strict=True)):
            right = words[place + 1] if place + 1 < len(words) else EDGE
            best, sure = self._word(word, left, right)
            if best != word:
                pieces += [text[end : match.start()], best]
                end = match.end()
                sureness *= sure
            left = best.rpartition(" ")[2]
        return Repaired("".join([*pieces, text[end:]]), sureness)

    def _word(self, word: str, left: str, right: str) -> tuple[str, float]:
        """Return what was meant, and how sure that is."""
        if word in self._shorthand:
            return self._shorthand[word], 1.0
        if not SHORTEST <= len(word) <= LONGEST or word in self._protected:
            return word, 1.0
        candidates = self._memo.get(word)
        if candidates is None:
            if len(self._memo) >= MEMO_SIZE:
                self._memo.clear()
            candidates = self._memo[word] = self._candidates(word)
        prior = self._priors.get(word)
        after, before = self._after.get(left, NO_PAIRS), self._before.get(right, NO_PAIRS)
        back_off = self._back_off
        unseen_right = back_off * self._priors.get(right, MIN_PRIOR)

        def in_context(other: str, frequency: float) -> float:
            # How likely the word is between its neighbours, up to a factor that is the same for all words.
            follows = after.get(other, 0) + back_off * frequency
            return follows * (before.get(other, 0) + unseen_right) / (frequency + BACK_OFF)

        typed = (1 - SLIP_SHARE) * in_context(word, prior or UNKNOWN_COUNT)
        best, best_value = word, KNOWN_MARGIN * typed if prior else 0.0
        # Any of some four slips at each letter.
        share = SLIP_SHARE / (4 * len(word))
        for candidate in candidates:
            value = share * candidate.slip * in_context(candidate.word, candidate.prior)
            if value > best_value:
                best, best_value = candidate.word, value
        if best != word:
            return best, best_value / (best_value + typed)
        return (word if prior else self._apart(word)), 1.0

    def _candidates(self, word: str) -> list[Candidate]:
        """Return the words that one slip, or in a long word two, turns into this one."""
        near = {found for key in shortened(word) for found in self._index.get(key, ())} - {word}
        found = [Candidate(other, self._priors[other], likely) for other in near if (likely := slip(word, other))]
        if not found and len(word) >= LONG and word not in self._priors:
            found = [Candidate(other, self._priors[other], TWO_SLIPS) for other in near]
        return sorted(found, key=lambda candidate: (-candidate.prior * candidate.slip, candidate.word))[:MAX_CANDIDATES]

    def _apart(self, word: str) -> str:
        """Return two words that were written as one ("howmuch"), if the training texts have them side by side."""
        pairs = [(word[:place], word[place:]) for place in range(1, len(word))]
        counts = [self._after.get(first, NO_PAIRS).get(second, 0) for first, second in pairs]
        most = max(counts)
        return " ".join(pairs[counts.index(most)]) if most else word
