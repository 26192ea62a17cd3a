"""Who exchanges in the bench: invented people with points, a counter with goods, and what must hold afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Sum

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.search import search_text, terms
from huying.ledger import queries as ledger_queries
from huying.ledger.models import Account, Hold
from huying.people.models import Person, Role
from huying.people.queries import actor_of_person
from huying.people.states import RoleKind
from huying.places import actions as place_actions
from huying.places.models import Place, PlaceKind
from huying.points import actions, queries
from huying.points.models import Gift, Good, Passbook
from huying.points.states import GOOD, Assembly, GiftState, IntakeKind

BENCH = Actor.system("points.bench")
PRICE = 10


@dataclass(frozen=True, slots=True)
class Shop:
    """The counter of the bench: who stands there, what he gives, whose points."""

    keeper: Actor
    good: Good
    passbooks: list[int]


def home() -> Place:
    """A community in a street in a county, as the installation would make them."""
    if not PlaceKind.objects.exists():
        place_actions.install_first_rows()
    place = None
    for kind in ("county", "street", "community"):
        facts = place_actions.Facts(name=f"量{kind}")
        place = place_actions.create_place(actor=BENCH, parent=place, kind=kind, facts=facts)
    assert place is not None
    return place


def people(place: Place, words: str, count: int) -> list[Person]:
    born, names = date(1980, 1, 1), [f"{words}{n:05d}" for n in range(count)]
    rows = [
        Person(
            name=name,
            home_place=place,
            birth_date=born,
            sort_key=name,
            search_text=search_text(name),
            search_terms=terms(name),
        )
        for name in names
    ]
    return Person.objects.bulk_create(rows, batch_size=1000)


def staff(place: Place, name: str) -> Actor:
    """Somebody who keeps points at this place."""
    (who,) = people(place, name, 1)
    since = clock.now() - timedelta(days=2)
    Role.objects.create(person=who, kind=RoleKind.STATION_KEEPER, place=place, starts_at=since, granted_at=since)
    found = actor_of_person(who.pk)
    assert found is not None
    return found


def opened(count: int, points: int, stock: int) -> Shop:
    """An adopted book, so many passbooks with so many points each, and one good with so much stock."""
    place = home()
    first, second = staff(place, "甲"), staff(place, "乙")
    item = {"code": "litter", "name": "捡拾垃圾", "amount": 1, "measure": "kilo", "proof": "过秤"}
    with clock.frozen(clock.now() - timedelta(days=1)):  # what is done today counts
        edition = actions.make_book(actor=first, place=place, draft=actions.Draft(items=[item], name="量尺积分办法"))
        vote = actions.Vote(Assembly.ALL, clock.today(), 100, 80, 80, 0, 0, "量尺")
        actions.adopt(actor=first, edition=edition, vote=vote)
        actions.publish(actor=second, edition=edition)
    rule = edition.rules.get()
    keys = []
    for who in people(place, "兑", count):
        passbook = actions.open_passbook(actor=Actor(person_id=who.pk), book=edition.book, person=who)
        done = actions.Done("捡垃圾", clock.today(), points * 1000)
        claim = actions.state_claim(actor=Actor(person_id=who.pk), passbook=passbook, rule=rule, done=done)
        actions.confirm(actor=second, claim=claim)
        keys.append(passbook.pk)
    bank = actions.open_bank(actor=first, book=edition.book, place=place, name="量尺储蓄所")
    shelf = actions.Shelf(name="皂", unit="块", points=PRICE, value_fen=500)
    good = actions.save_good(actor=first, bank=bank, shelf=shelf)
    intake = actions.enter_intake(
        actor=first, book=edition.book, good=good, kind=IntakeKind.GOODS, amount=stock, evidence="量尺"
    )
    actions.confirm_intake(actor=second, intake=intake)
    return Shop(second, good, keys)


def violations(shop: Shop, points: int, stock: int, answered: set[str]) -> list[str]:
    """What is lost, double or below nothing after the run; sentences. ``answered``: exchanges a client was told of."""
    found: list[str] = []
    gifts = Gift.objects.filter(good=shop.good)
    piece = queries.pieces([shop.good])[0]
    sums = {one["state"]: one["n"] for one in gifts.values("state").annotate(n=Sum("quantity"))}
    handed, waiting = sums.get(GiftState.HANDED, 0), sums.get(GiftState.RESERVED, 0)
    if (piece.given, piece.reserved) != (handed, waiting) or piece.stock + piece.reserved + piece.given != stock:
        found.append(f"goods: {piece.stock} + {piece.reserved} + {piece.given} of {stock}; rows {handed} and {waiting}")
    told = {str(key) for key in gifts.values_list("public_id", flat=True)}
    found += [f"exchange {key} was confirmed to a client and is lost" for key in sorted(answered - told)[:5]]
    used = gifts.filter(state=GiftState.HANDED).values("passbook_id").annotate(n=Sum("points"), k=Count("id"))
    spent = {one["passbook_id"]: one["n"] for one in used}
    held = gifts.filter(state=GiftState.RESERVED).values("passbook_id").annotate(n=Sum("points"))
    kept = {one["passbook_id"]: one["n"] for one in held}
    for passbook in Passbook.objects.filter(pk__in=shop.passbooks):
        account = ledger_queries.account(passbook.account_id)
        if account.balance != points - spent.get(passbook.pk, 0) or account.held != kept.get(passbook.pk, 0):
            found.append(f"passbook {passbook.number}: {account.balance}, {account.held} held")
    below = Account.objects.filter(issuing=False, credits__lt=0) | Account.objects.filter(owner_type=GOOD, debits__lt=0)
    found += [f"account {one.pk} is below nothing" for one in below]
    open_holds = Hold.objects.filter(state="pending").count()
    if open_holds != gifts.filter(state=GiftState.RESERVED).count():
        found.append(f"{open_holds} holds are open, {gifts.filter(state=GiftState.RESERVED).count()} exchanges wait")
    return found
