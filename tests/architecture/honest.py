"""Honest values for the fields of every form there is, and the forms that refuse even those, with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from huying import packs
from huying.kernel.tests.pictures import encoded, upload
from huying.people.tests import factories as make
from huying.places.tests.test_maps import collection, square
from tests.architecture.gathered import PLACE_CODE

NEW_PASSWORD = "shan-shui-you-qing-93"
ROWS = ("role_name", "role_capacity", "party_name", "party_share")
"""Rows of the form of an activity: the first is written, the others stay empty."""
GOOD: dict[str, Any] = {
    "identifier": "user1",
    "password": NEW_PASSWORD,
    "again": NEW_PASSWORD,
    "phone": "13912340077",
    "caller_phone": "13912340078",
    "id_number": "110105194912310038",
    "username": "lin.zhiyuan",
    "birth_date": "1980-01-01",
    "place_words": "和平社区",
    "to_q": "麦田社区",
    "key": "which",
    "choices": "",
    "lon": "120.05",
    "lat": "30.28",
    "level": "75",
    "special": "2026-10-01 休息",
    "ends": "2026-03-04T16:00",
    "ends_at": "2026-03-04T16:00",
    "rrule": "",
    **{f"{name}_{number}": "" for name in ROWS for number in (1, 2, 3)},
    "party_share_0": "100",
    **{f"what_{number}": f"第{number + 1}样" for number in range(6)},
    "agrees": "on",
    "sure": "on",
    "answer": "yes",
    **dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun", "makeup"), "09:00-12:00"),
}
"""What a field of this name holds when it is filled in honestly; others are guessed from their kind."""
UNCHOSEN = ("role_category_", "metric")
"""Choices that stay open, for each asks for something else in turn: a kind of service, that the role serves; a metric, that
the number has its unit."""
HERE: dict[str, dict[str, Any]] = {
    "people:sign_in": {"password": make.PASSWORD},
    "people:confirm": {"password": make.PASSWORD},
    "people:add_child": {"birth_date": "2018-01-01"},
    "places:create": {"code": "330100200"},
    "places:create_top": {"code": "330100"},
    "places:add_kind": {"code": "micro_grid"},
    "places:add_flag_kind": {"code": "quiet_room"},
    "calls:menu_new": {"code": "reading"},
    "calls:grid_ask": {"anyway": "on"},
    "places:book": {"day": "2026-03-05", "starts": "15:00", "ends": "16:00"},
    "activities:kind_new": {"code": "reading"},
    "activities:theme_new": {"code": "reading_month", "begins": "03-01", "ends": "03-31"},
    "activities:theme_edit": {"begins": "03-01", "ends": "03-31"},
    "activities:unit_new": {"code": "bag"},
    "activities:add": {"starts_at": "2026-03-07T09:00", "ends_at": "2026-03-07T11:00"},
    "points:claim_new": {"done_on": "2026-03-03", "quantity": "1"},
    "points:partners": {"is_sponsor": "on"},
    "points:good_new": {"partner": ""},  # goods for litter are settled with no merchant
    "points:good_edit": {"litter": "", "litter_grams": ""},
    "packs:set_up": {"namespace": "qinghe", "code": "setup"},
    "points:sheets": {"since": "2026-03-01", "until": "2026-03-03"},
    **{
        f"points:{one}": {f"validity_days_{n}": "90" for n in range(9)} | {f"validity_months_{n}": "" for n in range(9)}
        for one in ("new", "draft")
    },
    "volunteers:session_sheet": {"starts": "08:00", "ends": "09:00", "rest": "0"},
    "volunteers:counts_import": {"as_of_date": "2026-03-01"},
    "cockpit:report_new": {"since": "2026-02-01", "until": "2026-02-28"},
    "cockpit:report_template_new": {"code": "flood_weeks"},
    "figures:report": {"code": "visitors", "told": "3余人"},
    "figures:check": {"first": "teams\nvisitors", "second": "", "result": "teams"},
}
"""The same for one address only, also written over what stands in the form already."""
BY_KIND = {"date": "2026-03-04", "datetime-local": "2026-03-04T15:00", "time": "09:00", "number": "3", "tel": "12345"}
REFUSED = {
    "people:enrol": "the code comes from a device",
    "calls:slip": "the code stands on paper",
    "calls:callbacks": "nobody was served on the day",
    "calls:widen": "there are no rings here yet",
    "people:erase": "a volunteer with a call in hand finishes it first",
    "points:join": "the dispatcher of the county does not live where the book reaches",
    "points:appeal_step": "whoever refused the claim does not judge the appeal",
    "points:appeal_new": "the address names nothing to appeal against",
    "points:reverse_new": "it waits to be confirmed, nothing was booked",
    "points:sheets": "what was fetched stands on a sheet already",
    "points:gift_return": "it waits to be fetched: nothing was given yet",
    "points:tell": "dora reads her messages herself",
    "points:end": "a draft of the next edition is open",
    "volunteers:want": "nobody is ticked",
    "points:counter": "the code is shown to its owner only",
    "points:gift_step": "so is the code of an exchange, and the booklet's",
    "places:move": "first searched, then chosen",
    "people:end_recorded_tie": "recorded for this child by somebody else",
    "people:open_account": "she has one",
    "places:reopen": "it is open",
    "places:new_check": "a check of this station waits to be verified",
    "volunteers:team_members": "the last leader stays",
}
"""Forms that are refused here even when they are filled in honestly, and why."""

PACK = "shipped/longyan/five_cards.yaml"


def file_for(goal: str) -> SimpleUploadedFile:
    """An honest file of the kind that this address takes."""
    if goal == "places:import":
        return SimpleUploadedFile("表.csv", "名称,类型\n读书角,文明实践站\n".encode())
    if goal == "calls:hotline":
        return SimpleUploadedFile("工单.csv", "工单编号,服务\nSJ7,clinic\n".encode())
    if goal == "volunteers:counts_import":
        return SimpleUploadedFile("数.csv", f"区划代码,注册,入队,活跃,队伍\n{PLACE_CODE},120,60,40,3\n".encode())
    if goal == "places:add_layer":
        return SimpleUploadedFile("a.geojson", collection(({"name": "青禾街道"}, square(120.0, 30.2))))
    if goal == "packs:load":
        return SimpleUploadedFile("牌.yaml", (Path(packs.__file__).parent / PACK).read_bytes())
    return upload(encoded("JPEG"), "照片.jpg")
