"""Two administrators at once: one version is loaded once, a pack is on once, rows are offered as the last one left it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from huying.activities.models import Theme
from huying.calls.tests.factories import START
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.packs import actions
from huying.packs.models import Installed, Pack, PackVersion, Switch
from huying.packs.queries import newest, pack_by_key
from huying.packs.tests.conftest import LISTS, SEASONS
from huying.places.models import Place
from huying.places.tests.factories import kinds, place
from tests.concurrency.racing import all_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
SYSTEM = Actor.system("races")


@pytest.fixture
def county(committed_db: None) -> Iterator[Place]:
    kinds()
    with clock.frozen(START):
        yield place("county")


def errors(results: list[object]) -> list[str]:
    return [type(one).__name__ for one in results if isinstance(one, Exception)]


def test_one_version_loaded_by_four_connections_is_there_once(county: Place) -> None:
    results = all_at_once(*[partial(actions.load_pack, actor=SYSTEM, text=SEASONS)] * 4)

    assert errors(results) == []
    assert (Pack.objects.count(), PackVersion.objects.count()) == (1, 1)
    assert Installed.objects.count() == Theme.objects.filter(code__startswith="example-").count() + 2


def test_two_texts_of_one_version_one_is_refused(county: Place) -> None:
    other = SEASONS.replace("120", "180")
    results = all_at_once(
        partial(actions.load_pack, actor=SYSTEM, text=SEASONS), partial(actions.load_pack, actor=SYSTEM, text=other)
    )

    assert errors(results) == ["VersionDiffers"]
    assert PackVersion.objects.count() == 1


def test_two_packs_loaded_at_once(county: Place) -> None:
    results = all_at_once(
        *(partial(actions.load_pack, actor=SYSTEM, text=text) for text in (SEASONS, LISTS, SEASONS, LISTS))
    )

    assert errors(results) == []
    assert PackVersion.objects.count() == 2


def test_switched_on_by_three_at_once_is_on_once(county: Place) -> None:
    actions.load_pack(actor=SYSTEM, text=SEASONS)
    pack = pack_by_key("example.four_seasons")
    results = all_at_once(*[partial(actions.switch_on, actor=SYSTEM, pack=pack, place=county)] * 3)

    assert errors(results) == ["AlreadyOn", "AlreadyOn"]
    assert Switch.objects.count() == 1


def test_loading_a_new_version_while_it_is_switched_on_leaves_one_open_switch_of_it(county: Place) -> None:
    actions.load_pack(actor=SYSTEM, text=SEASONS)
    pack = pack_by_key("example.four_seasons")
    second = SEASONS.replace("version: 1", "version: 2").replace("120", "180")
    results = all_at_once(
        partial(actions.load_pack, actor=SYSTEM, text=second),
        partial(actions.switch_on, actor=SYSTEM, pack=pack, place=county),
    )
    last, switch = newest(pack), Switch.objects.get(off_at__isnull=True)

    assert errors(results) == []
    assert last is not None and switch.version_id == last.pk
    assert list(Theme.objects.get(code="example-spring").offered_at.all()) == [county]


def test_on_and_off_at_two_places_at_once_offers_where_it_is_on(county: Place) -> None:
    other = place("county", name="邻县")
    actions.load_pack(actor=SYSTEM, text=SEASONS)
    pack = pack_by_key("example.four_seasons")
    held = actions.switch_on(actor=SYSTEM, pack=pack, place=county)
    results = all_at_once(
        partial(actions.switch_off, actor=SYSTEM, switch=held, reason="停"),
        partial(actions.switch_on, actor=SYSTEM, pack=pack, place=other),
    )

    assert errors(results) == []
    assert list(Theme.objects.get(code="example-spring").offered_at.all()) == [other]
