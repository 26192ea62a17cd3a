"""Activities over REST: what is on for everybody, one's own sign-ups for oneself, the rules of the pages."""

from __future__ import annotations

import json
from uuid import uuid4

from django.test import Client

from huying.activities import actions
from huying.activities.actions import RoleFacts
from huying.activities.models import SignUp
from huying.activities.states import SignUpState
from huying.activities.tests.factories import come, session_of, shift_of
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import actor

BASE = "/api/v1/activities"


def get(client, path, status=200, **asked):
    answer = client.get(BASE + path, asked)
    assert answer.status_code == status, answer.content
    return answer.json()


def post(client, path, status=200, key="", **body):
    answer = client.post(
        BASE + path,
        json.dumps(body),
        content_type="application/json",
        HTTP_IDEMPOTENCY_KEY=key or uuid4().hex,
    )
    assert answer.status_code == status, answer.content
    return answer.json()


def test_visitors_read_what_is_on_and_nobody_who_comes(world):
    shown, hidden = world.published(title="端午包粽子"), world.draft()
    come(world.guest("张三丰"), shift_of(shown))

    found = get(Client(), "/sessions")
    one = get(Client(), f"/sessions/{session_of(shown).public_id}")

    assert [row["title"] for row in found["sessions"]] == ["端午包粽子"]
    assert one["shifts"] == [
        {"id": shift_of(shown).pk, "role": "参加者", "capacity": 3, "taken": 1, "waiting": 0, "free": 2}
    ]
    assert "张三丰" not in json.dumps(found) + json.dumps(one, ensure_ascii=False)
    get(Client(), f"/sessions/{session_of(hidden).public_id}", 404)
    assert get(Client(), "/sessions", words="没有这个")["sessions"] == []
    assert len(get(Client(), "/sessions", within=str(world.home.public_id))["sessions"]) == 1
    get(Client(), "/sessions", 422, first="gestern")


def test_signing_up_twice_with_any_key_is_one_sign_up(world):
    session, client, key = session_of(world.published()), browser(world.guest()), uuid4().hex

    first = post(client, f"/sessions/{session.public_id}/sign-ups", 201, key)
    again = post(client, f"/sessions/{session.public_id}/sign-ups", 201, key)
    other = post(client, f"/sessions/{session.public_id}/sign-ups", 201)

    assert first == again == other and SignUp.objects.count() == 1
    assert [one["id"] for one in get(client, "/sign-ups")["sign_ups"]] == [first["id"]]
    post(Client(), f"/sessions/{session.public_id}/sign-ups", 401)


def test_a_role_must_be_named_where_there_are_several(world):
    activity = world.published(roles=[RoleFacts("甲", 1), RoleFacts("乙", 1)])
    client, path = browser(world.guest()), f"/sessions/{session_of(activity).public_id}/sign-ups"

    assert post(client, path, 422)["error"]["fields"] == {"shift": "required"}
    assert post(client, path, 422, shift=99999)["error"]["fields"] == {"shift": "unknown"}
    assert post(client, path, 422, role="甲")["error"]["code"] == "invalid_input"
    assert post(client, path, 201, shift=shift_of(activity, name="乙").pk)["role"] == "乙"


def test_leaving_and_confirming_are_for_the_own_sign_up(world):
    shift = shift_of(world.published())
    rows = [come(world.guest(), shift) for _ in range(4)]
    client, stranger = browser(rows[0].person), browser(world.guest())

    post(stranger, f"/sign-ups/{rows[0].public_id}/leave", 404)
    assert post(client, f"/sign-ups/{rows[0].public_id}/leave")["state"] == SignUpState.CANCELLED
    post(client, f"/sign-ups/{rows[0].public_id}/leave", 409)
    assert post(browser(rows[3].person), f"/sign-ups/{rows[3].public_id}/confirm")["state"] == SignUpState.SIGNED
    actions.leave(actor=actor(rows[3].person), sign_up=rows[3])
