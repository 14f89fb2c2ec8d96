"""The filters of the lists: what each lets through, and that they live in the address."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clinic.accounts.models import User
from clinic.casework.models import Tag
from clinic.conversations.models import Conversation, Understanding
from clinic.queue import conditions
from clinic.queue.filters import Filters, State
from tests.clinic.staff.conftest import START, Talk, hand_over

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def filtered(query: str, me: User | None = None) -> set[Conversation]:
    return set(Filters.read(QueryDict(query)).queryset(me))


def put(conversation: Conversation, **changes: Any) -> Conversation:
    Conversation.objects.filter(pk=conversation.pk).update(**changes)
    return conversation


def test_the_states(talk: Talk, member: User) -> None:
    waiting = put(talk("a"), owner="waiting", urgency=3, waiting_since=NOW)
    mine = put(talk("b"), owner=f"staff:{member.pk}")
    others = put(talk("c"), owner=f"staff:{member.pk}7", waiting_since=NOW)
    closed, bot = put(talk("d"), owner="closed"), talk("e")
    booking = put(talk("f"), urgency=4, waiting_since=NOW)
    expected = {
        "needed": {waiting, others, booking},
        "": {waiting, others, booking},
        "waiting": {waiting},
        "mine": {mine},
        "staff": {mine, others},
        "bot": {bot, booking},
        "closed": {closed},
        "any": {waiting, mine, others, closed, bot, booking},
    }
    assert set(expected) == {"", *State.values}
    for state, found in expected.items():
        assert filtered(f"state={state}", member) == found, state
    assert filtered("state=mine") == set()


def test_the_marks(talk: Talk) -> None:
    unseen = put(talk("a"), waiting_since=NOW, opened_at=NOW - timedelta(hours=1))
    seen = put(talk("b"), waiting_since=NOW, opened_at=NOW + timedelta(hours=1))
    late, unsure = put(talk("c"), is_after_hours=True), put(talk("d"), lowest_confidence=0.3)
    put(talk("e"), lowest_confidence=0.9, opened_at=NOW)
    assert filtered("state=any&unanswered=1") == {unseen, seen}
    assert filtered("state=any&opened=1") == {seen}
    assert filtered("state=any&after_hours=1") == {late}
    assert filtered("state=any&low_confidence=1") == {unsure}


def test_what_visitors_made_of_it(talk: Talk) -> None:
    good, bad = put(talk("a"), rating="good"), put(talk("b"), rating="bad")
    put(talk("c"))
    assert filtered("state=any&rating=good") == {good}
    assert filtered("state=any&rating=bad") == {bad}


def test_a_kind_is_unresolved_in_the_queue_and_any_elsewhere(talk: Talk) -> None:
    waits, settled = put(talk("a"), urgency=1, waiting_since=NOW), put(talk("b"), urgency=3, waiting_since=NOW)
    hand_over(waits, "staff_medical")
    matter = hand_over(settled, "staff_medical")
    matter.state = "resolved"
    matter.save()
    assert filtered("kind=staff_medical") == {waits}
    assert filtered("state=any&kind=staff_medical") == {waits, settled}
    assert filtered("state=any&kind=booking") == set()


def test_days_are_the_clinics(talk: Talk) -> None:
    # The clinic's zone is America/Los_Angeles, eight hours behind.
    before = put(talk("a"), created_at=datetime(2026, 11, 20, 7, 59, tzinfo=UTC))
    first = put(talk("b"), created_at=datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    last = put(talk("c"), created_at=datetime(2026, 11, 21, 7, 59, tzinfo=UTC), last_message_at=START + timedelta(9))
    after = put(talk("d"), created_at=datetime(2026, 11, 21, 8, 0, tzinfo=UTC), last_message_at=START + timedelta(9))
    assert filtered("state=any&from=2026-11-20&to=2026-11-20") == {first, last}
    assert filtered("state=any&from=2026-11-21") == {after}
    assert filtered("state=any&to=2026-11-19") == {before}
    assert filtered("state=any&from=9998-12-31") == set()


@pytest.mark.parametrize("many", [conditions.MANY, 0], ids=["gathered", "tried one by one"])
def test_what_was_understood(talk: Talk, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditions, "MANY", many)
    one, other = talk("a", "b"), talk("c")
    Understanding.objects.filter(message__conversation=one, message__seq=3).update(intent="cost", route="clarify")
    assert filtered("state=any&intent=cost") == {one}
    assert filtered("state=any&intent=pain_anesthesia") == {one, other}
    assert filtered("state=any&route=clarify") == {one}
    assert filtered("state=any&intent=pain_anesthesia&route=clarify") == {one}
    assert filtered("state=any&intent=unheard_of") == set()


def test_tags_and_assignees(talk: Talk, member: User, manager: User) -> None:
    mine, theirs, nobodys = put(talk("a"), assignee=member), put(talk("b"), assignee=manager), talk("c")
    mine.tags.create(tag=Tag.objects.create(name="Call Back", key="call back"), at=NOW)
    assert filtered("state=any&tag=CALL++back") == {mine}
    assert filtered("state=any&tag=other") == set()
    assert filtered("state=any&assignee=me", member) == {mine}
    assert filtered(f"state=any&assignee={manager.pk}", member) == {theirs}
    assert filtered("state=any&assignee=nobody") == {nobodys}


def test_a_search_looks_everywhere_unless_it_says_where(talk: Talk) -> None:
    needed, other = put(talk("needle"), waiting_since=NOW), talk("a needle")
    assert filtered("q=needle") == {needed, other}
    assert filtered("q=needle&state=needed") == {needed}
    assert filtered("q=...") == set()


def test_filters_are_conjoined(talk: Talk) -> None:
    both = put(talk("needle"), is_after_hours=True)
    put(talk("needle"), is_after_hours=False)
    put(talk("thread"), is_after_hours=True)
    assert filtered("q=needle&after_hours=1") == {both}


@pytest.mark.parametrize(
    ("query", "ignored"),
    [
        ("state=mad", "state"),
        ("unanswered=yes", "unanswered"),
        ("kind=robbery", "kind"),
        ("rating=fair", "rating"),
        ("from=2026-02-30", "from"),
        ("to=tomorrow", "to"),
        ("from=0001-01-01", "from"),
        ("to=9999-12-31", "to"),
        ("intent=a%20b", "intent"),
        ("route=%27", "route"),
        ("assignee=99999999999", "assignee"),
        ("assignee=-1", "assignee"),
        ("assignee=%D9%A3", "assignee"),
        (f"tag={'x' * 200}", "tag"),
    ],
)
def test_what_means_nothing_is_left_out_and_named(query: str, ignored: str) -> None:
    found = Filters.read(QueryDict(query))
    assert found.ignored == (ignored,)
    assert found.values() == {}


FILTERS = st.builds(
    Filters,
    state=st.sampled_from(State.values),
    unanswered=st.booleans(),
    opened=st.booleans(),
    after_hours=st.booleans(),
    low_confidence=st.booleans(),
    kind=st.sampled_from(["", "emergency", "booking"]),
    first=st.none() | st.dates(date(1970, 1, 1), date(9998, 12, 31)),
    last=st.none() | st.dates(date(1970, 1, 1), date(9998, 12, 31)),
    intent=st.sampled_from(["", "pain_anesthesia", "chitchat/hello"]),
    route=st.sampled_from(["", "clarify"]),
    tag=st.sampled_from(["", "call back", "ß & ?"]),
    assignee=st.sampled_from(["", "me", "nobody", "17"]),
    rating=st.sampled_from(["", "good", "bad"]),
    words=st.sampled_from(["", "needle", '"a b" & c=d?', "%41+"]),
)


@given(FILTERS)
def test_the_address_keeps_every_filter(filters: Filters) -> None:
    # The tag is compared as it is written, in small letters.
    kept = Filters(**{**filters.__dict__, "tag": Tag.key_of(filters.tag)})
    again = Filters.read(QueryDict(filters.address().removeprefix("?")))
    assert again == kept
    for name in filters.values():
        without = Filters.read(QueryDict(again.without(name).address().removeprefix("?")))
        assert name not in without.values() or name == "state"
        assert set(without.values()) - {"state"} == set(again.values()) - {name, "state"}


@given(st.dictionaries(st.sampled_from([*Filters(words="x").values(), "state", "from", "tag", "assignee"]), st.text()))
def test_no_value_is_an_error(values: dict[str, str]) -> None:
    query = QueryDict(mutable=True)
    query.update({name: value.encode("utf-8", "replace").decode() for name, value in values.items()})
    Filters.read(query)


def test_a_nested_list_is_the_same(talk: Talk) -> None:
    one = put(talk("needle"), owner="closed")
    talk("needle")
    inner = Filters(state=State.CLOSED, words="needle", intent="pain_anesthesia").queryset()
    assert set(Conversation.objects.filter(pk__in=inner.values("pk"))) == {one}
    assert timezone.now() > one.created_at
