"""What people type when they ask: places, times, and hostile or silly input; said beside it, and nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from huying.calls.models import Call
from huying.calls.tests.asking import ask, asking_cast, page, words
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, Cast, place
from huying.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield asking_cast()


# ── where ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["麦田社区", "麦田", "maitian", "mtsq", " 麦田社区 "])
def test_another_place_is_found_by_name_pinyin_or_initials(cast: Cast, name: str) -> None:
    answer = ask(cast, place_words=name)

    assert answer.status_code == 303
    assert Call.objects.get().place == cast.away


def test_several_places_of_one_name_are_offered_and_the_chosen_one_is_taken(cast: Cast) -> None:
    twin = place("麦田社区", cast.street, "community")

    first = ask(cast, place_words="麦田社区")
    offered = dict(first.context["form"].fields["place"].choices)
    second = ask(cast, place_words="麦田社区", place=str(twin.public_id))

    assert first.status_code == 422
    assert offered == {str(cast.away.public_id): "麦田社区（东篱街道）", str(twin.public_id): "麦田社区（青禾街道）"}
    assert second.status_code == 303
    assert Call.objects.get().place == twin


def test_somebody_without_a_home_on_file_writes_the_name_of_the_place(cast: Cast) -> None:
    cast.resident.home_place = None
    cast.resident.save()

    html = browser(cast.resident).get(page()).content.decode()
    missing = ask(cast, place="other", place_words="")
    found = ask(cast, place="other", place_words="和平社区")

    assert 'type="radio" name="place"' not in html
    assert (missing.status_code, list(missing.context["form"].errors)) == (422, ["place_words"])
    assert found.status_code == 303


@pytest.mark.parametrize("sent_place", ["x", "", "00000000-0000-0000-0000-000000000000", "' OR 1=1 --"])
def test_a_place_that_does_not_exist_is_refused(cast: Cast, sent_place: str) -> None:
    answer = ask(cast, place=sent_place)

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) & {"place", "place_words"}
    assert Call.objects.count() == 0


def test_a_street_or_a_room_is_no_place_to_ask_from(cast: Cast) -> None:
    answers = [ask(cast, place=str(one.public_id)).status_code for one in (cast.street, cast.county)]

    assert answers == [422, 422]


# ── when ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("given", "at_fault"),
    [
        ({"when": "date", "day": ""}, "day"),
        ({"when": "date", "day": "2026-02-30"}, "day"),
        ({"when": "date", "day": "2026-03-02"}, "day"),
        ({"when": "date", "day": "2027-03-05"}, "day"),
        ({"when": "date", "day": "9999-12-31"}, "day"),
        ({"when": "date", "day": "明天"}, "day"),
        ({"when": "yesterday"}, "when"),
        ({"when": ""}, "when"),
        ({"when": "today", "part": "dawn"}, "part"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_beside_its_field(
    cast: Cast, given: dict[str, str], at_fault: str
) -> None:
    answer = ask(cast, **given)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [at_fault]
    assert 'value="去医院复查"' in answer.content.decode()


def test_a_part_of_today_that_is_over_is_refused_and_one_under_way_begins_now(cast: Cast) -> None:
    with clock.frozen(START + timedelta(hours=3)):  # one in the afternoon
        over = ask(cast, when="today", part="morning")
        under_way = ask(cast, when="today", part="afternoon")

    assert (over.status_code, list(over.context["form"].errors)) == (422, ["part"])
    assert under_way.status_code == 303
    assert Call.objects.get().wanted_from == START + timedelta(hours=3)


# ── hostile and silly input ─────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["title", "q_hospital", "details", "address", "place_words", "phone"])
def test_a_megabyte_in_one_field_is_refused_beside_it_and_given_back(cast: Cast, name: str) -> None:
    long = "长" * 350_000

    answer = ask(cast, **{name: long})

    assert answer.status_code == 422
    assert name in answer.context["form"].errors
    assert long in answer.content.decode()


def test_ten_megabytes_are_refused_with_a_clear_page(cast: Cast) -> None:
    answer = ask(cast, title="长" * 3_500_000)

    assert answer.status_code in {400, 413}
    assert "太大" in answer.content.decode()
    assert Call.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("😀👨‍👩‍👧 买药", "😀👨‍👩‍👧 买药"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("ئۇيغۇرچە ياردەم", "ئۇيغۇرچە ياردەم"),
        ("a\x00b\x07c", "abc"),
        ("  两  行\n并一行 ", "两 行 并一行"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("{{ secret }}{% now %}", "{{ secret }}{% now %}"),
        ("' ; DROP TABLE calls_call --", "' ; DROP TABLE calls_call --"),
    ],
)
def test_odd_letters_are_kept_or_cleaned_and_never_run(cast: Cast, typed: str, kept: str) -> None:
    answer = ask(cast, title=typed)

    assert answer.status_code == 303
    call = Call.objects.get()
    shown = browser(cast.resident).get(reverse("calls:call", args=[call.public_id])).content.decode()
    assert call.title == kept
    assert "<script>alert" not in shown


@pytest.mark.parametrize(
    ("given", "at_fault"),
    [
        ({"title": ""}, "title"),
        ({"title": "\u202e\u200f \x00".replace("\u200f", "")}, "title"),
        ({"q_hospital": ""}, "q_hospital"),
        ({"q_days": "0"}, "q_days"),
        ({"q_days": "1e9"}, "q_days"),
        ({"q_days": "三"}, "q_days"),
        ({"q_how": "rocket"}, "q_how"),
        ({"q_walk": "maybe"}, "q_walk"),
        ({"phone": "12"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"phone": "abc"}, "phone"),
        ({"address": ""}, "address"),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_it_and_the_rest_is_kept(
    cast: Cast, given: dict[str, str], at_fault: str
) -> None:
    answer = ask(cast, details="别忘了我", **given)

    html = answer.content.decode()
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [at_fault]
    assert 'class="hy-errors"' in html
    assert "别忘了我" in html
    assert Call.objects.count() == 0


def test_a_write_without_its_key_is_refused(cast: Cast) -> None:
    answer = browser(cast.resident).post(page(), words(cast))

    assert answer.status_code == 400
    assert Call.objects.count() == 0


def test_letters_that_are_no_text_at_all_do_not_break_the_page(cast: Cast) -> None:
    client = browser(cast.resident)

    answer = client.post(
        page(),
        b"idempotency_key=" + uuid4().hex.encode() + b"&title=%FF%FE&when=any",
        content_type="application/x-www-form-urlencoded",
    )

    assert answer.status_code == 422
