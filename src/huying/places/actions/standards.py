"""Standards of sites come and go: a version is installed, follows another one, is retired. The door for packs.

What a version asks never changes. The same version with the same words is taken as it stands, so that a pack can be
loaded twice; with other words it is refused, for checks were made against the first ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, Text
from huying.kernel.transactions import begin
from huying.places import rules
from huying.places.models import Place, PlaceKind, Standard, StandardItem
from huying.places.models.standards import HEAVIEST

CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")
MOST_ITEMS = 60


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """One thing that is asked, what proves it, and its weight (1 to 100)."""

    name: str
    name_en: str = ""
    proof: str = ""
    proof_en: str = ""
    weight: int = 1


@dataclass(frozen=True, slots=True)
class StandardFacts:
    """One version of a standard: ``kinds`` are codes of kinds of sites, ``items`` in their order."""

    code: str
    version: int
    name: str
    kinds: tuple[str, ...]
    items: tuple[ItemFacts, ...]
    name_en: str = ""
    about: str = ""
    about_en: str = ""


class StandardDiffers(Conflict):
    code = "standard_differs"
    message = _("“{name}”第 {version} 版已经在用，内容不同。要改内容，请换一个新的版本号。")


class StandardIsNewer(Conflict):
    code = "standard_is_newer"
    message = _("“{name}”已经有更新的第 {version} 版。")


class StandardEnded(Conflict):
    code = "standard_ended"
    message = _("这项标准已经停用了。")


def install_standard(*, actor: Actor, place: Place | None, facts: StandardFacts, pack: str = "") -> Standard:
    """Put a version in force below ``place`` (None: everywhere); the one before it ends, its checks stay.

    Raises Forbidden, InvalidInput, StandardDiffers, StandardIsNewer.
    """
    if not rules.can_install(actor, place):
        raise Forbidden
    check_facts(facts)
    with begin(actor):
        rows = {one.version: one for one in locks.many(Standard.objects.filter(code=facts.code, place=place))}
        found = rows.get(facts.version)
        if found is not None and facts_of(found) != facts:
            raise StandardDiffers(name=facts.name, version=facts.version)
        if rows and max(rows) > facts.version:
            raise StandardIsNewer(name=facts.name, version=max(rows))
        if found is not None and found.ended_at is None:
            return found
        for one in rows.values():
            end(one)
        if found is not None:
            found.ended_at, found.pack = None, pack
            found.save(update_fields=["ended_at", "pack"])
        made = found or written(place, facts, pack)

        changes = {"code": facts.code, "version": facts.version, "items": len(facts.items), "pack": pack}
        audit.record(actor, "standard.install", made, place_path=place.path if place else "", changes=changes)
        return made


def written(place: Place | None, facts: StandardFacts, pack: str) -> Standard:
    """The rows of a new version, or those somebody wrote in this very moment; StandardDiffers when they say otherwise."""
    words = {field: getattr(facts, field) for field in ("code", "version", "name", "name_en", "about", "about_en")}
    try:
        with transaction.atomic():
            made = Standard.objects.create(place=place, pack=pack, **words)
    except IntegrityError:
        there = Standard.objects.filter(code=facts.code, place=place, version=facts.version, ended_at=None).first()
        if there is None or facts_of(there) != facts:
            raise StandardDiffers(name=facts.name, version=facts.version) from None
        return there
    made.kinds.set(PlaceKind.objects.filter(pk__in=facts.kinds))
    StandardItem.objects.bulk_create(
        [
            StandardItem(
                standard=made,
                number=number,
                name=one.name,
                name_en=one.name_en,
                proof=one.proof,
                proof_en=one.proof_en,
                weight=one.weight,
            )
            for number, one in enumerate(facts.items, 1)
        ]
    )
    return made


def end(standard: Standard) -> None:
    if standard.ended_at is None:
        standard.ended_at = clock.now()
        standard.save(update_fields=["ended_at"])


def retire(*, actor: Actor, standard: Standard) -> Standard:
    """Ask for it no longer; its checks stay. Forbidden, StandardEnded."""
    with begin(actor):
        row = locks.one(Standard, pk=standard.pk)
        if not rules.can_install(actor, row.place):
            raise Forbidden
        if row.ended_at is not None:
            raise StandardEnded
        end(row)

        changes = {"code": row.code, "version": row.version}
        audit.record(actor, "standard.retire", row, place_path=row.place.path if row.place else "", changes=changes)
        return row


def facts_of(standard: Standard) -> StandardFacts:
    """A version as it was installed, to be compared with what a pack says."""
    fields = ("name", "name_en", "proof", "proof_en", "weight")
    return StandardFacts(
        code=standard.code,
        version=standard.version,
        name=standard.name,
        name_en=standard.name_en,
        about=standard.about,
        about_en=standard.about_en,
        kinds=tuple(sorted(standard.kinds.values_list("pk", flat=True))),
        items=tuple(ItemFacts(*row) for row in standard.items.order_by("number").values_list(*fields)),
    )


def differences(place: Place | None, facts: StandardFacts) -> str:
    """What installing would do: "new", "same", "next" (a version after the one in force), "again" (it had ended);
    "refused" when it cannot be installed.
    """
    rows = {one.version: one for one in Standard.objects.filter(code=facts.code, place=place)}
    found = rows.get(facts.version)
    if (found is not None and facts_of(found) != facts) or (rows and max(rows) > facts.version):
        return "refused"
    if found is not None:
        return "same" if found.ended_at is None else "again"
    return "next" if rows else "new"


def check_facts(facts: StandardFacts) -> None:
    """InvalidInput for what cannot be kept."""
    problems: dict[str, Text] = {}
    if not CODE.fullmatch(facts.code):
        problems["code"] = _("代码用小写字母开头，只含小写字母、数字和下划线，最多 60 个。")
    if facts.version < 1:
        problems["version"] = _("版本从 1 开始。")
    if not facts.name.strip() or len(facts.name) > 60 or len(facts.name_en) > 120:
        problems["name"] = _("请写名称，中文最多 60 个字，英文最多 120 个字母。")
    if max(len(facts.about), len(facts.about_en)) > 300:
        problems["about"] = _("说明最多 300 个字。")
    sites = set(PlaceKind.objects.filter(pk__in=facts.kinds, is_site=True).values_list("pk", flat=True))
    if not facts.kinds or set(facts.kinds) != sites or list(facts.kinds) != sorted(sites):
        problems["kinds"] = _("请写阵地类型的代码，按字母顺序，不重复。")
    if not 1 <= len(facts.items) <= MOST_ITEMS or any(not fits(one) for one in facts.items):
        problems["items"] = _("要有 1 到 60 项，每项有名称，权重 1 到 100，文字不要太长。")
    if problems:
        raise InvalidInput(fields=problems)


def fits(item: ItemFacts) -> bool:
    short = len(item.name) <= 120 and len(item.name_en) <= 240 and len(item.proof) <= 200 and len(item.proof_en) <= 300
    return bool(item.name.strip()) and short and 1 <= item.weight <= HEAVIEST
