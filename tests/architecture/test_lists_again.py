"""Every list that leaves as a file can be had again and again, by whoever may have it and no longer than he may."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.core.signals import request_finished
from django.test import Client
from django.urls import reverse

from huying.calls.models import HotlineTicket
from huying.calls.states import Decision
from huying.calls.tests.factories import START, actor
from huying.config import lists
from huying.figures import actions, queries
from huying.figures.actions import FeedRuns, FeedTaken
from huying.figures.models import Feed, KeptFile
from huying.figures.states import FileKind, Rhythm
from huying.kernel import clock, exports
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, Forbidden, NotFound
from huying.kernel.models.audit import AuditLine
from huying.people import tasks as people_tasks
from huying.people.models import Account, Notice, Role
from huying.people.queries import actor_of_person
from huying.volunteers.tests.factories import sent
from tests.architecture.test_lists import KNOWN, LISTS, page_address
from tests.architecture.walking import World

JOB = Actor.system("figures.make_file")
AGAIN = reverse("figures:add_list_feed")
CHOSEN = {"rhythm": "daily", "hour": "7", "kind": "json", "keep_days": "7"}
LATER = START + timedelta(days=1)


@pytest.fixture
def world(db: None, settings: Any) -> Iterator[World]:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with clock.frozen(START):
        made = World()
        facts = {"number": "A1", "decision": Decision.SKIP, "taken_by": made.cast.dispatcher}
        HotlineTicket.objects.create(source="12345", place=made.cast.home, taken_at=clock.now(), **facts)
        yield made


def signed_in(world: World, who: str) -> Client:
    client = Client()
    client.cookies = world.cookies[who]
    return client


def buttons(client: Client, address: str) -> dict[str, str]:
    """Of each button on the page: address of the list -> of the page that has it made again and again."""
    page = client.get(address).content.decode()
    found = [unescape(one) for one in re.findall(r'href="([^"]+)"', page)]
    return {parse_qs(urlsplit(one).query)["list"][0]: one for one in found if one.startswith(f"{AGAIN}?")}


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("page", LISTS)
def test_any_list_is_made_into_a_file_for_who_may_have_it(world: World, page: str) -> None:
    who, file = LISTS[page]
    client = signed_in(world, who)
    start = world.address(KNOWN[file]).partition("?")[0]

    if page == "figures:place":  # its numbers have had a page of their own
        address = start
    else:
        found = buttons(client, page_address(world, page))
        address = next(one for one in found if one.partition("?")[0] == start)
        asked = found[address]
        assert client.get(asked).status_code == 200
        assert sent(client, asked, **CHOSEN).headers["Location"] == reverse("figures:feeds")
        feed = Feed.objects.get(address=address)
        with clock.frozen(LATER):
            made = actions.make_file(actor=JOB, feed_id=feed.pk)
        assert made is not None
        assert isinstance(json.loads(bytes(made.body)), list)
        line = AuditLine.objects.filter(verb="figure.file").latest("id")
        assert (line.person_id, line.changes["list"]) == (feed.person_id, start)


def test_every_list_of_the_walk_is_in_the_register_and_nothing_else() -> None:
    assert {file for _who, file in LISTS.values()} - {"figures:export"} == set(lists.LISTS)


def listed(world: World, address: str = "", kind: FileKind = FileKind.JSON, rhythm: Rhythm = Rhythm.DAILY) -> Feed:
    where = address or reverse("calls:export", args=["csv"])
    return actions.add_list_feed(
        actor=actor(world.cast.dispatcher), address=where, kind=kind, rhythm=rhythm, hour=7, keep_days=7
    )


@pytest.mark.parametrize("kind", exports.TYPES)
def test_the_file_is_what_its_owner_would_have_got_at_that_moment(world: World, kind: str) -> None:
    feed = listed(world, kind=FileKind(kind))
    with clock.frozen(LATER):
        made = actions.make_file(actor=JOB, feed_id=feed.pk)
        assert made is not None
        direct = lists.answer(actor_of_person(feed.person_id), feed.address, kind)
    if kind == "xlsx":
        assert bytes(made.body)[:2] == b"PK"
    else:
        assert bytes(made.body) == content(direct)
        assert len(bytes(made.body).splitlines()) > 2


def test_filters_stay_and_the_days_of_a_list_of_days_move_on(world: World) -> None:
    seen: list[dict[str, str]] = []
    taken = lists.narrowed

    def watched(*given: Any) -> Any:
        seen.append({name: str(value) for name, value in taken(*given).items()})
        return taken(*given)

    query = urlencode({"state": "open", "since": "2026-01-01", "until": "2026-01-31"})
    feed = listed(world, f"{reverse('calls:export', args=['csv'])}?{query}", rhythm=Rhythm.MONTHLY)
    number = reverse("figures:number_export", args=[world.cast.county.public_id, "attended", "csv"])
    other = listed(world, number, rhythm=Rhythm.MONTHLY)
    with pytest.MonkeyPatch.context() as patch, clock.frozen(datetime(2026, 5, 1, 9, tzinfo=clock.SHANGHAI)):
        patch.setattr(lists, "narrowed", watched)
        assert actions.make_file(actor=JOB, feed_id=feed.pk) is not None
        assert actions.make_file(actor=JOB, feed_id=other.pk) is not None
    assert seen[0] == {"state": "open", "since": "2026-04-01", "until": "2026-04-30", "as": "json"}
    assert (seen[1]["since"], seen[1]["until"]) == ("2026-04-01", "2026-05-01")
    trail = AuditLine.objects.filter(verb="figure.file").earliest("id")
    assert "open" not in str(trail.changes)


def test_who_holds_the_duty_no_longer_is_told_and_gets_nothing(world: World) -> None:
    feed = listed(world)
    Role.objects.filter(person=world.cast.dispatcher).update(ends_at=START)
    with clock.frozen(LATER):
        assert actions.make_file(actor=JOB, feed_id=feed.pk) is None
        again = Feed.objects.get(pk=feed.pk)
        assert (again.lapsed, again.why, KeptFile.objects.filter(feed=feed).exists()) == (True, "rights", False)
        assert not AuditLine.objects.filter(verb="export", person_id=feed.person_id).exists()
        told = {"person_id": feed.person_id, "feed_id": feed.pk, "title": "求助列表", "why": "rights", "moment": "x"}
        for _twice in range(2):
            people_tasks.tell_feed_lapsed.func.__wrapped__(**told)
        notice = Notice.objects.get(kind="feed")
        assert "求助列表" in notice.title
        assert notice.url == reverse("figures:feeds")
        with pytest.raises(Forbidden):
            actions.resume_feed(actor=actor(world.cast.dispatcher), feed=again)


def test_the_lapse_queues_the_word_to_its_owner(world: World) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    feed = listed(world)
    Role.objects.filter(person=world.cast.dispatcher).update(ends_at=START)
    with clock.frozen(LATER):
        actions.make_file(actor=JOB, feed_id=feed.pk)
    job = ProcrastinateJob.objects.get(task_name="people.tell_feed_lapsed")
    assert (job.args["person_id"], job.args["title"], job.args["why"]) == (feed.person_id, "求助列表", "rights")


def test_a_closed_account_ends_its_files_also_those_of_its_own_data(world: World) -> None:
    mine = actor(world.cast.li.person)
    own = reverse("volunteers:my_service_file", args=["csv"])
    feed = actions.add_list_feed(actor=mine, address=own, kind=FileKind.CSV, rhythm=Rhythm.DAILY, hour=7)
    Account.objects.filter(person=world.cast.li.person).update(is_active=False)
    with clock.frozen(LATER):
        assert actions.make_file(actor=JOB, feed_id=feed.pk) is None
    assert Feed.objects.get(pk=feed.pk).why == "rights"


def test_what_is_too_large_is_not_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_BYTES", 10)
    feed = listed(world)
    with clock.frozen(LATER):
        assert actions.make_file(actor=JOB, feed_id=feed.pk) is None
    assert Feed.objects.get(pk=feed.pk).why == "size"
    assert not KeptFile.objects.filter(feed=feed).exists()


def test_a_file_is_kept_as_long_as_was_asked(world: World) -> None:
    feed = listed(world)
    with clock.frozen(LATER):
        made = actions.make_file(actor=JOB, feed_id=feed.pk)
        assert made is not None
    me = actor(world.cast.dispatcher)
    with clock.frozen(LATER + timedelta(days=6)):
        assert queries.my_file(me, made.public_id) == made
        assert actions.forget_files(actor=JOB) == 0
    with clock.frozen(LATER + timedelta(days=7)):
        with pytest.raises(NotFound):
            queries.my_file(me, made.public_id)
        actions.forget_files(actor=JOB)
    assert not KeptFile.objects.filter(pk=made.pk).exists()


def test_stopped_by_mistake_it_is_taken_up_again_from_its_page(world: World) -> None:
    feed = listed(world)
    client, page = signed_in(world, "bob"), reverse("figures:feeds")
    assert sent(client, reverse("figures:end_feed", args=[feed.public_id])).status_code == 303
    again = reverse("figures:resume_feed", args=[feed.public_id])
    assert again in client.get(page).content.decode()
    assert sent(signed_in(world, "alice"), again).status_code == 404
    assert sent(client, again).status_code == 303
    fresh = Feed.objects.get(pk=feed.pk)
    assert fresh.ended_at is None
    assert fresh.next_at > clock.now()
    with pytest.raises(FeedRuns):
        actions.resume_feed(actor=actor(world.cast.dispatcher), feed=fresh)
    with pytest.raises(FeedTaken):
        listed(world)
    assert AuditLine.objects.filter(verb="figure.resume_feed").count() == 1


def test_a_volunteer_has_a_page_with_a_heading_of_its_own(world: World) -> None:
    client, own = signed_in(world, "li"), reverse("volunteers:my_service_file", args=["csv"])
    for page in (reverse("figures:feeds"), f"{AGAIN}?{urlencode({'list': own})}"):
        assert len(re.findall(r"<h1[^>]*>[^<]*定时导出", client.get(page).content.decode())) == 1, page


@pytest.mark.parametrize(
    "address",
    ["/", "/nowhere/", "//evil.example/x/", "https://evil.example/", "/people/export/json/", "/desk/list/", "x" * 3000],
)
def test_only_lists_are_made_again(world: World, address: str) -> None:
    assert signed_in(world, "bob").get(AGAIN, {"list": address}).status_code == 404
    with pytest.raises(NotFound):
        listed(world, address)


def test_nobody_has_a_list_made_that_he_may_not_have(world: World) -> None:
    address = reverse("calls:export", args=["csv"])
    for who in ("dora", "li"):
        assert signed_in(world, who).get(AGAIN, {"list": address}).status_code == 403
    assert Client().get(AGAIN, {"list": address}).status_code == 302
    with pytest.raises(DomainError):
        actions.add_list_feed(
            actor=actor(world.cast.resident), address=address, kind=FileKind.CSV, rhythm=Rhythm.DAILY, hour=7
        )
    assert not Feed.objects.filter(address=address).exists()


@pytest.mark.parametrize("kind", exports.TYPES)
def test_asking_and_making_end_no_request_but_their_own(world: World, kind: str) -> None:
    """A response that is closed tells Django that its request is over, which gives the connection back."""
    ended: list[object] = []
    feed = listed(world, kind=FileKind(kind))

    def seen(sender: object, **_facts: object) -> None:
        ended.append(sender)

    request_finished.connect(seen)
    try:
        queries.lists().check(actor_of_person(feed.person_id), feed.address)
        with clock.frozen(LATER):
            assert actions.make_file(actor=JOB, feed_id=feed.pk) is not None
    finally:
        request_finished.disconnect(seen)
    assert ended == []


def test_asking_whether_one_may_leaves_no_line_in_the_trail(world: World) -> None:
    before = AuditLine.objects.filter(verb="export").count()
    assert signed_in(world, "bob").get(AGAIN, {"list": reverse("calls:export", args=["csv"])}).status_code == 200
    assert AuditLine.objects.filter(verb="export").count() == before
