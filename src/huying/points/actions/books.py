"""Rule books: drafted, adopted by an assembly, published by another person, never retroactive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.ledger import actions as ledger_actions
from huying.ledger.states import AssetKind
from huying.places.models import Place
from huying.points import rules
from huying.points.actions.items import CAPS, as_rows, digest_of, read_caps, read_items
from huying.points.actions.refusals import (
    AnotherPerson,
    BookHere,
    BookOver,
    DraftChanged,
    DraftSaved,
    ItemRefused,
    NeverBack,
    OtherItems,
    ReasonMissing,
    StepRefused,
    TooFewThere,
    VoteLost,
    VoteUnclear,
)
from huying.points.models import Adoption, Book, Edition, Rule
from huying.points.queries import books as queries
from huying.points.states import EDITION_STEPS, Assembly, EditionState


@dataclass(frozen=True, slots=True)
class Draft:
    """What a book says: ``items`` are plain dicts as ``actions.items.Item``; caps over all items, in points."""

    items: Sequence[Mapping[str, Any]]
    name: str = ""
    name_en: str = ""
    about: str = ""
    caps: Mapping[str, int | None] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Vote:
    """What an assembly decided, as its minutes have it."""

    assembly: str
    held_on: date
    eligible: int
    present: int
    in_favour: int
    against: int
    abstained: int
    minutes: str


def make_book(*, actor: Actor, place: Place, draft: Draft) -> Edition:
    """A new book of a place with its first draft, which does nothing until it is adopted and published.

    Raises Forbidden, BookHere, ItemsUnclear, ItemRefused.
    """
    rows = as_rows(read_items(draft.items))
    if not 0 < len(draft.name.strip()) <= 40 or len(draft.about) > 300 or len(draft.name_en) > 60:
        raise InvalidInput(fields={"name": _("名称要写，最多 40 个字。")})
    check_title(draft.name)
    with begin(actor):
        here = locks.one(Place, pk=place.pk)
        if not rules.can_make(actor, here):
            raise Forbidden
        if Book.objects.filter(place=here, ended_at__isnull=True).exists():
            raise BookHere
        book = Book.objects.create(
            place=here,
            name=draft.name.strip(),
            name_en=draft.name_en.strip(),
            about=draft.about.strip(),
            created_by_id=actor.person_id,
            created_at=clock.now(),
        )
        ledger_actions.add_asset(
            actor=actor, code=book.asset_code, kind=AssetKind.POINTS, name=book.name, unit="分", unit_en="points"
        )
        audit.record(actor, "points.make_book", book, place_path=here.path)
        return drafted(actor, book, rows, draft)


def check_title(name: str) -> None:
    """Raises ItemRefused for a title that says what can never be."""
    if found := rules.refused(name, rules.RULES):
        raise ItemRefused(name=name, word=found[0], why=found[1])


def draft_edition(*, actor: Actor, book: Book, draft: Draft, digest: str = "") -> Edition:
    """Write the open draft anew, or begin the next one; what is published stays as it is. ``digest``: of what the writer
    began with, the open draft or else what was published last; nothing is written over that he has not seen.

    An adopted draft cannot be changed: it is dropped first. Raises Forbidden, StepRefused, ItemsUnclear, ItemRefused,
    DraftSaved.
    """
    rows, caps = as_rows(read_items(draft.items)), read_caps(draft.caps)
    with begin(actor):
        fresh = locks.one(Book, pk=book.pk)
        if not rules.can_keep(actor, fresh):
            raise Forbidden
        if fresh.ended_at is not None:
            raise BookOver
        open_one = locks.many(Edition.objects.filter(book=fresh, state__in=["draft", "adopted"]))
        if digest and digest != digest_now(queries.paper_of(fresh)):
            raise DraftSaved
        if not open_one:
            return drafted(actor, fresh, rows, draft)
        edition = open_one[0]
        if edition.state != EditionState.DRAFT:
            raise StepRefused(state=EditionState(edition.state).label, verb=_("修改"))
        edition.book = fresh
        return redrawn(actor, edition, rows, caps)


def redrawn(actor: Actor, edition: Edition, rows: list[dict[str, Any]], caps: Mapping[str, int | None]) -> Edition:
    """A locked draft says something else from now on."""
    edition.items, edition.drafted_by_id, edition.drafted_at = rows, actor.person_id, clock.now()
    for name in CAPS:
        setattr(edition, name, caps[name])
    edition.save()
    path = edition.book.place.path
    audit.record(actor, "points.draft", edition, place_path=path, changes={"number": edition.number})
    return edition


def drafted(actor: Actor, book: Book, rows: list[dict[str, Any]], draft: Draft) -> Edition:
    number = (book.editions.aggregate(most=Max("number"))["most"] or 0) + 1
    edition = Edition.objects.create(
        book=book,
        number=number,
        items=rows,
        drafted_by_id=actor.person_id,
        drafted_at=clock.now(),
        source=draft.source[:120],
        **read_caps(draft.caps),
    )
    audit.record(actor, "points.draft", edition, place_path=book.place.path, changes={"number": number})
    return edition


def taken(actor: Actor, edition: Edition, verb: str, reason: str = "") -> Edition:
    """The edition, locked behind its book, for this step; Forbidden, StepRefused, ReasonMissing."""
    step = EDITION_STEPS[verb]
    book = locks.one(Book, pk=edition.book_id)
    fresh = locks.one(Edition, pk=edition.pk)
    fresh.book = book
    if not rules.can_keep(actor, book):
        raise Forbidden
    if fresh.state not in step.from_:
        raise StepRefused(state=EditionState(fresh.state).label, verb=step.label)
    if "reason" in step.needs and not reason.strip():
        raise ReasonMissing(fields={"reason": ReasonMissing.message})
    return fresh


def adopt(*, actor: Actor, edition: Edition, vote: Vote, digest: str = "") -> Adoption:
    """Write down how the assembly voted on this draft as it stands. The same is CHECKed in the database. ``digest``: of the
    draft that the one who writes it down has seen.

    Raises VoteUnclear, VoteLost, TooFewThere, StepRefused, DraftChanged.
    """
    check_vote(vote)
    with begin(actor):
        fresh = taken(actor, edition, "adopt")
        if digest and digest != digest_of(fresh.items, caps_of(fresh)):
            raise DraftChanged
        adoption = Adoption.objects.create(
            edition=fresh,
            **{name: getattr(vote, name) for name in Vote.__slots__},
            digest=digest_of(fresh.items, caps_of(fresh)),
            recorded_by_id=actor.person_id,
            recorded_at=clock.now(),
        )
        fresh.state = EditionState.ADOPTED
        fresh.save(update_fields=["state"])
        audit.record(actor, "points.adopt", fresh, place_path=fresh.book.place.path)
        return adoption


def check_vote(vote: Vote) -> None:
    """What a vote must be to count."""
    votes = (vote.in_favour, vote.against, vote.abstained)
    if min(votes) < 0 or sum(votes) != vote.present or vote.present > vote.eligible or vote.eligible > 10_000_000:
        raise VoteUnclear(fields={"present": VoteUnclear.message})
    if vote.held_on > clock.today() or not vote.minutes.strip() or vote.assembly not in Assembly.values:
        raise VoteUnclear(fields={"minutes": _("会议日期不能晚于今天，记录存在哪里要写。")})
    if vote.in_favour * 2 <= vote.present:
        raise VoteLost
    if vote.assembly == Assembly.ALL and vote.present * 2 <= vote.eligible:
        raise TooFewThere(what=_("村（居）民会议要有过半数的成年居民到会"))
    if vote.assembly != Assembly.ALL and vote.eligible > vote.present * 3 // 2:
        raise TooFewThere(what=_("户代表、居民代表要有三分之二以上到会"))


def digest_now(edition: Edition) -> str:
    """What a form that asks for the vote carries along, so that a draft written anew meanwhile is noticed."""
    return digest_of(edition.items, caps_of(edition))


def caps_of(edition: Edition) -> dict[str, int | None]:
    return {name: getattr(edition, name) for name in CAPS}


def publish(*, actor: Actor, edition: Edition, valid_from: datetime | None = None) -> Edition:
    """Publish what was adopted; its rules come into being now and hold from ``valid_from`` on (None: from
    now), never before.

    By another person than who wrote the vote down. Raises AnotherPerson, NeverBack, OtherItems, StepRefused.
    """
    with begin(actor):
        fresh, now = taken(actor, edition, "publish"), clock.now()
        adoption = fresh.adoption
        if actor.person_id == adoption.recorded_by_id:
            raise AnotherPerson
        if digest_of(fresh.items, caps_of(fresh)) != adoption.digest:
            raise OtherItems
        last = fresh.book.editions.aggregate(last=Max("valid_from"))["last"]
        valid_from = valid_from or now
        if valid_from < now or (last is not None and valid_from <= last):
            raise NeverBack(fields={"valid_from": NeverBack.message})
        items = read_items(fresh.items)  # what is refused today was perhaps not refused when it was drafted
        Rule.objects.bulk_create(
            Rule(edition=fresh, order=number, **row) for number, row in enumerate(as_rows(items), 1)
        )
        fresh.state, fresh.published_by_id = EditionState.PUBLISHED, actor.person_id
        fresh.published_at, fresh.valid_from = now, valid_from
        fresh.save()
        audit.record(actor, "points.publish", fresh, place_path=fresh.book.place.path)
        return fresh


def drop(*, actor: Actor, edition: Edition, reason: str) -> Edition:
    """Throw a draft away that was not published. Raises StepRefused, ReasonMissing."""
    with begin(actor):
        fresh = taken(actor, edition, "drop", reason)
        fresh.state = EditionState.DROPPED
        fresh.save(update_fields=["state"])
        audit.record(actor, "points.drop", fresh, place_path=fresh.book.place.path, reason=reason[:200])
        return fresh
