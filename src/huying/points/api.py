"""REST for points: published books for everybody, one's own passbook and exchanges, with the rules of the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Router, Schema, Status

from huying.kernel import paging
from huying.kernel.requests import Request
from huying.kernel.rest import Plain, Strict, gives
from huying.points import actions, queries
from huying.points.models import Book, Gift, Passbook, Rule
from huying.points.states import GIFT_MOST

router = Router(tags=["points"])
Cursor = Annotated[Plain, Field(max_length=4096)]


class RuleOut(Schema):
    """An item: ``amount`` points for each measure (time, hour, kilo); caps in points, null where there is none. Neither
    validity: for ever.
    """

    code: str
    name: str
    name_en: str
    source: str
    measure: str
    amount: int
    cap_day: int | None
    cap_month: int | None
    cap_year: int | None
    proof: str
    validity_days: int | None
    validity_months: int | None


class BookOut(Schema):
    """A published book with what holds now; ``in_favour`` of ``present`` adopted it."""

    id: UUID = Field(alias="public_id")
    name: str
    name_en: str
    place: UUID
    edition: int | None
    valid_from: datetime | None
    present: int | None
    in_favour: int | None
    items: list[RuleOut]

    @staticmethod
    def resolve_place(book: Book) -> UUID:
        return book.place.public_id

    @staticmethod
    def resolve_edition(book: Book) -> int | None:
        found = queries.edition_now(book)
        return found.number if found else None

    @staticmethod
    def resolve_valid_from(book: Book) -> datetime | None:
        found = queries.edition_now(book)
        return found.valid_from if found else None

    @staticmethod
    def resolve_present(book: Book) -> int | None:
        found = queries.edition_now(book)
        return found.adoption.present if found else None

    @staticmethod
    def resolve_in_favour(book: Book) -> int | None:
        found = queries.edition_now(book)
        return found.adoption.in_favour if found else None

    @staticmethod
    def resolve_items(book: Book) -> list[Rule]:
        return queries.rules_of(queries.edition_now(book))


class NamedOut(Schema):
    """A book in the list."""

    id: UUID = Field(alias="public_id")
    name: str
    place: UUID

    @staticmethod
    def resolve_place(book: Book) -> UUID:
        return book.place.public_id


class BooksOut(Schema):
    """One page; ``next`` goes back in as ``cursor``."""

    books: list[NamedOut]
    next: str | None


class EndOut(Schema):
    """So many points can be used until this day, which is the last."""

    day: date
    points: int


class PassbookOut(Schema):
    """One's own passbook; nobody reads another one's here."""

    id: UUID
    number: str
    book: UUID
    state: str
    free: int
    held: int
    ends: list[EndOut]


class GiftOut(Schema):
    """One exchange. Its pick-up code stands on the page only."""

    id: UUID = Field(alias="public_id")
    good: str
    quantity: int
    points: int
    state: str
    until: datetime

    @staticmethod
    def resolve_good(row: Gift) -> str:
        return row.good.name


class TakeIn(Strict):
    """What to set aside, and how many; ``points``: what one piece costs as the caller was shown it, 409 when it costs
    something else now.
    """

    good: UUID
    quantity: int = Field(1, ge=1, le=GIFT_MOST)
    points: int | None = Field(None, ge=1)


@router.get("/books", response=gives(BooksOut), auth=None, url_name="books")
def books(request: Request, cursor: Cursor = "") -> Any:
    """Published books by name, 25 a page."""
    page = paging.page(queries.published_books(), ("name", "id"), cursor or None)
    return {"books": page.rows, "next": page.next}


@router.get("/books/{uuid:public_id}", response=gives(BookOut), auth=None, url_name="book")
def book(request: Request, public_id: UUID) -> Any:
    """One book with what holds now."""
    return queries.seen_book(request.actor, public_id)


@router.get("/passbooks", response=gives(list[PassbookOut]), url_name="passbooks")
def passbooks(request: Request) -> Any:
    """The caller's passbooks."""
    return [told(one) for one in queries.mine(request.actor)]


def told(passbook: Passbook) -> dict[str, Any]:
    stand = queries.stand(passbook)
    return {
        "id": passbook.public_id,
        "number": passbook.number,
        "book": passbook.book.public_id,
        "state": passbook.state,
        "free": stand.free,
        "held": stand.held,
        "ends": [{"day": day, "points": points} for day, points in stand.ends],
    }


@router.post("/passbooks/{uuid:public_id}/gifts", response=gives(GiftOut, 201), url_name="take")
def take(request: Request, public_id: UUID, payload: TakeIn) -> Any:
    """Set something aside; 409 when points or stock are not enough, or the price is another one."""
    passbook = queries.passbook(request.actor, public_id)
    good = queries.good(payload.good)
    facts: dict[str, Any] = {"quantity": payload.quantity, "price": payload.points}
    return Status(201, actions.reserve(actor=request.actor, passbook=passbook, good=good, **facts))
