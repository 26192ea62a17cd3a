"""Goods, counters, what comes and breaks, sponsors and sheets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.points.actions import Shelf
from huying.points.models import Good, Partner
from huying.points.states import (
    GIFT_MOST,
    IntakeKind,
)
from huying.ui.naming import named
from huying.ui.widgets import Code, Day


class TakeForm(forms.Form):
    """How many of a good, for the points that its reader saw."""

    good = forms.UUIDField()
    points = forms.IntegerField(min_value=1)
    quantity = forms.IntegerField(min_value=1, max_value=GIFT_MOST, initial=1)


class CodeForm(forms.Form):
    """The pick-up code, typed or scanned."""

    code = forms.CharField(label=_("领取码"), max_length=20, widget=Code({"data-key": "/", "autofocus": "autofocus"}))


class SlipForm(forms.Form):
    """The code on the slip of one exchange, or on the booklet of its owner."""

    code = forms.CharField(label=_("纸条上的领取码，或存折上的码"), max_length=24, widget=Code())


class ServeForm(forms.Form):
    """At the counter for somebody with his booklet: its number and mark, what, how many.

    The first press shows whose it is; ``checked`` is the number that was shown, and only with it something is given. What
    is chosen carries the points that stood beside it.
    """

    number = forms.CharField(
        label=_("存折上的码"),
        max_length=24,
        widget=Code({"data-key": "b"}),
        help_text=_("扫二维码，或输入存折号和后面的 6 位。"),
    )
    good = forms.CharField(label=_("物品"), widget=forms.Select)
    quantity = forms.IntegerField(label=_("几件"), min_value=1, max_value=GIFT_MOST, initial=1)
    checked = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, goods: Sequence[Good], booklet: str = ""):
        """``booklet``: what was scanned already; what is wanted comes next."""
        super().__init__(data, initial={"number": booklet})
        self.goods = {str(one.public_id): one for one in goods}
        choice: Any = self.fields["good"].widget
        choice.choices = [
            (priced(one), _("{name} · {n} 分").format(name=named(one), n=one.points)) for one in self.goods.values()
        ]
        if booklet:
            choice.attrs["autofocus"] = "autofocus"

    def clean_good(self) -> str:
        key, _slash, points = str(self.cleaned_data["good"]).partition("/")
        if key not in self.goods or not points.isascii() or not points.isdigit():
            raise forms.ValidationError(_("请选择物品。"))
        return f"{key}/{points}"

    def chosen(self) -> Good:
        return self.goods[self.cleaned_data["good"].partition("/")[0]]

    def points(self) -> int:
        """What one piece cost as it was chosen."""
        return int(self.cleaned_data["good"].partition("/")[2])

    def is_checked(self) -> bool:
        """Its number is the one whose owner was shown."""
        return bool(self.cleaned_data["checked"]) and self.cleaned_data["checked"] == self.cleaned_data["number"]

    def shown_again(self, checked: str) -> None:
        """As it goes back to its reader: with the number that he sees now, and today's points of what he chose."""
        now = {"checked": checked} | ({"good": priced(self.chosen())} if "good" in self.cleaned_data else {})
        self.data = {**self.data.dict(), **now} if isinstance(self.data, QueryDict) else {**self.data, **now}


def priced(good: Good) -> str:
    """A good with its points, as it is chosen at the counter."""
    return f"{good.public_id}/{good.points}"


class WeighForm(forms.Form):
    """What was weighed, for which good."""

    good = forms.ChoiceField(label=_("换什么"))
    grams = forms.IntegerField(
        label=_("重量（克）"), min_value=1, max_value=1_000_000, widget=forms.NumberInput({"data-key": "w"})
    )

    def __init__(self, data: Any, *, goods: Sequence[Good]):
        super().__init__(data)
        self.goods = {str(one.public_id): one for one in goods}
        choice: Any = self.fields["good"]
        choice.choices = [
            (
                key,
                _("{litter} {grams} 克换 1 {unit}{name}").format(
                    litter=one.litter, grams=one.litter_grams, unit=one.unit, name=named(one)
                ),
            )
            for key, one in self.goods.items()
        ]

    def chosen(self) -> Good:
        return self.goods[self.cleaned_data["good"]]


class BankForm(forms.Form):
    """A counter: its name, where, when it is open."""

    name = forms.CharField(label=_("名称"), max_length=40)
    place = forms.CharField(label=_("在哪里"), max_length=40)
    hours = forms.CharField(label=_("开放时间"), max_length=100, required=False)

    def __init__(self, data: Any, *, places: Sequence[Place]):
        super().__init__(data)
        keys = [(str(one.public_id), named(one)) for one in places]
        self.fields["place"] = forms.ChoiceField(label=_("在哪里"), choices=keys)

    def where(self) -> Place:
        return place_queries.by_public_id(self.cleaned_data["place"])


class GoodForm(forms.Form):
    """A good of a bank."""

    name = forms.CharField(label=_("名称"), max_length=40)
    name_en = forms.CharField(label=_("英文名称"), max_length=60, required=False)
    unit = forms.CharField(label=_("单位"), max_length=8, initial="件")
    points = forms.IntegerField(label=_("几分换一件"), min_value=1, max_value=100_000)
    value = forms.DecimalField(label=_("价值（元）"), min_value=0, max_value=100_000, decimal_places=2)
    month_most = forms.IntegerField(label=_("每人每月最多"), min_value=1, max_value=100, required=False)
    partner = forms.ChoiceField(label=_("由哪个商户提供（要结算的）"), required=False)
    litter = forms.CharField(label=_("也可以拿什么垃圾来换"), max_length=20, required=False)
    litter_grams = forms.IntegerField(label=_("多少克换一件"), min_value=1, max_value=1_000_000, required=False)
    active = forms.BooleanField(label=_("可以兑换"), required=False, initial=True)

    def __init__(self, data: Any, *, partners: Sequence[Partner], good: Good | None = None):
        initial = {name: getattr(good, name) for name in Shelf.__slots__} if good else {}
        if good is not None:
            initial |= {
                "value": Decimal(good.value_fen) / 100,
                "partner": str(good.partner.public_id if good.partner else ""),
            }
        super().__init__(data, initial=initial or None)
        self.partners = {str(one.public_id): one for one in partners}
        choice: Any = self.fields["partner"]
        choice.choices = [("", _("不用结算")), *((key, one.name) for key, one in self.partners.items())]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if bool(given.get("litter")) != bool(given.get("litter_grams")):
            self.add_error("litter_grams", str(_("垃圾的种类和重量要一起填。")))
        return given

    def shelf(self) -> Shelf:
        given = dict(self.cleaned_data)
        fen = int(given.pop("value") * 100)
        return Shelf(value_fen=fen, **given | {"partner": self.partners.get(given["partner"])})


class IntakeForm(forms.Form):
    """What came or broke."""

    kind = forms.ChoiceField(label=_("这是"), choices=IntakeKind.choices[:2], widget=forms.RadioSelect)
    good = forms.ChoiceField(label=_("物品"))
    amount = forms.IntegerField(label=_("数量"), min_value=1, max_value=1_000_000)
    partner = forms.ChoiceField(label=_("谁给的"), required=False)
    evidence = forms.CharField(label=_("凭据"), max_length=120, help_text=_("例如：送货单号、报损照片存在哪里。"))

    def __init__(self, data: Any, *, goods: Sequence[Good], partners: Sequence[Partner]):
        super().__init__(data, initial={"kind": IntakeKind.GOODS})
        self.goods = {str(one.public_id): one for one in goods}
        self.partners = {str(one.public_id): one for one in partners}
        good: Any = self.fields["good"]
        partner: Any = self.fields["partner"]
        good.choices = [(key, named(one)) for key, one in self.goods.items()]
        partner.choices = [("", _("自购")), *((key, one.name) for key, one in self.partners.items())]

    def facts(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        return given | {"good": self.goods[given["good"]], "partner": self.partners.get(given["partner"])}


class PartnerForm(forms.Form):
    """A sponsor, a merchant, or both; and what it gave, when it gave money."""

    name = forms.CharField(label=_("名称"), max_length=60)
    is_sponsor = forms.BooleanField(label=_("资助方：出物品或出钱"), required=False)
    is_merchant = forms.BooleanField(label=_("商户：先兑换、后结算"), required=False)


class FundForm(forms.Form):
    """Money that a sponsor promised for settling; it never passes through here."""

    partner = forms.ChoiceField(label=_("资助方"))
    yuan = forms.DecimalField(label=_("金额（元）"), min_value=Decimal("0.01"), max_value=1_000_000, decimal_places=2)
    evidence = forms.CharField(label=_("凭据"), max_length=120)

    def __init__(self, data: Any, *, partners: Sequence[Partner]):
        super().__init__(data)
        self.partners = {str(one.public_id): one for one in partners if one.is_sponsor}
        choice: Any = self.fields["partner"]
        choice.choices = [(key, one.name) for key, one in self.partners.items()]

    def facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "partner": self.partners[given["partner"]],
            "amount": int(given["yuan"] * 100),
            "evidence": given["evidence"],
            "kind": IntakeKind.MONEY,
        }


class SheetForm(forms.Form):
    """Whose goods, of which days (both included), paid by whom."""

    partner = forms.ChoiceField(label=_("商户"))
    funded_by = forms.ChoiceField(label=_("由谁出钱"))
    since = forms.DateField(label=_("从"), widget=Day)
    until = forms.DateField(label=_("到"), widget=Day)

    def __init__(self, data: Any, *, partners: Sequence[Partner]):
        today = clock.today()
        super().__init__(data, initial={"since": today.replace(day=1), "until": today})
        self.partners = {str(one.public_id): one for one in partners}
        partner: Any = self.fields["partner"]
        funded: Any = self.fields["funded_by"]
        partner.choices = [(key, one.name) for key, one in self.partners.items() if one.is_merchant]
        funded.choices = [(key, one.name) for key, one in self.partners.items() if one.is_sponsor]

    def facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "partner": self.partners[given["partner"]],
            "funded_by": self.partners[given["funded_by"]],
            "since": given["since"],
            "until": given["until"] + timedelta(days=1),
        }


class EvidenceForm(forms.Form):
    """Where the receipt is kept."""

    evidence = forms.CharField(label=_("付款凭据存在哪里"), max_length=120)
