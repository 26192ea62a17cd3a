"""The pages of standards: a keeper fills in a checklist, somebody above verifies it, an office sees the gaps."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from huying.kernel import attachments, clock
from huying.kernel.actor import Actor
from huying.places import queries
from huying.places.models import SiteCheck
from huying.places.tests.factories import place, staff
from huying.places.tests.standards import checked, installed, keeper, officer, verified
from huying.places.tests.test_photos import picture
from huying.places.views.standards import score

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def on_a_tuesday():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def site():
    return place("station", name="和平站")


@pytest.fixture
def standard(site):
    return installed(name="三个一", place=site.parent)


def text(response):
    return unescape(response.content.decode())


def at(name, *args):
    return reverse(f"places:{name}", args=args)


def test_a_keeper_fills_in_the_checklist_and_an_office_verifies_it(as_actor, site, standard):
    form = at("new_check", site.public_id, standard.public_id)
    typed = {"answer_1": "yes", "note_1": "门厅有牌子", "answer_2": "no", "answer_3": "na", "note_3": "没有厨房"}

    sent = as_actor(keeper(site)).post(form, typed)

    row = SiteCheck.objects.get()
    assert (sent.status_code, sent.headers["Location"]) == (303, at("check", row.public_id))
    assert (row.met, row.applies) == (1, 3)
    page = text(as_actor(officer(site)).get(at("checks")))
    assert "和平站" in page and "33%" in page
    page = text(as_actor(officer(site)).get(at("check", row.public_id)))
    assert all(word in page for word in ("门厅有牌子", "没有厨房", "属实，核实", "33.3%"))
    assert as_actor(officer(site)).post(at("check", row.public_id), {"act": "verify"}).status_code == 303
    row.refresh_from_db()
    assert row.holds
    assert as_actor(officer(site)).post(at("check", row.public_id), {"act": "verify"}).status_code == 409


def test_a_refused_checklist_keeps_what_was_typed_and_says_where(as_actor, site, standard):
    form = at("new_check", site.public_id, standard.public_id)

    answer = as_actor(keeper(site)).post(form, {"answer_1": "yes", "note_1": "门厅有牌子", "answer_3": "na"})

    page = text(answer)
    assert answer.status_code == 422
    assert "门厅有牌子" in page and "请写明为什么不适用。" in page and "请选一项。" in page
    assert 'href="#id_answer_2_0"' in page and 'href="#id_note_3"' in page
    assert not SiteCheck.objects.exists()


def test_the_next_checklist_begins_with_what_was_said_last(as_actor, site, standard):
    verified(site, standard, "yn-")

    page = text(as_actor(keeper(site)).get(at("new_check", site.public_id, standard.public_id)))

    assert page.count("checked") == 3
    assert 'value="这里没有"' in page


def test_a_second_checklist_while_one_waits_is_refused_in_the_form(as_actor, site, standard):
    checked(site, standard, "yyy")
    typed = {f"answer_{n}": "yes" for n in (1, 2, 3)}

    answer = as_actor(keeper(site, 7)).post(at("new_check", site.public_id, standard.public_id), typed)

    assert answer.status_code == 422 and "已经有一份自查等着核实" in text(answer)


def test_who_checked_sees_that_another_person_is_needed_and_no_button(as_actor, site, standard):
    both = Actor(501, roles=(("station_keeper", site.path), ("office", site.parent.path)))
    row = checked(site, standard, "yyy", by=both)

    page = text(as_actor(both).get(at("check", row.public_id)))

    assert "要由另一个人核实" in page and "属实，核实" not in page
    assert as_actor(both).post(at("check", row.public_id), {"act": "verify"}).status_code == 403


def test_a_check_goes_back_with_a_reason_the_keeper_reads(as_actor, site, standard):
    row = checked(site, standard, "yyy")
    address = at("check", row.public_id)

    assert as_actor(officer(site)).post(address, {"reason": ""}).status_code == 422
    assert as_actor(officer(site)).post(address, {"reason": "公示牌没有更新"}).status_code == 303

    page = text(as_actor(keeper(site)).get(at("site_checks", site.public_id)))
    assert "公示牌没有更新" in page and "再查一次" in page and "已退回" in page


def test_photos_prove_an_answer_while_the_check_waits_and_only_readers_get_them(as_actor, site, standard):
    row = checked(site, standard, "yyy")
    add = at("add_check_photo", row.public_id, 2)
    upload = picture()

    assert as_actor(keeper(site)).post(add, {"photo": upload}).status_code == 303

    (line,) = [one for one in queries.opened(row).lines if one.photos]
    photo = line.photos[0]
    assert (line.item.number, photo.is_public) == (2, False)
    assert as_actor(keeper(site)).get(attachments.url(photo, keeper(site))).status_code == 200
    assert as_actor(Actor(9)).get(attachments.url(photo, keeper(site))).status_code == 403
    assert as_actor(officer(site)).post(add, {"photo": picture()}).status_code == 303
    assert as_actor(staff(site, "inspector")).post(add, {"photo": picture()}).status_code == 403
    wrong = SimpleUploadedFile("a.png", b"no picture")
    assert as_actor(keeper(site)).post(add, {"photo": wrong}).status_code == 422
    assert as_actor(keeper(site)).get(at("add_check_photo", row.public_id, 9)).status_code == 404
    gone = at("remove_check_photo", row.public_id, 2, photo.public_id)
    assert as_actor(keeper(site)).post(gone).status_code == 303
    as_actor(officer(site)).post(at("check", row.public_id), {"act": "verify"})
    assert as_actor(keeper(site)).post(add, {"photo": picture()}).status_code == 422
    left = queries.opened(row).lines[1].photos[0]
    assert as_actor(keeper(site)).post(at("remove_check_photo", row.public_id, 2, left.public_id)).status_code == 409


def test_an_office_sees_numbers_that_open_to_the_sites_behind_them(as_actor, site, standard):
    other = place("station", site.parent, name="东风站")
    verified(site, standard, "yny")
    browser = as_actor(officer(site))

    page = text(browser.get(at("standards")))
    listed = at("standard", standard.public_id)
    within = f"within={site.parent.public_id}"
    assert f'href="{listed}?{within}&standing=unmet"' in page and f'href="{listed}?{within}&standing=never"' in page
    found = text(browser.get(f"{listed}?{within}&standing=unmet"))
    assert "和平站" in found and "东风站" not in found and "67%" in found
    assert "东风站" in text(browser.get(f"{listed}?standing=gap&q=东风"))
    assert "没有符合的阵地" in text(browser.get(f"{listed}?standing=met"))
    lacking = text(browser.get(f"{listed}?{within}&item=2"))
    assert "只看缺第 2 项的" in lacking and "东风站" not in lacking and other.name == "东风站"


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_the_list_leaves_as_a_file_under_its_filters(as_actor, site, standard, form):
    place("station", site.parent, name="东风站")
    verified(site, standard, "yny")

    answer = as_actor(officer(site)).get(at("standard_file", standard.public_id, form) + "?standing=unmet")

    body = b"".join(answer.streaming_content)
    assert answer.status_code == 200
    if form == "json":
        rows = json.loads(body)
        assert [(one["name"], one["standing"], one["percent"]) for one in rows] == [("和平站", "有没做到的", 66.6)]


def test_the_public_page_names_what_is_met_and_never_what_is_not(as_actor, anonymous, site, standard):
    verified(site, standard, "yny")
    address = at("detail", site.public_id)

    page = text(as_actor(Actor(9)).get(address))
    assert "三个一" not in page and "达到的标准" not in page
    verified(site, standard, "yyy")
    page = text(as_actor(Actor(9)).get(address))
    assert "三个一" in page and "2026-03-03 核实" in page and "对照标准自查" not in page
    assert "对照标准自查" in text(as_actor(keeper(site)).get(address))
    with clock.frozen(NOW + timedelta(days=366)):
        assert "三个一" not in text(as_actor(Actor(9)).get(address))


def test_others_are_kept_out_of_checks(as_actor, site, standard):
    row = checked(site, standard, "yyy")
    away = keeper(place("station"), 9)
    pages = [at("site_checks", site.public_id), at("new_check", site.public_id, standard.public_id)]
    pages += [at("standards") + f"?within={site.parent.public_id}", at("standard", standard.public_id)]

    for address in pages[:3]:
        assert as_actor(away).get(address).status_code == 403
    assert "和平站" not in text(as_actor(away).get(pages[3]))
    assert as_actor(away).get(at("check", row.public_id)).status_code == 404
    assert as_actor(Actor(9)).get(at("standards")).status_code == 403
    assert as_actor(keeper(site)).get(at("checks")).status_code == 403


def test_an_administrator_retires_a_standard_and_nobody_else(as_actor, site, standard):
    address = at("retire_standard", standard.public_id)

    assert as_actor(officer(site)).post(address).status_code == 403
    admin = as_actor(staff(site.parent, "administrator"))
    assert "停用“三个一”" in text(admin.get(at("standards")))
    assert admin.post(address).status_code == 303
    assert "还没有标准" in text(admin.get(at("standards")))
    assert "已停用" in text(admin.get(at("standard", standard.public_id)))


def test_english_readers_get_english_words(as_actor, site):
    standard = installed(name="五个一", items=5)
    address = at("new_check", site.public_id, standard.public_id)
    with translation.override(translation.get_language()):  # the test after this one reads Chinese again
        page = as_actor(keeper(site)).get(address, headers={"accept-language": "en"})

    assert "5 ones" in text(page) and "Thing 5" in text(page)


def test_pages_ask_the_same_however_many_there_are(as_actor, site, standard):
    street = site.parent.parent
    addresses = [at("standards"), at("standard", standard.public_id), at("site_checks", site.public_id), at("checks")]
    actor = staff(street, "office", person_id=777)

    def asked():
        numbers = []
        for address in addresses:
            with CaptureQueriesContext(connection) as seen:
                assert as_actor(actor).get(address).status_code == 200
            numbers.append(len(seen))
        return numbers

    verified(site, standard, "yny")
    checked(site, standard, "yyy")
    asked()
    one = asked()
    for n in range(3):
        more = place("station", site.parent, name=f"站{n}")
        verified(more, standard, "nny")
        checked(more, standard, "yyy")
        extra = installed(name=f"标准{n}", items=4)
        verified(site, extra, "ynny")
        checked(site, extra, "ynny")

    assert asked() == one


def test_only_everything_is_a_hundred_per_cent():
    assert [score(met, 5901) for met in (5901, 5900, 59, 0)] == [100.0, 99.9, 0.9, 0.0]
    assert (score(2, 3), score(None, None)) == (66.6, None)
