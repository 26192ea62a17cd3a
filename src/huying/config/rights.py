"""What rooms below people keep about persons: they cannot tell people themselves, so it is told from the top."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.ledger import queries as ledger_queries
from huying.people import actions as people_actions
from huying.people.actions.rights import ERASED_NAME
from huying.people.models import Person
from huying.places import actions as place_actions
from huying.places import queries as place_queries


def bookings_of(person: Person) -> Iterable[people_actions.Section]:
    """Rooms that the person booked, for his copy of everything."""
    names = {"place": gettext("地方"), "starts_at": gettext("开始"), "ends_at": gettext("结束")}
    names |= {"purpose": gettext("用途"), "who": gettext("谁用"), "state": gettext("状态")}
    rows = place_queries.my_bookings(Actor(person_id=person.pk)).order_by("-starts_at", "-id")
    mine = [
        {
            "place": one.place.name,
            "starts_at": one.starts_at,
            "ends_at": one.ends_at,
            "purpose": one.purpose,
            "who": one.who,
            "state": one.get_state_display(),
        }
        for one in rows
    ]
    yield people_actions.Section("bookings", gettext("我的场地预订"), mine, names)


def forget_bookings(actor: Actor, person: Person) -> None:
    """The rooms stay booked, nobody's name stays with them."""
    place_actions.forget_booker(person_id=person.pk, name=ERASED_NAME)


def move_bookings(kept: Person, double: Person) -> None:
    """Places keeps a plain number of who booked; no foreign key moves it."""
    place_actions.move_booker(person_id=double.pk, to=kept.pk)


def ledger_apart(kept: Person, double: Person) -> Iterable[str | Promise]:
    """What stands in the ledger stays under its number for good, so that number is the one to keep."""
    if ledger_queries.accounts_of(Person._meta.label, double.pk):
        if ledger_queries.accounts_of(Person._meta.label, kept.pk):
            yield _("两份资料在账本里各有账户，账目不能改名，请联系系统管理员核对。")
        else:
            yield _("要并掉的这份资料在账本里有账目，账目不能改名：请反过来，保留这一份。")


def ledger_of(person: Person) -> Iterable[people_actions.Section]:
    """Every line of the person's accounts; they stay when he goes, under a number without a face (GB/T 40143)."""
    names = {"account": gettext("账户"), "at": gettext("记账时间"), "amount": gettext("增减")}
    names |= {"balance": gettext("余额"), "reason": gettext("摘要"), "id": gettext("编号")}
    rows = [
        {
            "account": one.asset.name,
            "at": line.transfer.recorded_at,
            "amount": line.amount,
            "balance": line.balance,
            "reason": line.transfer.reason,
            "id": str(line.transfer.public_id),
        }
        for one in ledger_queries.accounts_of(Person._meta.label, person.pk)
        for line in ledger_queries.all_lines(one, one.opened_at, clock.now() + timedelta(days=1))
    ]
    yield people_actions.Section("ledger", gettext("我的账目"), rows, names)


def register() -> None:
    """Tell people what the rooms below it keep; called once when Django starts."""
    bookings = people_actions.Rights(export=bookings_of, erase=forget_bookings, untangle=move_bookings)
    people_actions.register_rights("places", bookings)
    people_actions.register_rights("ledger", people_actions.Rights(export=ledger_of, apart=ledger_apart))
