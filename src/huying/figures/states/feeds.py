"""Words of files that are made again and again: how long they are kept, and why they are made no more."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Keep(IntegerChoices):
    """How many days a file that was made is kept."""

    WEEK = 7, _("7 天")
    MONTH = 30, _("30 天")
    QUARTER = 90, _("90 天")


class Lapse(TextChoices):
    """Why the platform made no more of a file."""

    RIGHTS = "rights", _("您已经看不到它了")
    SIZE = "size", _("文件太大，放不下")


@dataclass(frozen=True)
class FeedLapsed:
    """A file is made no more: its owner is told. ``moment`` (ISO 8601) tells two lapses apart."""

    person_id: int
    feed_id: int
    title: str
    why: str
    moment: str
