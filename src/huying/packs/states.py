"""Words of packs that are decided once: how much of a mechanism is known, what a difference is. Codes are never renamed."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.places.states import SCREEN_WORDS

FORMAT = 1
"""The one shape of files that is read; a later shape gets the next number."""
PLATFORM = "platform"
"""What stands before the code of a row that came with the platform: ``platform:lecture``. No pack may take this name."""


class Status(TextChoices):
    """How much of a mechanism its source gives (catalogue section 4)."""

    FULL = "full", _("内容齐全")
    PART = "part", _("部分给出")
    NAME = "name", _("只有名称")


class Seal(TextChoices):
    """What is known of where a file comes from. Whoever changes a file can write a new checksum too: only what the platform
    itself ships can be compared.
    """

    SIGNED = "signed", _("校验和相符")
    CHANGED = "changed", _("与平台自带的不同")
    UNSIGNED = "unsigned", _("没有校验和")


class Change(TextChoices):
    """What loading or switching would do to one thing."""

    NEW = "new", pgettext_lazy("pack", "新增")
    CHANGED = "changed", pgettext_lazy("pack", "修改")
    RENAMED = "renamed", pgettext_lazy("pack", "改代码")
    ANEW = "anew", pgettext_lazy("pack", "另起一份")
    RETIRED = "retired", pgettext_lazy("pack", "停用")


BEGUN_ANEW = frozenset({"templates"})
"""Kinds whose things are never rewritten: with ``was`` a new one begins beside the old one, which keeps its papers."""
KINDS: dict[str, Promise] = {
    "themes": _("活动主题"),
    "activity_kinds": _("活动类型"),
    "rhythms": _("节奏计划"),
    "service_kinds": _("服务菜单"),
    "rings": _("扩圈呼叫"),
    "team_kinds": _("队伍类型"),
    "skills": _("专长与宣讲领域"),
    "place_kinds": _("阵地类型"),
    "place_flags": _("阵地标记"),
    "standards": _("阵地标准"),
    "templates": _("报告模板"),
    "rule_books": _("积分规则"),
}
"""Kinds of things a pack may hold, in the order they are loaded: what refers to others comes after them."""
LOADED = (
    "skills",
    "team_kinds",
    "place_kinds",
    "place_flags",
    "themes",
    "activity_kinds",
    "service_kinds",
)
"""Rows that are there once for the whole platform and offered at the places where their pack is on."""
AT_PLACES = ("rhythms", "rings", "templates", "standards", "rule_books")
"""Rows that belong to one place: they are written there when the pack is switched on."""
SHARED = ("standards", "templates")
"""Of these, the kinds that are stored by their code: two packs of one namespace must not have the same."""

SWITCHES: dict[str, Promise] = {
    "unit_order": _("在数据看板上按成果给下级单位排序"),
}
"""The functions of the code that a pack may turn on where it is switched on; every other name is refused."""
OWN_WORDS: dict[str, tuple[str | Promise, int]] = {
    "page_title": (_("“我们的机制”页的标题"), 40),
    "page_lead": (_("“我们的机制”页的引言"), 200),
}
"""Words of this room's own page."""
WORDS: dict[str, tuple[str | Promise, int]] = {
    **OWN_WORDS,
    **{key: (one.where, one.most) for key, one in SCREEN_WORDS.items()},
}
"""Words on screen that a pack may say in its own way: where they stand, the most characters (twice as many in English)."""
