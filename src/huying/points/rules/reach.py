"""Who keeps books and banks, who sees which passbook, who may confirm what. Every list and page asks here."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.people.models import Guardianship, Person
from huying.people.states import RoleKind
from huying.places.models import Place
from huying.points.models import Appeal, Bank, Book, Claim, Gift, Passbook, Reversal
from huying.points.states import AppealState, BookletState, ClaimState, Confirmer, GiftState, ReversalState

KEEPERS = frozenset({RoleKind.STATION_KEEPER, RoleKind.OFFICE, RoleKind.DISPATCHER})
OFFICES = frozenset({RoleKind.OFFICE, RoleKind.DISPATCHER})
PANELS = KEEPERS | {RoleKind.INSPECTOR, RoleKind.ADMINISTRATOR}
AUDITORS = frozenset({RoleKind.AUDITOR, RoleKind.AUDIT_ADMIN})
READERS = KEEPERS | {RoleKind.INSPECTOR, RoleKind.ADMINISTRATOR}
BY_CONFIRMER = {Confirmer.KEEPER: KEEPERS, Confirmer.OFFICE: OFFICES}


def is_keeper(actor: Actor) -> bool:
    """Keeps, or looks over, the points of some place: the desk of this room is for him."""
    return bool(people_rules.held(actor, READERS | AUDITORS))


def kept(actor: Actor) -> Q:
    """Books of the places whose points he keeps or looks over."""
    return people_rules.within(actor, READERS | AUDITORS, "place__path")


def can_make(actor: Actor, place: Place) -> bool:
    """May draft a book of this place."""
    return people_rules.reaches(actor, KEEPERS, place)


def can_keep(actor: Actor, book: Book) -> bool:
    """May change what belongs to the book: drafts, banks, goods, sheets. After its end too, for what is on passbooks is
    still exchanged and settled; ``actions`` draft nothing more then.
    """
    return people_rules.reaches(actor, KEEPERS, book.place)


def can_serve(actor: Actor, place: Place) -> bool:
    """May stand at the counter of a bank at this place."""
    return people_rules.reaches(actor, KEEPERS, place)


def can_audit(actor: Actor, book: Book) -> bool:
    """Sees the sums of a book and its banks, and what looks odd."""
    return people_rules.reaches(actor, READERS | AUDITORS, book.place)


def serves(actor: Actor) -> Q:
    """Banks at whose counters the actor stands."""
    return people_rules.within(actor, KEEPERS, "place__path")


def passbooks_visible_to(actor: Actor) -> Q:
    """One's own and those of one's wards; keepers see those of their books, auditors only sums."""
    if actor.is_system:
        return Q()
    if actor.person_id is None:
        return Q(pk__in=())
    served = {actor.person_id, actor.on_behalf_of_id} - {None}
    wards = Person.objects.filter(people_rules.wards_of(actor.person_id)).values("pk")
    mine = Q(person_id__in=served) | Q(person_id__in=wards)
    return mine | people_rules.within(actor, KEEPERS, "book__place__path") | at_hand(actor)


def at_hand(actor: Actor) -> Q:
    """Passbooks of those who live where the actor stands at an open counter of their book, though others keep the book."""
    books = Bank.objects.filter(serves(actor), closed_at__isnull=True).values("book")
    return Q(book__in=books) & people_rules.within(actor, KEEPERS, "person__home_place__path")


def passbooks_at_hand(actor: Actor) -> QuerySet[Passbook]:
    """Passbooks that the actor may look up by name: of his books and at his counters, but his own."""
    rows = Passbook.objects.filter(people_rules.within(actor, KEEPERS, "book__place__path") | at_hand(actor))
    return rows.exclude(person_id=actor.person_id or 0)


def attends(actor: Actor, passbook: Passbook) -> bool:
    """Prints, freezes and tells for its owner: staff of its book, or of a counter of it where he lives."""
    mine = passbook.person_id == actor.person_id
    return keeps(actor, passbook) or (not mine and Passbook.objects.filter(at_hand(actor), pk=passbook.pk).exists())


def gifts_visible_to(actor: Actor) -> Q:
    """Of passbooks he sees, and what is fetched at his counter."""
    if actor.person_id is None and not actor.is_system:
        return Q(pk__in=())
    seen = Passbook.objects.filter(passbooks_visible_to(actor)).values("pk")
    return Q(passbook__in=seen) | Q(good__bank__in=Bank.objects.filter(serves(actor)).values("pk"))


def passbooks_of(actor: Actor) -> QuerySet[Passbook]:
    """Passbooks of the books that the actor keeps, but his own."""
    rows = Passbook.objects.filter(people_rules.within(actor, KEEPERS, "book__place__path"))
    return rows.exclude(person_id=actor.person_id or 0)


def owns(actor: Actor, passbook: Passbook) -> bool:
    """Himself, who acts for him now, or his guardian: decides about the passbook."""
    if actor.person_id is None:
        return False
    if passbook.person_id in {actor.person_id, actor.on_behalf_of_id}:
        return True
    return people_rules.is_ward_of(actor.person_id, passbook.person)


def is_his(actor: Actor, passbook: Passbook) -> bool:
    """Himself or his guardian, not who only acts for him: gives up what protects him, such as time to object."""
    return actor.person_id is not None and (
        passbook.person_id == actor.person_id or people_rules.is_ward_of(actor.person_id, passbook.person)
    )


def keeps(actor: Actor, passbook: Passbook) -> bool:
    """Staff of the passbook's book, not its owner."""
    return passbook.person_id != actor.person_id and people_rules.reaches(actor, KEEPERS, passbook.book.place)


def can_return(actor: Actor, gift: Gift) -> bool:
    """May give an exchange back: somebody of its counter or book who neither gave nor reserved it, and no family."""
    mine = {gift.passbook.person_id, gift.ended_by_id, gift.made_by_id}
    if gift.state != GiftState.HANDED or {actor.person_id, actor.on_behalf_of_id} & mine:
        return False
    reaches = can_serve(actor, gift.good.bank.place) or keeps(actor, gift.passbook)
    return reaches and not is_kin(actor.person_id, gift.passbook.person)


def can_open(actor: Actor, person: Person) -> bool:
    """For oneself and one's wards; staff for residents of their places, at the person's wish."""
    if person.erased_at is not None or actor.is_anonymous:
        return False
    if person.pk in {actor.person_id, actor.on_behalf_of_id} or people_rules.is_ward_of(actor.person_id, person):
        return True
    return bool(people_rules.held(actor, KEEPERS)) and people_rules.can_act_for(actor, person)


def is_kin(one: int | None, person: Person) -> bool:
    """Lives in the same household or is tied to him as family: too near to confirm his points."""
    if one is None:
        return False
    if person.household_id and Person.objects.filter(pk=one, household_id=person.household_id).exists():
        return True
    pair = Q(ward_id=one, guardian=person) | Q(ward=person, guardian_id=one)
    return Guardianship.objects.filter(pair, ends_at__isnull=True, confirmed_at__isnull=False).exists()


def can_confirm(actor: Actor, claim: Claim) -> bool:
    """Another one than who stated it and whose it is (nor acting for these), who did not refuse it before, with the
    office that the rule asks for, and no family.
    """
    if actor.person_id is None or concerned(claim) & {actor.person_id, actor.on_behalf_of_id}:
        return False
    office = BY_CONFIRMER[Confirmer(claim.rule.confirmer)]
    reaches = people_rules.reaches(actor, office, claim.passbook.book.place)
    return reaches and not is_near(actor.person_id, claim)


def is_near(person_id: int | None, claim: Claim) -> bool:
    """Family of whose points they are, or of who stated them."""
    return is_kin(person_id, claim.person) or is_kin(person_id, claim.made_by)


def concerned(claim: Claim) -> set[int | None]:
    """Who may not judge a claim: whose it is, who stated it, and who refused it, or took its points back, when it was
    stated before.
    """
    return {claim.person_id, claim.made_by_id, *before(claim)}


def before(claim: Claim) -> set[int | None]:
    """Who decided against it as it was stated before: who refused it, or the two who took its points back."""
    if claim.former is None:
        return set()
    if claim.former.state == ClaimState.REFUSED:
        return {claim.former.ended_by_id} - {None}
    rows = claim.former.reversals.filter(state=ReversalState.CARRIED)
    return {key for pair in rows.values_list("made_by_id", "ended_by_id") for key in pair}


def claims_to_check(actor: Actor) -> Q:
    """Claims waiting where the actor keeps points, but those he stated, his own, and those of who left; the rule may ask
    for another office.
    """
    offices = people_rules.within(actor, OFFICES, "passbook__book__place__path")
    keepers = people_rules.within(actor, KEEPERS, "passbook__book__place__path") & Q(rule__confirmer=Confirmer.KEEPER)
    mine = Q(made_by_id=actor.person_id) | Q(person_id=actor.person_id)
    mine |= Q(former__state=ClaimState.REFUSED, former__ended_by_id=actor.person_id, former__isnull=False)
    took = Reversal.objects.filter(Q(made_by_id=actor.person_id) | Q(ended_by_id=actor.person_id))
    mine |= Q(former__isnull=False, former__in=took.filter(state=ReversalState.CARRIED).values("claim"))
    return Q(state=ClaimState.WAITING) & (offices | keepers) & ~mine & ~Q(passbook__state=BookletState.LEFT)


def can_state(actor: Actor, passbook: Passbook) -> bool:
    """May say what was done: its owner, or staff of the book for him."""
    return owns(actor, passbook) or keeps(actor, passbook)


def involved(appeal: Appeal) -> set[int | None]:
    """Everybody whose own doing is in question: they sit on no panel about it."""
    found: set[int | None] = {appeal.filed_by_id, appeal.passbook.person_id}
    if appeal.claim is not None:
        found |= {appeal.claim.made_by_id, appeal.claim.ended_by_id}
    if appeal.reversal is not None:
        found |= {appeal.reversal.made_by_id, appeal.reversal.ended_by_id, appeal.reversal.claim.ended_by_id}
    if appeal.gift is not None:
        found |= {appeal.gift.made_by_id, appeal.gift.ended_by_id}
    if appeal.claim is None and appeal.reversal is None and appeal.gift is None:
        found.add(appeal.passbook.frozen_by_id)
    return found


def can_judge(actor: Actor, appeal: Appeal) -> bool:
    """First a panel of the book's place; the second sits above it, or is the inspector, and nobody of the first."""
    path = appeal.passbook.book.place.path
    if (
        actor.person_id is None
        or actor.person_id in involved(appeal)
        or is_kin(actor.person_id, appeal.passbook.person)
    ):
        return False
    if appeal.state in {AppealState.FILED, AppealState.MARKED}:
        return people_rules.reaches(actor, PANELS, path)
    if appeal.state != AppealState.AGAIN or actor.person_id in {appeal.first_by_id, appeal.marked_by_id}:
        return False
    above = path.rstrip("/").rpartition("/")[0] + "/"
    judges = people_rules.reaches(actor, {RoleKind.INSPECTOR, RoleKind.ADMINISTRATOR}, path)
    return judges or (above != "/" and people_rules.reaches(actor, KEEPERS, above))


def appeals_visible_to(actor: Actor) -> Q:
    """One's own; those of the books where one may sit on a panel."""
    if actor.is_system:
        return Q()
    if actor.person_id is None:
        return Q(pk__in=())
    return (
        Q(filed_by_id=actor.person_id)
        | Q(passbook__person_id=actor.person_id)
        | people_rules.within(actor, PANELS, "passbook__book__place__path")
    )
