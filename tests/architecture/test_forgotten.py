"""After somebody is forgotten no text, number or word of his stands anywhere in the database (PIPL art. 47).

He is made and lives through the real actions, in every room; then every column of every table that can hold text or
bytes is read. What stays stands under the number of a person without a face: places, kinds, steps, times, scores
(records of service, ten years, GB/T 40143-2021) and the trail, whose reasons hold neither his name nor his numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.sessions.models import Session as BrowserSession
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from huying.activities import actions as activities
from huying.activities.models import ActivityEvent, ActivityKind, Session
from huying.calls import actions as calls
from huying.calls.models import Call, CallEvent, CallMessage, CallNote
from huying.calls.states import State
from huying.calls.tests.factories import START, Cast
from huying.kernel import attachments, clock, idempotency
from huying.kernel.actor import Actor
from huying.kernel.models import AuditLine, StoredAnswer
from huying.kernel.sealed import reveal
from huying.people import actions as people
from huying.people.models import Person
from huying.people.tests import factories as make
from huying.points import actions as points
from huying.points import queries as point_queries
from huying.points.models import Claim
from huying.volunteers import actions as volunteers
from tests.architecture.pointed import Pointed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("purposes")]
NAME, PINYIN, USERNAME = "欧阳翠微", "ouyangcuiwei", "cui.wei.49"
PHONE, SPACED, CONTACT = "13944445555", "139 4444 5555", "13944446666"
ID_NUMBER, ADDRESS, ELSEWHERE = "11010519491231002X", "桂花街七十七号", "梧桐巷十九号三楼"
WRITTEN = {
    "details": "轮椅要能上三级台阶",
    "answer": "左膝刚做过手术",
    "note": "儿子在深圳上班回不来",
    "more": "病历在蓝色布袋里",
    "message": "麻烦带一把黑色雨伞",
    "comment": "小李非常耐心陪到晚上",
    "helping": "帮邻居送了两袋米面",
    "word_to_other": "我五点半在西门等您",
    "declined": "那天我要去医院换药",
    "about_him": f"{NAME}腿脚不便请慢走",
    "praise": f"多亏{NAME}来帮忙",
    "file": f"{NAME}的病历",
    "called_off": f"{NAME}摔了一跤",
    "felt": "合唱的时候想起老伴",
    "deed": "替三楼扛了一台洗衣机",
    "proof": "三楼姓江的可以作证",
    "refused": f"{NAME}没有写清楚是哪一家",
    "appealed": "江家大姐当时就在门口",
    "deed_for_him": f"扶{NAME}过马路",
}
TRACES = [NAME, PINYIN, USERNAME, PHONE, SPACED, CONTACT, ID_NUMBER, ADDRESS, ELSEWHERE, *WRITTEN.values()]


@pytest.fixture
def cast(db: None, settings: Any) -> Iterator[Cast]:
    settings.HUYING_SMS_GATEWAY = "console"
    with clock.frozen(START):
        yield Cast()


@pytest.fixture
def purposes(db: None) -> None:
    with clock.frozen(START):
        people.load_purposes()


def picture(name: str) -> SimpleUploadedFile:
    body = BytesIO()
    Image.new("RGB", (40, 30), "green").save(body, "PNG")
    return SimpleUploadedFile(f"{name}.png", body.getvalue(), "image/png")


def somebody(cast: Cast) -> Person:
    """Written down by staff, with an account, sign-ins, codes, consents, family, notices, a copy of his data."""
    facts = people.Facts(
        name=NAME,
        phone=PHONE,
        id_number=ID_NUMBER,
        address=ADDRESS,
        birth_date=date(1949, 12, 31),
        sex="female",
        home_place=cast.home,
    )
    him = people.add_person(actor=make.actor(cast.keeper), facts=facts)
    account = make.account(him, username=USERNAME)
    me = make.actor(him)
    for code in ("account", "health", "photo"):
        people.give_consent(actor=me, person_id=him.pk, code=code)
    people.set_preferences(actor=me, print="large")
    people.entrust(actor=me, phone=CONTACT)
    people.entrust(actor=make.actor(cast.neighbour), phone=PHONE)
    people.request_code(actor=me, phone=PHONE)
    browser = make.client(account)
    browser.get("/people/me/data/copy.json")
    people.send_notice(actor=me, person=him, title=f"{NAME}，您好")
    reveal(make.actor(cast.keeper), him, "phone", f"打{SPACED}找{NAME}约时间", named=NAME)
    people.export_person(actor=me, person_id=him.pk)
    return him


def asks(cast: Cast, him: Person) -> list[Call]:
    """Calls of his to the end: one of his own, one asked for him by staff, one refused for more words."""
    me, keeper, helper = make.actor(him), make.actor(cast.keeper), make.actor(cast.li.person)
    what = calls.Ask(
        cast.kind,
        cast.home,
        him,
        f"陪{NAME}去复查",
        details=WRITTEN["details"],
        answers={"mobility": WRITTEN["answer"]},
        address=ELSEWHERE,
        contact_phone=CONTACT,
    )
    mine = calls.ask(actor=me, what=what)
    attachments.store(actor=me, upload=picture(WRITTEN["file"]), subject=mine)
    mine = calls.ask_info(actor=keeper, call=mine, note=WRITTEN["about_him"])
    mine = calls.give_info(actor=me, call=mine, note=WRITTEN["more"])
    mine = calls.pool(actor=keeper, call=mine)
    mine = calls.dispatch(actor=keeper, call=mine, volunteers=[cast.li])
    mine = calls.accept(actor=helper, call=mine)
    calls.say(actor=me, call=mine, text=WRITTEN["message"])
    calls.say(actor=helper, call=mine, text=f"{NAME}您好，我到了")
    mine = calls.start(actor=helper, call=calls.schedule(actor=helper, call=mine, at=START + timedelta(hours=5)))
    mine = calls.deliver(actor=helper, call=mine, note=WRITTEN["about_him"])
    mine = calls.rate(actor=me, call=mine, score=5, solved=True, comment=WRITTEN["comment"])
    staffed = calls.Ask(cast.kind, cast.home, him, "代办", address=ADDRESS, contact_phone=PHONE)
    other = calls.ask(actor=make.actor(cast.grid_worker), what=staffed)
    other = calls.cancel(actor=make.actor(cast.grid_worker), call=other, reason=WRITTEN["note"])
    return [mine, other]


def helps(cast: Cast, him: Person) -> Call:
    """He answers a call of his neighbour, who speaks of him."""
    me, keeper, neighbour = make.actor(him), make.actor(cast.keeper), make.actor(cast.neighbour)
    own = volunteers.save_profile(actor=me, profile=volunteers.Profile(base_place=cast.home, shares_phone=True))
    what = calls.Ask(cast.kind, cast.home, cast.neighbour, "送米面")
    call = calls.pool(actor=keeper, call=calls.ask(actor=neighbour, what=what))
    call = calls.dispatch(actor=keeper, call=call, volunteers=[own])
    call = calls.accept(actor=me, call=call)
    for event in CallEvent.objects.filter(call=call):
        calls.tell(actor=Actor.system("tests"), call_id=call.pk, event_id=event.pk)
    calls.say(actor=me, call=call, text=WRITTEN["word_to_other"])
    calls.say(actor=neighbour, call=call, text=f"谢谢{NAME}")
    call = calls.start(actor=me, call=calls.schedule(actor=me, call=call, at=START + timedelta(hours=5)))
    attachments.store(actor=me, upload=picture(WRITTEN["file"]), subject=call)
    call = calls.deliver(actor=me, call=call, note=WRITTEN["helping"])
    return calls.rate(actor=neighbour, call=call, score=5, solved=True, comment=WRITTEN["praise"])


def gathers(cast: Cast, him: Person) -> Session:
    """He comes to two activities: one is called off for his sake, of the other he says how it was."""
    me, keeper = make.actor(him), make.actor(cast.keeper)
    seen = []
    for title, days in (("合唱", 1), ("茶话会", 2)):
        starts = START + timedelta(days=days)
        facts = activities.Facts(
            kind=ActivityKind.objects.get(code="culture"),
            place=cast.home,
            title=title,
            starts_at=starts,
            ends_at=starts + timedelta(hours=1),
            contact_name="王敏之",
            where="广场",
            roles=[activities.RoleFacts("参加者", 9)],
        )
        draft = activities.save_draft(actor=keeper, facts=facts)
        session = activities.publish(actor=keeper, activity=draft).sessions.get()
        seen.append(session)
        rows = [activities.sign_up(actor=one, shift=session.shifts.get()) for one in (me, make.actor(cast.neighbour))]
    with clock.frozen(START + timedelta(days=1)):
        activities.check_in(actor=keeper, sign_up=seen[0].sign_ups.get(person=him))
        activities.give_feedback(actor=me, session=seen[0], score=5, words=WRITTEN["felt"])
    activities.cancel_session(actor=keeper, session=seen[1], reason=WRITTEN["called_off"])
    assert activities.tell(actor=Actor.system("tests"), event_id=ActivityEvent.objects.latest("pk").pk) == len(rows)
    return seen[1]


def thanked(cast: Cast, him: Person) -> Claim:
    """A passbook, something he did that was refused, his appeal, and something a neighbour did for him."""
    there, me, keeper = Pointed(cast), make.actor(him), make.actor(cast.keeper)
    edition = point_queries.edition_now(there.book)
    assert edition is not None
    rule = edition.rules.get(code="bridge")
    passbook = points.open_passbook(actor=me, book=there.book, person=him)
    done = points.Done(WRITTEN["deed"], clock.today(), 1, WRITTEN["proof"])
    claim = points.state_claim(actor=me, passbook=passbook, rule=rule, done=done)
    claim = points.refuse(actor=keeper, claim=claim, reason=WRITTEN["refused"])
    points.file_appeal(actor=me, passbook=passbook, claim=claim, words=WRITTEN["appealed"])
    litter = edition.rules.get(code="litter")
    done = points.Done(WRITTEN["deed"], clock.today(), 25_000)
    weighed = points.state_claim(actor=me, passbook=passbook, rule=litter, done=done)
    points.confirm(actor=keeper, claim=weighed)
    points.reserve(actor=me, passbook=passbook, good=there.good)
    beside = points.open_passbook(actor=make.actor(cast.neighbour), book=there.book, person=cast.neighbour)
    done = points.Done(WRITTEN["deed_for_him"], clock.today(), 1)
    other = points.state_claim(actor=make.actor(cast.neighbour), passbook=beside, rule=rule, done=done)
    points.confirm(actor=keeper, claim=other)
    return other


def kept_answers(him: Person) -> None:
    """Answers to writes of others that showed him."""
    for number, text in enumerate((NAME, PHONE, ADDRESS, WRITTEN["details"], json.dumps({"a": WRITTEN["message"]}))):
        row = StoredAnswer(scope="person:0", key=f"shows-him-{number}", digest=b"x", at=clock.now())
        row.location = f"/people/persons/?q={quote(text)}"
        row.body = idempotency.seal(text.encode().decode("latin-1"), idempotency.spot(row))
        row.save()


def shapes(trace: str) -> set[str]:
    return {trace, json.dumps(trace)[1:-1], quote(trace), trace.removeprefix("+86")}


def found(*traces: str) -> set[tuple[str, str, str]]:
    """(table, column, trace) over all columns that hold text, json, bytes, lists or networks."""
    hits = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type NOT IN ('bigint', 'integer', 'smallint', 'boolean', 'double precision', 'date', 'uuid')"
        )
        columns = cursor.fetchall()
        for table, column, kind in columns:
            for trace in traces:
                for shape in shapes(trace):
                    test = (
                        f'position(%s::bytea in "{column}")' if kind == "bytea" else f'position(%s in "{column}"::text)'
                    )
                    value = shape.encode() if kind == "bytea" else shape
                    cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}" WHERE {test} > 0)', [value])
                    if cursor.fetchone()[0]:
                        hits.add((table, column, trace))
    assert len(columns) > 150
    return hits


def opened(*traces: str) -> set[str]:
    """What lies sealed or encoded and still gives a trace away to whoever has the keys: sealed columns, sessions,
    stored answers.
    """
    from django.apps import apps

    from huying.kernel.sealed import SealedField

    texts = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedField):
                for row in model._default_manager.filter(**{f"{field.name}__isnull": False}):
                    texts[f"{model.__name__}.{field.name}.{row.pk}"] = getattr(row, field.name).open()
    for session in BrowserSession.objects.all():
        texts[f"session {session.pk}"] = json.dumps(session.get_decoded(), ensure_ascii=False)
    for answer in StoredAnswer.objects.all():
        texts[f"answer {answer.pk}"] = idempotency.body_of(answer).decode("utf-8", "replace")
    return {where for where, text in texts.items() for trace in traces if any(s in text for s in shapes(trace))}


def test_the_search_finds_him_in_every_room_while_he_is_here(cast: Cast) -> None:
    him = somebody(cast)
    asks(cast, him)
    helps(cast, him)
    gathers(cast, him)
    thanked(cast, him)
    kept_answers(him)

    places = {(table, column) for table, column, _trace in found(*TRACES)}

    assert places >= {
        ("people_person", "name"),
        ("people_person", "search_text"),
        ("people_account", "username"),
        ("people_notice", "title"),
        ("calls_call", "title"),
        ("calls_call", "details"),
        ("calls_call", "answers"),
        ("calls_call", "comment"),
        ("calls_call", "search_text"),
        ("calls_callnote", "text"),
        ("calls_callmessage", "text"),
        ("activities_activitynote", "text"),
        ("activities_session", "reason"),
        ("activities_feedback", "words"),
        ("people_notice", "body"),
        ("points_claim", "title"),
        ("points_claim", "proof"),
        ("points_claim", "reason"),
        ("points_appeal", "words"),
        ("kernel_attachment", "name"),
        ("kernel_storedanswer", "location"),
    }
    assert not places & {
        ("kernel_auditline", "reason"),
        ("kernel_auditline", "changes"),
        ("procrastinate_jobs", "args"),
    }
    assert {where.split(".")[0] for where in opened(*TRACES)} >= {"Person", "Call", "Guardianship", "OutgoingText"}


def test_no_column_of_the_whole_database_knows_a_forgotten_person(cast: Cast) -> None:
    him = somebody(cast)
    asked, helped, called_off = asks(cast, him), helps(cast, him), gathers(cast, him)
    done_for_him = thanked(cast, him)
    kept_answers(him)

    people.erase_person(actor=make.actor(him), person_id=him.pk)

    assert found(*TRACES) == set()
    assert opened(*TRACES) == set()
    for call in asked:
        kept = Call.objects.get(pk=call.pk)
        assert (kept.requester_id, kept.number, kept.place_id, kept.state) == (
            him.pk,
            call.number,
            cast.home.pk,
            call.state,
        )
        assert not CallNote.objects.filter(event__call=call).exists()
    assert Call.objects.get(pk=helped.pk).comment == "多亏已注销来帮忙"
    done_for_him.refresh_from_db()
    assert (done_for_him.title, done_for_him.amount) == ("扶已注销过马路", 10)
    called_off.refresh_from_db()
    assert (called_off.reason, called_off.events.get(verb="session_cancel").reason) == ("已注销摔了一跤", "")
    assert (helped.state, Person.objects.get(pk=him.pk).name) == (State.CLOSED, "已注销")


def test_the_history_keeps_every_step_and_the_trail_says_that_words_went(cast: Cast) -> None:
    him = somebody(cast)
    mine, _other = asks(cast, him)
    steps = list(CallEvent.objects.order_by("pk").values_list("pk", "verb", "person_id", "at"))

    people.erase_person(actor=make.actor(him), person_id=him.pk)

    assert list(CallEvent.objects.order_by("pk").values_list("pk", "verb", "person_id", "at")) == steps
    assert {event.note for event in mine.events.select_related("words")} == {""}
    line = AuditLine.objects.get(verb="call.words_removed")
    assert (line.subject_id, line.changes["messages"], line.changes["notes"] >= 3) == (him.pk, 2, True)


def test_words_about_others_stay_where_they_are(cast: Cast) -> None:
    him, other = somebody(cast), cast.call(State.CLOSED, details="与他无关的说明")
    calls.say(actor=make.actor(cast.resident), call=other, text="与他无关的话")
    notes = CallNote.objects.filter(event__call=other).count()
    asks(cast, him)

    people.erase_person(actor=make.actor(him), person_id=him.pk)

    assert Call.objects.get(pk=other.pk).details == "与他无关的说明"
    assert [one.text for one in CallMessage.objects.all()] == ["与他无关的话"]
    assert CallNote.objects.filter(event__call=other).count() == notes > 0
