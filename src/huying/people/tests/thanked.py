"""Rows for every key to a person in points: what somebody was thanked for, and what he decided about others."""

from __future__ import annotations

from datetime import timedelta

from huying.kernel import clock
from huying.people.models import Person
from huying.places.models import Place
from huying.points import models as points

DAY = timedelta(days=1)
STAYS = {"points.Adoption.recorded_by", "points.Ending.told_by", "points.Printing.made_by"}
"""What is never changed."""


def thank(who: Person, other: Person, home: Place) -> None:
    """His book, passbook, claims and appeals; what ``other`` was given he confirmed, handed out and decided on."""
    now = clock.now()
    book = points.Book.objects.create(place=home, name="积分办法", created_by=who, created_at=now)
    edition = points.Edition.objects.create(
        book=book,
        number=1,
        state="published",
        drafted_by=who,
        drafted_at=now,
        published_by=who,
        published_at=now,
        valid_from=now,
    )
    votes = {"eligible": 9, "present": 9, "in_favour": 8, "against": 1, "abstained": 0}
    points.Adoption.objects.create(
        edition=edition, assembly="all", held_on=now.date(), minutes="记录本", recorded_by=who, recorded_at=now, **votes
    )
    rule = points.Rule.objects.create(
        edition=edition,
        order=1,
        code="bridge",
        name="帮助邻里",
        source="claim",
        measure="time",
        amount=5,
        proof="照片",
        confirmer="keeper",
    )
    mine, theirs = (
        points.Passbook.objects.create(
            book=book,
            person=one,
            number=number,
            account_id=account,
            opened_at=now,
            opened_by=who,
            state="frozen",
            frozen_until=now + DAY,
            frozen_by=who,
        )
        for one, number, account in ((who, "1", 1), (other, "2", 2))
    )
    facts = {"rule": rule, "done_on": now.date(), "quantity": 1, "title": "扶老人过桥", "made_at": now}
    points.Claim.objects.create(passbook=mine, person=who, made_by=who, **facts)
    claim = points.Claim.objects.create(
        passbook=theirs, person=other, made_by=other, ended_by=who, ended_at=now, state="refused", **facts
    )
    dispute = {"claim": claim, "ground": "error", "evidence": "记重了", "made_at": now, "not_before": now}
    points.Reversal.objects.create(made_by=other, ended_by=who, state="dropped", ended_at=now, **dispute)
    points.Reversal.objects.create(made_by=who, state="dropped", told_by=who, **dispute)
    points.Ending.objects.create(passbook=theirs, lot_id=1, points=5, told_at=now, told_by=who, ends_at=now + 60 * DAY)
    points.Printing.objects.create(passbook=theirs, booklet=1, made_by=who, made_at=now)
    filed = {"words": "没有这回事", "filed_at": now, "mark_due": now + DAY}
    points.Appeal.objects.create(passbook=mine, filed_by=who, **filed)
    points.Appeal.objects.create(passbook=theirs, claim=claim, filed_by=other, marked_by=who, first_by=who, **filed)
    reversal = points.Reversal.objects.filter(claim=claim).order_by("id")[0]
    points.Appeal.objects.create(passbook=theirs, reversal=reversal, filed_by=other, second_by=who, **filed)
    points.Freezing.objects.create(passbook=theirs, made_by=who, made_at=now)
    keep_shop(who, book, theirs)


def keep_shop(who: Person, book: points.Book, passbook: points.Passbook) -> None:
    """He took goods in, counted, handed out, weighed and settled."""
    now = clock.now()
    partner = points.Partner.objects.create(book=book, name="便民超市", is_sponsor=True, is_merchant=True)
    bank = points.Bank.objects.create(book=book, place=book.place, name="文明储蓄所", opened_at=now)
    soap = points.Good.objects.create(bank=bank, name="肥皂", unit="块", points=5, value_fen=300)
    points.Intake.objects.create(
        book=book,
        kind="goods",
        good=soap,
        amount=5,
        evidence="收据",
        state="refused",
        made_by=who,
        made_at=now,
        checked_by=who,
    )
    span = {"since": now.date(), "until": now.date() + DAY, "total_fen": 300}
    points.Sheet.objects.create(
        book=book, partner=partner, funded_by=partner, made_by=who, made_at=now, approved_by=who, **span
    )
    worth = {"good": soap, "quantity": 1, "value_fen": 300, "made_by": who, "made_at": now}
    points.Gift.objects.create(
        passbook=passbook, points=5, until=now + DAY, state="handed", way="code", ended_by=who, ended_at=now, **worth
    )
    back = {"state": "returned", "returned_by": who, "returned_at": now, "reason": "拿错了"}
    points.Gift.objects.create(
        passbook=passbook,
        points=5,
        until=now + DAY,
        way="code",
        ended_by=passbook.person,
        ended_at=now,
        **back,
        **worth,
    )
    points.Weighing.objects.create(grams=500, transfer_id=1, **worth)
