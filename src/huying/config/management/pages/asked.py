"""Twenty and more main pages, each as somebody of the demonstration asks for it."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.test import Client
from django.urls import reverse

from huying.activities.models import Activity
from huying.activities.states import ActivityState
from huying.calls.models import Call, CallEvent
from huying.calls.states import OPEN_STATES, State
from huying.cockpit.queries import papers
from huying.ledger.models import Account as LedgerAccount
from huying.people.models import Account, Person
from huying.places.models import Place
from huying.points.models import Passbook


@dataclass(frozen=True, slots=True)
class Page:
    """``who`` is a user name of the demonstration, "" a visitor; ``listed`` pages promise at most twelve questions."""

    name: str
    who: str
    path: str
    listed: bool = False


def pages() -> list[Page]:
    """The pages, with the records that they need looked up in what was loaded."""
    resident = Person.objects.get(account__username="resident")
    call = Call.objects.filter(requester=resident).exclude(state="draft").order_by("-id").first()
    steps = CallEvent.objects.filter(call__state__in=OPEN_STATES).order_by("-id")
    desk_call = steps.filter(call__state=State.POOLED).first() or steps.first()
    activity = Activity.objects.filter(state=ActivityState.PUBLISHED).order_by("-id").first()
    place = Place.objects.filter(kind__is_site=True).order_by("id").first()
    county = Place.objects.filter(parent=None).order_by("id").first()
    account = LedgerAccount.objects.order_by("id").first()
    if call is None or desk_call is None or activity is None or place is None or account is None or county is None:
        raise LookupError("the demonstration lacks a call, an activity, a site or an account to show")
    return [
        Page("home", "", reverse("calls:home")),
        Page("ask", "resident", reverse("calls:ask")),
        Page("my_calls", "resident", reverse("calls:mine"), listed=True),
        Page("call", "resident", reverse("calls:call", args=[call.public_id])),
        Page("me", "resident", reverse("people:me")),
        Page("help", "volunteer1", reverse("calls:help"), listed=True),
        Page("activities", "resident", reverse("activities:list"), listed=True),
        Page("activity", "resident", reverse("activities:activity", args=[activity.public_id])),
        Page("calendar", "", reverse("activities:calendar")),
        Page("volunteer", "volunteer1", reverse("volunteers:me")),
        Page("my_service", "volunteer1", reverse("volunteers:my_service"), listed=True),
        Page("leading", "leader", reverse("leading")),
        Page("board", "dispatcher", reverse("calls:board")),
        Page("list", "dispatcher", reverse("calls:list"), listed=True),
        Page("list_due", "dispatcher", f"{reverse('calls:list')}?state=open&sort=due", listed=True),
        Page("station_list", "station", reverse("calls:list"), listed=True),
        Page("panel", "dispatcher", reverse("calls:panel", args=[desk_call.call.public_id])),
        Page("widening", "dispatcher", reverse("calls:widening"), listed=True),
        Page("watch", "inspector", reverse("calls:watch")),
        Page("shares", "dispatcher", reverse("calls:figures")),
        Page("places", "", reverse("places:tree")),
        Page("places_list", "dispatcher", reverse("places:list"), listed=True),
        Page("map", "", reverse("places:whole_map")),
        Page("place", "", reverse("places:detail", args=[place.public_id])),
        Page("statement", "auditor", reverse("ledger:account", args=[account.public_id])),
        Page("trail", "audit", reverse("system:trail"), listed=True),
        Page("persons", "dispatcher", f"{reverse('people:persons')}?q=%E6%9D%8E", listed=True),
        Page("volunteers", "station", reverse("volunteers:list"), listed=True),
        *reporting(county),
    ]


def reporting(county: Place) -> list[Page]:
    """Numbers, boards, papers, mechanisms and points."""
    paper = papers.published().order_by("-id").first()
    passbook = Passbook.objects.filter(person__account__username="volunteer1").order_by("id").first()
    if paper is None or passbook is None:
        raise LookupError("the demonstration lacks a published paper or the passbook of volunteer1 to show")
    here = [county.public_id]
    return [
        Page("figures", "dispatcher", reverse("figures:place", args=here)),
        Page("number", "dispatcher", reverse("figures:number", args=[*here, "calls_submitted"])),
        Page("number_of_all", "", reverse("figures:number", args=[*here, "calls_submitted"])),
        Page("cockpit", "dispatcher", reverse("cockpit:board", args=here)),
        Page("cockpit_year", "dispatcher", f"{reverse('cockpit:board', args=here)}?period=year"),
        Page("cockpit_now", "dispatcher", reverse("cockpit:now", args=here)),
        Page("measure", "dispatcher", reverse("cockpit:measure", args=[*here, "open"])),
        Page("reports", "dispatcher", reverse("cockpit:reports_at", args=here), listed=True),
        Page("papers", "", reverse("cockpit:papers"), listed=True),
        Page("paper", "", reverse("cockpit:paper", args=[paper.public_id])),
        Page("mechanism", "dispatcher", reverse("packs:ours", args=here)),
        Page("packs", "admin", reverse("packs:library"), listed=True),
        Page("points", "resident", reverse("points:list"), listed=True),
        Page("passbook", "volunteer1", reverse("points:passbook", args=[passbook.public_id])),
    ]


def browser(who: str) -> Client:
    """A browser in which that person is signed in."""
    client = Client(headers={"accept-encoding": "gzip"})
    if who:
        client.force_login(Account.objects.get(username=who))
    return client


def cookie(client: Client) -> str:
    """What this browser sends along."""
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}" if name in client.cookies else "a=b"
