"""Acting for somebody else: parents and guardians of children, relatives whom an adult entrusted."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, SignInNeeded
from huying.kernel.sealed import normal_mobile
from huying.kernel.transactions import begin
from huying.people import queries, rules
from huying.people.actions import consents
from huying.people.actions.codes import phone_index
from huying.people.actions.limits import Limit, spend
from huying.people.actions.notices import send_notice
from huying.people.actions.persons import Facts, create_person
from huying.people.models import Account, Guardianship, Person
from huying.people.states import ADULT_FROM, CHILD_UNTIL, FAMILY_MOST, Tie

_DAY = timedelta(days=1)
PROOF_LEAST, PROOF_MOST = 2, 200


class ConsentMissing(InvalidInput):
    code = "consent_missing"
    message = _("请先阅读并勾选同意。")


class TooManyTies(Conflict):
    code = "too_many_ties"
    message = _("这样的关系已经有很多了，请到实践站办理。")


def add_child(*, actor: Actor, name: str, birth_date: date, sex: str, tie: str, agrees: bool) -> Guardianship:
    """A guardian writes down a child of his and agrees to its data being kept (PIPL art. 31).

    Raises InvalidInput when the child is of age, ConsentMissing, TooManyTies.
    """
    if actor.person_id is None:
        raise SignInNeeded
    if not agrees:
        raise ConsentMissing(fields={"agrees": ConsentMissing.message})
    with begin(actor):
        guardian = locks.one(Person, pk=actor.person_id)
        if rules.age_on(birth_date, clock.today()) >= ADULT_FROM:
            raise InvalidInput(fields={"birth_date": _("已满18周岁，请本人注册，再由本人委托您。")})
        if guardian.birth_date and rules.age_on(guardian.birth_date, clock.today()) < ADULT_FROM:
            raise Forbidden(_("监护人应当年满18周岁。"))
        _few_enough(guardian)
        child = create_person(actor, Facts(name=name, birth_date=birth_date, sex=sex, home_place=guardian.home_place))
        now = clock.now()
        bond = Guardianship.objects.create(
            ward=child,
            guardian=guardian,
            tie=tie,
            starts_at=now,
            confirmed_at=now,
            confirmed_by=guardian,
        )
        audit.record(actor, "guardian.added", child, changes={"tie": tie, "guardian": guardian.pk})
        if rules.is_child(child, clock.today()):
            consents.give_consent(actor=actor, person_id=child.pk, code=consents.CHILD_DATA)
        return bond


def allow_child_account(*, actor: Actor, child_id: int, phone: str) -> Person:
    """A guardian lets a child sign in with its own telephone: consent, and the number that may register."""
    with begin(actor):
        child = locks.one(Person, pk=child_id)
        if not rules.is_ward_of(actor.person_id, child):
            raise NotFound
        number = normal_mobile(phone)
        child.phone, child.phone_index = number, phone_index(number)
        child.save(update_fields=["phone", "phone_index"])
        consents.give_consent(actor=actor, person_id=child.pk, code=consents.CHILD_ACCOUNT)
        Account.objects.filter(person=child).update(is_active=True)
        audit.record(actor, "guardian.account_allowed", child)
        return child


def entrust(*, actor: Actor, phone: str) -> Guardianship:
    """An adult asks a relative, known by telephone number, to act for him; it holds once the other agrees.

    The answer never says whether the number is known here.
    """
    if actor.person_id is None:
        raise SignInNeeded
    number = normal_mobile(phone)
    with begin(actor):
        me = locks.one(Person, pk=actor.person_id)
        if rules.is_child(me, clock.today()) or rules.is_youth(me, clock.today()):
            raise Forbidden(_("年满18周岁才能委托家人代办。"))
        if phone_index(number).fits(me.phone_index):
            raise InvalidInput(fields={"phone": _("请填写家人的手机号，不是您自己的。")})
        _few_enough(me)
        bond = invite(actor, me, number, Tie.ENTRUSTED)
        audit.record(actor, "guardian.entrusted", me)
        return bond


def invite(actor: Actor, ward: Person, number: str, tie: str) -> Guardianship:
    """Keep the sealed number of somebody who is to act for ``ward``; a person with that number is told."""
    index = phone_index(number)
    standing = Guardianship.objects.filter(ward=ward, contact_index=index, ends_at__isnull=True).first()
    if standing is not None:
        return standing
    bond = Guardianship.objects.create(ward=ward, tie=tie, contact=number, contact_index=index, starts_at=clock.now())
    for account in Account.objects.filter(phone_index=index, is_active=True).select_related("person"):
        send_notice(
            actor=actor,
            person=account.person,
            about=ward,
            kind="family",
            title=gettext("有人请您帮忙代办"),
            body=gettext("请到“我的家人”里查看，确认后您就可以替对方求助和报名。"),
            url="/people/me/family/",
        )
    return bond


def confirm_tie(*, actor: Actor, public_id: str) -> Guardianship:
    """The one who was asked agrees to act. His own proved number must be the one that was written down."""
    with begin(actor):
        account = Account.objects.filter(person_id=actor.person_id or 0).select_related("person").first()
        asked = queries.ties_waiting_for(account).filter(public_id=public_id).first() if account else None
        if account is None or asked is None:
            raise NotFound
        locks.one(Person, pk=asked.ward_id)
        bond = queries.ties_waiting_for(account).filter(pk=asked.pk).first()  # as it is now that nobody else decides
        if bond is None:
            raise NotFound
        if Guardianship.objects.filter(ward=bond.ward, guardian=account.person, ends_at__isnull=True).exists():
            raise Conflict(_("您已经可以替这位家人办理了。"))
        bond.guardian, bond.contact, bond.contact_index = account.person, None, None
        bond.confirmed_at, bond.confirmed_by = clock.now(), account.person
        bond.save()
        audit.record(actor, "guardian.confirmed", bond.ward, changes={"guardian": account.person_id})
        return bond


def end_tie(*, actor: Actor, public_id: str) -> Guardianship:
    """Either side, or care staff, ends a tie. The last guardian of a child cannot leave it without one."""
    with begin(actor):
        bond = Guardianship.objects.filter(queries.standing(clock.now()), public_id=public_id).first()
        if bond is None:
            raise NotFound
        ward = locks.one(Person, pk=bond.ward_id)
        mine = actor.person_id is not None and actor.person_id in {bond.ward_id, bond.guardian_id}
        if not mine and not rules.can_see(actor, ward):
            raise NotFound
        if rules.is_child(ward, clock.today()):
            if actor.person_id == ward.pk:
                raise consents.GuardianDecides
            others = Guardianship.objects.filter(ward=ward, confirmed_at__isnull=False, ends_at__isnull=True).exclude(
                pk=bond.pk
            )
            if not others.exists():
                raise Conflict(_("孩子至少要有一位监护人。要删除孩子的资料，请用“注销”。"))
        now = clock.now()
        bond.starts_at, bond.ends_at = min(bond.starts_at, now), now
        bond.contact, bond.contact_index = None, None
        bond.save()
        audit.record(actor, "guardian.ended", ward, changes={"guardian": bond.guardian_id})
        return bond


def record_tie(
    *,
    actor: Actor,
    ward_id: int,
    guardian_id: int,
    tie: str,
    proof: str,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Guardianship:
    """Care staff write down a tie they saw papers for (``proof``), for those without a telephone of their own.

    It holds from the beginning of ``starts_on`` (now) until the end of ``ends_on`` (no end), days in China. Nobody
    records himself as the one who acts. Raises InvalidInput, Conflict, TooManyTies, Forbidden.
    """
    begins, until = _span(starts_on, ends_on)
    papers = " ".join(proof.split())
    if not PROOF_LEAST <= len(papers) <= PROOF_MOST:
        raise InvalidInput(fields={"proof": _("请写明看过什么证明（2 到 200 个字），例如户口本、判决书、委托书。")})
    with begin(actor):
        rows = {row.pk: row for row in locks.many(Person.objects.filter(pk__in=[ward_id, guardian_id]))}
        if len(rows) != 2:
            raise NotFound
        ward, guardian = rows[ward_id], rows[guardian_id]
        if not rules.can_record_tie(actor, ward, guardian):
            raise Forbidden
        _fit(ward, guardian, tie)
        if Guardianship.objects.filter(queries.standing(clock.now()), ward=ward, guardian=guardian).exists():
            raise Conflict(_("这个关系已经登记过了。"))
        bond = Guardianship.objects.create(
            ward=ward,
            guardian=guardian,
            tie=tie,
            proof=papers,
            starts_at=begins,
            ends_at=until,
            confirmed_at=clock.now(),
            confirmed_by_id=actor.person_id,
        )
        audit.record(actor, "guardian.recorded", ward, changes={"tie": tie, "guardian": guardian.pk, "bond": bond.pk})
        return bond


def _span(starts_on: date | None, ends_on: date | None) -> tuple[datetime, datetime | None]:
    now, today = clock.now(), clock.today()
    begins = _midnight(starts_on) if starts_on and starts_on != today else now
    until = _midnight(ends_on + _DAY) if ends_on else None
    if until is not None and (until <= begins or until <= now):
        raise InvalidInput(fields={"ends_on": _("结束日期要在开始日期之后，并且不早于今天。")})
    return begins, until


def _midnight(day: date) -> datetime:
    """The moment at which this day begins in China."""
    return datetime.combine(day, time(), clock.SHANGHAI)


def _fit(ward: Person, guardian: Person, tie: str) -> None:
    """Parents and guardians act for those not of age (民法典 art. 23, 27, 34); whoever acts is of age himself."""
    today = clock.today()
    if tie not in Tie.values:
        raise InvalidInput(fields={"tie": _("请从列表里选择。")})
    if guardian.birth_date and rules.age_on(guardian.birth_date, today) < ADULT_FROM:
        raise InvalidInput(fields={"guardian": _("代办的人应当年满18周岁。")})
    of_age = ward.birth_date is not None and rules.age_on(ward.birth_date, today) >= ADULT_FROM
    if of_age and tie != Tie.ENTRUSTED:
        raise InvalidInput(fields={"tie": _("本人已满18周岁，请选“受托家人”。")})
    if rules.is_child(ward, today) and tie == Tie.ENTRUSTED:
        raise InvalidInput(fields={"tie": _("孩子不能委托，请选“父母”或“其他监护人”。")})
    now = clock.now()
    for person in (ward, guardian):
        if (
            Guardianship.objects.filter(queries.standing(now), Q(ward=person) | Q(guardian=person)).count()
            >= FAMILY_MOST
        ):
            raise TooManyTies


def tell_guardians(
    *, actor: Actor, person: Person, title: str, body: str = "", url: str = "", key: str | None = None
) -> int:
    """Tell the guardians of a minor what he does (14 to 17: domain 7 no. 8); nobody is told about adults.

    How many there are. With a ``key`` each of them is told once.
    """
    if not (rules.is_youth(person, clock.today()) or rules.is_child(person, clock.today())):
        return 0
    ties = Guardianship.objects.filter(
        ward=person,
        tie__in=[Tie.PARENT, Tie.GUARDIAN],
        confirmed_at__isnull=False,
        ends_at__isnull=True,
        guardian__isnull=False,
    ).select_related("guardian")
    told = 0
    for bond in ties:
        if bond.guardian is not None:
            send_notice(
                actor=actor,
                person=bond.guardian,
                about=person,
                kind="family",
                title=title,
                body=body,
                url=url,
                key=f"{key}:{bond.guardian_id}" if key else None,
            )
            told += 1
    return told


def tell_of_age(*, actor: Actor) -> int:
    """On the fourteenth and eighteenth birthday: what changes for the young person; once each."""
    today, told = clock.today(), 0
    texts = {
        CHILD_UNTIL: gettext("您满14周岁了，资料和同意可以自己管理。"),
        ADULT_FROM: gettext("您满18周岁了，监护人不再替您办理。"),
    }
    for years, text in texts.items():
        born = rules.years_before(today, years)
        people = Person.objects.filter(birth_date=born, erased_at__isnull=True, account__is_active=True)
        for person in people.order_by("pk"):
            send_notice(
                actor=actor,
                person=person,
                kind="age",
                title=text,
                url="/people/me/consents/",
                key=f"age:{person.pk}:{years}",
            )
            told += 1
    return told


def _few_enough(person: Person) -> None:
    standing = Guardianship.objects.filter(Q(ward=person) | Q(guardian=person), ends_at__isnull=True)
    if standing.count() >= FAMILY_MOST:
        raise TooManyTies
    if spend(Limit("family.day", FAMILY_MOST, _DAY), str(person.pk)):
        raise TooManyTies
