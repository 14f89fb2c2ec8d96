"""Copies of the training texts as they could have been written: with slips of the finger, or with both brands named."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from rasa_ext.nlu.typos import with_typos
from rasa_ext.nlu.vocabulary import Vocabulary

SEED = 12345
# Visitors often name both brands as one thing ("botox or dysport"); most examples name one.
PAIR_SHARE = 0.2
PAIRS = ("botox or dysport", "dysport or botox", "botox/dysport", "dysport and botox", "botox and dysport")
# Here two names make another question than one.
BRAND_TOPICS = frozenset({"dysport_vs_botox", "resistance_antibodies", "what_is_dysport", "history_approval"})


def noisy_copies(texts: Sequence[str], labels: Sequence[str], vocabulary: Vocabulary) -> list[str]:
    """Return one copy of each text: every fifth word misspelled and, in a share of them, the brand written as a pair.

    The same texts give the same copies.
    """
    chance = random.Random(SEED)  # noqa: S311 - the same data must give the same model
    brand = re.compile(rf"\b{re.escape(vocabulary.brand_word)}\b")
    copies = with_typos(list(texts), SEED)
    for place, (text, label) in enumerate(zip(texts, labels, strict=True)):
        if label not in BRAND_TOPICS and brand.search(text) and chance.random() < PAIR_SHARE:
            copies[place] = brand.sub(chance.choice(PAIRS), text, count=1)
    return copies
