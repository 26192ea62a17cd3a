"""A file is tried and loaded: rows of the rooms are brought in line with it, its version is kept for ever."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from huying.cockpit.actions.packing import known_templates, read_template
from huying.cockpit.rules.report_notation import TemplateWrong
from huying.kernel import audit, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, Forbidden
from huying.kernel.transactions import begin
from huying.packs import rules
from huying.packs.actions.fitting import standards_wrong
from huying.packs.actions.placing import book_of, keep_at
from huying.packs.actions.refusals import VersionDiffers, VersionOlder
from huying.packs.actions.renaming import Ordered, renames_in, renames_wrong
from huying.packs.models import Installed, Pack, PackVersion, Switch
from huying.packs.queries.doors import TABLES, stored
from huying.packs.queries.running import Line, compare, file_of, newest, outward, running
from huying.packs.rules.nodes import Problem, Tree, dotted
from huying.packs.rules.reading import PackWrong, body_of, checksum, read_pack, references
from huying.packs.rules.remarks import remarks_in
from huying.packs.rules.shape import Pack as File
from huying.packs.rules.shipping import seal_of
from huying.packs.states import LOADED, PLATFORM, SHARED, Seal
from huying.places.actions.packing import standards_of_others
from huying.places.models import Place
from huying.points.actions.items import read_items
from huying.volunteers.models import ServiceCategory


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading does or would do. ``version`` is None in a dry run of a new one; ``on``: places where the pack is on;
    ``remarks``: what is right and may be read wrongly.
    """

    key: str
    number: int
    lines: tuple[Line, ...]
    version: PackVersion | None
    before: int
    on: tuple[Place, ...]
    seal: Seal = Seal.UNSIGNED
    remarks: tuple[Problem, ...] = ()


def try_pack(*, actor: Actor, text: str, file: str = "pack.yaml") -> Loaded:
    """The difference that loading would make; nothing is written. Forbidden, PackWrong, VersionDiffers, VersionOlder."""
    if not rules.can_load(actor):
        raise Forbidden
    pack, tree = read_pack(text, file=file)
    row = Pack.objects.filter(namespace=pack.namespace, code=pack.code).first()
    return weighed(row, pack, tree, file)


def weighed(row: Pack | None, pack: File, tree: Tree, file: str) -> Loaded:
    """The difference, when the file can be loaded at all."""
    last = newest(row) if row else None
    if last is not None:
        if pack.version < last.version:
            raise VersionOlder(key=pack.key, newest=last.version, next=last.version + 1)
        if pack.version == last.version and last.checksum != checksum(pack):
            raise VersionDiffers(key=pack.key, version=pack.version, next=last.version + 1)
    if problems := [
        *taken(row, pack, tree),
        *renames_wrong(row, pack, tree),
        *unknown(pack, tree),
        *templates_wrong(pack, tree),
        *books_wrong(pack, tree),
        *standards_wrong(pack, tree),
    ]:
        raise PackWrong(file, problems)
    lines = compare(running(row) if row else {}, body_of(pack))
    on = Place.objects.filter(pk__in=open_switches(row).values("place")).order_by("path") if row else ()
    same = last if last is not None and last.version == pack.version else None
    seal = seal_of(pack.key, pack.version, checksum(pack), pack.checksum is not None)
    before, remarks = last.version if last else 0, tuple(remarks_in(pack, tree))
    return Loaded(pack.key, pack.version, tuple(lines), same, before, tuple(on), seal, remarks)


def load_pack(*, actor: Actor, text: str, file: str = "pack.yaml") -> Loaded:
    """Load a file; the same file again changes nothing, or puts rows back that were changed by hand. All or nothing.

    Raises what ``try_pack`` raises.
    """
    if not rules.can_load(actor):
        raise Forbidden
    pack, tree = read_pack(text, file=file)
    with begin(actor):
        row = locked(pack)
        found = weighed(row, pack, tree, file)
        if found.version is not None and not found.lines:
            return found
        last, renames = newest(row), renames_in(row, pack)[0]
        version = found.version or PackVersion.objects.create(
            pack=row,
            version=pack.version,
            name=pack.name.zh,
            name_en=pack.name.en,
            status=pack.status,
            body=body_of(pack),
            checksum=checksum(pack),
            signed=pack.checksum is not None,
            loaded_by=actor.person_id,
        )
        write_rows(row, pack, renames)
        move_switches(actor, row, version)
        offer(row)
        before = file_of(last) if last else None
        keep_at(actor=actor, pack=row, file=pack, places=found.on, before=before, renames=renames)

        changes = {"key": row.key, "version": version.version, "lines": len(found.lines), "before": found.before}
        audit.record(actor, "pack.load", row, changes=changes)
        return replace(found, version=version)


def locked(pack: File) -> Pack:
    """The row of this pack, made if there is none. All packs are locked: loading and switching come one after the other."""
    mine = Pack(namespace=pack.namespace, code=pack.code)
    Pack.objects.bulk_create([mine], ignore_conflicts=True)
    rows = locks.many(Pack.objects.all())
    return next(one for one in rows if (one.namespace, one.code) == (pack.namespace, pack.code))


def write_rows(row: Pack, pack: File, renames: Ordered) -> None:
    """Rows that are there once for all: written, renamed, retired; never deleted."""
    for kind in LOADED:
        held = {one.code: one for one in Installed.objects.filter(pack=row, kind=kind)}
        wanted = getattr(pack.things, kind)
        for old, new in renames.get(kind, ()):
            rename(held[old], new, row.namespace)
            held[new] = held.pop(old)
        ordered = sorted(wanted, key=lambda one: one.code in held)
        for thing in ordered:
            key = stored(kind, row.namespace, thing.code)
            TABLES[kind].write(key, {**outward(kind, row.namespace, thing), **later(kind, thing)})
            if thing.code not in held:
                held[thing.code] = Installed.objects.create(pack=row, kind=kind, code=thing.code, key=key)
        for thing in wanted if kind == "place_kinds" else ():
            TABLES[kind].write(stored(kind, row.namespace, thing.code), outward(kind, row.namespace, thing))
        codes = {thing.code for thing in wanted}
        Installed.objects.filter(pack=row, kind=kind).exclude(code__in=codes).update(retired=True)
        Installed.objects.filter(pack=row, kind=kind, code__in=codes).update(retired=False)


def later(kind: str, thing: object) -> dict[str, list[str]]:
    """Kinds of places may hang under kinds of the same file, which are not there yet: parents are set in a second round."""
    return {"parents": []} if kind == "place_kinds" else {}


def rename(held: Installed, code: str, namespace: str) -> None:
    key = stored(held.kind, namespace, code)
    TABLES[held.kind].rename(held.key, key)
    held.code, held.key = code, key
    held.save(update_fields=["code", "key"])


def offer(row: Pack) -> None:
    """Offer what the pack brought at the places where it is on, and nowhere else."""
    places = list(open_switches(row).values_list("place_id", flat=True))
    for kind in LOADED:
        rows = Installed.objects.filter(pack=row, kind=kind)
        TABLES[kind].offer(rows.filter(retired=False).values_list("key", flat=True), places)
        TABLES[kind].offer(rows.filter(retired=True).values_list("key", flat=True), ())


def move_switches(actor: Actor, row: Pack, version: PackVersion) -> None:
    """Places where the pack is on go on with the new version: one line of history ends, the next one begins."""
    for one in open_switches(row).exclude(version=version).select_related("place").order_by("place_id"):
        now = version.loaded_at
        Switch.objects.filter(pk=one.pk).update(off_at=max(now, one.on_at), off_by=actor.person_id)
        made = Switch.objects.create(
            pack=row,
            version=version,
            place=one.place,
            until=one.until,
            on_by=actor.person_id,
            on_at=max(now, one.on_at),
        )
        changes = {"key": row.key, "version": version.version}
        audit.record(actor, "pack.migrate", made, place_path=one.place.path, changes=changes)


def open_switches(row: Pack) -> QuerySet[Switch]:
    return Switch.objects.filter(pack=row, off_at__isnull=True)


def taken(row: Pack | None, pack: File, tree: Tree) -> list[Problem]:
    """Codes that another pack of this namespace has, and rows of that code that no pack brought: made by hand, or the
    platform's own.
    """
    found = []
    others = codes_of_others(row, pack.namespace)
    mine = set(Installed.objects.filter(pack=row).values_list("kind", "code")) if row else set()
    for kind in (*LOADED, *SHARED):
        things = getattr(pack.things, kind)
        keys = [stored(kind, pack.namespace, one.code) for one in things if (kind, one.code) not in mine]
        alien = TABLES[kind].known(keys) if kind in LOADED else aliens(kind, keys, row, pack)
        for number, thing in enumerate(things):
            path, key = ("things", kind, number, "code"), stored(kind, pack.namespace, thing.code)
            if other := others.get((kind, thing.code)):
                words = _("代码“%(code)s”在 %(pack)s 里已经用过。") % {"code": thing.code, "pack": other}
                found.append(Problem(tree.line(path), words, _("请换一个代码。"), dotted(path)))
            elif key in alien:
                words = _("平台上已有代码是“%(key)s”的一项，不是这个机制包带来的。") % {"key": key}
                told = _("请换一个代码；要用已有的那一项，请写 platform:%(key)s。") % {"key": key}
                found.append(Problem(tree.line(path), words, told, dotted(path)))
    return found


def codes_of_others(row: Pack | None, namespace: str) -> dict[tuple[str, str], str]:
    """By kind and code: the key of the other pack of this namespace that has it."""
    found = {}
    for other in Pack.objects.filter(namespace=namespace).exclude(code=row.code if row else ""):
        for kind, code in Installed.objects.filter(pack=other).values_list("kind", "code"):
            found[kind, code] = other.key
        last = newest(other)
        things = last.body.get("things", {}) if last else {}
        for kind in SHARED:
            for one in things.get(kind, []):
                found[kind, one["code"]] = other.key
    return found


def aliens(kind: str, keys: list[str], row: Pack | None, pack: File) -> set[str]:
    """Codes of standards or templates that are new to this pack and that somebody else has used at a place."""
    bodies = PackVersion.objects.filter(pack=row).values_list("body", flat=True) if row else ()
    had = {one["code"] for body in bodies for one in body.get("things", {}).get(kind, [])}
    new = set(keys) - {stored(kind, pack.namespace, code) for code in had}
    return standards_of_others(new, pack=pack.key) if kind == "standards" else known_templates(new)


def unknown(pack: File, tree: Tree) -> list[Problem]:
    """Rows of the platform that a file speaks of and that are not there."""
    found = []
    for kind, code, path in references(pack):
        if not code.startswith(f"{PLATFORM}:"):
            continue
        key = code.removeprefix(f"{PLATFORM}:")
        if kind not in TABLES:
            words = _("平台没有自带 %(kind)s 这一类。") % {"kind": kind}
            found.append(Problem(tree.line(path), words, _("请写进 things 里，再用它自己的代码。"), dotted(path)))
        elif not TABLES[kind].known([key]):
            words = _("平台上没有代码是“%(code)s”的这一类。") % {"code": key}
            found.append(Problem(tree.line(path), words, _("请对照平台的数据页写它的代码。"), dotted(path)))
    categories = set(ServiceCategory.objects.values_list("code", flat=True))
    for number, one in enumerate(pack.things.service_kinds):
        if one.category and one.category.removeprefix(f"{PLATFORM}:") not in categories:
            path = ("things", "service_kinds", number, "category")
            words = _("平台上没有服务类别“%(code)s”。") % {"code": one.category}
            known = _("可以写：%(known)s。") % {"known": ", ".join(sorted(f"{PLATFORM}:{code}" for code in categories))}
            found.append(Problem(tree.line(path), words, known, dotted(path)))
    return found


def templates_wrong(pack: File, tree: Tree) -> list[Problem]:
    """Templates whose notation or numbers the cockpit does not know."""
    found = []
    for number, one in enumerate(pack.things.templates):
        try:
            read_template(one.body)
        except TemplateWrong as wrong:
            path = ("things", "templates", number, "body")
            words = _("报告模板“%(code)s”写得不对：") % {"code": one.code}
            found.append(Problem(tree.line(path), words, wrong.fields["body"], dotted(path)))
    return found


def books_wrong(pack: File, tree: Tree) -> list[Problem]:
    """Items that the room of points would not draft."""
    found = []
    for number, one in enumerate(pack.things.rule_books):
        for place, item in enumerate(book_of(pack, one.model_dump(mode="json"))["items"]):
            try:
                read_items([item])
            except DomainError as wrong:
                path = ("things", "rule_books", number, "items", place)
                words = _("积分规则“%(code)s”不能用：") % {"code": item["code"]}
                found.append(Problem(tree.line(path), words, str(wrong), dotted(path)))
    return found
