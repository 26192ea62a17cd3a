"""Made-up people of the demonstration: staff, helpers and residents, with the sign-ins that ``up`` prints.

Every name, number and date is invented. Loading twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import cycle

from django.contrib.auth.hashers import make_password

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.models import AuditLine
from huying.kernel.transactions import begin
from huying.people import actions
from huying.people.actions.persons import create_person
from huying.people.models import Account, Guardianship, Household, Person, Role
from huying.people.states import RoleKind, Tie
from huying.places.models import Place

PASSWORD = "yi-hu-bai-ying-2026"  # noqa: S105 - a demonstration says its passwords
DEMO = Actor.system("demo")


@dataclass(frozen=True, slots=True)
class Figure:
    """One person with a sign-in: where he serves is the kind of place, counted from the first."""

    username: str
    name: str
    what_for: str
    role: str
    at: str
    born: date
    number: int


STAFF = (
    Figure("dispatcher", "周予安", "调度员：受理、派单、督办", RoleKind.DISPATCHER, "county", date(1988, 4, 12), 1),
    Figure("office", "孟庆澜", "街道实践所：受理、派单", RoleKind.OFFICE, "street", date(1985, 9, 3), 2),
    Figure("station", "陆秋实", "社区实践站：受理、派单", RoleKind.STATION_KEEPER, "community", date(1990, 1, 25), 3),
    Figure("grid", "何小满", "网格员：替居民求助", RoleKind.GRID_WORKER, "community", date(1993, 5, 21), 4),
    Figure("inspector", "顾明川", "督查员：只看不改", RoleKind.INSPECTOR, "county", date(1979, 11, 8), 5),
    Figure("auditor", "秦守一", "审核员：只看不改", RoleKind.AUDITOR, "county", date(1981, 2, 17), 6),
    Figure("admin", "程望舒", "业务管理员：菜单、角色", RoleKind.ADMINISTRATOR, "county", date(1984, 7, 30), 7),
    Figure("system", "杜若飞", "系统管理员：开通账号", RoleKind.SYSTEM_ADMIN, "county", date(1987, 3, 14), 8),
    Figure("security", "方知微", "安全管理员：授权", RoleKind.SECURITY_ADMIN, "county", date(1986, 12, 2), 9),
    Figure("audit", "沈既白", "审计管理员：查看审计", RoleKind.AUDIT_ADMIN, "county", date(1982, 6, 19), 10),
)
HELPERS = (
    Figure("leader", "林向阳", "志愿队队长：接单、排人", RoleKind.TEAM_LEADER, "community", date(1976, 10, 6), 20),
    Figure("volunteer1", "许之遥", "志愿者：应答求助", RoleKind.VOLUNTEER, "community", date(1995, 8, 9), 21),
    Figure("volunteer2", "邵清和", "志愿者（退休护士）", RoleKind.VOLUNTEER, "community", date(1964, 3, 27), 22),
    Figure("volunteer3", "唐一帆", "志愿者（电工）", RoleKind.VOLUNTEER, "community", date(1989, 1, 5), 23),
    Figure("volunteer4", "白若溪", "志愿者（大学生）", RoleKind.VOLUNTEER, "community", date(2005, 9, 14), 24),
)
RESIDENTS = (
    Figure("resident", "李桂兰", "居民（78岁，长辈版大字）", RoleKind.RESIDENT, "community", date(1948, 2, 3), 40),
    Figure("resident2", "王建国", "居民：有一个孩子", RoleKind.RESIDENT, "community", date(1987, 5, 16), 41),
    Figure(
        "resident3",
        "Emma Lindqvist",
        "resident who reads English",
        RoleKind.RESIDENT,
        "community",
        date(1991, 7, 22),
        42,
    ),
)
SIGN_INS: list[tuple[str, str, str]] = [
    (figure.username, PASSWORD, figure.what_for) for figure in (*STAFF, *HELPERS, *RESIDENTS)
]

SURNAMES = "赵钱孙吴郑冯陈褚卫蒋韩杨朱尤施张孔曹严华金魏陶姜"
GIVEN = (
    "秀英",
    "志强",
    "淑珍",
    "海燕",
    "德福",
    "玉梅",
    "国栋",
    "晓琴",
    "永年",
    "素云",
    "建华",
    "文静",
    "长河",
    "彩霞",
    "春生",
)
OTHERS, MORE_HELPERS = 45, 15
STREETS = ("锦绣路", "青石巷", "桂花街", "运河里", "望湖路")


def load(places: object = None) -> dict[str, list[Person]]:
    """Make the people at the places that are there; by group: staff, helpers, residents, others.

    ``places`` is what the places of the demonstration gave back; the tree itself is read from the database.
    """
    actions.load_purposes()
    if Account.objects.filter(username=STAFF[0].username).exists():
        return loaded()
    homes = cycle(_homes())
    with begin(DEMO):
        made = {
            "staff": [_figure(figure, next(homes)) for figure in STAFF],
            "helpers": [_figure(figure, next(homes)) for figure in HELPERS],
            "residents": [_figure(figure, next(homes)) for figure in RESIDENTS],
        }
        made["helpers"] += [_other(number, next(homes), RoleKind.VOLUNTEER) for number in range(MORE_HELPERS)]
        made["others"] = [
            _other(number, next(homes), RoleKind.RESIDENT) for number in range(MORE_HELPERS, MORE_HELPERS + OTHERS)
        ]
        _families(made)
        _wishes(made)
    return made


def is_loaded() -> bool:
    """True when this database was filled by the demonstration: its first person was added by it, as the trail says."""
    first = Account.objects.filter(username=STAFF[0].username).values("person_id")
    added = AuditLine.objects.filter(subject_type=Person._meta.label, subject_id__in=first, verb="person.added")
    return added.filter(system=DEMO.name).exists()


def loaded() -> dict[str, list[Person]]:
    """The same groups, read back from a database that has them."""

    def by_name(figures: Iterable[Figure]) -> list[Person]:
        names = [figure.username for figure in figures]
        found = {
            row.username: row.person for row in Account.objects.filter(username__in=names).select_related("person")
        }
        return [found[name] for name in names if name in found]

    known = {"staff": by_name(STAFF), "helpers": by_name(HELPERS), "residents": by_name(RESIDENTS)}
    more = Person.objects.filter(account=None, erased_at__isnull=True).order_by("pk")
    known["helpers"] += list(more.filter(roles__kind=RoleKind.VOLUNTEER))
    known["others"] = list(more.filter(roles__kind=RoleKind.RESIDENT))
    return known


STRIDE = 3
"""Neighbours in the list live apart: every third home first, then the next."""


def _homes() -> list[Place]:
    """Where people of the first street can live: its grids, else its communities, else the street itself.

    Everybody lives in one street, so that who asks has somebody near who helps.
    """
    for kinds in (("grid",), ("community", "village"), ("street", "town", "township"), ("county",)):
        found = list(Place.objects.filter(kind_id__in=kinds, path__startswith=_at("street").path).order_by("id"))
        if found:
            return [place for start in range(STRIDE) for place in found[start::STRIDE]]
    raise LookupError("the demonstration needs places before people")


def _at(kind: str) -> Place:
    """The first place of a kind, or of the nearest kind above it that there is."""
    wider = {"community": ("community", "village"), "street": ("street", "town", "township"), "county": ("county",)}
    order = ["community", "street", "county"]
    for step in order[order.index(kind) :]:
        found = Place.objects.filter(kind_id__in=wider[step]).order_by("id").first()
        if found is not None:
            return found
    return Place.objects.order_by("id")[0]


def _figure(figure: Figure, home: Place) -> Person:
    here = _at(figure.at)
    person = _person(figure.name, figure.born, f"199000{figure.number:05d}", _below(here, home))
    Account.objects.create(
        username=figure.username, person=person, phone_index=person.phone_index, password=_hashed_password()
    )
    actions.give_consent(actor=Actor(person_id=person.pk), person_id=person.pk, code="account")
    _role(person, figure.role, here)
    return person


@cache
def _hashed_password() -> str:
    """Everybody's password is the same and public, so its hash, slow on purpose, is made once."""
    return make_password(PASSWORD)


def _below(place: Place, home: Place) -> Place:
    """A home inside the place somebody serves, so that his neighbours are his own."""
    inside = Place.objects.filter(path__startswith=place.path, kind_id=home.kind_id).order_by("id").first()
    return inside or home


def _other(number: int, home: Place, role: str) -> Person:
    name = SURNAMES[number % len(SURNAMES)] + GIVEN[(number * 7) % len(GIVEN)]
    born = date(1938 + (number * 11) % 66, 1 + number % 12, 1 + (number * 5) % 28)
    person = _person(name, born, f"199001{number:05d}", home)
    _role(person, role, home)
    return person


def _person(name: str, born: date, phone: str, home: Place) -> Person:
    number = int(phone[-4:])
    person = create_person(
        DEMO,
        actions.Facts(
            name=name,
            sex=("female", "male")[number % 2],
            birth_date=born,
            phone=phone,
            home_place=home,
            address=f"{STREETS[number % len(STREETS)]}{number % 88 + 1}号{number % 6 + 1}单元{number % 5 + 1}02",
        ),
    )
    if home.lon is not None and home.lat is not None:
        person.lon = home.lon + (number * 37 % 21 - 10) / 5000
        person.lat = home.lat + (number * 53 % 21 - 10) / 5000
        person.save(update_fields=["lon", "lat"])
    return person


def _role(person: Person, kind: str, place: Place) -> Role:
    now = clock.now()
    return Role.objects.create(
        person=person, kind=kind, place=place, starts_at=now - timedelta(days=200), granted_at=now
    )


def _families(made: dict[str, list[Person]]) -> None:
    """A daughter who acts for her mother, a father with a child, neighbours who share a home."""
    mother, father, _guest = made["residents"]
    daughter = made["helpers"][1]
    now = clock.now()
    Guardianship.objects.create(
        ward=mother, guardian=daughter, tie=Tie.ENTRUSTED, starts_at=now, confirmed_at=now, confirmed_by=mother
    )
    actions.add_child(
        actor=Actor(person_id=father.pk),
        name="王小禾",
        birth_date=clock.today().replace(day=1) - timedelta(days=365 * 9),
        sex="female",
        tie=Tie.PARENT,
        agrees=True,
    )
    for pair in _pairs(made["others"][:8]):
        home = Household.objects.create(place_id=pair[0].home_place_id or 0, created_at=now)
        for person in pair:
            person.household, person.home_place = home, pair[0].home_place
            person.save(update_fields=["household", "home_place"])


def _pairs(people: list[Person]) -> Iterator[tuple[Person, Person]]:
    return zip(people[::2], people[1::2], strict=False)


def _wishes(made: dict[str, list[Person]]) -> None:
    """The old resident reads in large print, the guest in English."""
    old, _father, guest = made["residents"]
    actions.set_preferences(actor=Actor(person_id=old.pk), print="large")
    actions.set_preferences(actor=Actor(person_id=guest.pk), language="en")
