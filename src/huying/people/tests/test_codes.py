"""One-time codes: few, hashed, short-lived, never sent unasked (threat 20 of the security page)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.sealed import PhoneUnclear
from huying.people import actions
from huying.people.actions import codes, texting
from huying.people.models import Allowance, OneTimeCode, OutgoingText
from huying.people.tests import factories as make

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
PHONE = "139 0000 0001"


def visitor(address: str = "203.0.113.9") -> Actor:
    return Actor(person_id=None, address=address)


def words_sent() -> list[str]:
    return [row.words.open() for row in OutgoingText.objects.order_by("pk") if row.words]


def code_sent() -> str:
    return re.search(r"\d{6}", words_sent()[-1]).group()


def test_the_right_code_works_once():
    actions.request_code(actor=visitor(), phone=PHONE)
    code = code_sent()

    answers = [actions.check_code(actor=visitor(), phone="+86-13900000001", code=code) for _try in range(2)]

    assert answers == [True, False]


def test_neither_code_nor_number_lies_open_in_the_database():
    actions.request_code(actor=visitor(), phone=PHONE)
    code = code_sent()

    rows = ""
    with connection.cursor() as cursor:
        for table in (
            "people_onetimecode",
            "people_outgoingtext",
            "people_allowance",
            "kernel_auditline",
            "procrastinate_jobs",
        ):
            cursor.execute(f"SELECT string_agg(t::text, '|') FROM {table} t")
            rows += str(cursor.fetchone()[0])

    assert "13900000001" not in rows
    assert code not in rows
    assert code.encode().hex() not in rows


def test_five_wrong_tries_close_the_code():
    actions.request_code(actor=visitor(), phone=PHONE)
    code = code_sent()
    wrong = f"{(int(code) + 1) % 10**6:06d}"

    answers = [actions.check_code(actor=visitor(), phone=PHONE, code=wrong) for _try in range(5)]
    answers.append(actions.check_code(actor=visitor(), phone=PHONE, code=code))

    assert answers == [False] * 6


def test_a_code_lives_five_minutes():
    with clock.frozen(NOON):
        actions.request_code(actor=visitor(), phone=PHONE)
    code = code_sent()

    with clock.frozen(NOON + timedelta(minutes=5)):
        assert not actions.check_code(actor=visitor(), phone=PHONE, code=code)
    with clock.frozen(NOON + timedelta(minutes=4, seconds=59)):
        assert actions.check_code(actor=visitor(), phone=PHONE, code=code)


def test_a_new_code_replaces_the_old_one():
    with clock.frozen(NOON):
        actions.request_code(actor=visitor(), phone=PHONE)
        first = code_sent()
    with clock.frozen(NOON + timedelta(minutes=1)):
        actions.request_code(actor=visitor(), phone=PHONE)
        second = code_sent()

        assert OneTimeCode.objects.count() == 1
        assert first == second or not actions.check_code(actor=visitor(), phone=PHONE, code=first)
        assert actions.check_code(actor=visitor(), phone=PHONE, code=second)


def test_a_code_for_one_purpose_opens_nothing_else():
    actions.request_code(actor=visitor(), phone=PHONE, purpose="phone")

    assert not actions.check_code(actor=visitor(), phone=PHONE, code=code_sent(), purpose="sign_in")


def test_ten_thousand_asks_from_many_addresses_send_five_texts_to_one_number(settings):
    settings.HUYING_CODES_PER_NUMBER = 5
    sent = refused = 0

    for number in range(300):
        with clock.frozen(NOON + timedelta(minutes=2 * number)):
            try:
                actions.request_code(actor=visitor(f"203.0.{number % 250}.{number % 7}"), phone=PHONE)
                sent += 1
            except codes.TooManyCodes as error:
                refused += 1
                assert error.facts["retry_after"] > 0

    assert (sent, refused) == (5, 295)
    assert OutgoingText.objects.count() == 5


def test_one_address_block_cannot_ask_for_everybody(settings):
    settings.HUYING_CODES_PER_BLOCK = 3
    for number in range(3):
        actions.request_code(actor=visitor(f"203.0.113.{number}"), phone=f"1390000010{number}")

    with pytest.raises(codes.TooManyCodes):
        actions.request_code(actor=visitor("203.0.113.77"), phone="13900000109")
    actions.request_code(actor=visitor("203.0.114.1"), phone="13900000109")


def test_the_budget_of_the_whole_jurisdiction_is_never_passed(settings):
    settings.HUYING_CODES_PER_DAY = 2
    for number in range(2):
        actions.request_code(actor=visitor(f"198.51.{number}.1"), phone=f"1390000020{number}")

    with pytest.raises(codes.TooManyCodes):
        actions.request_code(actor=visitor("198.51.9.1"), phone="13900000209")


def test_a_refusal_spends_nothing_of_the_other_budgets(settings):
    settings.HUYING_CODES_PER_DAY = 0

    with pytest.raises(codes.TooManyCodes):
        actions.request_code(actor=visitor(), phone=PHONE)

    assert list(Allowance.objects.values_list("scope", flat=True)) == []


@pytest.mark.parametrize(
    "phone", ["", "12345", "110", "02088886666", "1390000000", "'; drop table", "১৩৯০০০০০০০১", "139" * 40]
)
def test_what_cannot_receive_a_text_is_refused(phone):
    with pytest.raises(PhoneUnclear):
        actions.request_code(actor=visitor(), phone=phone)

    assert not actions.check_code(actor=visitor(), phone=phone, code="000000")


def test_without_a_gateway_nothing_is_sent_and_the_answer_says_what_to_do(settings):
    settings.HUYING_SMS_GATEWAY = ""

    with pytest.raises(codes.CodesUnavailable):
        actions.request_code(actor=visitor(), phone=PHONE)

    assert OutgoingText.objects.count() == 0


# ── the outbox ──────────────────────────────────────────────────────────────
class Carrier:
    """A gateway that keeps what it got; refuses while ``down``."""

    got: list[tuple[str, str, str]] = []
    down = False

    def send(self, phone: str, words: str, key: str) -> str:
        if Carrier.down:
            raise ConnectionError("carrier away")
        Carrier.got.append((phone, words, key))
        return "ref-1"


@pytest.fixture
def carrier(settings):
    settings.HUYING_SMS_GATEWAY = f"{__name__}.Carrier"
    Carrier.got, Carrier.down = [], False
    return Carrier


def test_the_job_hands_a_text_over_once_and_empties_it(carrier, monkeypatch):
    monkeypatch.setattr(texting, "import_string", lambda path: Carrier)
    row = texting.queue_text(phone="+8613900000001", words="您好", life=timedelta(minutes=5))

    for _run in range(2):
        actions.send_text(actor=Actor.system("test"), text_id=row.pk)

    row.refresh_from_db()
    assert carrier.got == [("+8613900000001", "您好", str(row.public_id))]
    assert (row.state, row.phone, row.words, row.reference) == ("sent", None, None, "ref-1")


def test_a_carrier_that_is_away_keeps_the_text_for_the_next_try(carrier, monkeypatch):
    monkeypatch.setattr(texting, "import_string", lambda path: Carrier)
    carrier.down = True
    row = texting.queue_text(phone="+8613900000001", words="您好", life=timedelta(minutes=5))

    with pytest.raises(ConnectionError):
        actions.send_text(actor=Actor.system("test"), text_id=row.pk)

    row.refresh_from_db()
    assert (row.state, row.words.open()) == ("queued", "您好")


def test_a_text_that_comes_too_late_is_dropped_unsent(carrier, monkeypatch):
    monkeypatch.setattr(texting, "import_string", lambda path: Carrier)
    with clock.frozen(NOON):
        row = texting.queue_text(phone="+8613900000001", words="您好", life=timedelta(minutes=5))
    with clock.frozen(NOON + timedelta(minutes=6)):
        actions.send_text(actor=Actor.system("test"), text_id=row.pk)

    row.refresh_from_db()
    assert carrier.got == []
    assert (row.state, row.phone) == ("dropped", None)


def test_the_night_forgets_codes_budgets_and_texts():
    with clock.frozen(NOON):
        actions.request_code(actor=visitor(), phone=PHONE)
    with clock.frozen(NOON + timedelta(days=9)):
        actions.forget(actor=Actor.system("test"))

    assert (OneTimeCode.objects.count(), Allowance.objects.count(), OutgoingText.objects.count()) == (0, 0, 0)


def test_a_carrier_over_http_gets_one_json_with_its_key(settings, monkeypatch):
    seen = {}

    class Answer:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def read(self, _most):
            return b'{"reference": "A-7"}'

    def urlopen(request, timeout):
        seen.update(url=request.full_url, body=request.data, headers=dict(request.header_items()), timeout=timeout)
        return Answer()

    settings.HUYING_SMS_URL, settings.HUYING_SMS_TOKEN = "https://carrier.example/send", "t0ken"
    monkeypatch.setattr(texting.urllib.request, "urlopen", urlopen)

    reference = texting.Http().send("+8613900000001", "您好", "k-1")

    assert reference == "A-7"
    assert seen["timeout"] == 10
    assert seen["headers"]["Authorization"] == "Bearer t0ken"
    assert b"13900000001" in seen["body"] and b"k-1" in seen["body"]


def test_the_page_of_demo_texts_exists_only_in_a_demonstration(client, settings, tmp_path):
    settings.DATA = tmp_path
    settings.DEMO = False
    assert client.get("/people/demo/texts/").status_code == 404

    settings.DEMO = True
    texting.Console().send("+8613900000001", "验证码 123456", "k")
    page = client.get("/people/demo/texts/").content.decode()
    assert "验证码 123456" in page
    assert "13900000001" not in page


def test_asking_on_the_page_says_the_same_for_known_and_unknown_numbers(client):
    known = make.account()
    number = known.person.phone.open()

    pages = [
        client.post("/people/sign-in/code/", {"phone": phone}).content.decode() for phone in (number, "13977777777")
    ]

    shapes = [re.sub(r"•••• \d{4}|value=\"[^\"]*\"", "", page) for page in pages]
    assert shapes[0] == shapes[1]
