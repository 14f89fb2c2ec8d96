"""Copies of the training texts as they could have been written: with slips of the finger, or with both brands named."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Sequence

from rasa_ext.nlu.typos import with_typos
from rasa_ext.nlu.vocabulary import Vocabulary

# Visitors often name both brands as one thing ("botox or dysport"); most examples name one.
PAIR_SHARE = 0.2
PAIRS = ("botox or dysport", "dysport or botox", "botox/dysport", "dysport and botox", "botox and dysport")
# Here two names make another question than one.
BRAND_TOPICS = frozenset({"dysport_vs_botox", "resistance_antibodies", "what_is_dysport", "history_approval"})


def noisy_copies(texts: Sequence[str], labels: Sequence[str], vocabulary: Vocabulary) -> list[str]:
    """Return one copy of each text: every fifth word misspelled and, in a share of them, the brand written as a pair.

    A text gives the same copy whatever stands beside it, so that one more example does not change all the others.
    """
    brand = re.compile(rf"\b{re.escape(vocabulary.brand_word)}\b")
    copies = []
    for text, label in zip(texts, labels, strict=True):
        seed = seed_of(text)
        chance = random.Random(seed)  # noqa: S311 - the same data must give the same model
        if label not in BRAND_TOPICS and brand.search(text) and chance.random() < PAIR_SHARE:
            copies.append(brand.sub(chance.choice(PAIRS), text, count=1))
        else:
            copies.append(with_typos([text], seed)[0])
    return copies


def seed_of(text: str) -> int:
    """Return a number that is the text's own, on every machine and in every process."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))
