"""Lists that an organiser takes along as a file: volunteers, members of a team, who came to a session."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import cast
from uuid import UUID

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huying.kernel import clock, exports
from huying.kernel.errors import Forbidden, InvalidInput, NotFound
from huying.kernel.requests import Request, fresh, signed_in
from huying.ui.naming import named
from huying.volunteers import queries, rules
from huying.volunteers.forms.joining import FindForm
from huying.volunteers.models import Language, Membership, Skill, Volunteer
from huying.volunteers.queries import RollLine

MEMBERS = (
    exports.Column[Membership](gettext_lazy("姓名"), "volunteer.person.name", "name"),
    exports.Column[Membership](gettext_lazy("队长"), "is_leader", "is_leader"),
    exports.Column[Membership](gettext_lazy("社区"), lambda row: named(row.volunteer.base_place), "community"),
    exports.Column[Membership](gettext_lazy("会做什么"), lambda row: joined(row.volunteer.skills.all()), "skills"),
    exports.Column[Membership](
        gettext_lazy("会说什么话"), lambda row: joined(row.volunteer.languages.all()), "languages"
    ),
    exports.Column[Membership](gettext_lazy("入队时间"), "starts_at", "joined_at"),
    exports.Column[Membership](gettext_lazy("休息到"), lambda row: resting(row), "rests_until"),
)
ROSTER = (
    exports.Column[RollLine](gettext_lazy("姓名"), "volunteer.person.name", "name"),
    exports.Column[RollLine](gettext_lazy("签到"), lambda row: row.visit.in_at if row.visit else None, "in_at"),
    exports.Column[RollLine](gettext_lazy("签退"), lambda row: row.visit.out_at if row.visit else None, "out_at"),
    exports.Column[RollLine](
        gettext_lazy("怎样签到"), lambda row: row.visit.get_in_way_display() if row.visit else "", "in_way"
    ),
)
"""No numbers of telephones: a list that travels holds what is needed to call the roll."""
VOLUNTEERS = (
    exports.Column[Volunteer](gettext_lazy("姓名"), "person.name", "name"),
    exports.Column[Volunteer](gettext_lazy("社区"), lambda row: named(row.base_place), "community"),
    exports.Column[Volunteer](gettext_lazy("会做什么"), lambda row: joined(row.skills.all()), "skills"),
    exports.Column[Volunteer](gettext_lazy("会说什么话"), lambda row: joined(row.languages.all()), "languages"),
    exports.Column[Volunteer](gettext_lazy("登记时间"), "joined_at"),
    exports.Column[Volunteer](gettext_lazy("休息到"), "paused_until", "rests_until"),
)


def joined(rows: Iterable[Skill | Language]) -> str:
    return _("、").join(named(one) for one in rows)


def resting(row: Membership) -> date | None:
    until = row.volunteer.paused_until
    return until if until and until >= clock.today() else None


def kind_of(asked: str) -> exports.Kind:
    """The kind of file an address asks for; NotFound for others."""
    if asked not in exports.TYPES:
        raise NotFound
    return cast(exports.Kind, asked)


@require_safe
@never_cache
def members(request: Request, public_id: UUID, kind: str) -> HttpResponseBase:
    """The members of a team, for those who keep them."""
    actor = signed_in(request)
    story = queries.team_story(actor, public_id)
    if not story.keeps_members:
        raise Forbidden
    rows = queries.team_members(story.team).prefetch_related("volunteer__languages")
    name = _("%(team)s队员") % {"team": story.team.name}
    return exports.respond(actor=actor, name=name, kind=kind_of(kind), columns=MEMBERS, rows=rows)


@require_safe
@never_cache
def roster(request: Request, public_id: UUID, kind: str) -> HttpResponseBase:
    """Who is expected at a session and who came, for those who run it."""
    actor = signed_in(request)
    if not rules.is_organiser(actor):
        raise Forbidden
    found = queries.session_by_id(actor, public_id)
    rows, name = queries.roll(found), _("%(title)s名单") % {"title": found.title}
    return exports.respond(actor=actor, name=name, kind=kind_of(kind), columns=ROSTER, rows=rows)


@require_safe
@never_cache
@fresh
def volunteers(request: Request, kind: str) -> HttpResponseBase:
    """Volunteers of the keeper's places under the filters of the page, by name."""
    actor = signed_in(request)
    if not rules.is_keeper(actor):
        raise Forbidden
    find = FindForm(request.GET)
    if not find.is_valid():
        raise InvalidInput(" ".join(str(words) for errors in find.errors.values() for words in errors))
    asked = find.cleaned_data
    rows = queries.listed(
        actor, words=asked["q"], skill=asked["skill"], language=asked["language"], resting=asked["resting"]
    )
    rows = rows.prefetch_related("skills", "languages").order_by("person__sort_key", "id")
    return exports.respond(actor=actor, name=_("志愿者"), kind=kind_of(kind), columns=VOLUNTEERS, rows=rows)
