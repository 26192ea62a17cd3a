"""The copy of one's own data in two forms: for reading and for machines."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from huying.kernel import clock
from huying.people.actions import Section
from huying.people.states import RoleKind, Tie

VERSION = 1


def as_json(sections: list[Section]) -> dict[str, Any]:
    """``{"version", "made_at", "sections": {code: rows}}`` with times as ISO 8601 in China."""
    return {
        "version": VERSION,
        "made_at": clock.local(clock.now()).isoformat(timespec="seconds"),
        "sections": {
            section.code: [{name: _machine(value) for name, value in row.items()} for row in section.rows]
            for section in sections
        },
    }


def for_reading(sections: list[Section]) -> list[tuple[str, list[list[tuple[str, str]]]]]:
    """(title, rows) with rows as pairs of words; empty values and empty sections are left out."""
    names = words()
    shown = []
    for section in sections:
        rows = [
            [
                ({**names, **section.names}.get(name, name), _human(value))
                for name, value in row.items()
                if value not in (None, "", {})
            ]
            for row in section.rows
        ]
        if rows:
            shown.append((section.title, rows))
    return shown


def words() -> dict[str, str]:
    """What the values of the sections are called on the page."""
    return {
        "name": _("姓名"),
        "sex": _("性别"),
        "birth_date": _("出生日期"),
        "phone": _("电话"),
        "id_number": _("身份证号码"),
        "address": _("地址"),
        "home_place": _("住在哪里"),
        "preferences": _("显示和提醒"),
        "created_at": _("登记时间"),
        "username": _("用户名"),
        "last_login": _("上次登录"),
        "is_active": _("可以登录"),
        "way": _("登录方式"),
        "device": _("设备"),
        "started_at": _("开始"),
        "kind": _("类别"),
        "place__name": _("地方"),
        "starts_at": _("开始"),
        "ends_at": _("结束"),
        "purpose__title": _("用途"),
        "purpose__version": _("版本"),
        "given_at": _("同意时间"),
        "withdrawn_at": _("撤回时间"),
        "tie": _("关系"),
        "ward__name": _("被代办人"),
        "guardian__name": _("代办人"),
        "title": _("标题"),
        "body": _("内容"),
        "read_at": _("已读时间"),
    }


def codes() -> dict[str, str]:
    """Codes in the sections that have words for people."""
    ways = {"password": _("密码"), "code": _("验证码"), "oidc": _("统一身份认证")}
    return {str(code): str(label) for code, label in [*RoleKind.choices, *Tie.choices]} | ways


def _machine(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.local(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(name): _machine(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_machine(inner) for inner in value]
    if isinstance(value, Promise):
        return str(value)
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _human(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{clock.local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, str):
        return str(codes().get(value, value))
    if isinstance(value, dict):
        return _("，").join(str(name) + _("：") + str(inner) for name, inner in value.items())
    if isinstance(value, list | tuple):
        return _("，").join(_human(inner) for inner in value)
    return str(value)
