"""The Ministry of Civil Affairs' list becomes the tree, again and again, and nothing is ever deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from huying.kernel.errors import Forbidden
from huying.kernel.models.audit import AuditLine
from huying.places import actions, queries
from huying.places.actions.divisions import DivisionList, RootUnknown, import_divisions, published
from huying.places.models import Place
from huying.places.tests.factories import SYSTEM, kinds, place, staff
from huying.places.tests.test_tree_actions import broken_paths

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kinds(db):
    kinds()


def test_the_list_is_the_one_of_the_ministry():
    """Domain 6: MCA list as of 2025-12-31: 33 / 333 / 2,845 / 38,723."""
    divisions = published()

    by_level = {level: sum(row.level == level for row in divisions.rows) for level in (1, 2, 3, 4)}

    assert divisions.as_of == date(2025, 12, 31)
    assert by_level == {1: 33, 2: 333, 3: 2845, 4: 38723}


def test_beijing_hangs_as_published_with_source_and_date_on_each_row():
    done = import_divisions(actor=SYSTEM, root="110000")

    beijing = Place.objects.get(code="110000")
    street = Place.objects.get(code="110101001")
    assert (beijing.depth, beijing.kind_id, beijing.parent) == (1, "province", None)
    assert [one.name for one in queries.ancestors(street)] == ["北京市", "东城区"]
    assert (street.kind_id, street.source, street.as_of_date) == ("street", "民政部行政区划代码", date(2025, 12, 31))
    assert Place.objects.get(code="110105021").kind_id == "township"
    assert done.numbers() == {
        "added": Place.objects.count(),
        "renamed": 0,
        "elsewhere": 0,
        "vanished": 0,
        "same": 0,
    }
    assert broken_paths() == []
    assert list(queries.search("donghuam").values_list("name", flat=True)) == ["东华门街道"]
    assert AuditLine.objects.get().changes["root"] == "110000"


def test_reading_the_list_again_changes_nothing_and_names_follow_a_new_list():
    import_divisions(actor=SYSTEM, root="110101")
    before = list(Place.objects.order_by("id").values())
    again = import_divisions(actor=SYSTEM, root="110101")
    assert again.numbers() == {"added": 0, "renamed": 0, "elsewhere": 0, "vanished": 0, "same": len(before)}
    assert list(Place.objects.order_by("id").values()) == before

    old = published()
    rows = tuple(
        replace(row, name="紫禁城街道") if row.code == "110101001" else row
        for row in old.rows
        if row.code != "110101002"
    )
    newer = DivisionList(as_of=date(2026, 12, 31), rows=rows)
    done = import_divisions(actor=SYSTEM, root="110101", divisions=newer)

    gone = next(row.name for row in old.rows if row.code == "110101002")
    assert (done.renamed, done.vanished, done.added) == (["东华门街道 → 紫禁城街道"], [gone], [])
    renamed = Place.objects.get(code="110101001")
    assert (renamed.name, renamed.as_of_date) == ("紫禁城街道", date(2026, 12, 31))
    assert list(queries.search("zjc")) == [renamed]
    assert Place.objects.filter(code="110101002", status="open", as_of_date=date(2025, 12, 31)).exists()


def test_a_place_made_by_hand_is_taken_over_and_one_that_hangs_elsewhere_is_only_reported():
    import_divisions(actor=SYSTEM, root="110101", to="county")
    county = Place.objects.get(code="110101")
    by_hand = place("street", county, name="东华门街道", address="手工填的地址")
    other = place("county", name="别的区")

    done = import_divisions(actor=SYSTEM, root="110101")
    by_hand.refresh_from_db()
    assert (by_hand.code, by_hand.address) == ("110101001", "手工填的地址")
    assert "东华门街道" not in done.added

    actions.move_place(actor=SYSTEM, place=by_hand, parent=other)
    done = import_divisions(actor=SYSTEM, root="110101")
    assert done.elsewhere == ["东华门街道"]
    by_hand.refresh_from_db()
    assert by_hand.parent_id == other.pk


def test_a_part_hangs_under_its_parent_when_that_is_there():
    import_divisions(actor=SYSTEM, root="330000", to="prefecture")
    import_divisions(actor=SYSTEM, root="330106", to="township")

    west_lake = Place.objects.get(code="330106")

    assert [one.name for one in queries.ancestors(west_lake)] == ["浙江省", "杭州市"]
    assert broken_paths() == []


def test_who_may_and_what_is_unknown():
    with pytest.raises(RootUnknown):
        import_divisions(actor=SYSTEM, root="999999")
    with pytest.raises(Forbidden):
        import_divisions(actor=staff(place("street"), "administrator"), root="110000")
    with pytest.raises(CommandError, match="999999"):
        call_command("import_divisions", "--root", "999999")


def test_the_command_says_what_it_did_and_a_dry_run_changes_nothing():
    dry, real = StringIO(), StringIO()

    call_command("import_divisions", "--root", "110101", "--to", "county", "--dry-run", stdout=dry)
    assert Place.objects.count() == 0
    call_command("import_divisions", "--root", "110101", "--to", "county", stdout=real)

    assert Place.objects.count() == 1
    assert "1 added" in dry.getvalue() and "nothing was changed" in dry.getvalue()
    assert real.getvalue().startswith("2025-12-31: 1 added")


def test_the_whole_country_is_read_in_one_go():
    """Issue 2 item 4: 41,934 rows; the time is in the report of the test run."""
    done = import_divisions(actor=SYSTEM)

    assert len(done.added) == Place.objects.count() == 41_934
    assert Place.objects.filter(parent=None).count() == 33
    levels = dict(queries.counts().levels)
    assert levels == {10: 33, 20: 333, 30: 2845, 40: 38723}
