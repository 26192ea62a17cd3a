"""Lists to take along: the members of a team, and who came to a session. No telephone numbers (志愿服务条例 art. 20)."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huying.kernel import exports
from huying.kernel.errors import Forbidden, NotFound
from huying.kernel.requests import Request, signed_in
from huying.ui.naming import named
from huying.volunteers import queries
from huying.volunteers.models import Attendance, Membership
from huying.volunteers.views.sessions import organiser

MEMBERS = (
    exports.Column[Membership](gettext_lazy("姓名"), "volunteer.person.name"),
    exports.Column[Membership](gettext_lazy("队长"), "is_leader"),
    exports.Column[Membership](gettext_lazy("社区"), lambda row: named(row.volunteer.base_place)),
    exports.Column[Membership](
        gettext_lazy("会做什么"), lambda row: "、".join(named(skill) for skill in row.volunteer.skills.all())
    ),
    exports.Column[Membership](gettext_lazy("入队时间"), "starts_at"),
    exports.Column[Membership](gettext_lazy("休息到"), "volunteer.paused_until"),
)
CAME = (
    exports.Column[Attendance](gettext_lazy("姓名"), "volunteer.person.name"),
    exports.Column[Attendance](gettext_lazy("签到"), "in_at"),
    exports.Column[Attendance](gettext_lazy("怎样签到"), lambda row: row.get_in_way_display()),
    exports.Column[Attendance](gettext_lazy("签退"), "out_at"),
    exports.Column[Attendance](gettext_lazy("怎样签退"), lambda row: row.get_out_way_display()),
    exports.Column[Attendance](gettext_lazy("谁看到本人"), lambda row: row.seen_by.name if row.seen_by else ""),
    exports.Column[Attendance](
        gettext_lazy("服务时长（分钟）"), lambda row: row.record.minutes if row.record else None
    ),
)


@require_safe
@never_cache
def members(request: Request, public_id: UUID, kind: str) -> HttpResponseBase:
    """The members of a team as a file, for those who keep them."""
    actor = signed_in(request)
    story = queries.team_story(actor, public_id)
    if not story.keeps_members:
        raise Forbidden
    return exports.respond(
        actor=actor,
        name=_("%(team)s的队员") % {"team": story.team.name},
        kind=known(kind),
        columns=MEMBERS,
        rows=queries.members_of(story.team),
        place_path=story.team.place.path,
    )


@require_safe
@never_cache
def came(request: Request, public_id: UUID, kind: str) -> HttpResponseBase:
    """Who came to a session as a file, for those who run it."""
    actor = organiser(request)
    session = queries.session_by_id(actor, public_id)
    return exports.respond(
        actor=actor,
        name=_("%(title)s的签到表") % {"title": session.title},
        kind=known(kind),
        columns=CAME,
        rows=queries.came_to(session),
        place_path=session.place.path,
    )


def known(kind: str) -> exports.Kind:
    """A kind of file that is written here; NotFound for others."""
    if kind not in exports.TYPES:
        raise NotFound
    return cast(exports.Kind, kind)
