"""Finding places: by id, up and down the tree, by what somebody types."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from huying.kernel import search as kernel_search
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.places.models import Place, PlaceFlag, PlaceKind
from huying.places.queries.offering import offered_at
from huying.places.rules.reach import PUBLIC_ROLES
from huying.places.rules.values import tidy
from huying.places.states import Status

LIST_ORDER = ("sort_key", "id")
TREE_ORDER = ("kind__order", "sort_key", "id")
MOST_CHILDREN = 200


@dataclass
class TreeNode:
    """A place in the tree view; ``children`` are loaded when it is open, ``cut`` says that there are more."""

    place: Place
    has_children: bool
    open: bool = False
    cut: bool = False
    children: list[TreeNode] = field(default_factory=list)


def by_public_id(public_id: UUID | str) -> Place:
    """The place with its kind and parent; NotFound."""
    try:
        key = UUID(str(public_id))
    except ValueError:
        raise NotFound from None
    place = Place.objects.filter(public_id=key).select_related("kind", "parent").first()
    if place is None:
        raise NotFound
    return place


def by_code(code: str) -> Place | None:
    """The place with a division code (GB/T 2260, GB/T 10114), or None."""
    return Place.objects.filter(code=code).select_related("kind").first() if code else None


def ids_in(path: str) -> list[int]:
    return [int(part) for part in path.strip("/").split("/")]


def ancestors(place: Place, *, own: bool = False) -> list[Place]:
    """From the top down to the parent of ``place`` (to itself with ``own``), in one query."""
    ids = ids_in(place.path)
    return list(Place.objects.filter(pk__in=ids if own else ids[:-1]).select_related("kind").order_by("depth"))


def ancestors_of_all(places: Iterable[Place]) -> dict[int, list[Place]]:
    """For many places at once: place id -> its ancestors from the top down, in one query."""
    chains = {place.pk: ids_in(place.path)[:-1] for place in places}
    wanted = {key for chain in chains.values() for key in chain}
    found = Place.objects.filter(pk__in=wanted).select_related("kind").in_bulk()
    return {pk: [found[key] for key in chain if key in found] for pk, chain in chains.items()}


def closest_division(place: Place) -> Place | None:
    """The place itself or the nearest division above it."""
    chain = [one for one in ancestors(place, own=True) if one.kind.is_division]
    return chain[-1] if chain else None


def tops() -> QuerySet[Place]:
    """The tops of all trees."""
    return Place.objects.filter(parent=None).select_related("kind").order_by(*LIST_ORDER)


def only_top() -> Place | None:
    """The top, where there is just one tree: its page opens it."""
    found = list(tops()[:2])
    return found[0] if len(found) == 1 else None


def subtree(place: Place, *, own: bool = True) -> QuerySet[Place]:
    """The place and everything below it, in no order."""
    rows = Place.objects.filter(path__startswith=place.path)
    return rows if own else rows.exclude(pk=place.pk)


def children(place: Place | None, *, closed: bool = False) -> QuerySet[Place]:
    """What hangs directly under ``place`` (under nothing: the tops), with ``has_children``."""
    below = Place.objects.filter(parent=OuterRef("pk"))
    rows = Place.objects.filter(parent=place)
    if not closed:
        below, rows = below.filter(status=Status.OPEN), rows.filter(status=Status.OPEN)
    return rows.select_related("kind").annotate(has_children=Exists(below)).order_by(*TREE_ORDER)


def tree(at: Place | None = None, *, opened: Place | None = None, closed: bool = False) -> list[TreeNode]:
    """The nodes under ``at``, opened along the way to ``opened``; one query however many levels are open."""
    above = ids_in(at.path) if at else []
    chain = ids_in(opened.path) if opened else []
    open_ids = chain[len(above) :] if chain[: len(above)] == above else []
    below = Place.objects.filter(parent=OuterRef("pk"))
    rows = Place.objects.filter(Q(parent=at) | Q(parent__in=open_ids))
    if not closed:
        below, rows = below.filter(status=Status.OPEN), rows.filter(status=Status.OPEN)
    by_parent: dict[int | None, list[TreeNode]] = {}
    found = rows.select_related("kind").annotate(has_children=Exists(below)).order_by(*TREE_ORDER)
    for place in found[: MOST_CHILDREN * (len(open_ids) + 1) + 1]:
        node = TreeNode(place, place.has_children, open=place.pk in open_ids)
        by_parent.setdefault(place.parent_id, []).append(node)
    for nodes in by_parent.values():
        for node in nodes:
            own = by_parent.get(node.place.pk, []) if node.open else []
            node.children, node.cut = own[:MOST_CHILDREN], len(own) > MOST_CHILDREN
    return by_parent.get(at.pk if at else None, [])[:MOST_CHILDREN]


def search(
    words: str, *, within: Place | None = None, kinds: Iterable[str] = (), closed: bool = False
) -> QuerySet[Place]:
    """Open places whose name, pinyin, initials, short name or code hold every word; none for no word."""
    words = tidy(words[:200])
    if not words:
        return Place.objects.none()
    rows = kernel_search.matching(listed(within=within, closed=closed), words)
    wanted = list(kinds)
    return rows.filter(kind__in=wanted) if wanted else rows


def listed(
    *,
    within: Place | None = None,
    kind: str = "",
    flag: str = "",
    level: int | None = None,
    closed: bool = False,
    words: str = "",
) -> QuerySet[Place]:
    """The list of places under the filters of the list page, in name order; each filter may be empty."""
    rows = Place.objects.select_related("kind", "parent").order_by(*LIST_ORDER)
    if within is not None:
        rows = rows.filter(path__startswith=within.path)
    if not closed:
        rows = rows.filter(status=Status.OPEN)
    if kind:
        rows = rows.filter(kind=kind)
    if flag:
        rows = rows.filter(flags__contains=[flag])
    if level is not None:
        rows = rows.filter(kind__level=level)
    words = tidy(words[:200])
    return kernel_search.matching(rows, words) if words else rows


def kinds_under(parent: Place | None) -> list[PlaceKind]:
    """The kinds that may be put under ``parent`` (under nothing: the tops), in order."""
    rows = PlaceKind.objects.order_by("order", "code")
    if parent is None:
        return list(rows.filter(may_be_top=True))
    return list(offered_at(rows.filter(parents=parent.kind_id), [parent]))


def kinds_with_use() -> QuerySet[PlaceKind]:
    """All kinds in order, with ``used``: how many places there are of each."""
    return PlaceKind.objects.annotate(used=Count("places")).order_by("order", "code")


def home_of(actor: Actor) -> Place | None:
    """The highest place where ``actor`` works; None for those who work nowhere."""
    paths = {path for kind, path in actor.roles if kind not in PUBLIC_ROLES}
    rows = Place.objects.filter(path__in=paths).select_related("kind", "parent").order_by("depth", "id")
    return rows.first() if paths else None


def kinds_by_code() -> dict[str, PlaceKind]:
    return {kind.pk: kind for kind in PlaceKind.objects.order_by("order", "code")}


def flags_for(place: Place) -> QuerySet[PlaceFlag]:
    """The flags this place can be given, in order."""
    return offered_at(PlaceFlag.objects.order_by("group", "order", "code"), [place])


def flags_by_code() -> dict[str, PlaceFlag]:
    return {flag.pk: flag for flag in PlaceFlag.objects.order_by("group", "order", "code")}
