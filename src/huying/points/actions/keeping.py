"""A book as long as it is kept: its name and description, and its end, of which everybody with a passbook is told."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.points import rules
from huying.points.actions.books import check_title
from huying.points.actions.refusals import BookOver, DraftOpen, ReasonMissing
from huying.points.actions.telling import tell
from huying.points.models import Book, Edition, Passbook
from huying.points.states import BookletState, EditionState


@dataclass(frozen=True, slots=True)
class BookEnded:
    """A rule book is over; its owners of passbooks have to hear of it."""

    book_id: int


def kept(actor: Actor, book: Book) -> Book:
    """The book, locked, for somebody who keeps it, while it lasts; Forbidden, BookOver."""
    fresh = locks.one(Book, pk=book.pk)
    if not rules.can_keep(actor, fresh):
        raise Forbidden
    if fresh.ended_at is not None:
        raise BookOver
    return fresh


def rename_book(*, actor: Actor, book: Book, name: str, name_en: str = "", about: str = "") -> Book:
    """Another name (1-40 characters) and description (at most 300); what was adopted stays as it is. InvalidInput, ItemRefused."""
    if not 0 < len(name.strip()) <= 40 or len(about) > 300 or len(name_en) > 60:
        raise InvalidInput(fields={"name": _("名称要写，最多 40 个字。")})
    check_title(name)
    with begin(actor):
        fresh = kept(actor, book)
        fresh.name, fresh.name_en, fresh.about = name.strip(), name_en.strip(), about.strip()
        fresh.save(update_fields=["name", "name_en", "about"])
        audit.record(actor, "points.rename_book", fresh, place_path=fresh.place.path)
        return fresh


def end_book(*, actor: Actor, book: Book, reason: str) -> Book:
    """What is done from now on earns nothing; points that are there, exchanges and appeals go on as they were. ``reason``:
    which assembly decided it and where its minutes are. Raises BookOver, DraftOpen, ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing(fields={"reason": ReasonMissing.message})
    with begin(actor):
        fresh = kept(actor, book)
        open_states = [EditionState.DRAFT, EditionState.ADOPTED]
        if Edition.objects.filter(book=fresh, state__in=open_states).exists():
            raise DraftOpen
        fresh.ended_at = clock.now()
        fresh.save(update_fields=["ended_at"])
        audit.record(actor, "points.end_book", fresh, place_path=fresh.place.path, reason=reason[:200])
        events.publish(BookEnded(book_id=fresh.pk))
        return fresh


def tell_end(*, actor: Actor, passbook: Passbook) -> None:
    """Word to one owner that his rule book is over; nothing where it is not, or where he left."""
    with begin(actor):
        fresh = locks.one(Passbook, pk=passbook.pk)
        if fresh.book.ended_at is None or fresh.state == BookletState.LEFT:
            return
        title = _("“{name}”已停止").format(name=fresh.book.name)
        words = _("从明天起做的事不再积分；存折里的积分到期以前还能兑换，申诉照常办理。")
        tell(actor, fresh, title, words)
