"""The library of packs, their versions, where they are on, what is in force at a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from huying.kernel.errors import NotFound
from huying.packs.models import Installed, Kept, Pack, PackVersion, Switch
from huying.packs.queries.running import file_of
from huying.packs.rules.shape import Pack as File
from huying.places.models import Place
from huying.places.queries.offering import chain_of

LAST = PackVersion.objects.filter(pack=OuterRef("pack")).order_by("-version")


@dataclass(frozen=True, slots=True)
class InForce:
    """A pack that is on at a place, or above it (``switch.place``), with its file read."""

    switch: Switch
    file: File

    @property
    def pack(self) -> Pack:
        return self.switch.pack


def shelf(*, namespace: str = "", status: str = "", words: str = "") -> QuerySet[PackVersion]:
    """The version in force of every pack, without its body; with ``places``: at how many it is on."""
    rows = PackVersion.objects.filter(pk=Subquery(LAST.values("pk")[:1])).select_related("pack").defer("body")
    rows = rows.annotate(places=Count("pack__switches", filter=Q(pack__switches__off_at__isnull=True)))
    if namespace:
        rows = rows.filter(pack__namespace=namespace)
    if status:
        rows = rows.filter(status=status)
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(name_en__icontains=words) | Q(pack__code__icontains=words))
    return rows


def namespaces() -> list[str]:
    return list(Pack.objects.order_by("namespace").values_list("namespace", flat=True).distinct())


def all_keys() -> set[str]:
    """``namespace.code`` of every pack that was loaded."""
    return {one.key for one in Pack.objects.all()}


def pack_by_key(key: str) -> Pack:
    """``longyan.m14363``; NotFound."""
    namespace, _dot, code = key.partition(".")
    found = Pack.objects.filter(namespace=namespace, code=code).first()
    if found is None:
        raise NotFound
    return found


def versions(pack: Pack) -> QuerySet[PackVersion]:
    """Every version, the newest first."""
    return PackVersion.objects.filter(pack=pack).select_related("pack").order_by("-version")


def version(pack: Pack, number: int) -> PackVersion:
    """One version; NotFound."""
    found = versions(pack).filter(version=number).first()
    if found is None:
        raise NotFound
    return found


def switches(pack: Pack) -> QuerySet[Switch]:
    """Where it is and was on, what is on first."""
    rows = Switch.objects.filter(pack=pack).select_related("place", "version", "pack")
    return rows.order_by(F("off_at").desc(nulls_first=True), "-on_at", "-id")


def on_at(place: Place) -> QuerySet[Switch]:
    """Switches that hold at a place: its own and those above, the nearest first, then in the order of switching."""
    rows = Switch.objects.filter(off_at__isnull=True, place__in=chain_of([place.path]))
    return rows.select_related("pack", "place", "version").order_by("-place__depth", "on_at", "id")


def in_force(place: Place) -> list[InForce]:
    """The packs in force at a place with what they say; one query. A pack on here and above counts once."""
    seen: dict[int, InForce] = {}
    for switch in on_at(place):
        if switch.pack_id not in seen:
            seen[switch.pack_id] = InForce(switch, file_of(switch.version))
    return list(seen.values())


def words_at(held: list[InForce]) -> dict[str, Any]:
    """Words on screen that the packs in force say in their own way; the nearest and first one wins."""
    found: dict[str, Any] = {}
    for one in held:
        for name, words in one.file.words.items():
            found.setdefault(name, words)
    return found


def kept_at(pack: Pack, place: Place) -> dict[tuple[str, str], str]:
    """Keys of what a pack holds at a place, by kind and code."""
    rows = Kept.objects.filter(pack=pack, place=place)
    return {(kind, code): key for kind, code, key in rows.values_list("kind", "code", "key")}


def keys_of(pack: Pack) -> dict[tuple[str, str], str]:
    """Stored codes of the rows a pack brought along, by kind and code; retired ones left out."""
    rows = Installed.objects.filter(pack=pack, retired=False)
    return {(kind, code): key for kind, code, key in rows.values_list("kind", "code", "key")}
