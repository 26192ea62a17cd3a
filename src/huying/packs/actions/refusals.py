"""Why a pack cannot be loaded or switched on now."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.kernel.errors import Conflict, InvalidInput


class VersionDiffers(Conflict):
    code = "pack_version_differs"
    message = _("{key} 第 {version} 版已经载入，内容不同。改动要用新的版本号：请写 version: {next}。")


class VersionOlder(Conflict):
    code = "pack_version_older"
    message = _("{key} 已经有第 {newest} 版。请写 version: {next}，或导出现行的再改。")


class AlreadyOn(Conflict):
    code = "pack_already_on"
    message = _("{key} 在这里已经启用。")


class AlreadyOff(Conflict):
    code = "pack_already_off"
    message = _("这里已经停用了。")


class UntilPast(InvalidInput):
    code = "pack_until_past"
    message = _("停用日期要在今天之后。")
