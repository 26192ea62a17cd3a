"""Loading: a dry run tells the difference, the same file again changes nothing, versions follow each other."""

from __future__ import annotations

import pytest

from huying.activities.models import Theme
from huying.calls.models import ServiceKind
from huying.calls.tests.factories import actor
from huying.kernel.errors import Forbidden
from huying.kernel.models.audit import AuditLine
from huying.packs import actions
from huying.packs.models import Installed, Kept, Pack, PackVersion, Switch
from huying.packs.queries import in_force, newest, running
from huying.packs.queries.driving import key_of
from huying.packs.rules.reading import PackWrong, body_of, read_pack
from huying.packs.tests.conftest import LISTS, SEASONS, World
from huying.volunteers.models import TeamKind

SECOND = SEASONS.replace("version: 1", "version: 2")


def counts() -> tuple[int, ...]:
    tables = (Pack, PackVersion, Switch, Installed, Kept, Theme, ServiceKind, TeamKind, AuditLine)
    return tuple(one.objects.count() for one in tables)


def test_a_dry_run_writes_nothing(world: World) -> None:
    before = counts()
    found = actions.try_pack(actor=actor(world.chief), text=SEASONS)

    assert counts() == before
    assert {(one.section, one.code) for one in found.lines if one.section == "themes"} == {
        ("themes", code) for code in ("spring", "summer", "autumn", "winter")
    }
    assert {one.change for one in found.lines} == {"new"}


def test_loading_writes_rows_that_are_offered_nowhere_yet(world: World) -> None:
    pack = world.load()
    theme = Theme.objects.get(code="example-spring")

    assert (theme.name, theme.name_en, theme.begins, theme.limited) == ("春有学", "Learn in spring", "02-04", True)
    assert not theme.offered_at.exists()
    assert list(ServiceKind.objects.get(code="example-cool_room").clocks.values_list("stage", "minutes")) == [
        ("answer", 120)
    ]
    assert running(pack) == body_of(read_pack(SEASONS)[0])


def test_the_same_file_again_changes_nothing(world: World) -> None:
    world.load()
    before = counts()
    again = actions.load_pack(actor=actor(world.chief), text=SEASONS)

    assert (counts(), again.lines) == (before, ())


def test_rows_changed_by_hand_are_shown_and_put_back(world: World) -> None:
    world.load()
    Theme.objects.filter(code="example-spring").update(name="别的")
    tried = actions.try_pack(actor=actor(world.chief), text=SEASONS)

    assert [(one.section, one.code, one.fields[0][1]["zh"]) for one in tried.lines] == [("themes", "spring", "别的")]
    world.load()
    assert Theme.objects.get(code="example-spring").name == "春有学"


def test_a_broken_file_changes_nothing(world: World) -> None:
    before = counts()
    for text in (SEASONS.replace("platform", "x").replace("group: season", "group: x"), "", "["):
        with pytest.raises(PackWrong):
            actions.load_pack(actor=actor(world.chief), text=text)

    assert counts() == before


def test_a_template_with_an_unknown_number_names_its_line(world: World) -> None:
    text = LISTS.replace("{calls_submitted}", "{calls_sold}")
    with pytest.raises(PackWrong) as wrong:
        actions.load_pack(actor=actor(world.chief), text=text, file="lists.yaml")

    assert "calls_sold" in wrong.value.told()[0] and wrong.value.told()[0].startswith("lists.yaml 第 ")
    assert not Pack.objects.exists()


def test_platform_rows_must_be_there(world: World) -> None:
    text = SEASONS.replace(
        "      visit: false\n", "      visit: false\n      skills: [platform:flying]\n      category: platform:none\n"
    )
    with pytest.raises(PackWrong) as wrong:
        actions.load_pack(actor=actor(world.chief), text=text)

    assert [("flying" in one, "none" in one) for one in wrong.value.told()] == [(True, False), (False, True)]


def test_the_platform_has_no_rings_of_its_own_and_a_file_from_before_drives_none(world: World) -> None:
    ring = "components:\n  - {code: alien, name: {zh: 外来}, drives: ['rings.platform:near']}\n"
    text = SEASONS.replace("components:\n", ring, 1)
    with pytest.raises(PackWrong) as wrong:
        actions.load_pack(actor=actor(world.chief), text=text)
    line = next(n for n, one in enumerate(text.splitlines(), 1) if "alien" in one)
    assert ["rings" in one and f"第 {line} 行" in one for one in wrong.value.told()] == [True]

    pack = world.load()
    world.on(pack)
    assert key_of(in_force(world.east)[0], "rings", "platform:near", {}, {}) == ""


def test_versions_only_go_up_and_never_change(world: World) -> None:
    pack = world.load(SECOND)
    with pytest.raises(actions.VersionOlder):
        world.load(SEASONS)
    with pytest.raises(actions.VersionDiffers):
        world.load(SECOND.replace("120", "180"))

    last = newest(pack)
    assert last is not None and last.version == 2


def test_a_new_version_keeps_rows_renames_and_retires(world: World) -> None:
    pack = world.load()
    world.on(pack)
    keys = dict(Theme.objects.filter(code__startswith="example-").values_list("code", "pk"))
    kept = Switch.objects.get()
    text = SECOND.replace("{code: spring, name", "{code: spring_now, was: spring, name").replace(
        "themes.spring", "themes.spring_now"
    )
    text = text.replace("120", "240").replace("drives: [themes.winter, team_kinds.warmth]", "drives: [themes.winter]")
    text = text.replace("  team_kinds:\n    - {code: warmth, name: {zh: 送暖队, en: Warmth team}}\n", "")
    tried = actions.try_pack(actor=actor(world.chief), text=text)
    world.load(text)

    assert {(one.section, one.code, one.change, one.was) for one in tried.lines if one.section != "components"} == {
        ("themes", "spring_now", "renamed", "spring"),
        ("service_kinds", "cool_room", "changed", ""),
        ("team_kinds", "warmth", "retired", ""),
    }
    assert Theme.objects.get(pk=keys["example-spring"]).code == "example-spring_now"
    team = TeamKind.objects.get(code="example-warmth")
    assert team.limited and not team.offered_at.exists()
    first, second = Switch.objects.order_by("id")
    assert (first.pk, first.off_at is not None, second.version.version, second.off_at) == (kept.pk, True, 2, None)
    assert list(Theme.objects.get(code="example-spring_now").offered_at.all()) == [world.east]


def test_two_packs_of_one_namespace_do_not_share_codes(world: World) -> None:
    world.load()
    other = LISTS.replace("code: need\n", "code: cool_room\n").replace("service_kinds.need", "service_kinds.cool_room")
    with pytest.raises(PackWrong) as wrong:
        world.load(other)

    assert "example.four_seasons" in wrong.value.told()[0]


def test_packs_of_other_places_may_use_the_same_codes(world: World) -> None:
    world.load()
    world.load(SEASONS.replace("namespace: example", "namespace: elsewhere").replace("春有学", "春季送书"))

    assert set(Theme.objects.filter(code__endswith="-spring").values_list("code", "name")) >= {
        ("example-spring", "春有学"),
        ("elsewhere-spring", "春季送书"),
    }


def test_only_the_top_loads(world: World) -> None:
    for who in (world.easterner, world.clerk, world.resident):
        with pytest.raises(Forbidden):
            actions.load_pack(actor=actor(who), text=SEASONS)
        with pytest.raises(Forbidden):
            actions.try_pack(actor=actor(who), text=SEASONS)
