"""Pictures of round-ups: only with consent that stands, and gone from new files when it ends."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any

import pypdfium2
import pytest
from django.urls import reverse

from huying.activities import actions as activities
from huying.activities.actions import PhotoFacts
from huying.activities.models import Photo
from huying.activities.tests.factories import HOUR, World, session_of
from huying.calls.tests.factories import START, actor, person, role
from huying.cockpit import actions
from huying.cockpit.actions.report_writing import Wanted
from huying.cockpit.models import Report, ReportFile
from huying.cockpit.queries import report_photos, report_templates
from huying.cockpit.queries import reports as queries
from huying.cockpit.states import Verb
from huying.cockpit.tests.test_report_files import DRAW
from huying.figures.actions import install_first_rows
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places.tests.test_photos import picture
from huying.volunteers.tests.factories import browser

pytestmark = pytest.mark.django_db
MONTH = (date(2026, 3, 1), date(2026, 4, 1))


@pytest.fixture
def world(db: None) -> Iterator[World]:
    install_first_rows()
    actions.install_first_templates()
    with clock.frozen(START):
        yield World()


def held(world: World) -> Any:
    activity = world.published(starts_at=START + 2 * HOUR, title="端午包粽子")
    with clock.frozen(START + 5 * HOUR):
        return activities.hold(actor=world.boss, session=session_of(activity))


def photo(world: World, session: Any, **facts: Any) -> Photo:
    given = PhotoFacts(**{"shows_people": False, "is_public": True} | facts)
    return activities.add_photo(actor=world.boss, session=session, upload=picture(), facts=given)


def report(world: World, **more: Any) -> Report:
    wanted = Wanted(report_templates.template(world.home, "monthly"), *MONTH, "通报", **more)
    return actions.make_report(actor=writer(world), place=world.home, wanted=wanted)


def writer(world: World) -> Actor:
    who = person("撰稿人", world.home)
    role(who, "office", world.home)
    return actor(who)


def test_only_pictures_with_consent_stand_in_it(world: World) -> None:
    session = held(world)
    agreed = photo(world, session, shows_people=True, consent="都同意")
    unreleased = photo(world, session, is_public=False)
    forgotten = photo(world, session, shows_people=True, is_public=False, consent="同意过")
    Photo.objects.filter(pk=forgotten.pk).update(consent="")
    for public, shown in ((False, {agreed, unreleased}), (True, {agreed})):
        found = report_photos.pictures_of(queries.document(report(world, is_public=public)))
        assert {one["id"] for one in found} == {str(one.public_id) for one in shown}
        assert all("端午包粽子" in one["caption"] and "2026年3月3日" in one["caption"] for one in found)


def test_a_picture_whose_consent_ends_is_gone_from_new_files_and_told(world: World) -> None:
    session = held(world)
    gone, stays = (photo(world, session, shows_people=True, consent="都同意") for _n in range(2))
    made = report(world)
    made = actions.step_report(actor=writer(world), report=made, verb=Verb.LOCK)

    who = writer(world)

    def taken(kind: str) -> bytes:
        fresh = Report.objects.select_related("place", "template").get(pk=made.pk)
        return actions.hand_out(actor=who, report=fresh, kind=kind, draw=DRAW[kind]).body

    assert (pictures_in(taken("docx")), images_in(taken("pdf"))) == (2, 2)
    activities.remove_photo(actor=world.boss, photo=gone)
    assert (pictures_in(taken("docx")), images_in(taken("pdf"))) == (1, 1)
    rows = ReportFile.objects.order_by("kind", "edition").values_list("kind", "edition", "body", "photos")
    assert [(kind, n, body is None, len(photos)) for kind, n, body, photos in rows] == [
        ("docx", 1, True, 2),
        ("docx", 2, False, 1),
        ("pdf", 1, True, 2),
        ("pdf", 2, False, 1),
    ]
    reader = person("读者", world.home)
    role(reader, "inspector", world.home)
    page = browser(reader).get(reverse("cockpit:report", args=[made.public_id])).content.decode()
    assert "1 张照片的同意已经撤回" in page and page.count("<img") >= 1
    assert stays.is_public


def pictures_in(body: bytes) -> int:
    """Pictures that stand on the pages, by the words for those who do not see them; the same one is packed once."""
    words = zipfile.ZipFile(io.BytesIO(body)).read("word/document.xml").decode()
    return words.count('descr="端午包粽子')


def images_in(body: bytes) -> int:
    """Pictures that PDFium finds on the pages; charts are drawn, not pictures."""
    paper = pypdfium2.PdfDocument(body)
    return sum(
        len(list(paper[n].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=6)))
        for n in range(len(paper))
    )
