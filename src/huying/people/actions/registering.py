"""Opening an account: residents with a proved number, staff through a link from an administrator."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, chance, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput
from huying.kernel.sealed import normal_mobile
from huying.kernel.transactions import begin
from huying.people import rules
from huying.people.actions import consents, guardians
from huying.people.actions.codes import check_code, phone_index
from huying.people.actions.persons import Facts, create_person
from huying.people.actions.signing_in import end_sessions
from huying.people.models import Account, Consent, Person
from huying.people.states import CodePurpose, Tie

USERNAME = re.compile(r"[a-z][a-z0-9_.-]{2,39}")


class GuardianNeeded(Forbidden):
    code = "guardian_needed"
    message = _("未满14周岁，请让爸爸妈妈或其他监护人先注册，在“我的家人”里添加孩子，并同意孩子用这个手机号登录。")


class AccountExists(Conflict):
    code = "account_exists"
    message = _("已经有账号了，请直接登录。")


class UsernameTaken(Conflict):
    code = "username_taken"
    message = _("这个用户名不能用，请换一个。")


@dataclass(frozen=True, slots=True)
class Registration:
    """What a resident fills in after his number was proved by a code."""

    phone: str
    name: str
    birth_date: date
    guardian_phone: str = ""
    agrees: bool = False

    def __repr__(self) -> str:
        return "<Registration>"


def register_person(*, actor: Actor, form: Registration) -> Account:
    """Open a resident's account. The caller has seen that the code sent to ``form.phone`` was right.

    Somebody whom staff wrote down before with this number and name gets that record; otherwise a new one.
    Raises InvalidInput, GuardianNeeded, AccountExists. Source: PIPL art. 14, 31; catalogue C02.
    """
    number = normal_mobile(form.phone)
    if not form.agrees:
        raise guardians.ConsentMissing(fields={"agrees": guardians.ConsentMissing.message})
    with begin(actor):
        index = phone_index(number)
        if Account.objects.filter(phone_index=index).exists():
            raise AccountExists
        person = _known(index, form) or create_person(
            actor, Facts(name=form.name, birth_date=form.birth_date, phone=number)
        )
        me = Actor(person_id=person.pk, channel=actor.channel, address=actor.address)
        _check_age(me, person, form, number)
        account = _open(me, person, _free_username(), index)
        if not rules.is_child(person, clock.today()):
            consents.give_consent(actor=me, person_id=person.pk, code=consents.ACCOUNT)
        guardians.tell_guardians(actor=me, person=person, title=gettext("%(name)s 注册了账号") % {"name": person.name})
        return account


def open_account(*, actor: Actor, person_id: int, username: str) -> Account:
    """A system administrator opens an account for a member of staff; it has no password until its link is
    used.

    Raises UsernameTaken, AccountExists, InvalidInput, Forbidden (nobody opens one for himself).
    """
    name = username.strip().casefold()
    if not USERNAME.fullmatch(name):
        raise InvalidInput(fields={"username": _("用户名用小写字母开头，只含字母、数字、点、横线，至少3个字符。")})
    with begin(actor):
        person = locks.one(Person, pk=person_id)
        if not rules.can_open_account(actor, person):
            raise Forbidden
        if Account.objects.filter(person=person).exists():
            raise AccountExists
        return _open(actor, person, name, None)


def set_password(*, actor: Actor, account: Account, password: str, session_key: str = "") -> None:
    """Set a new password after checking it (length, guessability, likeness to name and user name).

    All other sessions end. Raises InvalidInput with what is wrong.
    """
    try:
        validate_password(password, account)
    except ValidationError as problem:
        raise InvalidInput(fields={"password": " ".join(problem.messages)}) from None
    with begin(actor):
        account.set_password(password)
        account.password_changed_at = clock.now()
        account.save(update_fields=["password", "password_changed_at"])
        end_sessions(actor=actor, account=account, but=session_key)
        audit.record(actor, "account.password_set", account)


def set_username(*, actor: Actor, account: Account, username: str) -> None:
    """Choose a user name to sign in with. Raises UsernameTaken, InvalidInput."""
    name = username.strip().casefold()
    if not USERNAME.fullmatch(name):
        raise InvalidInput(fields={"username": _("用户名用小写字母开头，只含字母、数字、点、横线，至少3个字符。")})
    with begin(actor):
        _no_other(name, account)
        account.username = name
        account.save(update_fields=["username"])
        audit.record(actor, "account.username_set", account)


def change_phone(*, actor: Actor, account: Account, phone: str, code: str) -> bool:
    """Sign in with another number from now on; False when the code sent to it is not right.

    The code is spent and the number changed together. A number that opens another account already gets the answer
    of a wrong code, so nobody learns whose it is. Must run outside a transaction that may be rolled back, or wrong
    tries would not count.
    """
    number = normal_mobile(phone)
    index = phone_index(number)
    with begin(actor):
        person = locks.one(Person, pk=account.person_id)
        if not check_code(actor=actor, phone=number, code=code, purpose=CodePurpose.PHONE):
            return False
        if Account.objects.filter(phone_index=index).exclude(pk=account.pk).exists():
            return False
        account.phone_index = index
        account.save(update_fields=["phone_index"])
        person.phone, person.phone_index = number, index
        person.save(update_fields=["phone", "phone_index"])
        audit.record(actor, "account.phone_changed", account)
        return True


def _known(index: bytes, form: Registration) -> Person | None:
    """Somebody written down earlier with this number and this name, who has no account yet."""
    name = rules.normal_name(form.name)
    same = Q(birth_date=form.birth_date) | Q(birth_date__isnull=True)
    rows = Person.objects.filter(same, phone_index=index, name=name, erased_at__isnull=True, account=None)
    person = rows.order_by("pk").first()
    if person is None:
        return None
    person = locks.one(Person, pk=person.pk)
    if person.birth_date is None:
        person.birth_date = form.birth_date
        person.save(update_fields=["birth_date"])
    return person


def _check_age(actor: Actor, person: Person, form: Registration, number: str) -> None:
    today = clock.today()
    if rules.is_child(person, today):
        agreed = Consent.objects.filter(person=person, purpose__code=consents.CHILD_ACCOUNT, withdrawn_at__isnull=True)
        if not agreed.exists():
            raise GuardianNeeded
    elif rules.is_youth(person, today) and not person.guardianships.filter(ends_at__isnull=True).exists():
        if not form.guardian_phone.strip():
            raise InvalidInput(fields={"guardian_phone": _("未满18周岁，请填写监护人的手机号，我们会告诉监护人。")})
        guardian = normal_mobile(form.guardian_phone)
        if guardian == number:
            raise InvalidInput(fields={"guardian_phone": _("请填写监护人的手机号，不是您自己的。")})
        guardians.invite(actor, person, guardian, Tie.GUARDIAN)


def _open(actor: Actor, person: Person, username: str, index: bytes | None) -> Account:
    account = Account(person=person, username=username, phone_index=index, created_at=clock.now())
    account.set_unusable_password()
    _no_other(username, account)
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError:
        raise AccountExists from None
    audit.record(actor, "account.opened", account)
    return account


def _no_other(username: str, account: Account) -> None:
    if Account.objects.filter(username=username).exclude(pk=account.pk).exists():
        raise UsernameTaken(fields={"username": UsernameTaken.message})


def _free_username() -> str:
    """A user name that says nothing of the person; he may choose his own later."""
    return f"u{chance.digits(12)}"
