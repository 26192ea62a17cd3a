"""The button of an activity. In a rush hundreds press it at one moment and all want the same row, the shift.

What concerns the person alone is asked before his turn; whoever has the turn writes down all who wait in this process by
then, in one transaction: keys, shifts, who stands there already, the new ones, their lines in the trail
(docs/decisions/0018). Locks: the keys of the presses, then shifts by key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from huying.activities import rules
from huying.activities.actions import press_rows
from huying.activities.actions.joining import may_enter
from huying.activities.actions.refusals import (
    AgeOutside,
    AlreadySignedUp,
    GuardianConsentNeeded,
    GuardianNeeded,
    ProofNeeded,
    SignUpClosed,
    SkillsNeeded,
    VolunteersOnly,
)
from huying.activities.models import ActivityRole, Shift, SignUp
from huying.activities.states import SignUpState
from huying.kernel import audit, chance, clock, gathering, idempotency
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, Forbidden, SignInNeeded
from huying.kernel.idempotency import Ticket
from huying.kernel.transactions import begin
from huying.people import queries as people_queries
from huying.people import rules as people_rules
from huying.people.models import Person
from huying.people.states import CHILD_ACTIVITY
from huying.volunteers import actions as volunteer_actions
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Volunteer

TRIES = 5
"""How often a batch looks again who stands there, when somebody in it pressed elsewhere at the same moment."""
MANY = Actor.system("activities.press")


@dataclass(frozen=True, slots=True)
class Press:
    """One person at the button. ``barred`` is what keeps him from a place, unless he has one already; ``ticket`` is the
    key of the request, when the transaction of this write is to take it.
    """

    actor: Actor
    shift: Shift
    person: Person
    note: str = ""
    barred: DomainError | None = None
    ticket: Ticket | None = None


Outcome = SignUp | DomainError | None
"""The sign-up that stands now, a refusal, or None: the key came before, its answer is stored."""


def sign_up(*, actor: Actor, shift: Shift, person: Person | None = None, note: str = "") -> SignUp:
    """Take a place, or stand in line. For another person: family, wards, staff on behalf. The same person again gives
    the sign-up that stands.

    Raises SignInNeeded, Forbidden, SignUpClosed, AgeOutside, GuardianNeeded, GuardianConsentNeeded, VolunteersOnly,
    SkillsNeeded, ProofNeeded, and NotReady of the volunteers' room.
    """
    outcome = sign_up_each([at_the_button(actor, shift, person, note)])[0]
    if isinstance(outcome, DomainError):
        raise outcome
    assert outcome is not None  # only a key can have come before
    return outcome


def press(*, actor: Actor, shift: Shift, person: Person | None, ticket: Ticket) -> SignUp | None:
    """The same in a transaction shared with others who press now; None when the key came before (see ``replay``)."""
    outcome = LINE.join(at_the_button(actor, shift, person, ticket=ticket))
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def at_the_button(
    actor: Actor, shift: Shift, person: Person | None, note: str = "", *, ticket: Ticket | None = None
) -> Press:
    """Who presses for whom, and whether he may come at all. SignInNeeded, Forbidden."""
    if actor.person_id is None:
        raise SignInNeeded
    who = person or Person.objects.get(pk=actor.on_behalf_of_id or actor.person_id)
    if not rules.can_sign_up_for(actor, who):
        raise Forbidden
    try:
        check_person(actor, shift, who)
    except DomainError as refusal:
        asked_guardians(actor, shift, who, refusal)
        return Press(actor, shift, who, barred=refusal, ticket=ticket)
    return Press(actor, shift, who, note.strip()[:100], ticket=ticket)


def check_person(actor: Actor, shift: Shift, person: Person) -> None:
    """Age, guardians, and for those who serve: registered, with the skills and the checks it takes on that day."""
    activity, day = shift.session.activity, clock.local(shift.session.starts_at).date()
    check_child(actor, person)
    if person.birth_date is not None:
        age = people_rules.age_on(person.birth_date, day)
        low, high = activity.age_from or 0, activity.age_to if activity.age_to is not None else 200
        if not low <= age <= high:
            raise AgeOutside(ages=f"{low}–{high}" if activity.age_to is not None else f"≥ {low}")
    if shift.role.is_volunteer:
        check_helper(actor, shift.role, person, day)


def check_child(actor: Actor, person: Person) -> None:
    """A child is signed up by its guardian, or by others with his consent on record (domain 7, no. 8)."""
    if not people_rules.is_child(person, clock.today()):
        return
    if person.pk == actor.person_id:
        raise GuardianNeeded
    guardian = actor.is_system or people_rules.is_ward_of(actor.person_id, person)
    if not guardian and not people_queries.consented(person.pk, CHILD_ACTIVITY):
        raise GuardianConsentNeeded


def check_helper(actor: Actor, role: ActivityRole, person: Person, day: date) -> None:
    """Whoever serves volunteers, can do what it takes, and has the checks its kind of service needs (K04)."""
    volunteer = Volunteer.objects.filter(person=person, left_at__isnull=True).select_related("person").first()
    if volunteer is None:
        raise VolunteersOnly(role=role.name)
    missing = list(role.skills.exclude(pk__in=volunteer_rules.proven_skills(volunteer, day).values("pk")))
    told = volunteer.skills.filter(pk__in=[one.pk for one in missing]) if missing else ()
    unproven = {one.pk for one in told}  # said to be able to, and without a paper that counts
    for refusal, skills in (
        (SkillsNeeded, [one.name for one in missing if one.pk not in unproven]),
        (ProofNeeded, [one.name for one in missing if one.pk in unproven]),
    ):
        if skills:
            raise refusal(role=role.name, skills="、".join(skills))
    volunteer_actions.check_ready(actor, volunteer, role.category, day)


def asked_guardians(actor: Actor, shift: Shift, person: Person, refusal: DomainError) -> None:
    """Where only the guardian's yes is missing he is asked for it, in a transaction of its own."""
    category = shift.role.category
    if category is not None and "guardian" in refusal.facts.get("missing", ()):
        volunteer_actions.ask_guardians(actor=actor, person=person, category=category)


def sign_up_each(presses: Sequence[Press]) -> list[Outcome]:
    """Several presses in one transaction, in their order, each as if it were alone."""
    coming = [Coming(one) for one in presses]
    with begin(presses[0].actor if len(presses) == 1 else MANY):
        new = new_of(coming)
        if new:
            Places(press_rows.locked({one.press.shift.pk for one in new})).write(new)
            keep_others(new)
        return [one.outcome for one in coming]


class Coming:
    """A press on its way: the id that its sign-up gets if it is a new one, where its answer leads then, its outcome."""

    def __init__(self, press: Press) -> None:
        self.press, self.public_id = press, chance.uuid7()
        self.way = reverse("activities:sign_up", args=[self.public_id]) if press.ticket else ""
        self.outcome: Outcome = None


def new_of(coming: Sequence[Coming]) -> list[Coming]:
    """Those whose key did not come before; it is taken now, with the answer that most of them get."""
    keyed = [(one.press.ticket, one.way) for one in coming if one.press.ticket]
    free = iter(idempotency.take_each([key for key, _way in keyed], [way for _key, way in keyed]) if keyed else ())
    return [one for one in coming if one.press.ticket is None or next(free)]


def keep_others(coming: Sequence[Coming]) -> None:
    """Store where the answers lead that are no new sign-up; the key of a refusal is free again."""
    ways = [
        (one.press.ticket, reverse("activities:sign_up", args=[made.public_id]) if isinstance(made, SignUp) else None)
        for one in coming
        if one.press.ticket and (made := one.outcome) and getattr(made, "public_id", None) != one.public_id
    ]
    if ways:
        idempotency.keep_each(ways)


class Places:
    """The places of locked shifts, and who of a batch gets one, stands in line, or is refused."""

    def __init__(self, shifts: dict[int, Shift]) -> None:
        self.shifts = shifts
        self.standing: dict[tuple[int, int | None], SignUp] = {}
        self.new: list[tuple[Press, SignUp]] = []

    def write(self, coming: Sequence[Coming]) -> None:
        """Decide in order and write it down, again when somebody came to stand there elsewhere meanwhile."""
        for _attempt in range(TRIES):
            self.look([one.press for one in coming])
            for one in coming:
                one.outcome = self.decided(one)
            if self.stored():
                return self.count()
        raise AlreadySignedUp

    def look(self, presses: Sequence[Press]) -> None:
        """Their sessions as they are by now, and who of these people has a sign-up for them, in whatever role."""
        sessions, standing = press_rows.looked(
            {one.session_id for one in self.shifts.values()}, {one.person.pk for one in presses}
        )
        self.standing = {(row.session_id, row.person_id): row for row in standing}
        for one in self.shifts.values():
            one.session = sessions[one.session_id]
        self.new = []
        self.left = {pk: (one.capacity - one.taken, one.waiting) for pk, one in self.shifts.items()}

    def decided(self, coming: Coming) -> SignUp | DomainError:
        """The sign-up that stands, a new one that is to be written, or the refusal."""
        one = coming.press
        standing = self.standing.get((one.shift.session_id, one.person.pk))
        if standing is not None:
            return standing
        shift = self.shifts.get(one.shift.pk)
        if one.barred is not None or shift is None or not may_enter(one.actor, shift):
            return one.barred or SignUpClosed()
        free, waiting = self.left[shift.pk]
        fits = not waiting and free > 0
        self.left[shift.pk] = (free - fits, waiting + (not fits))
        row = SignUp(public_id=coming.public_id, session=shift.session, shift=shift, person=one.person, note=one.note)
        row.state = SignUpState.SIGNED if fits else SignUpState.WAITING
        row.asked_by_id, row.on_behalf = one.actor.person_id, one.person.pk != one.actor.person_id
        row.at = row.changed_at = clock.now()
        self.standing[row.session_id, row.person_id] = row
        self.new.append((one, row))
        return row

    def stored(self) -> bool:
        """Write the new ones, whose keys rise in their order; False when one of them came to stand there elsewhere."""
        rows = [row for _press, row in self.new]
        keys = press_rows.insert(rows)
        if len(keys) < len(rows):
            SignUp.objects.filter(pk__in=keys.values()).delete()  # nothing of this attempt may stand
            return False
        for row in rows:
            row.pk, row._state.adding = keys[row.public_id], False
        return True

    def count(self) -> None:
        """Count the new ones into their shifts and write a line of the trail for each, in their order."""
        for pk in sorted({row.shift_id for _press, row in self.new}):
            shift, (free, waiting) = self.shifts[pk], self.left[pk]
            shift.taken, shift.waiting = shift.capacity - free, waiting
            press_rows.count(shift)
        audit.write(
            audit.line(
                one.actor,
                "signup.make",
                row,
                place_path=row.session.activity.place.path,
                changes={"state": row.state, "count": row.count},
            )
            for one, row in self.new
        )
        for one, row in self.new:
            if people_rules.is_youth(one.person, clock.today()) and one.shift.role.is_volunteer:
                self.tell_guardians(one, row)

    def tell_guardians(self, one: Press, row: SignUp) -> None:
        """The guardian of somebody of 14 to 17 hears that he serves where there is a risk (domain 7, no. 8)."""
        volunteer_actions.tell_of_risk(
            actor=one.actor,
            person=one.person,
            category=one.shift.role.category,
            what=row.session.activity.title,
            url=reverse("activities:activity", args=[row.session.activity.public_id]),
        )


LINE = gathering.Line(sign_up_each)
