"""What a password must withstand: length, guessing (zxcvbn), likeness to its owner."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from zxcvbn import zxcvbn

from huying.kernel import pinyin
from huying.people.models import Account, Role
from huying.people.states import STAFF

SHORTEST, SHORTEST_STAFF, LONGEST = 8, 12, 128
LEAST_SCORE = 3  # zxcvbn: safe against more than 10^8 guesses
SCORED = 72  # letters that zxcvbn looks at; the rest only adds


class HardToGuess:
    """A validator for AUTH_PASSWORD_VALIDATORS. Staff need twelve characters, others eight (ASVS 6.2)."""

    def validate(self, password: str, user: Any = None) -> None:
        """ValidationError with what to change; ``user`` is an Account or None."""
        shortest = SHORTEST_STAFF if isinstance(user, Account) and _is_staff(user) else SHORTEST
        if len(password) < shortest:
            raise ValidationError(_("密码至少要%(count)d个字符。"), params={"count": shortest})
        if len(password) > LONGEST:
            raise ValidationError(_("密码最多%(count)d个字符。"), params={"count": LONGEST})
        if "\x00" in password:
            raise ValidationError(_("密码里有不能用的字符。"))
        if zxcvbn(password[:SCORED], user_inputs=_words(user))["score"] < LEAST_SCORE:
            raise ValidationError(_("这个密码太容易猜到。可以用几个不相干的词连起来，长一点比复杂更安全。"))

    def get_help_text(self) -> str:
        return str(_("至少%(count)d个字符，不要用姓名、生日、手机号和常见密码。") % {"count": SHORTEST})


def _is_staff(account: Account) -> bool:
    return Role.objects.filter(person_id=account.person_id, kind__in=STAFF, ends_at__isnull=True).exists()


def _words(user: Any) -> list[str]:
    """What belongs to the owner and must not make up the password: user name, name, its pinyin and initials."""
    words = ["huying", "呼应"]
    if isinstance(user, Account):
        name = user.person.name
        words += [user.username, name, "".join(pinyin.syllables(name)), pinyin.initials(name)]
        if user.person.birth_date:
            words += [f"{user.person.birth_date:%Y%m%d}", f"{user.person.birth_date:%y%m%d}"]
        if user.person.phone:
            words.append(user.person.phone.open().removeprefix("+86"))
    return [word for word in words if word]
