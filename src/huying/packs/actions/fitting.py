"""What the rooms would refuse when a pack is switched on, told with its line when the file is tried."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.packs.queries.doors import stored
from huying.packs.rules.nodes import Problem, Tree, dotted
from huying.packs.rules.shape import Pack as File
from huying.packs.states import PLATFORM
from huying.places.models import PlaceKind


def standards_wrong(pack: File, tree: Tree) -> list[Problem]:
    """Standards that ask something of what is no site: the room of places would not install them."""
    asked = {code for one in pack.things.standards for code in one.kinds if code.startswith(f"{PLATFORM}:")}
    keys = [stored("place_kinds", pack.namespace, code) for code in asked]
    rows = PlaceKind.objects.filter(code__in=keys, is_site=False)
    others = {f"{PLATFORM}:{code}" for code in rows.values_list("code", flat=True)}
    others |= {one.code for one in pack.things.place_kinds if not one.is_site}
    found = []
    for number, one in enumerate(pack.things.standards):
        for code in one.kinds:
            if code in others:
                path = ("things", "standards", number, "kinds")
                words = _("“%(code)s”不是阵地，不能对照标准。") % {"code": code}
                found.append(Problem(tree.line(path), words, _("请只写阵地类型的代码。"), dotted(path)))
    return found
