"""The list of all calls: filters, pages by key, and the file that may leave the house."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from huying.calls.models import Call, Offer
from huying.calls.states import OfferState, State
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, Cast, clocks, kind
from huying.kernel import clock
from huying.kernel.models.audit import AuditLine

pytestmark = pytest.mark.django_db


def listed(cast: Cast, **asked: str) -> list[str]:
    answer = browser(cast.keeper).get("/desk/list/", asked)
    assert answer.status_code == 200
    return [one["call"].title for one in answer.context["rows"]]


def test_the_newest_call_comes_first_or_what_is_due_first(cast: Cast) -> None:
    clocks(review=600, dispatch=60)
    cast.call(title="一")
    cast.call(State.POOLED, title="二")
    cast.call(State.NEED_INFO, title="三")

    assert listed(cast) == ["三", "二", "一"]
    assert listed(cast, sort="due") == ["二", "一", "三"]


def test_nobody_reads_the_words_of_the_reader_before_him(cast: Cast) -> None:
    """What cards and lines say is kept by language (decision 0031): the same process serves all of them in turn."""
    clocks(review=600)
    cast.call(title="换灯泡", urgent=True)
    client = browser(cast.keeper)
    asked = {language: {"headers": {"Accept-Language": language}} for language in ("zh-hans", "en")}

    pages = [
        client.get(way, **asked[one]).text for way in ("/desk/list/", "/desk/") for one in ("zh-hans", "en", "zh-hans")
    ]

    for chinese, english, again in (pages[:3], pages[3:]):
        assert "换灯泡" in chinese and "换灯泡" in english
        for words in ("紧急", "剩 ", "待受理"):
            assert words in chinese and words in again and words not in english
        for words in ("Urgent", "Waiting for review"):
            assert words in english and words not in chinese and words not in again


def test_each_filter_holds_what_it_says(cast: Cast) -> None:
    clocks(review=60)
    cast.call(title="新的")
    cast.call(State.CLOSED, title="办完的")
    late = cast.call(title="超时的", kind=kind("repair"))
    Call.objects.filter(pk=late.pk).update(
        stage_due_at=START - timedelta(hours=1), level="office", created_at=START - timedelta(days=3)
    )
    yesterday, today = "2026-03-02", "2026-03-03"

    seen = {
        "open": listed(cast, state="open"),
        "column": listed(cast, state="review"),
        "one state": listed(cast, state="=closed"),
        "late": listed(cast, late="on"),
        "level": listed(cast, level="office"),
        "kind": listed(cast, kind="repair"),
        "created today": listed(cast, since=today, until=today),
        "until yesterday": listed(cast, until=yesterday),
        "ended today": listed(cast, dated="ended", since=today),
        "words": listed(cast, q="办完"),
        "place": len(listed(cast, place=str(cast.home.public_id))),
    }

    assert seen == {
        "open": ["超时的", "新的"],
        "column": ["超时的", "新的"],
        "one state": ["办完的"],
        "late": ["超时的"],
        "level": ["超时的"],
        "kind": ["超时的"],
        "created today": ["办完的", "新的"],
        "until yesterday": ["超时的"],
        "ended today": ["办完的"],
        "words": ["办完的"],
        "place": 3,
    }


@pytest.mark.parametrize(
    "asked",
    [
        {"state": "=nonsense"},
        {"since": "yesterday"},
        {"since": "2026-03-03", "until": "2026-03-01"},
        {"since": "0001-01-01", "until": "9999-12-31", "state": "?"},
        {"dated": "password"},
        {"sort": "requester__phone"},
        {"place": "0"},
        {"q": "\x00"},
        {"level": "county"},
    ],
)
def test_odd_filters_are_named_and_the_rest_is_listed(cast: Cast, asked: dict[str, str]) -> None:
    cast.call(title="新的")

    answer = browser(cast.keeper).get("/desk/list/", asked)

    assert answer.status_code == 422
    assert "有的条件要改一改" in answer.content.decode()


@pytest.mark.parametrize("cursor", ["x", "a.b.c", "9" * 6000, "ey:\x00"])
def test_a_forged_cursor_is_refused(cast: Cast, cursor: str) -> None:
    assert browser(cast.keeper).get("/desk/list/", {"cursor": cursor}).status_code == 422


@pytest.mark.parametrize("sort", ["newest", "due"])
def test_pages_hold_every_call_once_in_both_directions(cast: Cast, sort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from huying.calls.views import listing

    monkeypatch.setattr(listing, "SIZE", 2)
    clocks(review=60)
    for number in range(5):
        cast.call(State.NEED_INFO if number % 2 else State.SUBMITTED, title=str(number))
    client = browser(cast.keeper)

    pages, cursor = [], None
    while cursor is not None or not pages:
        answer = client.get("/desk/list/", {"sort": sort, **({"cursor": cursor} if cursor else {})})
        pages.append([one["call"].title for one in answer.context["rows"]])
        cursor, last = answer.context["page"].next, answer.context["page"]
    back = client.get("/desk/list/", {"sort": sort, "cursor": last.previous})

    assert [len(one) for one in pages] == [2, 2, 1]
    assert sorted(row for page in pages for row in page) == ["0", "1", "2", "3", "4"]
    assert [one["call"].title for one in back.context["rows"]] == pages[1]


def test_a_neighbouring_station_lists_nothing_of_ours(cast: Cast) -> None:
    cast.call()

    assert browser(cast.outsider).get("/desk/list/").context["rows"] == []


# ── files ───────────────────────────────────────────────────────────────────
def rows_of(cast: Cast, **asked: str) -> list[list[str]]:
    answer = browser(cast.keeper).get("/desk/list/export/csv/", asked)
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_file_masks_names_and_holds_no_address_and_no_number(cast: Cast) -> None:
    cast.call(State.SERVING, title="去医院复查", address="桂花里 3 幢 201", contact_phone="13800001111", details="独居")

    heads, row = rows_of(cast)

    assert heads[:6] == ["编号", "服务", "事项", "求助人", "地方", "方式"]
    assert row[1:5] == ["clinic", "去医院复查", "陈**", "和平社区"]
    assert row[-1] == "李**"
    whole = ",".join(row)
    assert not any(secret in whole for secret in ("桂花里", "138", "陈桂英", "李安和", "独居"))


def test_a_title_that_is_a_formula_stays_text(cast: Cast) -> None:
    for title in ('=HYPERLINK("http://x")', "+1+1", "@SUM(A1)", "-2", "＝1"):
        cast.call(title=title)

    titles = [row[2] for row in rows_of(cast)[1:]]

    assert all(title.startswith("'") for title in titles)


def test_the_workbook_holds_the_same_rows_as_text(cast: Cast) -> None:
    cast.call(title="=1+1")

    answer = browser(cast.keeper).get("/desk/list/export/xlsx/")
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active

    assert sheet is not None
    assert [cell.value for cell in sheet[2]][2] == "=1+1"
    assert sheet[2][2].data_type == "s"


def test_the_file_holds_what_the_list_holds_and_the_trail_says_who_took_it(cast: Cast) -> None:
    cast.call(title="新的")
    cast.call(State.CLOSED, title="办完的")
    before = AuditLine.objects.filter(verb="export").count()

    rows = rows_of(cast, state="=closed")
    lines = list(AuditLine.objects.filter(verb="export"))

    assert [row[2] for row in rows[1:]] == ["办完的"]
    assert len(lines) == before + 1
    assert (lines[-1].person_id, lines[-1].changes["kind"]) == (cast.keeper.pk, "csv")


@pytest.mark.parametrize(
    ("who", "form", "status"),
    [("keeper", "csv", 200), ("keeper", "pdf", 404), ("resident", "csv", 403), ("outsider", "csv", 200)],
)
def test_who_may_take_a_file(cast: Cast, who: str, form: str, status: int) -> None:
    cast.call()

    answer = browser(getattr(cast, who)).get(f"/desk/list/export/{form}/")

    assert answer.status_code == status
    if who == "outsider":
        assert len(b"".join(answer.streaming_content).decode().splitlines()) == 1


def test_a_file_asks_again_who_one_is_after_ten_minutes(cast: Cast) -> None:
    cast.call()
    client = browser(cast.keeper)

    with clock.frozen(START + timedelta(minutes=11)):
        answers = [client.get(f"/desk/list/export/{form}/?q=a") for form in ("csv", "xlsx")]
        page = client.get("/desk/list/")

    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0]["Location"] == "/people/confirm/?next=%2Fdesk%2Flist%2Fexport%2Fcsv%2F%3Fq%3Da"
    assert page.status_code == 200
    assert not AuditLine.objects.filter(verb="export").exists()


def test_a_file_streams_to_a_browser_that_takes_gzip_too(cast: Cast) -> None:
    cast.call()

    answer = browser(cast.keeper).get("/desk/list/export/csv/", headers={"Accept-Encoding": "gzip"})

    assert answer.streaming and "Content-Encoding" not in answer.headers
    assert len(b"".join(answer.streaming_content).decode().splitlines()) == 2


def test_odd_filters_give_no_file(cast: Cast) -> None:
    assert browser(cast.keeper).get("/desk/list/export/csv/?since=never").status_code == 422


def test_a_file_of_many_calls_is_read_in_a_fixed_number_of_queries(cast: Cast, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    for _number in range(3):
        Offer.objects.all().update(state=OfferState.DONE)
        cast.call(State.SERVING)
    client = browser(cast.keeper)

    with django_assert_max_num_queries(12):
        b"".join(client.get("/desk/list/export/csv/").streaming_content)
