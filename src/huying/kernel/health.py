"""Is everything well here? Each question answered in one plain sentence with the next step (security 9.11)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock, jobs
from huying.kernel.errors import Text
from huying.kernel.sealed import KeyringTrouble, keyring

GOOD, WATCH, BAD = "good", "watch", "bad"
LITTLE, LEAST = 0.15, 0.05
NEEDED = frozenset({"database", "keys"})
"""Without these no page can be served; the rest may be mended while people go on."""


@dataclass(frozen=True, slots=True)
class Check:
    """``state`` is good, watch or bad; ``next_step`` says what to do, empty when all is well."""

    code: str
    title: Text
    state: str
    said: Text
    next_step: Text = ""


def checks() -> list[Check]:
    """All questions, the most important first. A question that cannot be asked because the database is away is bad."""
    found = [database(), keys(), disk()]
    if found[0].state == BAD:
        return found
    return [*found, *(asked(question) for question in (worker, queue, stuck))]


def ready(found: list[Check]) -> bool:
    """True when pages can be served."""
    return not any(one.state == BAD and one.code in NEEDED for one in found)


def asked(question: Callable[[], Check]) -> Check:
    try:
        return question()
    except DatabaseError:
        step = _("请先看数据库是否正常，再刷新本页。")
        return Check(question.__name__, _("后台任务"), BAD, _("数据库没有答复，现在看不到后台任务。"), step)


def database() -> Check:
    """Does the database answer?"""
    title = _("数据库")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        step = _("请运行 ./huying doctor，按提示处理；已确认的数据不会丢。")
        return Check("database", title, BAD, _("数据库没有答复。"), step)
    return Check("database", title, GOOD, _("数据库正常。"))


def keys() -> Check:
    """Can sealed values be opened?"""
    title = _("密钥")
    try:
        keyring.load()
    except KeyringTrouble:
        step = _("请从保管处恢复密钥文件；没有它，手机号和住址都打不开。")
        return Check("keys", title, BAD, _("密钥文件读不到。"), step)
    return Check("keys", title, GOOD, _("密钥可用。"))


def disk() -> Check:
    """Is there room on the disk of the data folder?"""
    title, folder = _("磁盘"), Path(settings.DATA)
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    free = usage.free / usage.total
    said = _("还剩 {percent}% 的空间。").format(percent=round(free * 100))
    if free >= LITTLE:
        return Check("disk", title, GOOD, said)
    step = _("请清理磁盘或换更大的盘；少于 5% 时写入会失败。")
    return Check("disk", title, BAD if free < LEAST else WATCH, said, step)


def worker() -> Check:
    """Is somebody doing the background jobs?"""
    title, last = _("后台任务"), jobs.last_sign_of_life()
    if last is not None and clock.now() - last < timedelta(seconds=2 * settings.HUYING_STALLED_AFTER):
        return Check("worker", title, GOOD, _("后台任务正在运行。"))
    step = _("请运行 ./huying doctor；用 ./huying up 启动时会自动重新拉起。")
    return Check("worker", title, BAD, _("后台任务没有在运行，消息和到期提醒会晚到。"), step)


def queue() -> Check:
    """Do jobs wait too long?"""
    title, found = _("排队"), jobs.waiting()
    if not found["late"]:
        return Check("queue", title, GOOD, _("没有积压。"))
    minutes = int((clock.now() - found["oldest"]).total_seconds() // 60)
    said = _("有 {count} 项已到时间还没做，最早的等了 {minutes} 分钟。").format(count=found["late"], minutes=minutes)
    step = _("后台任务正常时会自己追上；十分钟后仍不减少，请联系技术人员。")
    return Check("queue", title, WATCH if minutes < 10 else BAD, said, step)


def stuck() -> Check:
    """Did jobs fail for good?"""
    title, count = _("失败的任务"), jobs.dead().count()
    if not count:
        return Check("stuck", title, GOOD, _("没有失败的任务。"))
    said = _("有 {count} 项多次重试仍失败。").format(count=count)
    return Check("stuck", title, WATCH, said, _("请在“失败的任务”里查看原因，处理后再试一次。"))
