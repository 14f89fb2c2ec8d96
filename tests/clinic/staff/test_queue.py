"""The queue as staff see it: order, rows, pages, counts, and what is noted of a look at it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.models import Entry
from clinic.bookings.models import BookingRequest
from clinic.casework.models import Tag
from clinic.contacts.models import Contact
from clinic.conversations.models import Conversation, Message
from clinic.handoffs.models import HandOff
from clinic.outbox import post
from clinic.queue import conditions, counts, read, search
from clinic.queue.filters import Filters
from clinic.staff.templatetags.queue import lasting
from tests.clinic.staff.conftest import START, Talk, hand_over

NASTY = "<script>alert('x')</script><img src=x onerror=alert(1)>"
ESCAPED = "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;"


def put(conversation: Conversation, **changes: Any) -> Conversation:
    Conversation.objects.filter(pk=conversation.pk).update(**changes)
    return conversation


def main(client: Client, address: str = "/staff/", **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    page = response.content.decode()
    return page[page.index("<main") : page.index("</main>")] if "<main" in page else page


def rows(page: str) -> list[str]:
    return re.findall(r'href="/staff/conversations/([0-9a-f-]{36})/"', page)


def test_the_queue_is_by_urgency_then_by_waiting_time(staff: Client, talk: Talk) -> None:
    now = timezone.now()
    waits = [(3, 5), (0, 1), (1, 9), (None, 90), (3, 50), (1, 10), (4, 100)]
    made = [
        put(talk("x"), urgency=urgency, waiting_since=now - timedelta(minutes=minutes)) for urgency, minutes in waits
    ]
    held = put(talk("x"), urgency=1, owner="staff:7")
    talk("needs nobody")
    expected = [made[1], made[5], made[2], held, made[4], made[0], made[6], made[3]]
    assert rows(main(staff)) == [str(one.pk) for one in expected]


def test_other_lists_are_newest_first(staff: Client, talk: Talk) -> None:
    made = [talk("x", minute=minute) for minute in (3, 1, 2)]
    newest_first = [made[0], made[2], made[1]]
    assert rows(main(staff, "/staff/?state=any")) == [str(one.pk) for one in newest_first]


@pytest.mark.parametrize(
    "address", ["/staff/", "/staff/?state=any", "/staff/?state=any&from=2026-11-01", "/staff/?q=x"]
)
def test_pages_are_whole_and_without_repetition(
    staff: Client, talk: Talk, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(read, "ON_A_PAGE", 2)
    # Every second has the moment of the one before, so that the key needs more than the moment.
    made = [put(talk("x", minute=number // 2), urgency=number // 3, waiting_since=START) for number in range(7)]
    put(made[0], waiting_since=None)
    put(made[6], urgency=None)
    seen, following = [], address
    while following:
        page = main(staff, following)
        seen.append(rows(page))
        found = re.search(r'href="([^"]*)" rel="next"', page)
        following = found[1].replace("&amp;", "&") if found else ""
    assert [len(one) for one in seen] == [2, 2, 2, 1]
    assert sorted(pk for one in seen for pk in one) == sorted(str(one.pk) for one in made)


@pytest.mark.parametrize("key", ["x", "0_", "0_2026-11-20T09:00:00_x", "55_2026-11-20T09:00:00+00:00_0", "0__", "%00"])
def test_a_key_of_no_page_is_not_found(staff: Client, key: str) -> None:
    assert staff.get("/staff/", {"after": key}).status_code == 404


def test_a_row_says_everything(staff: Client, talk: Talk, member: User) -> None:
    now = timezone.now()
    one = put(
        talk("the first thing", "the last thing"),
        owner="waiting",
        urgency=1,
        waiting_since=now - timedelta(minutes=25),
        opened_at=now,
        is_after_hours=True,
        assignee=member,
        last_topic="pain_anesthesia",
    )
    hand_over(one, "staff_medical", 3)
    hand_over(one, "booking")
    # The clinic is closed: eleven in the evening of a Thursday there.
    HandOff.objects.update(created_at=datetime(2026, 11, 20, 7, 0, tzinfo=UTC))
    one.tags.create(tag=Tag.objects.create(name="Press", key="press"), at=now)
    page = main(staff)
    for shown in (
        "Medical question",
        "Appointment",
        "Waiting for staff",
        "waits 25 min",
        "the last thing",
        "Opened, not answered",
        "After hours",
        "For morgan",
        "#Press",
        "4 messages",
        "last topic: pain anesthesia",
        "promised by",
        "Friday, November 20 at 9:00 am",
    ):
        assert shown in page, shown
    assert "the first thing" not in page


def test_a_row_shows_what_the_most_pressing_matter_is_about(staff: Client, talk: Talk) -> None:
    asked = put(talk("my pill", "another pill", "yes, do"), urgency=1, waiting_since=START)
    hand_over(asked, "staff_medical", 1, 3)
    hand_over(asked, "booking", 5)
    ill = put(talk("I cannot breathe", "calling them now", "thanks"), urgency=0, waiting_since=START)
    hand_over(ill, "emergency", 1, 3, urgent=True)
    page = main(staff)
    for shown, hidden in (("another pill", "my pill"), ("I cannot breathe", "calling them now")):
        assert shown in page
        assert hidden not in page
    assert "yes, do" not in page


def test_a_row_without_a_matter_shows_what_was_typed_last(staff: Client, talk: Talk) -> None:
    one = talk("typed", "a button")
    Message.objects.filter(conversation=one, seq=3).update(choice={"seq": 2, "button": 0, "intent": "affirm"})
    page = main(staff, "/staff/?state=any")
    assert "typed" in page
    assert "a button" not in page


def test_the_visitors_name_is_shown_where_it_is_known(staff: Client, talk: Talk) -> None:
    one, other = talk("x"), talk("y")
    now = timezone.now()
    Contact.objects.create(conversation=one, name="Robin Example", consent_at=now, updated_at=now)
    message = Message.objects.get(conversation=other, seq=1)
    BookingRequest.objects.create(
        conversation=other, message=message, reference="K7M9QX", name="Alex Example", created_at=now, touched_at=now
    )
    page = main(staff, "/staff/?state=any")
    assert "Robin Example" in page
    assert "Alex Example" in page


def test_only_who_may_export_is_led_there(staff: Client, client: Client, manager: User) -> None:
    assert "Export this list" not in main(staff, "/staff/?kind=booking")
    client.force_login(manager)
    assert 'href="/staff/export/?kind=booking&amp;state=needed"' in main(client, "/staff/?kind=booking")


def test_who_has_it_is_named(staff: Client, talk: Talk, member: User) -> None:
    member.first_name, member.last_name = "Morgan", "Example"
    member.save()
    put(talk("x"), owner=f"staff:{member.pk}", urgency=2)
    put(talk("x"), owner="staff:999", urgency=2)
    page = main(staff)
    assert "With Morgan Example" in page
    assert "With staff" in page


def test_urgency_is_said_and_not_only_coloured(staff: Client, talk: Talk) -> None:
    one = put(talk("help"), urgency=0, waiting_since=START)
    hand_over(one, "emergency", urgent=True)
    page = main(staff)
    assert "Urgent: Emergency" in page
    assert page.index("Emergencies and urgent matters") < page.index("Urgent: Emergency")


@pytest.mark.parametrize(
    "address", ["/staff/", "/staff/?q=alert", "/staff/?state=any&tag=%3Cscript%3E", "/staff/morning/"]
)
def test_what_anybody_typed_is_escaped(staff: Client, talk: Talk, address: str) -> None:
    one = put(talk(NASTY), waiting_since=timezone.now(), urgency=1, last_topic=NASTY[:40])
    matter = hand_over(one, "staff_medical")
    HandOff.objects.filter(pk=matter.pk).update(created_at=timezone.now() - timedelta(seconds=1))
    tag = Tag.objects.create(name=NASTY[:30], key="<script>")
    one.tags.create(tag=tag, at=START)
    page = main(staff, address)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_a_hit_is_marked(staff: Client, talk: Talk) -> None:
    talk("Does it <b>hurt</b> a lot?", "and now something else")
    assert "Does it &lt;b&gt;<mark>hurt</mark>&lt;/b&gt; a lot?" in main(staff, "/staff/?q=hurt")


def test_the_address_keeps_filters_and_offers_to_remove_each(staff: Client, talk: Talk) -> None:
    talk("needle")
    page = main(staff, "/staff/?q=needle&after_hours=1&kind=booking")
    for removed in ("/staff/?after_hours=1&amp;kind=booking", "/staff/?kind=booking&amp;q=needle"):
        assert f'href="{removed}"' in page
    assert "Hand-off: Appointment" in page


def test_a_filter_without_meaning_is_left_out_with_a_sentence(staff: Client, talk: Talk) -> None:
    one = talk("x")
    page = main(staff, "/staff/?state=any&kind=robbery")
    assert "“Hand-off” had a value that does not exist" in page
    assert rows(page) == [str(one.pk)]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/staff/", "Nobody waits for staff."),
        ("/staff/?state=any", "No conversation yet."),
        ("/staff/?state=mine", "No conversation is with you."),
        ("/staff/?q=unheard", "Nothing was found."),
        ("/staff/?q=%22", "no word in what was typed"),
        ("/staff/?after_hours=1", "No conversation fits these filters."),
        ("/staff/?state=closed", "There is none"),
        ("/staff/?state=any&after=0_2026-11-20T09:00:00%2B00:00_00000000-0000-4000-8000-000000000000", "nothing after"),
    ],
)
def test_an_empty_list_says_something_useful(staff: Client, address: str, sentence: str) -> None:
    assert sentence in main(staff, address)


def test_the_part_for_news_is_the_list_alone(staff: Client, talk: Talk) -> None:
    put(talk("x"), waiting_since=START)
    whole = main(staff)
    assert 'hx-trigger="live:queue from:body"' in whole
    part = staff.get("/staff/", headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<section id="queue"')
    assert part.strip().endswith("</section>")
    assert len(rows(part)) == 1


def test_looking_is_noted_once_and_news_are_not(staff: Client, talk: Talk) -> None:
    talk("x")
    main(staff, "/staff/?state=any&kind=booking")
    for _ in range(3):
        staff.get("/staff/?state=any&kind=booking", headers={"HX-Request": "true"})
        staff.get("/staff/counts/", headers={"HX-Request": "true"})
    [entry] = Entry.objects.filter(action="queue.listed")
    assert entry.details == {"filters": {"state": "any", "kind": "booking"}, "found": 0}


def test_a_part_of_a_list_that_was_never_opened_is_noted(staff: Client, talk: Talk) -> None:
    main(staff)
    staff.get("/staff/?state=any", headers={"HX-Request": "true"})
    assert Entry.objects.filter(action="queue.listed").count() == 2


def test_a_search_is_noted_without_its_words(staff: Client, talk: Talk) -> None:
    talk("a needle")
    for headers in ({}, {"HX-Request": "true"}):
        staff.get("/staff/?q=needle&after_hours=1", headers=headers)
    assert Entry.objects.filter(action="conversation.searched").count() == 2
    assert not Entry.objects.filter(action="queue.listed").exists()
    assert "needle" not in str(list(Entry.objects.values()))


def test_the_counts(staff: Client, talk: Talk, member: User) -> None:
    for kind, number in (("emergency", 1), ("staff_medical", 2), ("staff_other", 1), ("booking", 3)):
        for _ in range(number):
            hand_over(put(talk("x"), waiting_since=START), kind)
    hand_over(talk("x"), "failed_turn")
    HandOff.objects.filter(kind="failed_turn").update(state="resolved")
    put(talk("x"), owner=f"staff:{member.pk}")
    event = post.put("test", {}, [("file", "")])
    assert counts(member)["undelivered"] == 0
    post.Delivery.objects.filter(event=event).update(state="undelivered")
    expected = {"emergency": 1, "medical": 2, "failed": 0, "people": 1, "booking": 3}
    assert counts(member) == expected | {"undelivered": 1, "unanswered": 7, "mine": 1}
    assert counts()["mine"] == 0
    page = main(staff, "/staff/counts/")
    assert 'href="/staff/?kind=staff_medical"><strong>2</strong>' in page
    assert "1 message could not be delivered" in main(staff)


@pytest.mark.parametrize("address", ["/staff/", "/staff/?state=any&q=thing&intent=pain_anesthesia&tag=press"])
def test_a_full_page_takes_as_many_queries_as_a_short_one(
    staff: Client, talk: Talk, member: User, address: str
) -> None:
    tag = Tag.objects.create(name="Press", key="press")

    def add(number: int) -> None:
        for _ in range(number):
            one = put(talk("thing"), waiting_since=START, urgency=1, owner=f"staff:{member.pk}", assignee=member)
            hand_over(one, "staff_medical")
            hand_over(one, "booking")
            one.tags.create(tag=tag, at=START)

    taken = []
    for number in (1, 24):
        add(number)
        main(staff, address)
        with CaptureQueriesContext(connection) as queries:
            assert len(rows(main(staff, address))) in (1, 25)
        taken.append(len(queries))
    assert taken[0] == taken[1]


# Another planner needs a large table to choose so.
@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (Filters(state="any"), "conversation_newest"),
        (Filters(state="bot"), "conversation_newest"),
        (Filters(state="any", assignee="nobody"), "conversation_newest"),
        (Filters(state="waiting"), "queue_held"),
        (Filters(state="mine"), "queue_held"),
        (Filters(state="staff"), "queue_held"),
        (Filters(state="closed"), "queue_closed"),
        (Filters(state="any", unanswered=True), "queue_awaited"),
        (Filters(state="any", opened=True), "queue_awaited"),
        (Filters(), "queue_needed"),
        (Filters(state="any", intent="rare"), "queue_intent"),
        (Filters(state="any", route="rare"), "queue_route"),
        (Filters(state="any", kind="booking"), "queue_kind"),
        (Filters(state="any", words="rare"), "queue_words VIRTUAL TABLE INDEX"),
    ],
)
def test_every_list_has_its_index(member: User, filters: Filters, index: str) -> None:
    plan = read.ordered(filters, None, member)[:26].explain()
    assert index in plan
    assert "SCAN conversations_conversation\n" not in f"{plan}\n"
    is_sorted_by_index = not (filters.intent or filters.route or filters.kind or filters.words)
    assert ("TEMP B-TREE FOR ORDER BY" not in plan) or not is_sorted_by_index


# Other databases have other plans.
@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    "filters", [Filters(state="any", intent="common"), Filters(state="any", route="x"), Filters(state="any", words="x")]
)
def test_what_is_common_is_looked_for_in_the_newest_conversations(
    member: User, filters: Filters, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (conditions, search):
        monkeypatch.setattr(module, "MANY", -1)
    plan = read.ordered(filters, None, member)[:26].explain()
    assert "conversation_newest" in plan
    assert re.search(r"SEARCH m USING [\w ]+\(conversation_id=\?\)", plan), plan
    for every in ("queue_intent", "queue_route", "queue_words", "B-TREE", "LIST SUBQUERY"):
        assert every not in plan


def test_counting_reads_no_row(member: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        counts(member)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for query in queries:
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
                plan = " ".join(str(row[3]) for row in cursor.fetchall())
                assert "INDEX" in plan, plan
    assert len(queries) == 4


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0.5, "under a minute"),
        (1, "1 min"),
        (59, "59 min"),
        (60, "1 h"),
        (190, "3 h 10 min"),
        (1440, "1 day"),
        (3120, "2 days 4 h"),
    ],
)
def test_how_long_somebody_waits_is_said_in_words(minutes: float, words: str) -> None:
    assert lasting(timedelta(minutes=minutes)) == words
