"""What the sorter says on the pages: to residents, at the phone desk, on the panel, and to those who keep it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from huying.calls.actions import change_kind
from huying.calls.models import Correction, ServiceKind, SorterVersion
from huying.calls.states import State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import Cast, actor, kind
from huying.calls.tests.sorters import BATH, CLINIC, version
from huying.sorting.tests.small import small

pytestmark = pytest.mark.django_db
LIVE = {"HX-Request": "true", "HX-Target": "proposals"}
WORDS = "老人卧床，想洗澡"


@pytest.fixture
def bath(cast: Cast) -> ServiceKind:
    version()
    kind("other", name="其他")
    return kind("bath", name="助浴")


def test_a_visitor_sees_what_his_words_may_ask_for_and_nothing_is_chosen(cast: Cast, bath: ServiceKind) -> None:
    page = Client().post("/ask/words/", {"words": WORDS}).content.decode()

    assert "多半是：助浴" in page and "因为说到" in page and "不一定对" in page
    assert 'name="kind" value="bath"' in page
    assert "checked" not in page and "selected" not in page
    assert WORDS in page


def test_while_he_types_the_same_lines_come_alone(cast: Cast, bath: ServiceKind) -> None:
    answer = Client().post("/ask/words/", {"words": WORDS}, headers=LIVE).content.decode()

    assert "多半是：助浴" in answer and "<html" not in answer


def test_a_pressed_line_opens_its_form_with_the_words_in_it(cast: Cast, bath: ServiceKind) -> None:
    me = browser(cast.resident)

    answer = me.post("/ask/words/", {"words": f"{WORDS}。家里只有我", "kind": "bath"})
    form = me.get(answer["Location"]).content.decode()

    assert (answer.status_code, answer["Location"]) == (303, "/ask/bath/")
    assert f'value="{WORDS}"' in form and "家里只有我" in form


def test_what_is_unclear_goes_to_a_person(cast: Cast, bath: ServiceKind) -> None:
    SorterVersion.objects.all().delete()
    version(small(threshold=0.9, bath=BATH, clinic=CLINIC))

    page = Client().post("/ask/words/", {"words": "医院复查之后洗澡擦身"}).content.decode()
    nothing = Client().post("/ask/words/", {"words": "嗯"}, headers=LIVE).content.decode()

    assert "请人工选择" in page and "可能是：" in page and "多半是" not in page
    assert "交给值班人员看" in page and 'value="other"' in page
    assert "请人工选择" in nothing


def test_without_a_sorter_the_menu_still_serves(cast: Cast) -> None:
    page = Client().post("/ask/words/", {"words": WORDS})

    assert page.status_code == 200
    assert f'href="/ask/{cast.kind.code}/"' in page.content.decode()


def test_words_of_danger_come_first_whatever_the_sorter_says(cast: Cast, bath: ServiceKind) -> None:
    page = Client().post("/ask/words/", {"words": "老人洗澡时晕倒了"}, headers=LIVE).content.decode()

    assert page.index('href="tel:120"') < page.index("助浴")


@pytest.mark.parametrize("words", ["洗" * 2000, "😭🙏", "\x07\x00洗澡", "<script>alert(1)</script>洗澡", "   "])
def test_hostile_words_are_answered_plainly(cast: Cast, bath: ServiceKind, words: str) -> None:
    answer = Client().post("/ask/words/", {"words": words})

    assert answer.status_code == (422 if not words.strip() else 200)
    assert "<script>alert" not in answer.content.decode()


def test_ten_thousand_letters_are_refused_and_stay_in_the_field(cast: Cast, bath: ServiceKind) -> None:
    answer = Client().post("/ask/words/", {"words": "洗" * 10_000})

    assert answer.status_code == 422
    assert "洗" * 10_000 in answer.content.decode()


def test_the_address_alone_leads_to_the_menu(cast: Cast) -> None:
    assert Client().get("/ask/words/")["Location"] == "/ask/"


def test_the_phone_desk_gets_lines_to_press_and_keeps_the_words(cast: Cast, bath: ServiceKind) -> None:
    desk = browser(cast.keeper)

    page = desk.post("/desk/phone/find/", {"words": WORDS, "caller_phone": "13912345678"}).content.decode()
    live = desk.post("/desk/phone/find/", {"words": WORDS}, headers=LIVE).content.decode()
    chosen = desk.post("/desk/phone/find/", {"words": WORDS, "kind": "bath"}).content.decode()

    assert "多半是：助浴" in page and WORDS in page and 'value="13912345678"' in page
    assert "多半是：助浴" in live and "<html" not in live
    assert f'value="{WORDS}"' in chosen


def test_the_phone_desk_still_asks_about_danger_first(cast: Cast, bath: ServiceKind) -> None:
    page = browser(cast.keeper).post("/desk/phone/find/", {"words": "洗澡晕倒了"}).content.decode()

    assert page.count("有危险") == 1 and "12345" in page


def test_the_reviewer_reads_the_proposal_beside_the_call_and_changes_it(cast: Cast, bath: ServiceKind) -> None:
    call, desk = cast.call(title=WORDS), browser(cast.keeper)

    panel = desk.get(f"/desk/calls/{call.public_id}/").content.decode()
    answer = sent(desk, f"/desk/calls/{call.public_id}/kind/", kind="bath")
    after = desk.get(f"/desk/calls/{call.public_id}/").content.decode()

    assert "改为助浴" in panel and "因为说到" in panel
    assert answer.status_code == 303 and Correction.objects.get(call=call).kind == bath
    assert "分类模型也认为是这一项" in after and "服务改为“助浴”" in after


def test_somebody_who_only_oversees_and_a_later_state_have_no_such_part(cast: Cast, bath: ServiceKind) -> None:
    call = cast.call(State.DISPATCHED, title=WORDS)

    assert "改成别的服务" not in browser(cast.keeper).get(f"/desk/calls/{call.public_id}/").content.decode()
    assert sent(browser(cast.keeper), f"/desk/calls/{call.public_id}/kind/", kind="bath").status_code == 409
    assert sent(browser(cast.resident), f"/desk/calls/{call.public_id}/kind/", kind="bath").status_code == 403


def test_a_kind_that_is_not_on_the_menu_is_refused(cast: Cast, bath: ServiceKind) -> None:
    call = cast.call()

    assert sent(browser(cast.keeper), f"/desk/calls/{call.public_id}/kind/", kind="nothing").status_code == 422


def test_the_page_of_the_sorter_shows_scores_versions_and_corrections_but_no_words(
    cast: Cast, bath: ServiceKind
) -> None:
    call = cast.call(title=WORDS)
    change_kind(actor=actor(cast.keeper), call=call, kind=bath)
    version(active=False, f1=0.8, refused=True)

    page = browser(cast.dispatcher).get("/desk/sorter/").content.decode()

    assert "在用" in page and "没有现在的好" in page and "90.0%" in page
    assert "clinic改为助浴" in page and WORDS not in page


def test_a_keeper_goes_back_to_an_earlier_version_and_asks_for_teaching(cast: Cast, bath: ServiceKind) -> None:
    earlier, keeper = version(active=False), browser(cast.dispatcher)

    switched = sent(keeper, "/desk/sorter/", do="switch", version=str(earlier.pk))
    taught = sent(keeper, "/desk/sorter/", do="learn")

    assert (switched.status_code, taught.status_code) == (303, 303)
    assert SorterVersion.objects.get(active=True) == earlier
    assert "已排上训练" in keeper.get("/desk/sorter/").content.decode()
    assert sent(keeper, "/desk/sorter/", do="switch", version="0").status_code == 404
    assert sent(keeper, "/desk/sorter/", do="nonsense").status_code == 422


def test_a_page_without_any_sorter_says_what_happens(cast: Cast) -> None:
    page = browser(cast.dispatcher).get("/desk/sorter/").content.decode()

    assert "还没有训练好的模型" in page and "还没有更正" in page


def test_over_the_limit_nothing_is_proposed_but_the_numbers_to_ring_stay(
    cast: Cast, bath: ServiceKind, settings: Any
) -> None:
    settings.HUYING_SORTS_PER_MINUTE = 1
    words = {"words": f"{WORDS}，家里着火了"}

    first, second = (Client().post("/ask/words/", words, headers=LIVE).content.decode() for _n in range(2))

    assert "助浴" in first and "119" in first
    assert "助浴" not in second and "119" in second and "请人工选择" in second
