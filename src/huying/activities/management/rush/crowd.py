"""Who presses: invented people with open sessions, in front of a fresh activity with so many places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session as BrowserSession
from django.urls import reverse

from huying.activities import actions
from huying.activities.actions import Facts, PartyFacts, RoleFacts
from huying.activities.models import ActivityKind, Shift
from huying.kernel import chance, clock
from huying.kernel.actor import Actor
from huying.kernel.search import search_text, terms
from huying.people.models import Account, Person
from huying.places import actions as place_actions
from huying.places.models import Place, PlaceKind

BENCH = Actor.system("activities.bench")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Press:
    """One person at the button: his key in ``people_person``, the cookie of his session, the key of this press."""

    person: int
    session: str
    key: str


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


def opened(place: Place, places: int, title: str) -> Shift:
    """The only shift of a published activity the day after tomorrow, with so many places."""
    starts = clock.now() + 2 * DAY
    facts = Facts(
        kind=ActivityKind.objects.get(code="culture"),
        place=place,
        title=title,
        starts_at=starts,
        ends_at=starts + DAY / 12,
        contact_name="量尺",
        where="社区广场",
        roles=[RoleFacts("参加者", places)],
        parties=[PartyFacts("量尺社区")],
    )
    draft = actions.save_draft(actor=BENCH, facts=facts)
    activity = actions.publish(actor=BENCH, activity=draft)
    return Shift.objects.select_related("session").get(session__activity=activity)


def residents(place: Place, count: int) -> list[Person]:
    """So many grown-ups who live there."""
    born, words = date(1980, 1, 1), [f"挤{n:05d}" for n in range(count)]
    people = [
        Person(name=w, home_place=place, birth_date=born, sort_key=w, search_text=search_text(w), search_terms=terms(w))
        for w in words
    ]
    return Person.objects.bulk_create(people, batch_size=1000)


def gathered(place: Place, count: int) -> list[Press]:
    """Residents, each signed in on one telephone, each about to press once."""
    people, now = residents(place, count), clock.now()
    closed = make_password(None)
    accounts = Account.objects.bulk_create(
        [Account(username=f"rush-{one.pk}", person=one, password=closed) for one in people], batch_size=1000
    )
    store, presses, sessions = SessionStore(), [], []
    for account in accounts:
        told = {
            SESSION_KEY: str(account.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: account.get_session_auth_hash(),
            "seen": now.timestamp(),
        }
        press = Press(account.person_id, f"rush{chance.token()[:24]}".lower(), f"rush-{account.person_id:09d}")
        presses.append(press)
        sessions.append(
            BrowserSession(session_key=press.session, session_data=store.encode(told), expire_date=now + DAY)
        )
    BrowserSession.objects.bulk_create(sessions, batch_size=1000)
    return presses


def button(shift: Shift) -> str:
    """Where the form of the button goes."""
    return reverse("activities:join", args=[shift.session.public_id])
