"""Whom the person served wishes for: a language, and where the menu lets him choose, a woman or a man of some age."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from huying.calls import actions, queries
from huying.calls.actions.dispatching import WrongAnswerer
from huying.calls.actions.intake import NoPreference
from huying.calls.models import Call, Ring
from huying.calls.queries import preferring, proposed, proposing, weighing
from huying.calls.queries.rings import reached
from huying.calls.states import Asks, State
from huying.calls.tests.asking import ask, asking_cast, page
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, Cast, actor, kind, person, skill, volunteer
from huying.calls.tests.test_fitting import weeks
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.matching.tests import plain
from huying.volunteers.models import Language, Team, Volunteer

pytestmark = pytest.mark.django_db
HAKKA = "hakka"
OLD, YOUNG = date(1960, 5, 1), date(1995, 5, 1)


@pytest.fixture
def cast() -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


@pytest.fixture(scope="module")
def package() -> Iterator[ProcessPoolExecutor]:
    with plain.process() as pool:
        yield pool


def language(code: str = HAKKA) -> Language:
    return Language.objects.get(code=code)


def crowd(cast: Cast) -> None:
    """One of every sex and age, known or not, each once with Hakka and once without; nobody else."""
    Volunteer.objects.update(left_at=clock.now())
    sexes, ages = (("女", "female"), ("男", "male"), ("某", "")), (("青", YOUNG), ("长", OLD), ("某", None))
    for at, ((sex, code), (age, born), speaks) in enumerate(product(sexes, ages, ("会", "不"))):
        who = person(f"{sex}{age}{speaks}", cast.home, sex=code, birth_date=born)
        one = volunteer(who, cast.home, lon=120.05 + at / 10_000, lat=30.28)
        one.languages.set([language()] if speaks == "会" else [language("mandarin")])


def names(cast: Cast, call: Call) -> set[str]:
    return {one.name for one in queries.candidates(actor(cast.keeper), call, 50)}


def both(cast: Cast, call: Call, package: ProcessPoolExecutor) -> set[str]:
    """Whom the list, the ring and the package find: they must agree."""
    told = weighing.matter(cast.home)
    assert told.calls.tolist() == [call.pk]
    (rows,) = package.submit(plain.best, told.helpers, weeks(told), weighing.PRICES, told.needs, 50).result()
    chosen = [told.who(helper) for helper, _cost in rows]
    people = Volunteer.objects.filter(pk__in=[key for field, key in chosen if field == "volunteer"])
    teams = Team.objects.filter(pk__in=[key for field, key in chosen if field == "team"])
    theirs = {str(one) for one in [*people, *teams]}
    rung = {str(one) for one in reached(call, Ring(order=1, name="本站", asks=Asks.OWN), 50)}
    assert names(cast, call) == rung == theirs
    return theirs


@pytest.mark.parametrize(
    ("wished", "found"),
    [
        ({}, "女男某 青长某 会不"),
        ({"language": HAKKA}, "女男某 青长某 会"),
        ({"helper_sex": "female"}, "女 青长某 会不"),
        ({"helper_sex": "male", "helper_age": "older"}, "男 长 会不"),
        ({"helper_age": "younger"}, "女男某 青 会不"),
        ({"language": HAKKA, "helper_sex": "female", "helper_age": "younger"}, "女 青 会"),
    ],
)
def test_the_list_the_rings_and_the_package_find_whom_the_person_wishes(
    cast: Cast, package: ProcessPoolExecutor, wished: dict[str, Any], found: str
) -> None:
    crowd(cast)
    Team.objects.update(active=False)
    own = kind("bath", allow_preference=True)
    given = wished | ({"language": language()} if "language" in wished else {})

    call = cast.call(State.POOLED, kind=own, lon=120.05, lat=30.28, **given)

    assert both(cast, call, package) == {"".join(one) for one in product(*found.split())}


def test_a_wish_no_longer_counts_when_the_menu_takes_it_back(cast: Cast, package: ProcessPoolExecutor) -> None:
    crowd(cast)
    own = kind("bath", allow_preference=True)
    call = cast.call(State.POOLED, kind=own, helper_sex="female")
    own.allow_preference = False
    own.save()
    call.refresh_from_db()

    assert len(both(cast, call, package)) == 18 + 1
    assert preferring.wish_in_words(call) == ""


def test_a_kind_that_is_for_everybody_takes_no_such_wish(cast: Cast) -> None:
    with pytest.raises(NoPreference) as refused:
        cast.call(helper_age="older")

    assert refused.value.fields == {"helper_age": "“clinic”不能挑性别和年龄，请留空。"}


def test_the_database_knows_no_other_wishes(cast: Cast) -> None:
    call = cast.call()

    for name in ("helper_sex", "helper_age"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Call.objects.filter(pk=call.pk).update(**{name: "blond"})


def test_a_team_comes_where_somebody_in_it_speaks_the_language_and_never_for_a_wish_about_a_person(
    cast: Cast, package: ProcessPoolExecutor
) -> None:
    Volunteer.objects.exclude(pk=cast.leader.pk).update(left_at=clock.now())
    Volunteer.objects.update(lon=120.05, lat=30.28)
    own = kind("bath", allow_preference=True)
    call = cast.call(State.POOLED, kind=own, language=language())
    seen = [both(cast, call, package)]

    cast.leader.languages.set([language()])
    seen.append(both(cast, call, package))
    Call.objects.filter(pk=call.pk).update(helper_sex="male")
    call.refresh_from_db()
    seen.append(both(cast, call, package))
    own.answered_by = "team"
    own.save()
    call = Call.objects.get(pk=call.pk)
    seen.append(both(cast, call, package))

    assert seen == [set(), {"吴长青", "和平助老队"}, set(), {"和平助老队"}]


def test_what_was_wished_is_said_and_that_somebody_speaks_it(cast: Cast) -> None:
    cast.li.languages.set([language()])
    call = cast.call(kind=kind("bath", allow_preference=True), language=language(), helper_sex="female")
    other = cast.call(language=language())

    (found,) = [one for one in queries.candidates(actor(cast.keeper), other) if one.field == "volunteers"]

    assert "会说客家话" in found.reasons
    assert preferring.wish_in_words(call) == "会说客家话 · 女性"


def gap(cast: Cast) -> proposing.Gap:
    asked = actions.propose(actor=actor(cast.keeper), place=cast.home)
    system = Actor.system("calls.propose")
    actions.calculate(actor=system, proposal_id=asked.pk, turn=asked.turn)
    (found,) = proposed.gaps(asked).rows
    return found


@pytest.mark.parametrize(
    ("wished", "why", "way"),
    [
        ({"language": HAKKA}, "会做的人都不会说求助人要的话", "可以问秦安：没有共同的语言"),
        (
            {"helper_sex": "female"},
            "会做的人里没有求助人想请的（性别、年龄）",
            "可以问秦安：不是求助人想请的性别或年龄，先问求助人愿不愿意",
        ),
    ],
)
def test_when_nobody_is_as_wished_it_is_said_and_who_could_come_all_the_same(
    cast: Cast, wished: dict[str, Any], why: str, way: str
) -> None:
    plumbing, own = skill("plumbing", "修水管"), kind("bath", allow_preference=True)
    own.skills.add(plumbing)
    volunteer(person("秦安", cast.home, sex="male"), cast.home, plumbing, lon=120.05, lat=30.281)
    given = wished | ({"language": language()} if "language" in wished else {})
    cast.call(State.POOLED, kind=own, **given)

    found = gap(cast)

    assert (found.why, found.way) == (why, way)


def test_nobody_takes_a_call_by_himself_who_is_not_wished_for(cast: Cast) -> None:
    cast.li.languages.set([language()])
    call = cast.call(State.POOLED, language=language())

    with pytest.raises(WrongAnswerer, match="求助人想请的是：会说客家话"):
        actions.claim(actor=actor(cast.he.person), call=call)
    taken = actions.claim(actor=actor(cast.li.person), call=call)

    assert taken.state == State.ACCEPTED


# ── the doors ───────────────────────────────────────────────────────────────
@pytest.fixture
def asking() -> Iterator[Cast]:
    with clock.frozen(START):
        yield asking_cast()


def test_the_form_asks_for_it_in_a_fold_and_keeps_it(asking: Cast) -> None:
    asking.kind.allow_preference = True
    asking.kind.save()
    client = browser(asking.resident)
    html = client.get(page()).content.decode()

    answer = ask(asking, language=HAKKA, helper_sex="female", helper_age="older")

    assert answer.status_code == 303
    made = Call.objects.latest("id")
    assert "想请什么样的人来" in html
    assert (made.language, made.helper_sex, made.helper_age) == (language(), "female", "older")
    shown = client.get(reverse("calls:call", args=[made.public_id])).content.decode()
    assert "会说客家话 · 女性 · 45 岁以上" in shown


def test_where_nobody_may_choose_sex_and_age_are_not_asked_and_not_taken(asking: Cast) -> None:
    html = browser(asking.resident).get(page()).content.decode()

    answer = ask(asking, helper_sex="female")

    assert answer.status_code == 303
    assert 'name="helper_sex"' not in html
    assert 'name="language"' in html
    assert Call.objects.latest("id").helper_sex == ""


def test_a_draft_keeps_the_wish(asking: Cast) -> None:
    ask(asking, language=HAKKA, save="draft")
    made = Call.objects.get()

    html = browser(asking.resident).get(f"{page()}?draft={made.public_id}").content.decode()

    assert made.language == language()
    assert '<option value="hakka" selected>' in html
