"""One check with everything that was said, what waits to be verified, and who it was."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from huying.kernel import attachments
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.models import Attachment
from huying.places import rules
from huying.places.models import CheckAnswer, Place, SiteCheck, StandardItem
from huying.places.rules.checks import CHECK_READERS
from huying.places.rules.reach import held
from huying.places.states import Answer, CheckState

Names = Callable[[Collection[int]], Mapping[int, str]]
_names: list[Names] = []


@dataclass(frozen=True)
class Line:
    """One item of a check: the answer, what was written beside it, its photos."""

    item: StandardItem
    answer: Answer
    note: str
    photos: tuple[Attachment, ...]


@dataclass(frozen=True)
class Opened:
    """One check: its lines, and the names of who checked and who decided ("" where nobody tells)."""

    check: SiteCheck
    lines: tuple[Line, ...]
    checked_by: str
    decided_by: str

    @property
    def gaps(self) -> tuple[Line, ...]:
        """The items that are not met."""
        return tuple(one for one in self.lines if one.answer == Answer.NO)


def names_from(names: Names) -> None:
    """Who people are is known above: ``names`` gives the names of these numbers. Told once at start."""
    _names[:] = [names]


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """The names of these people; {} where nobody tells."""
    wanted = {one for one in ids if one is not None}
    return dict(_names[0](wanted)) if _names and wanted else {}


def check(actor: Actor, public_id: UUID) -> SiteCheck:
    """A check this actor reads, with its site and standard; NotFound."""
    rows = SiteCheck.objects.filter(rules.checks_visible_to(actor), public_id=public_id)
    found = rows.select_related("place__kind", "place__parent", "standard__place").first()
    if found is None:
        raise NotFound
    return found


def opened(check: SiteCheck) -> Opened:
    """Everything that was said (4 queries)."""
    answers = list(
        CheckAnswer.objects.filter(check_of=check).select_related("item", "note").order_by("item__number", "id")
    )
    photos = attachments.of_many(CheckAnswer, [one.pk for one in answers])
    names = names_of([check.checked_by_id, check.decided_by_id])
    lines = tuple(Line(one.item, Answer(one.answer), note_of(one), tuple(photos.get(one.pk, ()))) for one in answers)
    decided_by = names.get(check.decided_by_id, "") if check.decided_by_id else ""
    return Opened(check, lines, names.get(check.checked_by_id, ""), decided_by)


def note_of(answer: CheckAnswer) -> str:
    note = getattr(answer, "note", None)
    return note.text if note is not None else ""


def item(check: SiteCheck, number: int) -> StandardItem:
    """One item of the standard of a check; NotFound."""
    found = StandardItem.objects.filter(standard=check.standard_id, number=number).first()
    if found is None:
        raise NotFound
    return found


def lacking(ids: Collection[int]) -> dict[int, list[StandardItem]]:
    """By check: the items that are not met, in their order."""
    found: dict[int, list[StandardItem]] = {}
    rows = CheckAnswer.objects.filter(check_of__in=ids, answer=Answer.NO).select_related("item")
    for one in rows.order_by("item__number", "id"):
        found.setdefault(one.check_of_id, []).append(one.item)
    return found


def first_read(actor: Actor) -> Place | None:
    """The highest place whose checks this actor reads; for the platform itself the first top."""
    paths = held(actor, CHECK_READERS)
    rows = Place.objects.filter(path__in=paths) if not actor.is_system else Place.objects.filter(parent=None)
    return rows.select_related("kind", "parent").order_by("depth", "id").first()


def last_answers(place: Place, standard_id: int) -> dict[int, tuple[str, str]]:
    """What was said last, by the number of the item: (answer, note); to begin the next check with."""
    last = SiteCheck.objects.filter(place=place, standard=standard_id).order_by("-checked_at", "-id").first()
    rows = CheckAnswer.objects.filter(check_of=last).select_related("item", "note") if last else ()
    return {one.item.number: (one.answer, note_of(one)) for one in rows}


def waiting_checks(actor: Actor, within: Place | None = None) -> QuerySet[SiteCheck]:
    """What waits for this actor to verify, the longest first."""
    rows = SiteCheck.objects.filter(rules.checks_waiting_for(actor), state=CheckState.SELF_CHECKED)
    if within is not None:
        rows = rows.filter(place__path__startswith=within.path)
    return rows.select_related("place__kind", "place__parent", "standard").order_by("checked_at", "id")


def checks_by_ids(actor: Actor, ids: Collection[int]) -> QuerySet[SiteCheck]:
    """Of these checks those the actor reads."""
    rows = SiteCheck.objects.filter(rules.checks_visible_to(actor), pk__in=ids)
    return rows.select_related("place", "standard")


def checked_by(person_id: int) -> QuerySet[SiteCheck]:
    """What somebody checked or decided, the newest first: for the copy of his data."""
    rows = SiteCheck.objects.filter(Q(checked_by_id=person_id) | Q(decided_by_id=person_id))
    return rows.select_related("place", "standard").order_by("-checked_at", "-id")


def checked_each_other(one: int, other: int) -> bool:
    """Whether one of two people verified what the other checked: then they cannot be the same person."""
    both = [Q(checked_by_id=a, decided_by_id=b) for a, b in ((one, other), (other, one))]
    return SiteCheck.objects.filter(both[0] | both[1]).exists()


def all_checks() -> Iterator[SiteCheck]:
    """Every check, to be counted afresh."""
    return SiteCheck.objects.order_by("pk").iterator(chunk_size=500)
