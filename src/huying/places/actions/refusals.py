"""Why a change to the tree is refused, as facts with names."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.kernel.errors import Conflict, DomainError, InvalidInput


class BelowItself(DomainError):
    code = "place_below_itself"
    message = _("不能把一个地方移到它自己或它的下级里。")


class TooDeep(DomainError):
    code = "place_too_deep"
    message = _("层级太多了，最多 {deepest} 级。")


class KindNotAllowed(InvalidInput):
    code = "place_kind_not_allowed"
    message = _("“{kind}”不能放在“{parent}”下面。")


class KindNotOffered(InvalidInput):
    code = "place_kind_not_offered"
    message = _("这里没有启用“{kind}”这种类型。")


class FlagNotOffered(InvalidInput):
    code = "place_flag_not_offered"
    message = _("这里没有启用“{flag}”这个标记。")


class NameTaken(InvalidInput):
    code = "place_name_taken"
    message = _("同一上级下已有同名、同类的地方。")


class CodeTaken(InvalidInput):
    code = "place_code_taken"
    message = _("这个代码已经用于另一个地方。")


class ParentClosed(DomainError):
    code = "place_parent_closed"
    message = _("上级“{parent}”已经停用，请先恢复它或换一个上级。")


class StillInUse(DomainError):
    code = "place_still_in_use"
    message = _("下面还有 {count} 处在用，请先停用或移走它们。")


class PlaceClosedAlready(Conflict):
    code = "place_closed_already"
    message = _("这里已经停用了。")


class PlaceOpenAlready(Conflict):
    code = "place_open_already"
    message = _("这里本来就在用。")


class TreeChanged(Conflict):
    code = "place_tree_changed"
    message = _("区划刚刚有调整，请刷新后再试。")


class PlaceChanged(Conflict):
    code = "place_changed"
    message = _("您打开页面以后，别人改过这里。请刷新，看过新的内容再改。")


class SpaceTaken(Conflict):
    code = "space_taken"
    message = _("这段时间已经有人订了：{what}。请换个时间或换个房间。")


class NotBookable(DomainError):
    code = "not_bookable"
    message = _("这里不能预订。")


class BookingMoved(Conflict):
    code = "booking_moved"
    message = _("这次预订已经有了变化，请刷新后再看。")


class TooManyHeld(DomainError):
    code = "too_many_held"
    message = _("您还有 {most} 个预订等着确认，先等答复吧。")
