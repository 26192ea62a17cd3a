"""What people type about points."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.kernel.errors import DomainError, NotFound
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.points.actions import Done, Draft, Shelf, Vote
from huying.points.actions.items import CAPS
from huying.points.models import Edition, Good, Partner, Rule
from huying.points.states import (
    GIFT_MOST,
    LEAST_VALID,
    Assembly,
    ClaimState,
    Confirmer,
    Ground,
    IntakeKind,
    Measure,
    Outcome,
    Source,
)
from huying.ui.naming import named
from huying.ui.widgets import Code, Day, Moment

SPARE = 3
MOST_ROWS = 36
ITEM = ("name", "name_en", "amount", "measure", "source", "proof", "confirmer", *CAPS, "validity_days")
POINTS_OF = {"cap_day": _("每天最多"), "cap_month": _("每月最多"), "cap_year": _("每年最多")}


def refused(form: forms.Form, error: DomainError) -> None:
    """What an action refused, beside the field it names, else on top."""
    for name, text in dict(error.fields).items() or [("", str(error))]:
        form.add_error(name if name in form.fields else None, str(text))


class ReasonForm(forms.Form):
    """Why; the person concerned reads it."""

    reason = forms.CharField(label=_("理由"), max_length=200, widget=forms.Textarea)


class PressForm(forms.Form):
    """One press, nothing to fill in."""


class DraftForm(forms.Form):
    """A book and the items of its draft, row by row; a row without a name is left out."""

    place = forms.ChoiceField(label=_("哪个地方的"), required=False)
    name = forms.CharField(label=_("办法名称"), max_length=40, required=False)
    about = forms.CharField(label=_("说明"), max_length=300, required=False, widget=forms.Textarea)
    cap_day = forms.IntegerField(label=_("每人每天合计最多"), min_value=1, max_value=1_000_000, required=False)
    cap_month = forms.IntegerField(label=_("每人每月合计最多"), min_value=1, max_value=1_000_000, required=False)
    cap_year = forms.IntegerField(label=_("每人每年合计最多"), min_value=1, max_value=1_000_000, required=False)

    def __init__(self, data: Any, *, places: Sequence[Place] = (), edition: Edition | None = None):
        initial = {name: getattr(edition, name) for name in CAPS} if edition else {}
        super().__init__(data, initial=initial)
        self.kept: list[dict[str, Any]] = list(edition.items) if edition else []
        self.places = {str(one.public_id): one for one in places}
        if edition is not None:
            for name in ("place", "name", "about"):
                del self.fields[name]
        else:
            choice: Any = self.fields["place"]
            choice.choices = [(key, named(one)) for key, one in self.places.items()]
            choice.required = self.fields["name"].required = True
        self.count = min(len(self.kept) + SPARE, MOST_ROWS)
        for number in range(self.count):
            self.add_row(number, self.kept[number] if number < len(self.kept) else {})

    def add_row(self, number: int, row: dict[str, Any]) -> None:
        facts: dict[str, forms.Field] = {
            "name": forms.CharField(label=_("做了什么"), max_length=40),
            "name_en": forms.CharField(label=_("英文名称"), max_length=60),
            "amount": forms.IntegerField(label=_("给几分"), min_value=1, max_value=10_000),
            "measure": forms.ChoiceField(label=_("按什么计"), choices=Measure.choices),
            "source": forms.ChoiceField(label=_("属于哪一类"), choices=Source.choices),
            "proof": forms.CharField(label=_("凭什么证明"), max_length=120),
            "confirmer": forms.ChoiceField(label=_("谁来核对"), choices=Confirmer.choices),
            **{
                name: forms.IntegerField(label=label, min_value=1, max_value=10_000)
                for name, label in POINTS_OF.items()
            },
            "validity_days": forms.IntegerField(label=_("有效期（天）"), min_value=LEAST_VALID, max_value=3660),
        }
        for name, field in facts.items():
            field.required, field.initial = False, row.get(name)
            self.fields[f"{name}_{number}"] = field

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        return [[self[f"{name}_{number}"] for name in ITEM] for number in range(self.count)]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for number in range(self.count):
            if not given.get(f"name_{number}"):
                continue
            for name in ("amount", "proof"):
                if not given.get(f"{name}_{number}") and f"{name}_{number}" not in self.errors:
                    self.add_error(f"{name}_{number}", str(_("这一栏要填。")))
        return given

    def draft(self) -> Draft:
        given = self.cleaned_data
        used = {row["code"] for row in self.kept}
        items = []
        for number in range(self.count):
            if not given.get(f"name_{number}"):
                continue
            old = self.kept[number]["code"] if number < len(self.kept) else ""
            code = old or next(f"item-{n}" for n in range(1, 1000) if f"item-{n}" not in used)
            used.add(code)
            items.append({"code": code, **{name: given[f"{name}_{number}"] for name in ITEM}})
        caps = {name: given.get(name) for name in CAPS}
        return Draft(items=items, name=given.get("name", ""), about=given.get("about", ""), caps=caps)

    def where(self) -> Place:
        return self.places[self.cleaned_data["place"]]


class VoteForm(forms.Form):
    """What the minutes say."""

    assembly = forms.ChoiceField(label=_("哪个会议"), choices=Assembly.choices, widget=forms.RadioSelect)
    held_on = forms.DateField(label=_("哪天开的"), widget=Day)
    eligible = forms.IntegerField(label=_("应到人数（户数）"), min_value=1, max_value=10_000_000)
    present = forms.IntegerField(label=_("到会"), min_value=1, max_value=10_000_000)
    in_favour = forms.IntegerField(label=_("赞成"), min_value=0, max_value=10_000_000)
    against = forms.IntegerField(label=_("反对"), min_value=0, max_value=10_000_000)
    abstained = forms.IntegerField(label=_("弃权"), min_value=0, max_value=10_000_000)
    minutes = forms.CharField(
        label=_("会议记录存在哪里"), max_length=200, help_text=_("会公开显示。写记录本和页码，不写人名。")
    )

    def vote(self) -> Vote:
        return Vote(**self.cleaned_data)


class PublishForm(forms.Form):
    """From when on it holds."""

    valid_from = forms.DateTimeField(
        label=_("什么时候起生效"), widget=Moment, help_text=_("不能早于现在；以前做的事按原来的办法算。")
    )

    def __init__(self, data: Any):
        soon = clock.local(clock.now() + timedelta(days=7)).replace(hour=0, minute=0)
        super().__init__(data, initial={"valid_from": soon.replace(tzinfo=None)})


class ClaimForm(forms.Form):
    """What was done, how much, how one knows."""

    rule = forms.ChoiceField(label=_("哪一项"), widget=forms.RadioSelect)
    title = forms.CharField(label=_("做了什么"), max_length=80)
    done_on = forms.DateField(label=_("哪天"), widget=Day)
    quantity = forms.DecimalField(
        label=_("多少"),
        min_value=Decimal("0.01"),
        max_value=1000,
        decimal_places=2,
        initial=1,
        help_text=_("按次的写次数，按小时的写小时，按重量的写公斤。"),
    )
    proof = forms.CharField(label=_("凭什么证明"), max_length=300, required=False, widget=forms.Textarea)

    def __init__(self, data: Any, *, rules: Sequence[Rule]):
        super().__init__(data, initial={"done_on": clock.today()})
        self.rules = {str(one.pk): one for one in rules}
        choice: Any = self.fields["rule"]
        choice.choices = [(key, named(one)) for key, one in self.rules.items()]

    def chosen(self) -> Rule:
        return self.rules[self.cleaned_data["rule"]]

    def done(self) -> Done:
        given, parts = self.cleaned_data, {Measure.TIME: 1, Measure.HOUR: 60, Measure.KILO: 1000}
        quantity = int(given["quantity"] * parts[Measure(self.chosen().measure)])
        return Done(given["title"], given["done_on"], quantity, given["proof"])


class TakeForm(forms.Form):
    """How many of a good."""

    good = forms.UUIDField()
    quantity = forms.IntegerField(min_value=1, max_value=GIFT_MOST, initial=1)


class CodeForm(forms.Form):
    """The pick-up code, typed or scanned."""

    code = forms.CharField(label=_("领取码"), max_length=20, widget=Code)


class ServeForm(forms.Form):
    """At the counter for somebody with his booklet: its number, what, how many."""

    number = forms.CharField(label=_("存折号"), max_length=10, widget=Code)
    good = forms.ChoiceField(label=_("物品"))
    quantity = forms.IntegerField(label=_("数量"), min_value=1, max_value=GIFT_MOST, initial=1)

    def __init__(self, data: Any, *, goods: Sequence[Good]):
        super().__init__(data)
        self.goods = {str(one.public_id): one for one in goods}
        choice: Any = self.fields["good"]
        choice.choices = [(key, named(one)) for key, one in self.goods.items()]

    def chosen(self) -> Good:
        return self.goods[self.cleaned_data["good"]]


class WeighForm(forms.Form):
    """What was weighed, for which good."""

    good = forms.ChoiceField(label=_("换什么"))
    grams = forms.IntegerField(label=_("重量（克）"), min_value=1, max_value=1_000_000)

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


class ReversalForm(forms.Form):
    """What is wrong, and how one knows."""

    ground = forms.ChoiceField(label=_("为什么冲回"), choices=Ground.choices, widget=forms.RadioSelect)
    evidence = forms.CharField(label=_("证据"), max_length=300, widget=forms.Textarea)


class AppealForm(forms.Form):
    """What somebody says against it."""

    words = forms.CharField(label=_("您的理由"), max_length=500, widget=forms.Textarea)


class AnswerForm(forms.Form):
    """What a panel decided, with reasons."""

    outcome = forms.ChoiceField(label=_("答复"), choices=Outcome.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea)


class FindForm(forms.Form):
    """Words and state on the lists of staff."""

    q = forms.CharField(label=_("姓名或存折号"), max_length=60, required=False)
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[("", _("等我核对的")), *ClaimState.choices])

    def __init__(self, data: Any):
        super().__init__(data)
        self.is_valid()

    def got(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "")


def place_named(places: Sequence[Place], key: str) -> Place:
    """The chosen one of these places; NotFound."""
    found = next((one for one in places if str(one.public_id) == key), None)
    if found is None:
        raise NotFound
    return found
