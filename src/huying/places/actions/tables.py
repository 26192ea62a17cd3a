"""Villages and sites from a table (CSV in UTF-8 or GBK, XLSX): read, checked as a whole, then written as a whole.

A row names its parent by code, by the path of names below the place that the table is for (青禾街道/和平社区), or by a
name that occurs once below it; rows may stand under earlier rows. Empty cells leave what is known as it is.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, events, imports
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, NotFound, Text
from huying.kernel.transactions import begin
from huying.places import rules
from huying.places.actions.refusals import TreeChanged
from huying.places.actions.tree import derived, insert_many, lock_trees, next_ids
from huying.places.models import DEEPEST, ImportDraft, Place, PlaceFlag, PlaceFlagging, PlaceKind
from huying.places.queries.offering import chain_of, offered_in
from huying.places.rules.values import Facts, checked, tidy
from huying.places.states import PlacesChanged, Status

MOST_ROWS = 20_000
MOST_PROBLEMS = 200
DRAFTS_LAST = timedelta(days=1)
COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("名称", "村（社区）名称", "站点名称"),
    "kind": ("类型", "类别"),
    "parent": ("上级", "上级代码", "所属"),
    "code": ("代码", "区划代码", "统计用区划代码"),
    "short_name": ("简称",),
    "name_en": ("英文名称",),
    "address": ("地址", "详细地址"),
    "phone": ("公开电话", "电话", "联系电话"),
    "lon": ("经度",),
    "lat": ("纬度",),
    "crs": ("坐标系",),
    "capacity": ("可容纳人数",),
    "floor": ("楼层",),
    "purpose": ("用途",),
    "host": ("运营单位",),
    "opened_date": ("启用日期",),
    "flags": ("标记",),
}
NUMBERS = {"lon": float, "lat": float, "capacity": int}


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be taken: the row as the spreadsheet counts it, the heading of the column, one sentence."""

    row: int
    column: str
    sentence: str


@dataclass
class Planned:
    """One row made ready: a place to insert or to change."""

    row: int
    place: Place
    is_new: bool
    changed: dict[str, list[Any]] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """What a table would do. With ``problems`` nothing can be written."""

    added: list[Planned] = field(default_factory=list)
    changed: list[Planned] = field(default_factory=list)
    same: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return len(self.added) + len(self.changed) + self.same

    def refuse(self, row: int, column: str, sentence: Text) -> None:
        heading = COLUMNS[column][0] if column in COLUMNS else ""
        self.problems.append(Problem(row, heading, str(sentence)))


class TableHasProblems(InvalidInput):
    code = "table_has_problems"
    message = _("表格里有 {count} 处要改，一行也没有导入。")


class NothingInTable(InvalidInput):
    code = "table_empty"
    message = _("表格里没有可以导入的行。")


def read_table(upload: UploadedFile[Any]) -> list[dict[str, Any]]:
    """The rows with their numbers, as typed. TableRefused for what is no table; NothingInTable."""
    limits = imports.TableLimits(rows=MOST_ROWS)
    rows = imports.records(upload, COLUMNS, required=("name", "kind"), limits=limits)
    found = [{"row": record.number, **{k: v for k, v in record.values.items() if v}} for record in rows]
    if not found:
        raise NothingInTable
    return found


def check_table(*, actor: Actor, place: Place, upload: UploadedFile[Any]) -> tuple[ImportDraft | None, Plan]:
    """Read a table for ``place`` and say what it would do. Forbidden, TableRefused.

    Without problems it is kept until the next day, to be imported by the same person with one click.
    """
    if not rules.can_create(actor, place):
        raise Forbidden
    rows = read_table(upload)
    found = plan(actor, place, rows)
    if found.problems:
        return None, found
    with begin(actor):
        ImportDraft.objects.filter(created_at__lt=clock.now() - DRAFTS_LAST).delete()
        name = tidy(upload.name or "")[:200]
        draft = ImportDraft.objects.create(place=place, person_id=actor.person_id, file_name=name, rows=rows)
    return draft, found


def import_draft(*, actor: Actor, draft: ImportDraft) -> Plan:
    """Write a checked table, all of it or nothing, once. TableHasProblems when others changed the tree meanwhile;
    NotFound when it is not one's own or was written already.
    """
    with begin(actor):
        mine = ImportDraft.objects.filter(pk=draft.pk, person_id=actor.person_id, done_at=None)
        if not mine.update(done_at=clock.now()):
            raise NotFound
        return write_rows(actor=actor, place=draft.place, rows=draft.rows)


def write_rows(*, actor: Actor, place: Place, rows: list[dict[str, Any]]) -> Plan:
    """Plan and write the rows below ``place`` in one transaction. Forbidden, TableHasProblems."""
    with begin(actor):
        lock_trees(place)
        if not rules.can_create(actor, place):
            raise Forbidden
        found = plan(actor, place, rows)
        if found.problems:
            raise TableHasProblems(count=len(found.problems))
        for one, key in zip(found.added, next_ids(len(found.added)), strict=True):
            number(one.place, key)
        insert(found.added)
        fields = [*asdict(Facts(name="x")), "sort_key", "search_text", "search_terms", "changed_at"]
        Place.objects.bulk_update([one.place for one in found.changed if one.changed], fields, 1000)
        give_flags([*found.added, *found.changed])
        numbers = {"added": len(found.added), "changed": len(found.changed), "same": found.same}
        audit.record(actor, "place.import.table", place, place_path=place.path, changes=numbers)
        if keys := [one.place.pk for one in (*found.added, *found.changed)]:
            events.publish(PlacesChanged(first=min(keys), last=max(keys)))
    return found


def insert(added: list[Planned]) -> None:
    try:
        insert_many([one.place for one in added])
    except IntegrityError as taken:  # a code taken in another tree in this very moment
        raise TreeChanged from taken


def number(place: Place, key: int) -> None:
    """Give a new place its key and path; its parent has its own by now."""
    parent = place.parent
    assert parent is not None
    place.pk = key
    place.parent_id = parent.pk
    place.path = f"{parent.path}{key}/"


def give_flags(planned: list[Planned]) -> None:
    """Record the flags of the rows, since today unless they were held before."""
    today = clock.today()
    PlaceFlagging.objects.bulk_create(
        [PlaceFlagging(place=one.place, flag_id=flag, given_date=today) for one in planned for flag in one.flags]
    )
    held = [one.place for one in planned if one.flags and not one.is_new]
    Place.objects.bulk_update(held, ["flags"], 1000)


def plan(actor: Actor, base: Place, rows: list[dict[str, Any]]) -> Plan:
    """What the rows would do below ``base``; reads the tree once and writes nothing."""
    found = Plan()
    planner = Planner(actor, base, rows, found)
    for row in rows:
        if len(found.problems) >= MOST_PROBLEMS:
            break
        planner.take(row)
    return found


class Planner:
    """Reads the subtree once and takes row by row, each seeing the rows before it."""

    def __init__(self, actor: Actor, base: Place, rows: list[dict[str, Any]], found: Plan):
        self.actor = actor
        self.base = base
        self.plan = found
        self.kinds = {k.pk: k for k in PlaceKind.objects.all()}
        here = Q(place__in=chain_of([base.path])) | Q(place__path__startswith=base.path)
        # A name that a mechanism brought along never stands before one that everybody knows: the last one wins
        kinds = offered_in(PlaceKind.objects.order_by("-limited"), here)
        marks = offered_in(PlaceFlag.objects.order_by("-limited"), here)
        self.kind_words = {word: k for k in kinds for word in (k.pk, k.name)}
        self.allowed = set(PlaceKind.parents.through.objects.values_list("from_placekind_id", "to_placekind_id"))
        self.flag_words = {word: f for f in marks for word in (f.pk, f.name)}
        self.seen_codes: dict[str, Place] = {}
        self.by_name: dict[str, list[Place]] = {}
        self.by_spot: dict[tuple[int, str, str], Place] = {}
        self.below: dict[int, dict[str, Place]] = {}
        below = Place.objects.filter(path__startswith=base.path, status=Status.OPEN)
        for place in below.defer("search_text", "search_terms").order_by("depth", "id"):
            self.know(place)
        codes = [row["code"] for row in rows if "code" in row]
        self.taken_codes = set(Place.objects.filter(code__in=codes).values_list("code", flat=True))

    def know(self, place: Place) -> None:
        """Remember a place under all the ways a row may name it. Rows not yet written are known by identity."""
        parent = place.parent_id if place.parent_id else id(place.parent)
        self.by_name.setdefault(place.name, []).append(place)
        self.by_spot[parent, place.kind_id, place.name] = place
        self.below.setdefault(parent, {}).setdefault(place.name, place)
        if place.code:
            self.seen_codes[place.code] = place

    def take(self, row: dict[str, Any]) -> None:
        number = int(row["row"])
        kind = self.kind_words.get(row.get("kind", ""))
        if kind is None:
            self.plan.refuse(number, "kind", _("没有这种类型。"))
        parent = self.parent_of(row, number)
        facts = self.facts_of(row, number)
        flags = self.flags_of(row, number)
        if kind is None or parent is None or facts is None or flags is None:
            return
        if (kind.pk, parent.kind_id) not in self.allowed:
            self.plan.refuse(
                number, "parent", _("“{kind}”不能放在“{parent}”下面。").format(kind=kind.name, parent=parent.name)
            )
        elif parent.depth >= DEEPEST:
            self.plan.refuse(number, "parent", _("层级太多了。"))
        else:
            self.place(number, row, kind, parent, facts, flags)

    def parent_of(self, row: dict[str, Any], number: int) -> Place | None:
        """The place a row stands under; None with the problem written down."""
        words = row.get("parent", "")
        if not words:
            return self.base
        if words in self.seen_codes:
            return self.seen_codes[words]
        if "/" in words:
            place: Place | None = self.base
            names = words.strip("/").split("/")
            for name in names[1:] if names[0].strip() == self.base.name else names:
                place = self.below.get(place.pk or id(place), {}).get(name.strip()) if place else None
            if place is not None:
                return place
        found = self.by_name.get(words, [])
        if len(found) == 1:
            return found[0]
        many = _("有 {count} 处叫这个名称，请改写代码或“上级/下级”的路径。").format(count=len(found))
        self.plan.refuse(number, "parent", many if found else _("在范围内找不到这个上级。"))
        return None

    def facts_of(self, row: dict[str, Any], number: int) -> Facts | None:
        """The cells as facts; None with the problems written down."""
        values: dict[str, Any] = {k: row[k] for k in row if k in COLUMNS and k not in ("kind", "parent", "flags")}
        fine = True
        for name, read in NUMBERS.items():
            if name in values:
                try:
                    values[name] = read(values[name])
                except (ValueError, OverflowError):
                    self.plan.refuse(number, name, _("应当是数字。"))
                    fine = False
        if "opened_date" in values:
            try:
                values["opened_date"] = date.fromisoformat(values["opened_date"].replace("/", "-"))
            except ValueError:
                self.plan.refuse(number, "opened_date", _("日期请写成 2026-01-31。"))
                fine = False
        if "crs" in values:
            values["crs"] = values["crs"].upper().replace(" ", "")
        if not fine:
            return None
        try:
            return checked(Facts(**{"name": "", **values}))
        except InvalidInput as refusal:
            for name, sentence in refusal.fields.items():
                self.plan.refuse(number, name, sentence)
            return None

    def flags_of(self, row: dict[str, Any], number: int) -> list[str] | None:
        """Codes of the flags in the cell (space, comma or 、 between); None when one cannot be given."""
        codes = []
        for word in row.get("flags", "").replace("、", " ").replace("，", " ").replace(",", " ").split():
            flag = self.flag_words.get(word)
            if flag is None:
                self.plan.refuse(number, "flags", _("没有标记“{word}”。").format(word=word[:20]))
                return None
            if not rules.can_give_flag(self.actor, self.base, flag):
                self.plan.refuse(number, "flags", _("您不能授予“{word}”。").format(word=word[:20]))
                return None
            codes.append(flag.pk)
        return codes

    def place(
        self, number: int, row: dict[str, Any], kind: PlaceKind, parent: Place, facts: Facts, flags: list[str]
    ) -> None:
        """Change the place that the row means, or add it."""
        spot = (parent.pk or id(parent), kind.pk, facts.name)
        place = self.seen_codes.get(facts.code) if facts.code else None
        same_spot = self.by_spot.get(spot)
        if place is None and facts.code in self.taken_codes:
            self.plan.refuse(number, "code", _("这个代码已经用于范围外或已停用的地方。"))
        elif place is not None and place.kind_id != kind.pk:
            self.plan.refuse(number, "code", _("这个代码是另一种类型的地方。"))
        elif place is not None and same_spot not in (None, place):
            self.plan.refuse(number, "name", _("同一上级下已有同名、同类的地方。"))
        elif (place or same_spot) is not None and (place or same_spot).pk is None:  # type: ignore[union-attr]
            self.plan.refuse(number, "name", _("表格里前面已经有这一处。"))
        elif (known := place or same_spot) is not None:
            self.change(number, row, known, facts, flags)
        else:
            self.add(number, kind, parent, facts, flags)

    def add(self, number: int, kind: PlaceKind, parent: Place, facts: Facts, flags: list[str]) -> None:
        place = Place(parent=parent, kind=kind, depth=parent.depth + 1, flags=sorted(set(flags)), **asdict(facts))
        for name, value in derived(place.name, place.name_en, place.short_name, place.code).items():
            setattr(place, name, value)
        self.know(place)
        self.plan.added.append(Planned(number, place, is_new=True, flags=place.flags))

    def change(self, number: int, row: dict[str, Any], place: Place, facts: Facts, flags: list[str]) -> None:
        """Only what the row writes, and writes differently."""
        written = {name: value for name, value in asdict(facts).items() if name in row}
        changed = {
            name: [getattr(place, name), value] for name, value in written.items() if getattr(place, name) != value
        }
        fresh = sorted(set(flags) - set(place.flags))
        if not changed and not fresh:
            self.plan.same += 1
            return
        for name, (_before, value) in changed.items():
            setattr(place, name, value)
        for name, value in derived(place.name, place.name_en, place.short_name, place.code).items():
            setattr(place, name, value)
        place.flags = sorted({*place.flags, *fresh})
        place.changed_at = clock.now()
        self.plan.changed.append(Planned(number, place, is_new=False, changed=changed, flags=fresh))
