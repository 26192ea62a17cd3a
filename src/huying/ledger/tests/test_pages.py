"""The auditor's pages, and the public page where anybody checks his receipt."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from openpyxl import load_workbook

from huying.kernel import clock
from huying.kernel.actor import ANONYMOUS, Actor
from huying.kernel.errors import Forbidden, NotFound, SignInNeeded
from huying.kernel.paging import CursorUnknown
from huying.ledger import actions, queries, views
from huying.ledger.models import Account
from huying.ledger.tests.factories import CHECKER, START, SYSTEM, account, entry, give, issuer, key, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning", "own_heads")]
EAST, WEST = "/1/2/", "/1/3/"


def asked(view: Callable[..., Any], who: Actor, *args: Any, **query: Any) -> Any:
    """The page as this actor gets it."""
    request = RequestFactory().get("/ledger/", query)
    request.actor = who  # type: ignore[attr-defined]
    request.htmx = False  # type: ignore[attr-defined]
    request.session = {}  # type: ignore[attr-defined]
    return view(request, *args)


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What the pages were given to draw."""
    given: list[dict[str, Any]] = []

    def render(request: Any, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        given.append(context)
        return HttpResponse(status=status)

    monkeypatch.setattr(views, "render", render)
    yield given


def test_only_auditors_look_at_accounts() -> None:
    one = account(place_path=EAST)

    for page in (lambda who: asked(views.overview, who), lambda who: asked(views.account, who, one.public_id)):
        with pytest.raises(SignInNeeded):
            page(ANONYMOUS)
        for kind in ("resident", "volunteer", "dispatcher", "administrator", "system_admin"):
            with pytest.raises(Forbidden):
                page(person(5, (kind, EAST)))


def test_an_auditor_sees_the_accounts_of_his_places_only(draw: list[dict[str, Any]]) -> None:
    east, west, nowhere = account(5, place_path=EAST), account(7, place_path=WEST), account(9)

    asked(views.overview, person(5, ("auditor", EAST)))
    asked(views.overview, person(5, ("auditor", "/1/")))

    assert [row["account"].pk for row in draw[0]["rows"]] == [east.pk]
    assert {row["account"].pk for row in draw[1]["rows"]} >= {east.pk, west.pk, nowhere.pk, issuer().pk}
    assert [(one["of"].owned, one["of"].accounts) for one in draw[0]["sums"]] == [(5, 1)]
    assert [(one["of"].issued, one["of"].owned) for one in draw[1]["sums"]] == [(21, 21)]
    with pytest.raises(NotFound):
        asked(views.account, person(5, ("auditor", EAST)), west.public_id)


def test_the_list_is_narrowed_by_asset_owner_and_kind(draw: list[dict[str, Any]]) -> None:
    hours, points = account(60, asset="minutes", place_path=EAST), account(5, place_path=EAST)
    actions.hold(actor=person(), entry=entry(points, account(), 2), until=START + timedelta(days=1))
    root = person(5, ("auditor", "/1/"))

    for query in (
        {"asset": "minutes", "only": "used"},
        {"only": "held"},
        {"only": "issuing"},
        {"owner_id": points.owner_id},
    ):
        asked(views.overview, root, **query)

    found = [{row["account"].pk for row in one["rows"]} for one in draw]
    assert found == [{hours.pk, issuer("minutes").pk}, {points.pk}, {issuer().pk, issuer("minutes").pk}, {points.pk}]
    assert asked(views.overview, root, asset="gold").status_code == 422


def test_a_statement_opens_moves_and_closes() -> None:
    one, other = account(), account()
    for day, amount in ((0, 50), (10, 20)):
        with clock.frozen(START + timedelta(days=day)):
            give(one, amount)
    with clock.frozen(START + timedelta(days=20)):
        actions.transfer(actor=person(), entry=entry(one, other, 30))

    told = queries.statement(one, START + timedelta(days=5), START + timedelta(days=15))

    assert (told.opening, [(line.amount, line.balance) for line in told.lines], told.closing) == (50, [(20, 70)], 70)
    assert [queries.balance(one, START + timedelta(days=day)) for day in (0, 1, 11, 21)] == [0, 50, 70, 40]


def test_a_statement_says_the_same_when_seals_shorten_its_way() -> None:
    one, other = account(100), account()
    for day in range(8):
        with clock.frozen(START + timedelta(days=day)):
            actions.transfer(actor=person(), entry=entry(one, other, day + 1))
            if day in {2, 5}:
                plain = [told_of(one, since) for since in range(9)]
                actions.seal(actor=SYSTEM)
                assert [told_of(one, since) for since in range(9)] == plain
    assert queries.balances.sealed_before(START + timedelta(days=4)) > queries.balances.sealed_before(START) == 0


def told_of(one: Account, day: int) -> Any:
    since = START + timedelta(days=day, hours=-2)
    told = queries.statement(one, since, START + timedelta(days=99))
    return told.opening, [(line.transfer.pk, line.balance) for line in told.lines], told.closing


def test_a_past_statement_never_changes() -> None:
    one = account(50)
    since, until = START - timedelta(days=1), START + timedelta(days=1)
    before = queries.statement(one, since, until)

    with clock.frozen(START + timedelta(days=3)):
        give(one, 9, occurred_at=START)

    assert queries.statement(one, since, until) == before
    assert queries.statement(one, until, START + timedelta(days=9)).lines[0].transfer.occurred_at == START


def test_pages_of_a_statement_meet_without_gap_or_repeat() -> None:
    one, other = account(100), account()
    for n in range(1, 12):
        actions.transfer(actor=person(), entry=entry(*((one, other) if n % 2 else (other, one)), 1))
    since, until = START, START + timedelta(days=1)

    seen, cursor = [], None
    while True:
        page = queries.statement(one, since, until, cursor, 5)
        seen += [(line.transfer.pk, line.balance) for line in page.lines]
        if (cursor := page.next) is None:
            break

    whole = [(line.transfer.pk, line.balance) for line in queries.all_lines(one, since, until)]
    assert seen == whole
    assert len({pk for pk, _balance in seen}) == 12
    assert whole[-1][1] == queries.balance(one)
    with pytest.raises(CursorUnknown):
        queries.statement(other, since, until, queries.statement(one, since, until, None, 5).next, 5)
    with pytest.raises(CursorUnknown):
        queries.statement(one, since, until, "nonsense", 5)


@pytest.mark.parametrize(("lines", "most"), [(1, 10), (3, 10)])
def test_a_statement_asks_as_often_for_many_lines_as_for_one(
    lines: int, most: int, django_assert_max_num_queries: Any, draw: list[dict[str, Any]]
) -> None:
    one = account(100, place_path=EAST)
    for _ in range(lines):
        actions.transfer(actor=person(), entry=entry(one, account(), 1))

    with django_assert_max_num_queries(most):
        asked(views.account, person(5, ("auditor", EAST)), one.public_id)


def test_a_statement_can_be_taken_along_and_who_took_it_stands_in_the_trail() -> None:
    from huying.kernel.models import AuditLine

    one = account(100, place_path=EAST)
    actions.transfer(actor=person(), entry=entry(one, account(), 30, reason="=1+1"))
    auditor = person(5, ("auditor", EAST))

    sheet = b"".join(asked(views.export, auditor, one.public_id, "xlsx").streaming_content)
    rows = list(load_workbook(io.BytesIO(sheet)).active.values)  # type: ignore[union-attr]
    csv = b"".join(asked(views.export, auditor, one.public_id, "csv").streaming_content).decode()

    assert [row[5:7] for row in rows[1:]] == [(100, 100), (-30, 70)]
    assert '"\'=1+1"' in csv
    assert AuditLine.objects.filter(verb="export", person_id=5).count() == 2
    with pytest.raises(NotFound):
        asked(views.export, auditor, one.public_id, "pdf")
    with pytest.raises(NotFound):
        asked(views.export, person(6, ("auditor", WEST)), one.public_id, "csv")


def test_anybody_with_the_code_checks_his_receipt_and_sees_nobody(draw: list[dict[str, Any]]) -> None:
    made = give(account(), 30)
    code = queries.receipt_code(made)

    asked(views.receipt, ANONYMOUS, code)
    actions.seal(actor=SYSTEM)
    asked(views.receipt, ANONYMOUS, code)

    assert [one["receipt"].proof for one in draw] == ["waiting", "sealed"]
    for wrong in ("nonsense", code[:-2] + "xx", str(made.public_id)):
        with pytest.raises(NotFound):
            asked(views.receipt, ANONYMOUS, wrong)
    assert asked(views.find_receipt, ANONYMOUS, code=code)["Location"] == f"/ledger/receipt/{code}/"


def test_the_receipt_page_names_no_account_and_no_person(client: Any) -> None:
    made = give(account(), 4711, reason="陪诊")
    actions.seal(actor=SYSTEM)

    shown = client.get(f"/ledger/receipt/{queries.receipt_code(made)}/")
    page = text(shown)

    assert shown.status_code == 200
    assert "核对无误" in page
    assert "4,711" in page
    for secret in (made.key, "陪诊", "tests.Owner", "tests.Record", f">{CHECKER}<"):
        assert secret not in page


def test_money_is_shown_in_yuan(draw: list[dict[str, Any]]) -> None:
    fen = queries.asset("fen")

    assert [views.told(value, fen) for value in (123456, 5, -250)] == ["1,234.56", "0.05", "-2.50"]
    assert views.told(-1234, queries.asset("points")) == "-1,234"


def test_owners_are_called_as_their_room_says(draw: list[dict[str, Any]]) -> None:
    queries.name_owners("tests.Named", lambda ids: {one: f"第{one}人" for one in ids})
    known = actions.open_account(actor=SYSTEM, asset="points", owner_type="tests.Named", owner_id=7)
    other = actions.open_account(actor=SYSTEM, asset="points", owner_type="tests.Other", owner_id=8)

    assert queries.names_of([known, other, issuer()]) == {
        known.pk: "第7人",
        other.pk: "tests.Other:8",
        issuer().pk: "发行",
    }


def test_whole_pages_are_drawn(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.ledger.rules.can_audit", lambda actor: True)
    monkeypatch.setattr("huying.ledger.views.signed_in", lambda request: SYSTEM)
    one = account(100)
    made = actions.transfer(
        actor=person(), entry=entry(one, account(), 30, reason="换购", occurred_at=START - timedelta(days=3))
    )
    actions.reverse(actor=person(), transfer=made, reason="缺货", key=key(), approved_by=CHECKER)
    actions.seal(actor=SYSTEM)

    overview, statement = text(client.get("/ledger/")), text(client.get(f"/ledger/accounts/{one.public_id}/"))

    assert "最近一次封存是第 1 号" in overview
    for words in ("换购", "冲正", "发生于", "+30", "-30", "导出 CSV"):
        assert words in statement
    assert (
        client.get(f"/ledger/accounts/{one.public_id}/", {"since": "2026-03-09", "until": "2026-03-01"}).status_code
        == 422
    )
    assert "输入凭证上的码" in text(client.get("/ledger/receipt/"))
    assert Account.objects.count() == 3


def test_without_days_the_page_and_its_files_cover_the_present_month(draw: list[dict[str, Any]]) -> None:
    one = account(5, place_path=EAST)

    asked(views.account, person(5, ("auditor", EAST)), one.public_id)

    statement = draw[0]["statement"]
    assert (statement.since.isoformat(), statement.until.isoformat()) == (
        "2026-03-01T00:00:00+08:00",
        "2026-03-03T00:00:00+08:00",
    )
    assert [href.split("?")[1] for _kind, href in draw[0]["files"]] == ["since=2026-03-01&until=2026-03-02"] * 3
