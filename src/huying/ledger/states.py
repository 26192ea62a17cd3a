"""Words that are decided once: what is counted, and how a hold can end. Stored codes never change."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AssetKind(TextChoices):
    """What an account counts, always in whole units (architecture 3: amounts are integers)."""

    MINUTES = "minutes", _("服务时长")
    POINTS = "points", _("积分")
    MONEY = "money", _("资金")
    GOODS = "goods", _("物品")


class HoldState(TextChoices):
    """The life of an amount set aside: it ends once, posted (in full or in part) or voided."""

    PENDING = "pending", _("已冻结")
    POSTED = "posted", _("已入账")
    VOIDED = "voided", _("已解冻")


OWNER = "ledger"
"""Owner type of the ledger's own accounts (one of each asset and purpose; owner id 0)."""
EXPIRED = "expired"
"""Purpose of the account that takes what was not used in time."""
