"""What is exported is read back as the same pack: for any pack there can be, for one that runs, for a whole set-up."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huying.activities.models import ActivityKind, Theme
from huying.calls.models import Ring
from huying.calls.tests.factories import actor
from huying.packs import actions
from huying.packs.models import PackVersion
from huying.packs.queries import exporting, newest, running
from huying.packs.rules.barred import BARRED
from huying.packs.rules.reading import body_of, checksum, read_pack
from huying.packs.rules.shape import Pack as File
from huying.packs.rules.shape import walk
from huying.packs.rules.writing import to_yaml
from huying.packs.tests.conftest import LISTS, SEASONS, World
from huying.packs.tests.test_books import WHOLE
from huying.packs.tests.test_switching import CHECK, RINGS

LETTERS = st.characters(
    codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Co", "Cn"], exclude_characters="\ufeff"
)
CODE = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)


def words(most: int) -> st.SearchStrategy[str]:
    return st.text(LETTERS, min_size=1, max_size=most).map(str.strip).filter(can_stand)


def can_stand(text: str) -> bool:
    """Not empty, and no name of a barred function: hypothesis also tries the words it finds in the code."""
    return bool(text) and not any(one.in_words(text) for one in BARRED.values())


def name(most: int = 20) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({"zh": words(most)}, optional={"en": words(most)})


def rows(shape: dict[str, Any], most: int = 3, **optional: Any) -> st.SearchStrategy[list[Any]]:
    one = st.fixed_dictionaries({"code": CODE, "name": name(), **shape}, optional=optional)
    return st.lists(one, max_size=most, unique_by=lambda row: row["code"])


THEMES = rows({"group": st.sampled_from(["season", "topic"])}, order=st.integers(0, 500))
SKILLS = rows({}, needs_proof=st.booleans())
TEAMS = rows({}, order=st.integers(0, 500))
PLACES = rows({}, is_site=st.booleans(), order=st.integers(0, 500))
QUESTION = st.fixed_dictionaries({"code": CODE, "label": name()}, optional={"required": st.booleans()})
SERVICES = rows(
    {"summary": name()},
    example=name(),
    people_needed=st.integers(1, 500),
    emergency=st.lists(st.sampled_from(["120", "119"]), max_size=1),
    clocks=st.lists(
        st.fixed_dictionaries({"stage": st.sampled_from(["review", "answer"]), "minutes": st.integers(1, 5000)}),
        max_size=2,
        unique_by=lambda one: one["stage"],
    ),
    questions=st.lists(QUESTION, max_size=2, unique_by=lambda one: one["code"]),
)
THINGS = st.fixed_dictionaries(
    {"themes": THEMES, "skills": SKILLS, "team_kinds": TEAMS, "place_kinds": PLACES, "service_kinds": SERVICES}
)
PARTS = st.recursive(
    st.fixed_dictionaries({"code": CODE, "name": name()}, optional={"count": st.integers(4, 9), "note": name(40)}),
    lambda inner: st.fixed_dictionaries(
        {"code": CODE, "name": name(), "parts": st.lists(inner, max_size=3, unique_by=lambda one: one["code"])}
    ),
    max_leaves=6,
)


@st.composite
def packs(draw: st.DrawFn) -> File:
    """Any pack, whose services ask for some of its skills and whose components drive some of its things."""
    things = draw(THINGS)
    skills = [one["code"] for one in things["skills"]]
    for one in things["service_kinds"]:
        one["skills"] = draw(st.lists(st.sampled_from(skills), max_size=2)) if skills else []
    drives = [f"themes.{one['code']}" for one in things["themes"]]
    parts = draw(st.lists(PARTS, max_size=3, unique_by=lambda one: one["code"]))
    if parts and drives:
        parts[0]["drives"] = drives
    head = {"format": 1, "namespace": "anywhere", "code": draw(CODE), "version": draw(st.integers(1, 9))}
    told = {"name": draw(name()), "status": "part", "source": {"item": draw(words(20))}}
    return File.model_validate({**head, **told, "components": parts, "things": things})


FAST = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@FAST
@given(packs())
def test_any_pack_is_written_and_read_back_the_same(pack: File) -> None:
    again, _tree = read_pack(to_yaml(pack))

    assert body_of(again) == body_of(pack)
    assert again.checksum == checksum(pack)


@settings(FAST, max_examples=12, suppress_health_check=list(HealthCheck))
@given(pack=packs())
def test_any_pack_is_loaded_exported_and_loaded_again_without_a_difference(world: World, pack: File) -> None:
    text = to_yaml(pack)
    with transaction.atomic():  # examples follow each other in one test: each is taken back
        row = world.load(text)
        exported = to_yaml(exporting.as_running(row))
        before = PackVersion.objects.count()
        again = actions.load_pack(actor=actor(world.chief), text=exported)
        after = PackVersion.objects.count()
        transaction.set_rollback(True)

    assert exported == text
    assert (again.lines, after) == ((), before)


def test_rows_changed_since_are_exported_under_the_next_number(world: World) -> None:
    pack = world.load()
    Theme.objects.filter(code="example-spring").update(name="春来了")
    exported = exporting.as_running(pack)

    assert exported.version == 2
    assert exported.things.themes[0].name.zh == "春来了"
    world.load(to_yaml(exported))
    last = newest(pack)
    assert last is not None and last.version == 2 and running(pack) == last.body


def test_a_set_up_is_exported_and_taken_over_elsewhere(world: World) -> None:
    world.on(world.load(SEASONS + RINGS + CHECK))
    world.on(world.load(LISTS))
    ActivityKind.objects.create(code="own-kind", name="自办的", icon="star-duotone", tone="pine", order=7)
    exported = exporting.as_set_up(world.east, namespace="dongshan", code="ours", name="东山做法")

    assert [one.code for one in exported.things.activity_kinds] == ["own_kind"]
    assert {one.code for one in exported.things.themes} == {
        f"example_{one}" for one in ("spring", "summer", "autumn", "winter")
    }
    assert (
        len(exported.things.rings) == 2 and len(exported.things.standards) == 1 and len(exported.things.templates) == 1
    )
    assert read_pack(to_yaml(exported))[0] == exported.model_copy(update={"checksum": checksum(exported)})

    text = to_yaml(exported).replace("namespace: dongshan", "namespace: xishan").rsplit("checksum", 1)[0]
    taken = world.load(text)
    world.on(taken, world.west)
    there = exporting.as_set_up(world.west, namespace="xishan", code="ours", name="东山做法")
    assert Ring.objects.filter(place=world.west).count() == 2
    assert [one.name for one in there.things.themes] == [one.name for one in exported.things.themes]
    assert actions.try_pack(actor=actor(world.chief), text=text).lines == ()


ALL_OF_IT = f"""{SEASONS}{RINGS}{CHECK}{WHOLE}switches: [unit_order]
words:
  page_title: {{zh: 四季怎么办, en: How we keep the seasons}}
  page_lead: {{zh: 一季一件事。}}
"""


def said(file: File) -> dict[str, Any]:
    """All that a file says but who wrote it and where it was exported."""
    return {name: value for name, value in body_of(file).items() if name not in ("namespace", "source")}


@pytest.mark.parametrize("packs", [(ALL_OF_IT,), (ALL_OF_IT, LISTS)], ids=["one pack", "two packs"])
def test_a_set_up_that_is_exported_and_loaded_elsewhere_is_exported_the_same(
    world: World, packs: tuple[str, ...]
) -> None:
    for text in packs:
        world.on(world.load(text))
    first = exporting.as_set_up(world.east, namespace="dongshan", code="ours", name="东山做法")

    world.on(
        world.load(to_yaml(first).replace("namespace: dongshan", "namespace: xishan").rsplit("checksum", 1)[0]),
        world.west,
    )
    second = exporting.as_set_up(world.west, namespace="xishan", code="ours", name="东山做法")

    assert said(second) == said(first)
    assert first.switches == ["unit_order"] and first.words["page_title"].en
    (book,) = first.things.rule_books
    assert [(one.source, one.measure, one.confirmer) for one in book.items] == [
        ("service", "hour", "keeper"),
        ("learning", "time", "keeper"),
        ("claim", "kilo", "keeper"),
        ("honour", "time", "office"),
    ]
    assert (book.valid_months, book.items[2].valid_months, book.cap_year) == (12, 3, 1500)


def test_owners_empty_slots_notes_and_outside_readings_are_exported(world: World) -> None:
    world.on(world.load(LISTS))
    given = exporting.as_running(world.load(LISTS))
    out = exporting.as_set_up(world.east, namespace="dongshan", code="ours", name="东山做法")

    told = [(one.name, one.owner, one.note, one.outside, one.honour, one.empty) for one, _path in walk(out.components)]
    assert told == [
        (one.name, one.owner, one.note, one.outside, one.honour, one.empty) for one, _path in walk(given.components)
    ]
    assert sum(one.empty for one, _path in walk(out.components)) == 1 and out.status == "part"
    assert any(one.outside for one, _path in walk(out.components))
