"""Kinds, flags and coverage rules: rows that a locality changes on a page (S3-5a.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, Text
from huying.kernel.transactions import begin
from huying.places import rules
from huying.places.models import CoverageRule, Place, PlaceFlag, PlaceKind
from huying.places.rules.values import KIND_CODE, tidy, too_long
from huying.places.states import FIRST_FLAGS, FIRST_KINDS, FIRST_RULES, FlagGroup


def install_first_rows(kinds: Any = PlaceKind, flags: Any = PlaceFlag, coverage: Any = CoverageRule) -> None:
    """The kinds, flags and rules that every installation starts from; rows that are there stay as they are.

    A migration calls it with the models of its time, the demo and tests with the present ones.
    """
    fresh = []
    for order, kind in enumerate(FIRST_KINDS):
        facts = {field: value for field, value in kind._asdict().items() if field not in {"code", "parents"}}
        facts |= {"is_division": kind.level is not None, "may_be_top": "-" in kind.parents.split()}
        _row, new = kinds.objects.get_or_create(code=kind.code, defaults={**facts, "order": order})
        if new:
            fresh.append(kind)
    for kind in fresh:
        kinds.objects.get(code=kind.code).parents.set([code for code in kind.parents.split() if code != "-"])
    for order, (code, name, name_en, group, tone) in enumerate(FIRST_FLAGS):
        flags.objects.get_or_create(
            code=code,
            defaults={"name": name, "name_en": name_en, "group": group, "tone": tone, "order": order},
        )
    for container, site in FIRST_RULES if fresh else ():
        coverage.objects.get_or_create(container_id=container, site_id=site)


class KindInUse(Conflict):
    code = "place_kind_in_use"
    message = _("已有 {count} 处是这个类型，不能改变它是区划还是阵地。")


def save_kind(
    *,
    actor: Actor,
    code: str,
    name: str,
    name_en: str = "",
    level: int | None = None,
    is_site: bool = False,
    may_be_top: bool = False,
    parents: Iterable[str] = (),
    icon: str = "map-pin-duotone",
    tone: str = "ink",
) -> PlaceKind:
    """Add a kind or change one. A ``level`` makes it a division; levels leave gaps for new ones between."""
    if not rules.can_set_up(actor):
        raise Forbidden
    name, name_en = _checked(code, name, name_en)
    if level is not None and (is_site or not 1 <= level <= 999):
        raise InvalidInput(fields={"level": _("区划要有 1 到 999 的层级，阵地没有层级。")})
    with begin(actor):
        kind = PlaceKind.objects.filter(pk=code).first() or PlaceKind(code=code, order=_last(PlaceKind) + 1)
        if PlaceKind.objects.filter(name=name).exclude(pk=code).exists():
            raise InvalidInput(fields={"name": _("这个名称已经用于另一个类型。")})
        used = Place.objects.filter(kind=code).count()
        if used and (kind.is_site, kind.is_division) != (is_site, level is not None):
            raise KindInUse(count=used)
        kind.name, kind.name_en, kind.level, kind.is_site = name, name_en, level, is_site
        kind.is_division, kind.may_be_top, kind.icon, kind.tone = level is not None, may_be_top, icon, tone
        kind.save()
        kind.parents.set(PlaceKind.objects.filter(pk__in=list(parents)))

        changes = {"code": code, "name": name, "level": level, "parents": sorted(parents)}
        audit.record(actor, "place.kind.save", None, changes=changes)
        return kind


def save_flag(
    *,
    actor: Actor,
    code: str,
    name: str,
    name_en: str = "",
    group: str = FlagGroup.SERVICE,
    tone: str = "ink",
) -> PlaceFlag:
    """Add a flag or change one."""
    if not rules.can_set_up(actor):
        raise Forbidden
    name, name_en = _checked(code, name, name_en)
    if group not in FlagGroup.values:
        raise InvalidInput(fields={"group": _("请选择标记属于哪一组。")})
    with begin(actor):
        if PlaceFlag.objects.filter(name=name).exclude(pk=code).exists():
            raise InvalidInput(fields={"name": _("这个名称已经用于另一个标记。")})
        flag = PlaceFlag.objects.filter(pk=code).first() or PlaceFlag(code=code, order=_last(PlaceFlag) + 1)
        flag.name, flag.name_en, flag.group, flag.tone = name, name_en, group, tone
        flag.save()

        audit.record(actor, "place.flag.save", None, changes={"code": code, "name": name, "group": group})
        return flag


def add_coverage_rule(*, actor: Actor, container: PlaceKind, site: PlaceKind) -> CoverageRule:
    """Demand a site of one kind in every place of another (S3-1a.3, S3-5a.4)."""
    if not rules.can_set_up(actor):
        raise Forbidden
    if not container.is_division or not site.is_site:
        raise InvalidInput(_("规则的前一项应是区划，后一项应是阵地。"))
    with begin(actor):
        rule, _new = CoverageRule.objects.get_or_create(container=container, site=site)
        changes = {"container": container.pk, "site": site.pk}
        audit.record(actor, "place.coverage.add", rule, changes=changes)
        return rule


def remove_coverage_rule(*, actor: Actor, rule: CoverageRule) -> None:
    """Demand it no longer."""
    if not rules.can_set_up(actor):
        raise Forbidden
    with begin(actor):
        changes = {"container": rule.container_id, "site": rule.site_id}
        audit.record(actor, "place.coverage.remove", rule, changes=changes)
        CoverageRule.objects.filter(pk=rule.pk).delete()


def _checked(code: str, name: str, name_en: str) -> tuple[str, str]:
    problems: dict[str, Text] = {}
    if not KIND_CODE.fullmatch(code):
        problems["code"] = _("代码用小写字母开头，只含小写字母、数字和下划线，最多 30 个。")
    if not tidy(name[:200]):
        problems["name"] = _("请写名称。")
    if len(name) > 40:
        problems["name"] = too_long(40)
    if len(name_en) > 60:
        problems["name_en"] = too_long(60)
    if problems:
        raise InvalidInput(fields=problems)
    return tidy(name), tidy(name_en)


def _last(model: type[PlaceKind] | type[PlaceFlag]) -> int:
    return int(model._default_manager.aggregate(last=Max("order"))["last"] or 0)
