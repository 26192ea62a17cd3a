"""Certificates: of confirmed service only, checked by anybody, and by programs that are not ours."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier
from openvc import OpenvcError, verify_credential

from huying.kernel import clock
from huying.kernel.chance import uuid7
from huying.kernel.errors import Forbidden, NotFound
from huying.people import actions as people_actions
from huying.volunteers import actions, queries, rules
from huying.volunteers.models import Certificate, CertificatePrint, ServiceRecord, StarLevel
from huying.volunteers.tests.factories import START, Cast, actor, browser, sent
from huying.volunteers.tests.test_service import confirmed, submitted
from huying.volunteers.views import pdf

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def url(name: str, *args: Any) -> str:
    return reverse(f"volunteers:{name}", args=args)


def issued(cast: Cast, **more: Any) -> Certificate:
    facts: dict[str, Any] = {"since": date(2026, 1, 1), "until": clock.today(), "volunteer": cast.li}
    return actions.issue_certificate(actor=actor(cast.li.person), **(facts | more))


def test_a_certificate_holds_confirmed_service_of_its_period_only(cast: Cast) -> None:
    record = confirmed(cast)
    submitted(cast, ago=8)

    made = issued(cast)

    assert (made.minutes, made.issuer_name, made.stars) == (120, "和平社区", 0)
    assert made.records == [{"id": str(record.public_id), "version": 1, "minutes": 120, "evidence": "A"}]
    assert len(made.code) == 19
    with pytest.raises(actions.NothingToCertify):
        issued(cast, since=date(2026, 1, 1), until=clock.today() - DAY)
    with pytest.raises(actions.PeriodUnclear):
        issued(cast, until=clock.today() + DAY)


def test_it_is_issued_to_oneself_or_by_the_desk_of_ones_place(cast: Cast) -> None:
    confirmed(cast)
    facts: dict[str, Any] = {"volunteer": cast.li, "since": clock.today(), "until": clock.today()}

    by_desk = actions.issue_certificate(actor=actor(cast.keeper), **facts)

    assert by_desk.issued_by == cast.keeper
    for who in (cast.he.person, cast.wu.person, cast.outsider):
        with pytest.raises(Forbidden):
            actions.issue_certificate(actor=actor(who), **facts)


@pytest.mark.parametrize(
    ("minutes", "stars"), [(0, 0), (5999, 0), (6000, 1), (18000, 2), (36000, 3), (60000, 4), (90000, 5), (10**6, 5)]
)
def test_stars_come_from_the_table(cast: Cast, minutes: int, stars: int) -> None:
    assert rules.stars_for(minutes, clock.today(), StarLevel.objects.all()) == stars


def test_a_new_table_of_stars_holds_from_its_day_on(cast: Cast) -> None:
    StarLevel.objects.create(stars=1, over_minutes=60, valid_from=clock.today())
    rows = StarLevel.objects.all()

    assert (rules.stars_for(60, clock.today(), rows), rules.stars_for(60, clock.today() - DAY, rows)) == (1, 0)
    assert rules.stars_for(60, date(2019, 12, 31), rows) == 0


def many_records(cast: Cast, count: int, minutes: int) -> None:
    """So many confirmed records of so many minutes, one every hour, written at once."""
    one = confirmed(cast)
    rows = []
    for n in range(count - 1):
        row = ServiceRecord.objects.get(pk=one.pk)
        row.pk, row.public_id, row.subject_id, row.transfer_id = None, uuid7(), None, None
        row.minutes = minutes
        row.starts_at = START - timedelta(hours=10 + n)
        row.ends_at = row.starts_at + timedelta(minutes=minutes)
        rows.append(row)
    ServiceRecord.objects.bulk_create(rows, batch_size=500)


def test_more_records_than_fit_a_list_are_refused_and_never_summed_wrongly(cast: Cast) -> None:
    many_records(cast, actions.certifying.MOST_RECORDS + 1, 30)
    first_day = clock.local(START - timedelta(hours=10 + 1999)).date()

    with pytest.raises(actions.PeriodUnclear) as refusal:
        issued(cast, since=date(2020, 1, 1))
    made = issued(cast, since=first_day + 2 * DAY)

    assert "2001" in str(refusal.value.fields["until"])
    rows = ServiceRecord.objects.filter(starts_at__gte=clock.local(START) - timedelta(days=400))
    shown = [one for one in rows if clock.local(one.starts_at).date() >= first_day + 2 * DAY]
    assert (made.minutes, len(made.records)) == (sum(one.minutes for one in shown), len(shown))
    assert made.stars == rules.stars_for(120 + 2000 * 30, clock.today(), StarLevel.objects.all()) == 4


def test_serial_numbers_count_up_without_a_gap_also_past_a_refusal(cast: Cast) -> None:
    confirmed(cast)
    first = issued(cast)
    with pytest.raises(actions.NothingToCertify):
        issued(cast, since=date(2026, 1, 1), until=clock.today() - DAY)
    with pytest.raises(RuntimeError), transaction.atomic():
        issued(cast)
        raise RuntimeError
    second = issued(cast)

    assert (second.serial, first.numbered) == (first.serial + 1, f"{first.serial:08d}")
    words = rules.credential(first, "李安和", "https://example.org")
    assert words["credentialSubject"]["licenseNumber"] == first.numbered
    assert first.numbered in Client().get(url("verify_code", first.code)).content.decode()
    assert ["证明序号", first.numbered] in pdf.words(first, "https://example.org")["facts"]


# ── anybody may check ───────────────────────────────────────────────────────
def test_anybody_with_the_code_sees_hours_and_proof_but_hardly_the_name(cast: Cast) -> None:
    confirmed(cast)
    made = issued(cast)

    page = Client().get(url("verify_code", made.code.lower().replace("-", " ")))
    body = page.content.decode()

    assert page.status_code == 200
    assert "属实" in body and "李**" in body and "李安和" not in body
    assert Client().get(url("verify_code", "ABCD-EFGH")).status_code == 404
    assert Client().get(url("verify"), {"code": made.code}).status_code == 303


def test_a_correction_after_printing_is_told_to_whoever_checks(cast: Cast) -> None:
    record = confirmed(cast)
    made = issued(cast)
    asked = actions.correct(
        actor=actor(cast.wu.person),
        record=record,
        starts_at=record.starts_at,
        ends_at=record.ends_at,
        minutes=60,
        reason="记多了",
    )
    actions.accept(actor=actor(cast.office), record=asked)

    found = queries.check_code(made.code)

    assert (found.changed, found.now_minutes, found.certificate.minutes) == (True, 60, 120)


def test_a_correction_that_leaves_the_sum_alone_is_told_too(cast: Cast) -> None:
    record = confirmed(cast)
    made = issued(cast)
    hour = timedelta(hours=1)
    times = {"starts_at": record.starts_at - hour, "ends_at": record.ends_at - hour, "minutes": record.minutes}
    asked = actions.correct(actor=actor(cast.wu.person), record=record, reason="早一小时", **times)
    actions.accept(actor=actor(cast.office), record=asked)

    found = queries.check_code(made.code)

    assert (found.changed, found.other, found.now_minutes) == (True, 1, 120)
    assert "其中 1 条与纸面不同" in Client().get(url("verify_code", made.code)).content.decode()


def test_anybody_can_ask_whether_a_file_is_the_one_that_was_handed_out(cast: Cast) -> None:
    confirmed(cast)
    made = issued(cast)
    owner, anybody, address = browser(cast.li.person), Client(), url("verify_file", made.code)
    paper, again = (owner.get(url("certificate_pdf", made.public_id)).content for _twice in range(2))

    def asked(body: bytes) -> Any:
        return sent(anybody, address, paper=SimpleUploadedFile("证明.pdf", body, "application/pdf"))

    answers = [asked(paper), asked(paper.replace(b"%PDF-1", b"%PDF-9")), asked(b""), sent(anybody, address)]

    assert paper == again and CertificatePrint.objects.count() == 1
    assert [one.status_code for one in answers] == [200, 200, 422, 422]
    assert ["不是原件" in one.content.decode() for one in answers[:2]] == [False, True]
    assert anybody.get(address).status_code == 200
    assert anybody.get(url("verify_file", "ABCD-EFGH")).status_code == 404


def test_a_void_certificate_says_so_and_gives_nothing_more(cast: Cast) -> None:
    confirmed(cast)
    made = issued(cast)

    no_reason = sent(browser(cast.keeper), url("certificate_revoke", made.public_id), reason=" ")
    by_owner = sent(browser(cast.li.person), url("certificate_revoke", made.public_id), reason="不要了")
    by_stranger = sent(browser(cast.outsider), url("certificate_revoke", made.public_id), reason="x")
    done = sent(browser(cast.keeper), url("certificate_revoke", made.public_id), reason="误开")

    assert [one.status_code for one in (no_reason, by_owner, by_stranger, done)] == [422, 403, 404, 303]
    assert "误开" in Client().get(url("verify_code", made.code)).content.decode()
    assert browser(cast.li.person).get(url("certificate_pdf", made.public_id)).status_code == 404


def test_after_erasure_the_certificate_stays_without_a_name(cast: Cast) -> None:
    confirmed(cast)
    made = issued(cast)

    people_actions.erase_person(actor=actor(cast.li.person), person_id=cast.li.person_id)

    found = queries.check_code(made.code)
    assert (found.name, found.certificate.minutes, found.changed) == ("已**", 120, False)


# ── paper and badge ─────────────────────────────────────────────────────────
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pdf_holds_the_words_with_fonts_of_its_own(cast: Cast, language: str) -> None:
    confirmed(cast, content="为行动不便的老人送餐#$\\*_`@<a>")
    made = issued(cast)
    client = browser(cast.li.person)
    client.cookies["django_language"] = language

    answer = client.get(url("certificate_pdf", made.public_id))

    body = answer.content
    assert (answer["Content-Type"], body[:5]) == ("application/pdf", b"%PDF-")
    assert b"NotoSansCJK" in body
    assert body.count(b"/Type /Page\n") + body.count(b"/Type/Page/") >= 1 or b"/Count 2" in body
    assert browser(cast.keeper).get(url("certificate_pdf", made.public_id)).status_code == 200
    assert browser(cast.he.person).get(url("certificate_pdf", made.public_id)).status_code == 404
    assert len(BytesIO(body).getvalue()) < 400_000


def test_the_badge_and_the_credential_are_accepted_by_programs_that_are_not_ours(cast: Cast) -> None:
    confirmed(cast)
    made = issued(cast)
    client = browser(cast.li.person)

    token = client.get(url("certificate_badge", made.public_id, "jwt"))
    document = client.get(url("certificate_badge", made.public_id, "json"))
    as_badge = OB3Verifier.for_issuer_did(rules.issuer_did()).verify(token.content.decode())
    as_credential = verify_credential(json.loads(document.content))

    assert (token["Content-Type"], document["Content-Type"]) == ("application/vc+jwt", "application/vc")
    assert (as_badge.issuer.name, as_badge.recipient_id) == ("和平社区", f"urn:uuid:{cast.li.public_id}")
    assert as_credential.issuer == rules.issuer_did()
    for who, kind in ((cast.keeper, "jwt"), (cast.he.person, "json"), (cast.li.person, "png")):
        assert browser(who).get(url("certificate_badge", made.public_id, kind)).status_code == 404


def test_what_was_touched_is_refused(cast: Cast) -> None:
    confirmed(cast)
    facts = (issued(cast), "李安和", "https://example.org")
    head, body, mac = rules.badge(*facts).split(".")
    words = json.loads(base64.urlsafe_b64decode(body + "==")) | {"name": "志愿服务 999 小时"}
    forged = base64.urlsafe_b64encode(json.dumps(words).encode()).rstrip(b"=").decode()

    with pytest.raises(OB3VerificationError):
        OB3Verifier.for_issuer_did(rules.issuer_did()).verify(f"{head}.{forged}.{mac}")
    with pytest.raises(OpenvcError):
        verify_credential(rules.secured(*facts) | {"name": "志愿服务 999 小时"})


def test_my_certificates_are_asked_for_on_their_page(cast: Cast) -> None:
    client = browser(cast.li.person)
    early = sent(client, url("certificates"), since="2026-01-01", until="2026-03-03")
    confirmed(cast)
    made = sent(client, url("certificates"), since="2026-01-01", until="2026-03-03")
    odd = sent(client, url("certificates"), since="2026-04-01", until="2026-03-03")
    page = client.get(url("certificates"))

    assert [one.status_code for one in (early, made, odd, page)] == [422, 303, 422, 200]
    assert Certificate.objects.count() == 1
    assert browser(cast.resident).get(url("certificates")).status_code == 303
    with pytest.raises(NotFound):
        queries.certificate_by_id(actor(cast.outsider), Certificate.objects.get().public_id)
