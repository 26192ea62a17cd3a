"""What volunteers and keepers of teams type."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people.models import Person
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.ui.naming import named
from huying.ui.widgets import Day
from huying.volunteers import queries
from huying.volunteers.actions import Profile, TeamFacts
from huying.volunteers.models import Skill, Team, Volunteer
from huying.volunteers.states import SLOTS, slot_in_words

OTHER = "other"
DISTANCES = [
    ("1", _("1 公里，就在附近")),
    ("3", _("3 公里")),
    ("5", _("5 公里")),
    ("10", _("10 公里")),
    ("30", _("30 公里，开车去")),
]
TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])


class Line(forms.CharField):
    """One line of text, inner spaces single, without marks that turn the direction of writing."""

    def to_python(self, value: Any) -> str:
        text = (super().to_python(value) or "").translate(TURNING)
        return re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()


class Skills(forms.MultipleChoiceField):
    """Any of the skills that are data; the cleaned value is a list of Skill."""

    widget = forms.CheckboxSelectMultiple

    def fill(self, rows: Iterable[Skill]) -> None:
        self.rows = {row.code: row for row in rows}
        self.choices = [(row.code, named(row)) for row in self.rows.values()]

    def clean(self, value: Any) -> list[Skill]:
        return [self.rows[code] for code in super().clean(value)]


class Rows(forms.MultipleChoiceField):
    """Any rows of a table with codes; the cleaned value is a list of them."""

    widget = forms.CheckboxSelectMultiple

    def fill(self, rows: Iterable[Any]) -> None:
        self.rows = {row.code: row for row in rows}
        self.choices = [(code, named(row)) for code, row in self.rows.items()]

    def clean(self, value: Any) -> list[Any]:
        return [self.rows[code] for code in super().clean(value)]


class PlaceForm(forms.Form):
    """A place chosen from those at hand, or found by a name that was typed, which goes first; several of that name are
    offered to choose from.

    ``keeper``: only places where this actor may found a team.
    """

    place = forms.ChoiceField(label=_("在哪里"), widget=forms.RadioSelect)
    place_words = Line(label=_("社区、村或街镇的名字"), max_length=40, required=False)

    def __init__(self, *args: Any, near: list[Place], keeper: Actor | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.keeper, self.places = keeper, {str(one.public_id): one for one in near}
        self.usual, sent = set(self.places), str(self.data.get("place", ""))
        if sent not in self.places and (found := self.known(sent)):
            self.places[sent] = found
        field: Any = self.fields["place"]
        if not self.places:
            field.required, field.widget = False, forms.HiddenInput()
        field.initial = next(iter(self.places), OTHER)
        self.offer()

    def known(self, sent: str) -> Place | None:
        try:
            return queries.open_place(UUID(sent))
        except ValueError:
            return None

    def offer(self) -> None:
        field: Any = self.fields["place"]
        field.choices = [(key, in_words(one)) for key, one in self.places.items()] or [(OTHER, "")]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        words, chosen = given.get("place_words", ""), given.get("place", "")
        self.where: Place | None = self.places.get(chosen)
        typed_other = bool(words) and (chosen in self.usual or chosen not in self.places)
        if typed_other or (self.where is None and "place" not in self.errors):
            self.errors.pop("place", None)
            self.where = None
            self.find(words)
        return given

    def find(self, words: str) -> None:
        found = queries.places_named(words, self.keeper) if words else []
        if len(found) == 1:
            self.where = found[0]
        elif found:
            self.places = {str(one.public_id): one for one in found}
            self.fields["place"].widget = forms.RadioSelect()
            self.offer()
            self.add_error("place", _("有几个地方叫这个名字，请选一个。"))
        else:
            self.add_error(
                "place_words", _("没有找到叫这个名字的地方，请换个写法。") if words else _("请写地方的名字。")
            )


class ProfileForm(PlaceForm):
    """The own profile of a volunteer, new or changed."""

    skills = Skills(label=_("我能做什么"), required=False)
    categories = Rows(label=_("愿意做哪类服务"), required=False)
    languages = Rows(label=_("会说什么话"), required=False)
    availability = forms.TypedMultipleChoiceField(
        label=_("一周里什么时候方便"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    travel_km = forms.ChoiceField(label=_("愿意去多远"), choices=DISTANCES, widget=forms.RadioSelect, initial="3")
    weekly_limit = forms.IntegerField(label=_("手上最多同时几件"), min_value=1, max_value=50, initial=5)
    shares_phone = forms.BooleanField(
        label=_("接单后，让对方看到我的电话"),
        help_text=_("不勾也可以：对方能给您留言，您能看到对方的电话。"),
        required=False,
    )

    def __init__(self, *args: Any, person: Person, volunteer: Volunteer | None, **kwargs: Any):
        homes = [volunteer.base_place if volunteer else None, person.home_place]
        near = list({one.pk: one for one in homes if one is not None}.values())
        super().__init__(*args, near=near, initial=values_of(volunteer) if volunteer else {}, **kwargs)
        self.fields["place"].label = _("从哪里出发")
        fields: dict[str, Any] = dict(self.fields)
        fields["skills"].fill(queries.skills_at(near, volunteer))
        fields["categories"].fill(queries.categories())
        fields["languages"].fill(queries.languages())
        fields["availability"].choices = [(slot, slot_in_words(slot)) for slot in range(SLOTS)]

    def profile(self) -> Profile:
        assert self.where is not None
        given = self.cleaned_data
        return Profile(
            base_place=self.where,
            skills=given["skills"],
            travel_km=float(given["travel_km"]),
            weekly_limit=given["weekly_limit"],
            shares_phone=given["shares_phone"],
            languages=given["languages"],
            categories=given["categories"],
            availability=given["availability"],
        )


class PauseForm(forms.Form):
    """Until when the volunteer wants to rest."""

    until = forms.DateField(label=_("休息到哪一天（含当天）"), widget=Day)

    def __init__(self, data: Any = None):
        super().__init__(data, initial={"until": clock.today() + timedelta(days=7)})


class TeamForm(PlaceForm):
    """A team: its name, where it serves, what it can do, how much at once."""

    name = Line(label=_("队伍名称"), max_length=80)
    about = Line(label=_("一句话介绍"), max_length=300, required=False)
    skills = Skills(label=_("能做什么"), required=False)
    kind = forms.ChoiceField(label=_("队伍类型"), required=False)
    parent = forms.ChoiceField(label=_("属于哪支上级队伍"), required=False)
    open_limit = forms.IntegerField(label=_("最多同时几件"), min_value=1, max_value=500, initial=20)
    active = forms.BooleanField(
        label=_("正在接单"), help_text=_("停用后不再派单，队员和记录都保留。"), required=False, initial=True
    )

    def __init__(self, *args: Any, keeper: Actor, near: list[Place], team: Team | None = None, **kwargs: Any):
        initial = team_values(team) if team else {}
        super().__init__(*args, near=[team.place] if team else near, keeper=keeper, initial=initial, **kwargs)
        self.fields["place"].label = _("服务哪个地方")
        own = [team.kind_id] if team and team.kind_id else []
        self.kinds = {row.code: row for row in queries.team_kinds(keeper, own)}
        self.parents = {str(row.public_id): row for row in queries.possible_parents(keeper, team)}
        fields: dict[str, Any] = dict(self.fields)
        fields["skills"].fill(queries.skills(keeper, team.skills.values_list("pk", flat=True) if team else ()))
        fields["kind"].choices = [("", _("不分类型")), *((code, named(row)) for code, row in self.kinds.items())]
        fields["parent"].choices = [("", _("没有上级队伍")), *((key, row.name) for key, row in self.parents.items())]

    def facts(self) -> TeamFacts:
        assert self.where is not None
        given = self.cleaned_data
        return TeamFacts(
            place=self.where,
            name=given["name"],
            about=given["about"],
            skills=given["skills"],
            open_limit=given["open_limit"],
            kind=self.kinds.get(given["kind"]),
            parent=self.parents.get(given["parent"]),
            active=given["active"],
        )


class MemberForm(forms.Form):
    """One press on the members' page: who, and what becomes of him."""

    ACTS = ("add", "end", "lead", "unlead")
    act = forms.ChoiceField(choices=[(act, act) for act in ACTS])
    who = forms.UUIDField()
    agreed = forms.BooleanField(label=_("本人已经同意"), required=False)


class FindForm(forms.Form):
    """Filters of the keeper's list, and the search for somebody to add."""

    q = Line(label=_("姓名"), max_length=40, required=False)
    skill = forms.SlugField(max_length=40, required=False)
    language = forms.SlugField(max_length=20, required=False)
    resting = forms.BooleanField(required=False)
    within = forms.UUIDField(required=False)
    only = forms.SlugField(max_length=10, required=False)

    def wanted(self) -> dict[str, Any]:
        """What ``queries.listed`` takes; everybody where the form has faults. NotFound for a place nobody knows."""
        given: dict[str, Any] = self.cleaned_data if self.is_valid() else {}
        within = given.get("within")
        return {
            "words": given.get("q", ""),
            "skill": given.get("skill", ""),
            "language": given.get("language", ""),
            "resting": bool(given.get("resting")),
            "within": place_queries.by_public_id(within) if within else None,
            "only": given.get("only", ""),
        }


def in_words(place: Place) -> str:
    """The name with the place above it, since many villages share a name."""
    if place.parent is None:
        return named(place)
    return _("%(place)s（%(above)s）") % {"place": named(place), "above": named(place.parent)}


def values_of(volunteer: Volunteer) -> dict[str, Any]:
    km = f"{volunteer.travel_km:g}"
    return {
        "skills": [skill.code for skill in volunteer.skills.all()],
        "travel_km": km if km in dict(DISTANCES) else "3",
        "weekly_limit": volunteer.weekly_limit,
        "shares_phone": volunteer.shares_phone,
        "languages": [row.code for row in volunteer.languages.all()],
        "categories": [row.code for row in volunteer.categories.all()],
        "availability": volunteer.availability,
    }


def team_values(team: Team) -> dict[str, Any]:
    return {
        "name": team.name,
        "about": team.about,
        "skills": [skill.code for skill in team.skills.all()],
        "open_limit": team.open_limit,
        "active": team.active,
        "kind": team.kind.code if team.kind else "",
        "parent": str(team.parent.public_id) if team.parent else "",
    }
