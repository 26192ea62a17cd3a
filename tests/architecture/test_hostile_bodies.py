"""Hostile bodies at the endpoints and hostile files at every door that takes them (issue H1, "Bad input"; security page,
goals G8 and G17): a structured refusal that names the field, or a page that says what is wrong; never an error of ours.
"""

from __future__ import annotations

import io
import json
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image

from huying.calls.states import State
from huying.kernel.idempotency import PROGRAM
from huying.kernel.models import Attachment
from huying.kernel.models.calendar import DayOverride
from huying.kernel.tests.pictures import SECRET_WORDS, encoded, png_of, upload, zipped
from huying.kernel.tests.tables import raw_xlsx
from huying.places.models import ImportDraft, MapLayer
from tests.architecture.addresses import routes
from tests.architecture.test_hostile_input import browser, world
from tests.architecture.walking import World

__all__ = ["world"]
_keys = count(1)
MEGABYTE = 1024 * 1024


# ── endpoints ───────────────────────────────────────────────────────────────
def sent(client: Client, address: str, body: bytes | str, kind: str = "application/json") -> HttpResponse:
    """What an endpoint answers; what it changed is taken back."""
    with transaction.atomic():
        headers = {"Idempotency-Key": f"bodies-{next(_keys):08d}"}
        answer = client.post(address, body, content_type=kind, headers=headers)
        transaction.set_rollback(True)
    return answer


def honest(world: World) -> dict[str, dict[str, Any]]:
    place = str(world.cast.home.public_id)
    return {
        "api:ask": {
            "kind": "clinic",
            "place": place,
            "title": "去医院复查",
            "details": "",
            "address": "桂花里",
            "urgent": False,
        },
        "api:say": {"text": "您好"},
        "api:step": {},
    }


VALUES: dict[str, Any] = {
    "a number": 7,
    "nothing": None,
    "a list": ["x"],
    "an object": {"x": 1},
    "deep": json.loads("[" * 40 + "]" * 40),
    "far too long": "长" * 100_000,
    "a NUL": "a\x00b",
    "half a letter": "\ud800",
    "no number": float("nan"),
    "without end": float("inf"),
    "huge": 10**400,
}


def test_every_field_of_every_body_is_refused_by_name_or_taken(world: World) -> None:
    client, wrong = browser(world, "dora"), []
    addresses = {
        "api:ask": "/api/v1/calls",
        "api:say": f"/api/v1/calls/{world.call.public_id}/messages",
        "api:step": f"/api/v1/calls/{world.call.public_id}/cancel",
    }
    for name, whole in honest(world).items():
        assert sent(client, addresses[name], json.dumps(whole)).status_code in {200, 201, 422}
        fields = [*whole, "answers", "wanted_from", "reason", "nonsense"]
        for field in fields:
            for label, value in VALUES.items():
                answer = sent(client, addresses[name], json.dumps({**whole, field: value}))
                if answer.status_code not in {200, 201, 400, 409, 422}:
                    wrong.append(f"{name} {field}: {label}: {answer.status_code}")
                elif answer.status_code == 422 and field in whole:
                    error = answer.json()["error"]
                    if not any(field in each or each == "body" for each in error["fields"]):
                        wrong.append(f"{name} {field}: {label}: names {list(error['fields'])}")

    assert not wrong, "\n".join(wrong)


RAW: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "bad UTF-8": b'{"text": "\xff\xfe"}',
    "a bare list": b"[]",
    "a bare word": b'"text"',
    "NaN": b"NaN",
    "a number without end": b'{"text": 1e999}',
    "half a letter": b'{"text": "\\ud800"}',
    "a hundred thousand brackets": b"[" * 100_000,
    "GBK": '{"text": "您好"}'.encode("gbk"),
}


def test_bodies_that_cannot_be_read_are_refused_in_the_one_shape(world: World) -> None:
    client, wrong = browser(world, "dora"), []
    client.defaults[f"HTTP_{PROGRAM.upper().replace('-', '_')}"] = world.key_text  # past the door for other programs
    for route in routes():
        if not route.name.startswith("api:") or route.name in {"api:api-root", "api:openapi-json"}:
            continue
        for label, raw in RAW.items():
            answer = sent(client, world.address(route), raw)
            if answer.status_code not in {400, 403, 404, 405, 409, 422}:
                wrong.append(f"{route.name}: {label}: {answer.status_code}")
            elif set(answer.json()["error"]) != {"code", "message", "fields"}:
                wrong.append(f"{route.name}: {label}: {answer.content[:80]!r}")

    assert not wrong, "\n".join(wrong)


def test_of_two_values_for_one_name_one_is_taken_and_checked(world: World) -> None:
    address = f"/api/v1/calls/{world.call.public_id}/messages"

    answers = [
        sent(browser(world, "dora"), address, body)
        for body in ('{"text": "", "text": "好"}', '{"text": "好", "text": ""}')
    ]

    assert [answer.status_code for answer in answers] == [201, 422]


def test_another_kind_of_body_and_too_large_a_one_are_refused(world: World) -> None:
    client, address = browser(world, "dora"), f"/api/v1/calls/{world.call.public_id}/messages"

    form = sent(client, address, b"text=hello", "application/x-www-form-urlencoded")
    large = sent(client, address, b'{"text": "' + b"x" * 10 * MEGABYTE + b'"}')

    assert form.status_code in {400, 415, 422}
    assert (large.status_code, large.json()["error"]["code"]) == (413, "too_large")


# ── pictures ────────────────────────────────────────────────────────────────
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
NO_PICTURES = {
    "a drawing with a script": SVG,
    "a page called PNG": b"<!doctype html><script>alert(1)</script>",
    "a picture that is an archive too": encoded("PNG") + zipped(),
    "a picture that is a script too": encoded("JPEG") + b"<script>alert(1)</script>",
    "sixty thousand pixels square": png_of(60_000, 60_000),
    "a GIF that claims four thousand million pixels": b"GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x00;",
}


def doors(world: World) -> dict[str, tuple[str, str, str, dict[str, str]]]:
    """What takes pictures: who, address, field, and what goes along."""
    serving = world.cast.call(State.SERVING)
    return {
        "a place": ("bob", reverse("places:add_photo", args=[world.site.public_id]), "photo", {}),
        "a report": ("li", reverse("calls:step", args=[serving.public_id, "deliver"]), "photos", {"note": "灯已换好"}),
    }


def handed_in(world: World, who: str, address: str, body: dict[str, Any]) -> HttpResponse:
    return browser(world, who).post(address, {**body, "idempotency_key": f"files-{next(_keys):08d}"})


def test_no_door_takes_a_picture_that_is_none_and_the_words_stay(world: World) -> None:
    before, wrong = Attachment.objects.count(), []
    for door, (who, address, field, along) in doors(world).items():
        for label, body in NO_PICTURES.items():
            answer = handed_in(world, who, address, {**along, field: upload(body, "照片.png")})
            html = answer.content.decode()
            kept = all(words in html for words in along.values())
            if answer.status_code != 422 or f'href="#id_{field}"' not in html or not kept:
                wrong.append(f"{door}: {label}: {answer.status_code}")

    assert not wrong, "\n".join(wrong)
    assert Attachment.objects.count() == before


def test_what_is_kept_of_a_picture_says_nothing_of_where_it_was_taken(world: World) -> None:
    from huying.kernel.attachments import storage

    for door, (who, address, field, along) in doors(world).items():
        body = encoded("JPEG")
        assert handed_in(world, who, address, {**along, field: upload(body, "照片.jpg")}).status_code == 303, door
        kept = Attachment.objects.latest("id")
        for key in (kept.key, kept.small_key):
            with storage.files().open(key) as file:
                stored = file.read()
            assert [word for word in SECRET_WORDS if word in body and word in stored] == [], door
            assert Image.open(io.BytesIO(stored)).format == "WEBP"


# ── tables and maps ─────────────────────────────────────────────────────────
NO_TABLES = {
    "a bomb": lambda: raw_xlsx(b" " * 200_000_000),
    "a drawing": lambda: SimpleUploadedFile("表.csv", SVG),
    "noise called a workbook": lambda: SimpleUploadedFile("表.xlsx", b"PK\x03\x04" + bytes(range(256)) * 20),
    "a picture": lambda: SimpleUploadedFile("表.csv", encoded("PNG")),
}


def test_the_import_of_places_refuses_what_is_no_table(world: World) -> None:
    address, before = reverse("places:import", args=[world.cast.street.public_id]), ImportDraft.objects.count()

    answers = {name: handed_in(world, "bob", address, {"upload": make()}) for name, make in NO_TABLES.items()}

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(NO_TABLES, 422)
    assert all('href="#id_upload"' in answer.content.decode() for answer in answers.values())
    assert ImportDraft.objects.count() == before


def test_a_map_of_a_million_points_and_what_is_no_map_are_refused(world: World) -> None:
    ring = ",".join(["[120.1,30.2]"] * 1_000_000)
    shape = '{"type":"Polygon","coordinates":[[' + ring + "]]}"
    many = '{"type":"Feature","properties":{"name":"青禾街道"},"geometry":' + shape + "}"
    facts = {"kind": "areas", "source": "测试绘制", "approval": "示意图", "as_of_date": "2026-01-01", "crs": "WGS84"}
    address, before = reverse("places:add_layer", args=[world.cast.county.public_id]), MapLayer.objects.count()

    for label, body in {"many": many.encode(), "svg": SVG, "deep": b"[" * 100_000, "latin": b"\xff\xfe{}"}.items():
        answer = handed_in(world, "bob", address, {**facts, "upload": SimpleUploadedFile("a.geojson", body)})
        html = answer.content.decode()
        assert (label, answer.status_code) == (label, 422)
        assert 'href="#id_upload"' in html and 'value="测试绘制"' in html, label
    assert MapLayer.objects.count() == before


NOTICE = "日期,上班,节日\n2031-01-01,否,元旦\n2031-01-04,是,元旦\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_a_holiday_notice_is_read_in_the_encodings_that_offices_use(db: None, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "放假.csv"
    file.write_bytes(NOTICE.encode(encoding))

    call_command("announce_year", "2031", str(file), "--source", "国办发明电〔示例〕9号", stdout=io.StringIO())

    kept = DayOverride.objects.filter(date__year=2031).values_list("date", "working", "name").order_by("date")
    assert list(kept) == [(date(2031, 1, 1), False, "元旦"), (date(2031, 1, 4), True, "元旦")]


@pytest.mark.parametrize("body", [SVG, b"", b"\xff\xfe\x00", "日期,上班,节日\n=1+1,否,元旦\n".encode(), encoded("PNG")])
def test_what_is_no_notice_is_refused_in_a_sentence(db: None, tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "放假.csv"
    file.write_bytes(body)

    with pytest.raises(CommandError):
        call_command("announce_year", "2031", str(file), "--source", "国办")
    assert not DayOverride.objects.filter(date__year=2031).exists()
