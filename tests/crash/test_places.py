"""Everything that changes places, killed at every point."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from huying.calls.tests.factories import START
from huying.kernel import attachments, clock, geojson
from huying.kernel.actor import Actor
from huying.kernel.attachments.images import Picture, Redrawn
from huying.kernel.models import Attachment, RevealBudget
from huying.places import actions
from huying.places.actions import divisions
from huying.places.actions.divisions import Division, DivisionList
from huying.places.models import (
    Booking,
    CoverageRule,
    ImportDraft,
    Place,
    PlaceFlag,
    PlaceKind,
)
from huying.places.tests.factories import kinds, place
from tests.crash import standards_deeds
from tests.crash.sweeping import Operation, Run, Sweep, keyed
from tests.crash.writes import unknown

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
BOSS = Actor.system("drills")
OPEN = {day: [["08:30", "12:00"], ["14:00", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}
Act = Callable[[], Any]
_numbers = count(1)


class World:
    def __init__(self) -> None:
        self.street = place("street")
        self.home = place("community", self.street)
        self.keeper = Actor(person_id=1, roles=(("station_keeper", self.home.path),))
        self.office = Actor(person_id=2, roles=(("office", self.street.path),))

    def here(self, kind: str = "station") -> Place:
        return place(kind, self.home)


@pytest.fixture
def world(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    drawn = [Redrawn(body=f"picture {n}".encode(), width=1, height=1) for n in range(2)]
    monkeypatch.setattr(attachments, "redraw", lambda upload: Picture("a.webp", *drawn))
    with clock.frozen(START):
        kinds()
        yield World()


def create_place(world: World) -> tuple[Actor, Act]:
    facts = actions.Facts(name=f"新站{next(_numbers)}", address="桂花里1号", lon=120.1, lat=30.2)
    return BOSS, lambda: actions.create_place(actor=BOSS, parent=world.home, kind="station", facts=facts)


def change_place(world: World) -> tuple[Actor, Act]:
    here = world.here()
    facts = actions.Facts(name=f"改名{next(_numbers)}", address="桂花里2号")
    return BOSS, lambda: actions.change_place(actor=BOSS, place=here, facts=facts)


def move_place(world: World) -> tuple[Actor, Act]:
    from_, to = place("community", world.street), place("street", world.street.parent)
    for _ in range(3):
        place("grid", from_)
    return BOSS, lambda: actions.move_place(
        actor=BOSS, place=Place.objects.get(pk=from_.pk), parent=Place.objects.get(pk=to.pk), reason="区划调整"
    )


def close_place(world: World) -> tuple[Actor, Act]:
    here = world.here()
    place("room", here)
    return BOSS, lambda: actions.close_place(actor=BOSS, place=Place.objects.get(pk=here.pk), reason="搬到新址")


def reopen_place(world: World) -> tuple[Actor, Act]:
    here = actions.close_place(actor=BOSS, place=world.here(), reason="搬到新址")
    return BOSS, lambda: actions.reopen_place(actor=BOSS, place=Place.objects.get(pk=here.pk), reason="搬回来了")


def set_hours(world: World) -> tuple[Actor, Act]:
    here = world.here()
    return BOSS, lambda: actions.set_hours(actor=BOSS, place=here, hours=OPEN)


def set_flag(world: World) -> tuple[Actor, Act]:
    here, flag = world.here(), PlaceFlag.objects.order_by("order").first()
    return BOSS, lambda: actions.set_flag(actor=BOSS, place=here, flag=flag, reason="年度评选")


def clear_flag(world: World) -> tuple[Actor, Act]:
    here, flag = world.here(), PlaceFlag.objects.order_by("order").first()
    actions.set_flag(actor=BOSS, place=here, flag=flag)
    return BOSS, lambda: actions.clear_flag(actor=BOSS, place=here, flag=flag, reason="到期")


def add_contact(world: World) -> tuple[Actor, Act]:
    here = world.here()
    return BOSS, lambda: actions.add_contact(actor=BOSS, place=here, role="站长", name="王敏之", phone="13800000000")


def contact(world: World) -> Any:
    return actions.add_contact(actor=BOSS, place=world.here(), role="站长", name="王敏之", phone="13800000000")


def change_contact(world: World) -> tuple[Actor, Act]:
    row = contact(world)
    return BOSS, lambda: actions.change_contact(
        actor=BOSS, contact=row, role="副站长", name="王敏之", phone="13900000000", is_public=False
    )


def remove_contact(world: World) -> tuple[Actor, Act]:
    row = contact(world)
    return BOSS, lambda: actions.remove_contact(actor=BOSS, contact=row)


def reveal_contact(world: World) -> tuple[Actor, Act]:
    row = contact(world)
    RevealBudget.objects.all().delete()
    return world.keeper, lambda: actions.reveal_contact(actor=world.keeper, contact=row, reason="联系站长")


def add_photo(world: World) -> tuple[Actor, Act]:
    here = world.here()
    return BOSS, lambda: actions.add_photo(actor=BOSS, place=here, upload=None)  # type: ignore[arg-type]


def remove_photo(world: World) -> tuple[Actor, Act]:
    here = world.here()
    photo = actions.add_photo(actor=BOSS, place=here, upload=None)  # type: ignore[arg-type]
    return BOSS, lambda: actions.remove_photo(actor=BOSS, place=here, public_id=photo.public_id)


def save_kind(world: World) -> tuple[Actor, Act]:
    n = next(_numbers)
    return BOSS, lambda: actions.save_kind(
        actor=BOSS, code=f"corner{n}", name=f"小角{n}", is_site=True, parents=["community", "village"]
    )


def save_flag(world: World) -> tuple[Actor, Act]:
    n = next(_numbers)
    return BOSS, lambda: actions.save_flag(actor=BOSS, code=f"star{n}", name=f"星{n}")


def pair(world: World) -> dict[str, PlaceKind]:
    n = next(_numbers)
    site = actions.save_kind(actor=BOSS, code=f"hut{n}", name=f"小屋{n}", is_site=True, parents=["community"])
    return {"container": PlaceKind.objects.get(code="community"), "site": site}


def add_coverage_rule(world: World) -> tuple[Actor, Act]:
    both = pair(world)
    return BOSS, lambda: actions.add_coverage_rule(actor=BOSS, **both)


def remove_coverage_rule(world: World) -> tuple[Actor, Act]:
    rule = actions.add_coverage_rule(actor=BOSS, **pair(world))
    return BOSS, lambda: actions.remove_coverage_rule(actor=BOSS, rule=CoverageRule.objects.get(pk=rule.pk))


def rows() -> list[dict[str, Any]]:
    n = next(_numbers)
    return [{"row": at, "name": f"表{n}网格{at}", "kind": "网格", "code": f"T{n}-{at}"} for at in range(2, 5)]


def write_rows(world: World) -> tuple[Actor, Act]:
    table = rows()
    return BOSS, lambda: actions.write_rows(actor=BOSS, place=world.home, rows=table).rows


def check_table(world: World) -> tuple[Actor, Act]:
    table = rows()

    def act() -> Any:
        with pytest.MonkeyPatch.context() as patched:  # reading the file itself is done in a child process
            patched.setattr(actions.tables, "read_table", lambda upload: table)
            draft, _plan = actions.check_table(actor=BOSS, place=world.home, upload=SimpleUploadedFile("a.csv", b""))
        return draft

    return BOSS, act


def import_draft(world: World) -> tuple[Actor, Act]:
    draft = ImportDraft.objects.create(place=world.home, file_name="a.csv", rows=rows())
    return BOSS, lambda: actions.import_draft(actor=BOSS, draft=draft).rows


def import_divisions(world: World) -> tuple[Actor, Act]:
    n = 33 + next(_numbers)
    lines = [Division(1, f"{n}0000", "", f"省{n}"), Division(2, f"{n}0100", f"{n}0000", "一市")]
    published = DivisionList(as_of=date(2025, 12, 31), rows=tuple(lines))
    return BOSS, lambda: len(divisions.import_divisions(actor=BOSS, root=f"{n}0000", divisions=published).added)


def border() -> geojson.Map:
    ring = [[120.0, 30.0], [120.01, 30.0], [120.01, 30.01], [120.0, 30.01], [120.0, 30.0]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"name": "边界"}, "geometry": shape}
    return geojson.Map([feature], len(ring), (120.0, 30.0, 120.01, 30.01))


def draw(place: Place) -> Any:
    with pytest.MonkeyPatch.context() as patched:  # reading the file itself is done in a child process
        patched.setattr(geojson, "read", lambda upload: border())
        return actions.import_layer(
            actor=BOSS,
            place=place,
            kind="areas",
            upload=b"",
            source="演练",
            approval="示意图",
            as_of_date=date(2026, 1, 1),
        ).layer


def import_layer(world: World) -> tuple[Actor, Act]:
    here = world.here()
    return BOSS, lambda: draw(here)


def remove_layer(world: World) -> tuple[Actor, Act]:
    layer = draw(world.here())
    return BOSS, lambda: actions.remove_layer(actor=BOSS, layer=layer)


def times(start: int = 1) -> dict[str, Any]:
    return {"starts_at": START + timedelta(hours=start), "ends_at": START + timedelta(hours=start + 2)}


def book(world: World) -> tuple[Actor, Act]:
    wanted = actions.Wanted(place("room", world.here()), purpose="排练", who="合唱队", **times())
    return BOSS, lambda: actions.book(actor=BOSS, wanted=wanted)


def held(world: World) -> Booking:
    wanted = actions.Wanted(place("room", world.here()), purpose="排练", who="合唱队", **times())
    return actions.book(actor=Actor(person_id=1000 + next(_numbers)), wanted=wanted)


def confirm_booking(world: World) -> tuple[Actor, Act]:
    row = held(world)
    return world.keeper, lambda: actions.confirm_booking(actor=world.keeper, booking=row)


def change_booking(world: World) -> tuple[Actor, Act]:
    row = held(world)
    return BOSS, lambda: actions.change_booking(actor=BOSS, booking=row, **times(9))


def move_bookings(world: World) -> tuple[Actor, Act]:
    rows = [held(world) for _ in range(2)]
    for number, one in enumerate(rows):
        actions.change_booking(actor=BOSS, booking=one, **times(9 + 3 * number))
    there = place("room", world.here())
    return BOSS, lambda: actions.move_bookings(actor=BOSS, bookings=rows, place=there)


def cancel_booking(world: World) -> tuple[Actor, Act]:
    row = held(world)
    return BOSS, lambda: actions.cancel_booking(actor=BOSS, booking=row, reason="停电")


def lapse_bookings(world: World) -> tuple[Actor, Act]:
    row = held(world)

    def late() -> int:
        with clock.frozen(row.ends_at):
            return actions.lapse_bookings(actor=BOSS)

    return BOSS, late


OPERATIONS = {
    act.__name__: act
    for act in (
        create_place,
        change_place,
        move_place,
        close_place,
        reopen_place,
        set_hours,
        set_flag,
        clear_flag,
        add_contact,
        change_contact,
        remove_contact,
        reveal_contact,
        add_photo,
        remove_photo,
        save_kind,
        save_flag,
        add_coverage_rule,
        remove_coverage_rule,
        write_rows,
        check_table,
        import_draft,
        import_divisions,
        import_layer,
        remove_layer,
        book,
        confirm_booking,
        change_booking,
        move_bookings,
        cancel_booking,
        lapse_bookings,
        *standards_deeds.DEEDS,
    )
}


def broken_rules() -> list[str]:
    """Paths say what parents say, and every picture that is listed is there."""
    found = []
    for one in Place.objects.select_related("parent"):
        above = one.parent.path if one.parent else "/"
        if one.path != f"{above}{one.pk}/" or one.depth != one.path.count("/") - 1:
            found.append(f"{one.path} at depth {one.depth} below {above}")
    for key in Attachment.objects.values_list("key", flat=True):
        if not attachments.storage.files().exists(key):
            found.append(f"a picture without its file: {key}")
    found += standards_deeds.broken_checks()
    return found


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_death_at_any_point_leaves_all_or_nothing(world: World, name: str, tally: Callable[..., None]) -> None:
    def prepare() -> Run:
        doer, act = OPERATIONS[name](world)
        return keyed(name, doer, act)

    report = Sweep(Operation(name, prepare, broken_rules)).go()

    tally("crash points", operations=1, kills=report.points, violations=len(report.violations))
    assert report.violations == []


# The first runs in a migration, inside its one transaction; the next write nothing; the last two are part of erasing and
# of merging a person.
ELSEWHERE = {"install_first_rows", "read_table", "plan", "forget_booker", "move_booker"}
ELSEWHERE |= {"forget_checker", "move_checker"}


def test_every_action_of_places_is_swept() -> None:
    named = {name for name in actions.__all__ if name[0].islower()}

    assert named - set(OPERATIONS) == ELSEWHERE
    assert unknown("places", OPERATIONS, ()) == set()
