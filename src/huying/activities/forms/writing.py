"""An activity as organisers write it: one page, texts first, then when, places to take, who hosts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.activities import queries, rules
from huying.activities.actions import Facts, PartyFacts, RoleFacts, SameTwice, facts_of
from huying.activities.models import Activity
from huying.activities.states import ActivityState, Side, ThemeRule
from huying.kernel import clock
from huying.places.models import Place
from huying.ui.naming import named
from huying.ui.widgets import Day, Moment, Phone
from huying.volunteers import queries as volunteer_queries
from huying.volunteers.models import Team

ROLE_ROWS, PARTY_ROWS = 4, 4
REPEATS = [
    ("", _("只办这一次")),
    ("DAILY", _("每天")),
    ("WEEKLY", _("每周")),
    ("FORTNIGHT", _("每两周")),
    ("MONTHLY", _("每月同一天")),
    ("NTH", _("每月第几个星期几")),
    ("RULE", _("按 RFC 5545 规则")),
]


class ActivityForm(forms.Form):
    """Times and rhythm only while it is a draft; afterwards sessions are moved one by one."""

    title = forms.CharField(label=_("活动名称"), max_length=60)
    kind = forms.ChoiceField(label=_("类别"))
    place = forms.ChoiceField(label=_("哪里的活动"))
    summary = forms.CharField(label=_("一句话介绍"), max_length=120, required=False)
    about = forms.CharField(label=_("详细介绍"), max_length=3000, required=False, widget=forms.Textarea)
    programme = forms.CharField(
        label=_("流程"), max_length=1000, required=False, widget=forms.Textarea, help_text=_("一行一项。")
    )
    starts_at = forms.DateTimeField(label=_("开始"), widget=Moment)
    ends_at = forms.DateTimeField(label=_("结束"), widget=Moment)
    repeat = forms.ChoiceField(label=_("重复"), choices=REPEATS, required=False)
    until = forms.DateField(label=_("重复到哪天"), widget=Day, required=False)
    rrule = forms.CharField(
        label=_("重复规则"), max_length=300, required=False, help_text=_("例如 FREQ=WEEKLY;BYDAY=TU,TH;COUNT=10")
    )
    venue = forms.ChoiceField(label=_("场地"), required=False, help_text=_("发布时自动预订，冲突会提示。"))
    where = forms.CharField(
        label=_("具体地点"), max_length=120, required=False, help_text=_("室外或别处的，写清楚怎么找。")
    )
    audience = forms.CharField(label=_("欢迎谁来"), max_length=80, required=False)
    age_from = forms.IntegerField(label=_("最小年龄"), min_value=0, max_value=120, required=False)
    age_to = forms.IntegerField(label=_("最大年龄"), min_value=0, max_value=120, required=False)
    bring = forms.CharField(label=_("要带什么"), max_length=200, required=False)
    risks = forms.CharField(
        label=_("可能的风险"),
        max_length=300,
        required=False,
        help_text=_("招募志愿者时必须写明（志愿服务条例第十二条）。"),
    )
    guarantees = forms.CharField(label=_("保障"), max_length=300, required=False, help_text=_("保险、交通、饮水等。"))
    contact_name = forms.CharField(label=_("联系人"), max_length=40)
    contact_phone = forms.CharField(label=_("公开电话"), max_length=40, required=False, widget=Phone)
    themes = forms.MultipleChoiceField(
        label=_("主题"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("季节和节日按日期自动加上。")
    )
    needs_sign_up = forms.BooleanField(label=_("需要报名"), required=False, initial=True)
    takes_groups = forms.BooleanField(label=_("学校、单位可以团体报名（不留名单）"), required=False)
    closes_hours = forms.IntegerField(
        label=_("开始前几小时截止报名"), min_value=0, max_value=1000, required=False, initial=0
    )
    confirm_hours = forms.IntegerField(
        label=_("候补的人几小时内要确认"),
        min_value=0,
        max_value=240,
        required=False,
        initial=24,
        help_text=_("0 表示不用确认，直接补上。"),
    )
    is_template = forms.BooleanField(label=_("这是模板，只用来复制"), required=False)

    def __init__(
        self,
        data: Any,
        *,
        places: list[Place],
        venues: list[Place],
        teams: list[Team],
        activity: Activity | None = None,
        initial: dict[str, Any] | None = None,
    ):
        self.activity = activity
        self.called = {"parties": "party_share_0", "roles": "role_name_0"}
        self.known = facts_of_activity(activity) if activity else None
        first = {**values_of(self.known), **rhythm_of(activity)} if activity and self.known else initial or {}
        super().__init__(data, initial=first)
        if self.known is not None:
            places = [self.known.place, *(one for one in places if one.pk != self.known.place.pk)]
            if self.known.venue is not None:
                venues = [self.known.venue, *(one for one in venues if one.pk != self.known.venue.pk)]
        self.places = {str(one.public_id): one for one in places}
        self.venues = {str(one.public_id): one for one in venues}
        self.teams = by_name([*teams, *(one.team for one in self.known.parties if one.team)] if self.known else teams)
        mine = {one.pk for one in self.known.themes} if self.known else set()
        self.kinds = {one.code: one for one in queries.kinds([self.known.kind.pk] if self.known else [], places)}
        self.all_themes = {
            one.code: one for one in queries.themes(mine, places) if one.rule == ThemeRule.NONE or one.pk in mine
        }
        self.skills = {one.code: one for one in volunteer_queries.skills()}
        self.categories = {one.code: one for one in volunteer_queries.categories()}
        self.offer()
        self.add_rows()
        if activity is not None and activity.state != ActivityState.DRAFT:
            for name in ("starts_at", "ends_at", "repeat", "until", "rrule", "is_template"):
                del self.fields[name]

    def offer(self) -> None:
        """The choices that are data."""
        choices = {
            "kind": [(key, named(one)) for key, one in self.kinds.items()],
            "place": [(key, named(one)) for key, one in self.places.items()],
            "venue": [("", _("不用预订场地")), *((key, in_words(one)) for key, one in self.venues.items())],
            "themes": [(key, named(one)) for key, one in self.all_themes.items()],
        }
        for name, rows in choices.items():
            field: Any = self.fields[name]
            field.choices = rows

    def add_rows(self) -> None:
        """Rows of roles and of hosts: what is known, and empty ones."""
        roles = list(self.known.roles) if self.known else [RoleFacts("参加者", 30)]
        parties = list(self.known.parties) if self.known else []
        skills = [("", _("不限")), *((key, named(one)) for key, one in self.skills.items())]
        categories = [("", _("不分类")), *((key, named(one)) for key, one in self.categories.items())]
        for number in range(max(ROLE_ROWS, len(roles) + 1)):
            role = roles[number] if number < len(roles) else None
            self.fields.update(role_fields(number, role, skills, categories))
        for number in range(max(PARTY_ROWS, len(parties) + 1)):
            party = parties[number] if number < len(parties) else None
            self.fields.update(party_fields(number, party))

    @property
    def team_names(self) -> list[str]:
        """What the fields of hosts suggest: registered teams, with the place where two have one name."""
        every = {one.pk: one for rows in self.teams.values() for one in rows}
        return [one.name if len(self.teams[one.name]) == 1 else label_of(one) for one in every.values()]

    @property
    def role_rows(self) -> list[list[forms.BoundField]]:
        return self.bound("role_name", "role_capacity", "role_skill", "role_serves", "role_category")

    @property
    def party_rows(self) -> list[list[forms.BoundField]]:
        return self.bound("party_name", "party_side", "party_share")

    def bound(self, *names: str) -> list[list[forms.BoundField]]:
        """The bound fields of numbered rows."""
        count = sum(key.startswith(f"{names[0]}_") for key in self.fields)
        return [[self[f"{name}_{number}"] for name in names] for number in range(count)]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        low, high = given.get("age_from"), given.get("age_to")
        if low is not None and high is not None and low > high:
            self.add_error("age_to", _("最大年龄不能小于最小年龄。"))
        starts, ends = given.get("starts_at"), given.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("结束时间要晚于开始时间。"))
        if given.get("repeat") and given["repeat"] != "RULE" and not given.get("until"):
            self.add_error("until", _("请选重复到哪天。"))
        typed = given.get("rrule") and given["rrule"] != self.initial.get("rrule")
        if typed and given.get("repeat") != "RULE":
            self.add_error("rrule", _("要按这条规则重复，请在“重复”里选“按 RFC 5545 规则”；不用就清空。"))
        if given.get("needs_sign_up") and not any(given.get(f"role_name_{n}") for n in range(len(self.role_rows))):
            self.add_error("role_name_0", _("请写参加身份和名额。"))
        for n in range(len(self.role_rows)):
            if given.get(f"role_category_{n}") and not given.get(f"role_serves_{n}"):
                self.add_error(f"role_serves_{n}", _("选了服务类别，请勾选“是志愿服务”，或者不选类别。"))
        self.check_rows(given, "role_name", "role_capacity", _("请写参加身份，不用这一行就把名额也清空。"))
        self.check_teams(given)
        self.check_rows(given, "party_name", "party_share", _("请写单位或队伍，不用这一行就把份额也清空。"))
        return given

    def check_rows(self, given: dict[str, Any], name: str, number: str, unnamed: str | Promise) -> None:
        """No row has a number without a name, which would be lost, and no two rows have one name."""
        seen = set()
        for row in range(sum(key.startswith(f"{name}_") for key in self.fields)):
            called = (given.get(f"{name}_{row}") or "").strip()
            if not called and given.get(f"{number}_{row}") and f"{name}_{row}" not in self.errors:
                self.add_error(f"{name}_{row}", str(unnamed))
            if called in seen:
                self.add_error(f"{name}_{row}", str(SameTwice.message))
            seen |= {called} - {""}

    def check_teams(self, given: dict[str, Any]) -> None:
        """A name that several teams have says which of them is meant."""
        for row in range(len(self.party_rows)):
            called = (given.get(f"party_name_{row}") or "").strip()
            if called and len(meant := self.teams_called(called)) > 1:
                text = _("有 %(n)d 支队伍叫这个名字，请写成“%(label)s”这样。")
                self.add_error(f"party_name_{row}", text % {"n": len(meant), "label": label_of(meant[0])})

    def teams_called(self, name: str) -> list[Team]:
        """The registered teams of that name: the one written before, else of several those where the activity is."""
        found = self.teams.get(name, [])
        before = {one.team.pk for one in self.known.parties if one.team} if self.known else set()
        here = {place.pk for place in [self.places.get(self.cleaned_data.get("place", ""))] if place}
        for narrower in ([one for one in found if one.pk in before], [one for one in found if one.place_id in here]):
            if len(found) > 1 and narrower:
                found = narrower
        return found

    def rule(self) -> str:
        """The rhythm as an RFC 5545 rule; empty for once. RuleUnclear."""
        given = self.cleaned_data
        repeat = given.get("repeat") or ""
        if not repeat:
            return ""
        if repeat == "RULE":
            return rules.normal(given["rrule"])
        self.called["rrule"] = "until"
        day = clock.local(given["starts_at"]).date()
        if repeat == "FORTNIGHT":
            return rules.build("WEEKLY", day, given["until"], interval=2)
        return rules.build(repeat, day, given["until"])

    def facts(self) -> Facts:
        """What was written; RuleUnclear when the rhythm cannot be read."""
        given = self.cleaned_data
        known, drafting = self.known, "starts_at" in self.fields
        assert drafting or known is not None
        starts = given["starts_at"] if drafting else known.starts_at  # type: ignore[union-attr]
        ends = given["ends_at"] if drafting else known.ends_at  # type: ignore[union-attr]
        plain = ("title", "summary", "about", "programme", "where", "audience", "age_from", "age_to", "bring")
        more = ("risks", "guarantees", "contact_name", "contact_phone", "needs_sign_up", "takes_groups")
        return Facts(
            **{name: given[name] for name in (*plain, *more)},
            kind=self.kinds[given["kind"]],
            place=self.places[given["place"]],
            venue=self.venues.get(given["venue"]),
            starts_at=starts,
            ends_at=ends,
            rrule=self.rule() if drafting else "",
            themes=[self.all_themes[code] for code in given["themes"]],
            closes_minutes=(given["closes_hours"] or 0) * 60,
            confirm_hours=24 if given["confirm_hours"] is None else given["confirm_hours"],
            is_template=bool(given.get("is_template")),
            roles=self.roles(),
            parties=self.parties(),
        )

    def roles(self) -> list[RoleFacts]:
        given, found = self.cleaned_data, []
        for number in range(len(self.role_rows)):
            if name := (given.get(f"role_name_{number}") or "").strip():
                skill = self.skills.get(given.get(f"role_skill_{number}") or "")
                found.append(
                    RoleFacts(
                        name,
                        given.get(f"role_capacity_{number}") or 1,
                        bool(given.get(f"role_serves_{number}")),
                        skills=[skill] if skill else [],
                        category=self.categories.get(given.get(f"role_category_{number}") or ""),
                    )
                )
        return found

    def parties(self) -> list[PartyFacts]:
        given, found = self.cleaned_data, []
        known = {one.name: one for one in self.known.parties} if self.known else {}
        for number in range(len(self.party_rows)):
            if name := (given.get(f"party_name_{number}") or "").strip():
                share = round((given.get(f"party_share_{number}") or 0) * 100)
                team = next(iter(self.teams_called(name)), None)
                before = known.get(name)
                found.append(
                    PartyFacts(
                        team.name if team else name,
                        Side(given.get(f"party_side_{number}") or Side.HOST),
                        share,
                        team,
                        before.place if before else None,
                    )
                )
        return found


def role_fields(
    number: int, role: RoleFacts | None, skills: list[Any], categories: list[Any]
) -> dict[str, forms.Field]:
    first = role.skills[0].code if role and role.skills else ""
    return {
        f"role_name_{number}": forms.CharField(
            label=_("参加身份"), max_length=30, required=False, initial=role.name if role else ""
        ),
        f"role_capacity_{number}": forms.IntegerField(
            label=_("名额"), min_value=1, max_value=100_000, required=False, initial=role.capacity if role else None
        ),
        f"role_skill_{number}": forms.ChoiceField(label=_("需要会"), choices=skills, required=False, initial=first),
        f"role_serves_{number}": forms.BooleanField(
            label=_("是志愿服务"), required=False, initial=bool(role and role.is_volunteer)
        ),
        f"role_category_{number}": forms.ChoiceField(
            label=_("服务类别"),
            choices=categories,
            required=False,
            initial=role.category.code if role and role.category else "",
        ),
    }


def party_fields(number: int, party: PartyFacts | None) -> dict[str, forms.Field]:
    return {
        f"party_name_{number}": forms.CharField(
            label=_("单位或队伍"),
            max_length=80,
            required=False,
            initial=party.name if party else "",
            widget=forms.TextInput(attrs={"list": "teams", "autocomplete": "off"}),
        ),
        f"party_side_{number}": forms.ChoiceField(
            label=_("角色"), choices=Side.choices, required=False, initial=party.side if party else Side.HOST
        ),
        f"party_share_{number}": forms.DecimalField(
            label=_("份额（%）"),
            min_value=0,
            max_value=100,
            decimal_places=2,
            required=False,
            initial=f"{party.share / 100:g}" if party else None,
        ),
    }


def facts_of_activity(activity: Activity) -> Facts:
    """What is written, with its first time."""
    first = activity.first_at or clock.now()
    return facts_of(activity, first, first + (activity.length or timedelta(hours=2)), is_template=activity.is_template)


def values_of(facts: Facts) -> dict[str, Any]:
    """Facts as the fields show them."""
    plain = ("title", "summary", "about", "programme", "where", "audience", "age_from", "age_to", "bring", "risks")
    more = (
        "guarantees",
        "contact_name",
        "contact_phone",
        "needs_sign_up",
        "takes_groups",
        "confirm_hours",
        "is_template",
    )
    return {
        **{name: getattr(facts, name) for name in (*plain, *more)},
        "kind": facts.kind.code,
        "place": str(facts.place.public_id),
        "venue": str(facts.venue.public_id) if facts.venue else "",
        "starts_at": clock.local(facts.starts_at).replace(tzinfo=None),
        "ends_at": clock.local(facts.ends_at).replace(tzinfo=None),
        "themes": [one.code for one in facts.themes],
        "closes_hours": facts.closes_minutes // 60,
    }


def rhythm_of(activity: Activity) -> dict[str, Any]:
    """A rhythm that stands is shown as its rule."""
    return {"repeat": "RULE", "rrule": activity.rrule} if activity.rrule else {}


def by_name(teams: list[Team]) -> dict[str, list[Team]]:
    """Teams by what one may write for them: the name, and the name with the place."""
    found: dict[str, list[Team]] = {}
    for one in {team.pk: team for team in teams}.values():
        for name in (one.name, label_of(one)):
            found.setdefault(name, []).append(one)
    return found


def label_of(team: Team) -> str:
    """A team with its place, for where several have one name."""
    return _("%(team)s（%(place)s）") % {"team": team.name, "place": named(team.place)}


def in_words(place: Place) -> str:
    """A room with its house."""
    return f"{named(place.parent)} · {named(place)}" if place.parent else named(place)
