"""The service menu, the helpers and some forty calls of the demonstration, made by the real actions at the real pace.

Each scene is played from its beginning under a clock that walks towards now, so that the board has calls that have just
come in, some that are nearly due, some that are late, some being served, and some done today and yesterday. Everything
is invented. Loading twice changes nothing.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

from django.db import transaction

from huying.calls import actions, queries
from huying.calls.models import Call, Clock, Offer, ServiceKind
from huying.calls.queries.board import day_start
from huying.calls.queries.calls import due_now
from huying.calls.states import Channel, OfferState
from huying.config.demo import widening
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people import queries as people_queries
from huying.people.models import Person, Role
from huying.people.states import RoleKind
from huying.places.models import Place
from huying.places.queries import ancestors
from huying.volunteers import actions as volunteer_actions
from huying.volunteers import queries as volunteer_queries
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.actions import Profile
from huying.volunteers.models import Membership, Skill, Team, Volunteer
from huying.volunteers.states import SLOTS

DATA = Path(__file__).parent / "data"
DEMO = Actor.system("demo")
NEIGHBOURHOODS = ("community", "village")
DUTY = (RoleKind.STATION_KEEPER, RoleKind.OFFICE, RoleKind.DISPATCHER)
IN_A_TEAM = 5
OLD = 1962
"""Born up to this year: those who ask for most of the help."""
FOR_THE_YOUNG = {"tutor", "law", "carry", "farm", "other", "storm"}


def read(name: str) -> dict[str, Any]:
    """One of the files of the demonstration."""
    found: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return found


def load(places: object = None, people: dict[str, list[Person]] | None = None) -> dict[str, int]:
    """Menu, helpers, teams and calls; how many there are of each. ``people`` is what demo/people.py gave back."""
    if people is None:
        raise LookupError("the demonstration needs people before calls")
    load_menu()
    if not Volunteer.objects.exists():
        load_helpers([*people["helpers"], *young(people["others"])])
    if not Call.objects.exists():
        Theatre(people).play()
    models = (ServiceKind, Volunteer, Team, Call)
    return {model.__name__: model._default_manager.count() for model in models}


# ── menu ────────────────────────────────────────────────────────────────────
def load_menu() -> None:
    """Skills, kinds and clocks from ``data/menu.json``; what is there already stays as it is. ``public`` opens a kind to
    readers of Open311: two of which nothing can be read about anybody.
    """
    menu = read("menu")
    skills = {
        code: Skill.objects.get_or_create(code=code, defaults={"name": name, "name_en": english})[0]
        for code, name, english in menu["skills"]
    }
    for place, facts in enumerate(menu["kinds"], start=1):
        if ServiceKind.objects.filter(code=facts["code"]).exists():
            continue
        needed = [skills[code] for code in facts.pop("skills", [])]
        actions.save_kind(actor=DEMO, kind=ServiceKind(order=place * 10, **facts), skills=needed)
    if not Clock.objects.exists():
        for stage, urgent, minutes, mode in menu["clocks"]:
            actions.save_clock(actor=DEMO, stage=stage, urgent=urgent, minutes=minutes, mode=mode, kind=None)
    actions.use_usual_rings(actor=DEMO)


def young(people: list[Person]) -> list[Person]:
    """Every second neighbour who is not old gives a hand too."""
    return [one for one in people if one.birth_date and one.birth_date.year > OLD][::2]


DAYTIME = [part for part in range(SLOTS) if part % 3 != 2]
"""Every morning and afternoon, no evening: every third says so, the others name no time."""


def spoken(person: Person, known: str) -> list[str]:
    """Everybody speaks Mandarin, every second the language of these villages, some what they can do as a skill too."""
    village = ["wu"] if person.pk % 2 else []
    return ["mandarin", *village, *(code for code in ("hakka", "sign") if code in known.split())]


# ── helpers ─────────────────────────────────────────────────────────────────
def load_helpers(people: list[Person]) -> None:
    """Everybody of the helpers' group volunteers near home; teams form around the first of them."""
    scenes = read("calls")
    skills = {skill.code: skill for skill in Skill.objects.all()}
    languages = {one.code: one for one in volunteer_queries.languages()}
    since = clock.now() - timedelta(days=120)
    with clock.frozen(since), transaction.atomic():
        made = []
        for person, known in zip(people, cycle(scenes["skills_of"]), strict=False):
            profile = Profile(
                base_place=neighbourhood(person),
                skills=[skills[code] for code in known.split()],
                languages=[languages[code] for code in spoken(person, known)],
                availability=DAYTIME if person.pk % 3 == 0 else [],
                travel_km=5,
                shares_phone=person.pk % 2 == 0,
            )
            made.append(volunteer_actions.save_profile(actor=Actor(person_id=person.pk), profile=profile))
        for number, facts in enumerate(scenes["teams"]):
            leader = made[number % len(made)]
            members = [made[(number + 6 * turn) % len(made)] for turn in range(1, IN_A_TEAM)]
            found_team(facts, leader, members, [skills[code] for code in facts["skills"].split()])


def found_team(facts: dict[str, str], leader: Volunteer, members: list[Volunteer], skills: list[Skill]) -> None:
    """A team at the street of its leader, so that every community of the street can ask it."""
    team = Team.objects.create(name=facts["name"], about=facts["about"], place=street_of(leader.base_place))
    team.skills.set(skills)
    for volunteer in dict.fromkeys([leader, *members]):
        Membership.objects.create(team=team, volunteer=volunteer, is_leader=volunteer == leader, starts_at=clock.now())


def neighbourhood(person: Person) -> Place:
    """The community or village a person lives in (homes may be grids below it)."""
    home = person.home_place
    if home is None:
        raise LookupError("people of the demonstration have a home")
    above = [place for place in ancestors(home, own=True) if place.kind_id in NEIGHBOURHOODS]
    return above[-1] if above else home


def street_of(place: Place) -> Place:
    return place.parent or place


# ── calls ───────────────────────────────────────────────────────────────────
class Theatre:
    """Plays the scenes of ``data/calls.json`` with the people that are there."""

    def __init__(self, people: dict[str, list[Person]]):
        self.now = clock.now()
        self.script = read("calls")
        self.addresses = cycle(self.script["addresses"])
        self.kinds = {kind.code: kind for kind in ServiceKind.objects.all()}
        self.roles = list(Role.objects.filter(kind__in=DUTY).select_related("place").order_by("-place__depth", "id"))
        self.actors: dict[int, Actor] = {}
        helpers = set(Volunteer.objects.values_list("person_id", flat=True))
        residents = [one for one in [*people["residents"], *people["others"]] if one.pk not in helpers]
        near = self.near_the_desks(residents)
        known = [*near, *near, *residents]
        self.old = cycle([one for one in known if one.birth_date and one.birth_date.year <= OLD] or known)
        self.young = cycle([one for one in known if one.birth_date and one.birth_date.year > OLD] or known)

    def near_the_desks(self, residents: list[Person]) -> list[Person]:
        """Those who live where the station and the office of the demonstration sit: their boards shall be alive too."""
        desks = Role.objects.filter(kind__in=DUTY[:2]).values_list("place__path", flat=True)
        homes = [(one, one.home_place.path) for one in residents if one.home_place]
        return [one for one, path in homes if any(path.startswith(desk) for desk in desks)]

    def play(self) -> None:
        """Every scene, the oldest first; then what the clocks would have done meanwhile."""
        with transaction.atomic():
            for scene in sorted(self.script["scenes"], key=lambda one: -one["ago"]):
                self.scene(scene)
            widening.play(self)
            widening.blow(self)
            for call in due_now():
                with clock.frozen(call.lift_at or self.now):
                    self.tell(actions.note_overdue(actor=Actor.system("calls.clocks"), call=call), call)

    def scene(self, scene: dict[str, Any]) -> None:
        """One call from its submission on; steps that would lie in the future have not happened yet."""
        began = self.now - timedelta(minutes=scene["ago"])
        with clock.frozen(began):
            call = self.ask(scene)
            self.tell(True, call)
        for verb, after, *facts in scene.get("steps", []):
            at = self.moment(began, after)
            if at >= self.now:
                return
            with clock.frozen(at):
                call = self.step(call, verb, began, dict(facts[0]) if facts else {})
                self.tell(True, call)

    def moment(self, began: datetime, after: int | str) -> datetime:
        """Minutes after the beginning; "today" is a moment between this midnight and now."""
        if isinstance(after, int):
            return began + timedelta(minutes=after)
        today = day_start(self.now)
        return today + (self.now - today) * ((began.minute % 7 + 2) / 10)

    def ask(self, scene: dict[str, Any]) -> Call:
        """The call itself, by the person or by somebody on duty for him."""
        person = next(self.young if scene["kind"] in FOR_THE_YOUNG else self.old)
        place = neighbourhood(person)
        channel = scene.get("channel", Channel.WEB)
        actor = Actor(person_id=person.pk) if channel == Channel.WEB else self.on_duty(place).behalf(person.pk)
        wanted = scene.get("wanted")
        what = actions.Ask(
            kind=self.kinds[scene["kind"]],
            place=place,
            requester=person,
            title=scene["title"],
            details=scene.get("details", ""),
            answers=scene.get("answers", {}),
            address=f"{place.name}{next(self.addresses)}",
            contact_phone=person.phone.open() if person.phone else "",
            lon=person.lon,
            lat=person.lat,
            wanted_from=self.now + timedelta(hours=wanted[0]) if wanted else None,
            wanted_to=self.now + timedelta(hours=wanted[1]) if wanted else None,
            urgent=scene.get("urgent", False),
            language=volunteer_queries.languages().filter(code=scene.get("language", "")).first(),
            helper_sex=scene.get("helper_sex", ""),
            channel=channel,
        )
        return actions.ask(actor=actor, what=what)

    def step(self, call: Call, verb: str, began: datetime, facts: dict[str, Any]) -> Call:
        """One step by whoever takes it in life."""
        if verb == "dispatch":
            return self.dispatch(call, facts)
        if verb == "schedule":
            facts["at"] = max(began + timedelta(minutes=facts["at"]), clock.now() + timedelta(minutes=10))
        if verb == "claim":
            near = self.neighbour(call)
            if near is not None:
                return actions.claim(actor=near, call=call)
            call, verb = self.dispatch(call, {"volunteers": 1}), "accept"
        moved: Call = getattr(actions, verb)(actor=self.who(call, verb), call=call, **facts)
        return moved

    def dispatch(self, call: Call, facts: dict[str, int]) -> Call:
        """Ask the first that the desk is shown; the centre, which sees farther, when the neighbourhood has nobody."""
        field = "teams" if "teams" in facts else "volunteers"
        for actor in (self.on_duty(call.place), self.on_duty(call.place, DUTY[2:])):
            found = [one for one in queries.candidates(actor, call) if one.field == field]
            if len(found) >= facts[field]:
                break
        ids = [one.public_id for one in found[: facts[field]]]
        model: Any = Team if field == "teams" else Volunteer
        chosen = list(model._default_manager.filter(public_id__in=ids).order_by("id"))
        return actions.dispatch(actor=actor, call=call, **{field: chosen or self.anybody(call, model)})

    def anybody(self, call: Call, model: Any) -> list[Any]:
        """Somebody from farther away, when nobody near has a free hand."""
        rows = model._default_manager.exclude(offers__call=call).order_by("offers__id", "id")
        if model is Volunteer:
            rows = rows.exclude(person_id=call.requester_id)
        return list(rows[:1])

    def who(self, call: Call, verb: str) -> Actor:
        """The person of a step: who was asked, who accepted, who asked, or who is on duty."""
        wanted = {"accept": OfferState.OFFERED, "decline": OfferState.OFFERED}.get(verb)
        wanted = OfferState.ACCEPTED if verb in {"schedule", "start", "deliver"} else wanted
        if wanted is not None:
            offer = Offer.objects.filter(call=call, state=wanted).order_by("id")[0]
            person = offer.volunteer.person_id if offer.volunteer else leader_of(offer)
            return self.actor(person)
        if verb in {"rate", "reopen", "cancel", "give_info"}:
            return self.actor(call.requester_id)
        return self.on_duty(call.place)

    def neighbour(self, call: Call) -> Actor | None:
        """A volunteer for whom the call is near enough to take by himself, if one lives there."""
        others = Volunteer.objects.exclude(person_id__in=[call.requester_id, call.asked_by_id]).order_by("id")
        actors = (self.actor(person_id) for person_id in others.values_list("person_id", flat=True))
        return next((actor for actor in actors if volunteer_rules.is_near(actor, call.place)), None)

    def on_duty(self, place: Place, kinds: tuple[RoleKind, ...] = DUTY) -> Actor:
        """Whoever is on duty closest to the place."""
        role = next(one for one in self.roles if one.kind in kinds and place.path.startswith(one.place.path))
        return self.actor(role.person_id)

    def actor(self, person_id: int) -> Actor:
        """The person with his roles, read once: nobody's roles change during the play."""
        if person_id not in self.actors:
            roles = people_queries.roles_now(person_id).values_list("kind", "place__path")
            self.actors[person_id] = Actor(person_id=person_id, roles=tuple(roles))
        return self.actors[person_id]

    def tell(self, happened: bool, call: Call) -> None:
        """The messages of the newest steps, at the time of the step and not when the worker comes to it."""
        if not happened:
            return
        for event in call.events.filter(at=clock.now()).exclude(verb="draft").order_by("id"):
            actions.tell(actor=Actor.system("calls.tell"), call_id=call.pk, event_id=event.pk)


def leader_of(offer: Offer) -> int:
    """The first leader of the team that was asked."""
    assert offer.team is not None
    leaders = offer.team.memberships.filter(is_leader=True, ends_at__isnull=True).order_by("id")
    return leaders.values_list("volunteer__person_id", flat=True)[0]
