"""Rule books and their editions: who is reached by which, and what holds on which day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.people import rules as people_rules
from huying.places.models import Place
from huying.places.states import Status
from huying.points import rules
from huying.points.models import Bank, Book, Edition, Rule
from huying.points.states import CLAIM_BACK, EditionState


def midnight(day: date) -> datetime:
    """The first moment of a day in China."""
    return datetime.combine(day, time(), tzinfo=clock.SHANGHAI)


def published_books() -> QuerySet[Book]:
    """Books with an edition for everybody to read, with the key of the newest."""
    newest = Edition.objects.filter(book=OuterRef("pk"), state=EditionState.PUBLISHED).order_by("-valid_from")
    rows = Book.objects.annotate(newest=Subquery(newest.values("pk")[:1])).filter(newest__isnull=False)
    return rows.filter(ended_at__isnull=True).select_related("place")


def book(public_id: UUID) -> Book:
    """A book, published or not; NotFound."""
    found = Book.objects.filter(public_id=public_id).select_related("place").first()
    if found is None:
        raise NotFound
    return found


def seen_book(actor: Actor, public_id: UUID) -> Book:
    """A book that was published, or that the actor keeps; NotFound."""
    found = book(public_id)
    if found.editions.filter(state=EditionState.PUBLISHED).exists() or rules.can_audit(actor, found):
        return found
    raise NotFound


def kept_book(actor: Actor, public_id: UUID) -> Book:
    """A book the actor keeps or looks over; NotFound."""
    found = book(public_id)
    if not rules.can_audit(actor, found):
        raise NotFound
    return found


def my_books(actor: Actor) -> QuerySet[Book]:
    """Books of the places whose points he keeps or looks over."""
    return Book.objects.filter(rules.kept(actor)).select_related("place")


def editions_of(book: Book, *, all_states: bool = False) -> QuerySet[Edition]:
    """Editions with how they were adopted, newest first; ``all_states``: drafts and dropped ones too."""
    rows = book.editions.select_related("adoption", "drafted_by", "published_by").order_by("-number")
    return rows if all_states else rows.filter(state=EditionState.PUBLISHED)


def open_edition(book: Book) -> Edition | None:
    """The draft that is being written, or was adopted and waits to be published."""
    return book.editions.filter(state__in=[EditionState.DRAFT, EditionState.ADOPTED]).first()


def paper_of(book: Book) -> Edition:
    """What the next draft is written on: the open one, else what was published last; an empty one when there is none."""
    return open_edition(book) or editions_of(book).first() or Edition(book=book)


def codes_of(book: Book) -> set[str]:
    """The codes that items of this book ever had: claims of an older edition are found again by them."""
    return set(Rule.objects.filter(edition__book=book).values_list("code", flat=True))


def edition_on(book: Book, day: date) -> Edition | None:
    """What held when the day began (China): who did something that day is rewarded by it, whenever it is confirmed. An
    edition counts from the day after it was published, the very first too: nothing is rewarded that was done before, nor
    on a day after the book ended.
    """
    over = Q(book__ended_at__lte=midnight(day))  # asked of the row: the caller's book may be from before its end
    rows = book.editions.filter(state=EditionState.PUBLISHED, valid_from__lte=midnight(day)).exclude(over)
    return rows.order_by("-valid_from").first()


def edition_now(book: Book) -> Edition | None:
    """What holds now; None when nothing was published, or the book ended."""
    rows = book.editions.filter(state=EditionState.PUBLISHED, valid_from__lte=clock.now(), book__ended_at=None)
    return rows.order_by("-valid_from").first()


def last_to_state(book: Book) -> date:
    """The last day of which something can be stated: today, or the day on which the book ended."""
    today = clock.today()
    return today if book.ended_at is None else min(today, clock.local(book.ended_at - timedelta(microseconds=1)).date())


def edition_to_state(book: Book) -> Edition | None:
    """Whose items can be stated: what holds now; after the end of the book what held last, as long as a deed of its last
    day is still taken (states.CLAIM_BACK). None: nothing can be stated.
    """
    last = last_to_state(book)
    if last < clock.today() - CLAIM_BACK:
        return None
    return edition_now(book) or edition_on(book, last)


def rules_of(edition: Edition | None) -> list[Rule]:
    """The items of an edition as they were read out."""
    return list(edition.rules.order_by("order")) if edition else []


def books_above(place: Place) -> list[Book]:
    """Books that reach this place, the nearest first."""
    paths = [place.path[: at + 1] for at, letter in enumerate(place.path) if letter == "/" and at]
    found = published_books().filter(place__path__in=paths)
    return sorted(found, key=lambda one: -len(one.place.path))


def book_at(place: Place | None) -> Book | None:
    """The book that reaches this place: its own, else the next above; None when there is none."""
    found = books_above(place) if place else []
    return found[0] if found else None


def opened_by(actor: Actor) -> QuerySet[Book]:
    """Books of which the actor opens passbooks for others: those he keeps, and those of his counters."""
    banks = Bank.objects.filter(rules.serves(actor), closed_at__isnull=True).values("book")
    return Book.objects.filter(rules.kept(actor) | Q(pk__in=banks)).select_related("place").order_by("name", "id")


def my_places(actor: Actor) -> list[Place]:
    """Places without a book where the actor may draft one."""
    taken = Book.objects.filter(ended_at__isnull=True).values("place_id")
    rows = Place.objects.filter(people_rules.within(actor, rules.KEEPERS, "path"), status=Status.OPEN)
    rows = rows.filter(kind__is_division=True).exclude(kind="grid").exclude(pk__in=taken)
    return list(rows.select_related("parent", "kind").order_by("depth", "sort_key", "id")[:200])
