"""Whom the person served wishes to be helped by: somebody who speaks his language and, where the kind of service lets him
choose (``ServiceKind.allow_preference``), a woman or a man, younger or older.

A wish of sex or age is about a person: where persons may come, teams are not asked then, for nobody knows whom they send.
Where only a team may come it is asked, and reads the wish.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.utils.translation import gettext as _

from huying.calls.models import Call, HelperAge, HelperSex, ServiceKind
from huying.calls.models.menu import MIDDLE
from huying.kernel import clock
from huying.people.states import Sex
from huying.ui.naming import named
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Membership

SEXES = ("", HelperSex.FEMALE, HelperSex.MALE)
AGES = ("", HelperAge.YOUNGER, HelperAge.OLDER)
"""Sex and age as numbers, 0 where nobody knows or nobody minds; together 3 x sex + age."""
GROUPS = len(SEXES) * len(AGES)


def taken_by(kind: ServiceKind) -> tuple[bool, bool]:
    """Whether volunteers, and whether teams, may answer this kind: with children everybody must be known by name."""
    by_name = volunteer_rules.is_by_name(kind.category)
    return kind.answered_by != "team", kind.answered_by != "volunteer" and not by_name


def answerers(call: Call) -> tuple[bool, bool]:
    """The same of a call: who wishes a certain person is not sent a team."""
    people, teams = taken_by(call.kind)
    return people, teams and not (people and prefers(call))


def prefers(call: Call) -> bool:
    """A wish of sex or age that counts."""
    return bool(call.helper_sex or call.helper_age) and call.kind.allow_preference


def born_by(today: date) -> date:
    """Whoever was born on this day or before is of the older ones."""
    year = today.year - MIDDLE
    return today.replace(year=year, day=28) if (today.month, today.day) == (2, 29) else today.replace(year=year)


def is_wished(call: Call) -> Q:
    """Volunteers as the person served wishes: who did not say what he is, is not."""
    found = Q(languages=call.language_id) if call.language_id else Q()
    if not prefers(call):
        return found
    if call.helper_sex:
        found &= Q(person__sex=call.helper_sex)
    if call.helper_age:
        older = Q(person__birth_date__lte=born_by(clock.today()))
        found &= Q(person__birth_date__isnull=False) & (older if call.helper_age == HelperAge.OLDER else ~older)
    return found


def team_speaks(call: Call) -> Q:
    """Teams in which somebody speaks the language asked for."""
    if call.language_id is None:
        return Q()
    members = Membership.objects.filter(team=OuterRef("pk"), ends_at__isnull=True, volunteer__left_at__isnull=True)
    return Q(Exists(members.filter(volunteer__languages=call.language_id)))


def group_of_person(person: str) -> Any:
    """The number of a person's sex and age, in SQL; ``person`` is the way to him ("person__")."""
    older = Q(**{f"{person}birth_date__lte": born_by(clock.today())})
    known = Q(**{f"{person}birth_date__isnull": False})
    sex = Case(
        When(**{f"{person}sex": Sex.FEMALE}, then=Value(3)),
        When(**{f"{person}sex": Sex.MALE}, then=Value(6)),
        default=Value(0),
        output_field=IntegerField(),
    )
    return sex + Case(When(older, then=2), When(known, then=1), default=Value(0), output_field=IntegerField())


def wish_in_numbers() -> Any:
    """The number of what a call wishes, in SQL; 0 for none, and where the kind does not let one choose."""
    sex = Case(*(When(helper_sex=one, then=Value(3 * n)) for n, one in enumerate(SEXES)), output_field=IntegerField())
    age = Case(*(When(helper_age=one, then=Value(n)) for n, one in enumerate(AGES)), output_field=IntegerField())
    return Case(When(kind__allow_preference=True, then=sex + age), default=Value(0), output_field=IntegerField())


def accepted(wish: int) -> int:
    """The groups that a wish accepts, as a mask."""
    sex, age = divmod(wish, len(AGES))
    return sum(1 << n for n in range(GROUPS) if (not sex or n // 3 == sex) and (not age or n % 3 == age))


def wish_in_words(call: Call) -> str:
    """会说客家话 · 女性 · 45 岁以上; nothing for who does not mind."""
    said = [_("会说%(language)s") % {"language": named(call.language)}] if call.language else []
    if prefers(call):
        said += [str(call.get_helper_sex_display())] if call.helper_sex else []
        said += [str(call.get_helper_age_display())] if call.helper_age else []
    return " · ".join(said)
