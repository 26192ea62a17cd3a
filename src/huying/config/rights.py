"""What rooms below people keep about persons: they cannot tell people themselves, so it is told from the top."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
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


def names_of(ids: Collection[int]) -> Mapping[int, str]:
    """The names of these people, for rooms below people that keep their numbers."""
    return dict(Person.objects.filter(pk__in=ids).values_list("pk", "name"))


def of_places(person: Person) -> Iterable[people_actions.Section]:
    """What the person booked, and the sites he checked or whose checks he decided on."""
    yield from bookings_of(person)
    names = {"place": gettext("阵地"), "standard": gettext("哪项标准"), "checked_at": gettext("自查时间")}
    names |= {"part": gettext("我做的"), "state": gettext("状态"), "reason": gettext("退回原因")}
    rows = [
        {
            "place": one.place.name,
            "standard": one.standard.name,
            "checked_at": one.checked_at,
            "part": gettext("自查") if one.checked_by_id == person.pk else gettext("核实"),
            "state": one.get_state_display(),
            "reason": one.reason,
        }
        for one in place_queries.checked_by(person.pk)
    ]
    yield people_actions.Section("site_checks", gettext("我做的阵地自查和核实"), rows, names)


def forget_at_places(actor: Actor, person: Person) -> None:
    """What was booked and checked stays; the name and the words go."""
    forget_bookings(actor, person)
    place_actions.forget_checker(person_id=person.pk)


def move_at_places(kept: Person, double: Person) -> None:
    """Places keeps plain numbers of people; no foreign key moves them."""
    move_bookings(kept, double)
    place_actions.move_checker(person_id=double.pk, to=kept.pk)


def places_apart(kept: Person, double: Person) -> Iterable[str | Promise]:
    """Nobody verifies his own check: whoever did under two numbers is looked at by hand first."""
    if place_queries.checked_each_other(kept.pk, double.pk):
        yield _("两份资料里一份做的阵地自查由另一份核实过，不能是同一个人，请先核对。")


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
    at_places = people_actions.Rights(
        export=of_places, erase=forget_at_places, apart=places_apart, untangle=move_at_places
    )
    people_actions.register_rights("places", at_places)
    place_queries.names_from(names_of)
    people_actions.register_rights("ledger", people_actions.Rights(export=ledger_of, apart=ledger_apart))
