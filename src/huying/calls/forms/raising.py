"""What a place asks for when it raises a call: what, where, how many people, which goods, until when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from huying.calls import queries
from huying.calls.actions import Ask, Goods
from huying.calls.actions.widening import MOST_SEATS
from huying.calls.forms.words import Line, PhoneNumber, Words
from huying.calls.models import ServiceKind
from huying.calls.models.goods import MOST
from huying.calls.queries.raising import raisers, scopes
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people.models import Person
from huying.places.models import Place
from huying.ui.fields import NamedChoice
from huying.ui.widgets import Moment

LINES = 5
FARTHEST = timedelta(days=366)


class RaiseForm(forms.Form):
    """A call in the name of a place; ``goods_N_…`` are lines of goods, empty ones are left out."""

    raised_for = NamedChoice(label=_("以谁的名义"), queryset=Place.objects.none(), to_field_name="public_id")
    kind = NamedChoice(label=_("哪一类"), queryset=ServiceKind.objects.none(), to_field_name="code")
    title = Line(label=_("一句话说明"), max_length=60, help_text=_("例如：沿河三个村转移群众，要会开冲锋舟的人。"))
    details = Words(label=_("还有要说的"), max_length=2000, required=False)
    place = NamedChoice(
        label=_("涉及哪里"),
        queryset=Place.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("吹哨的单位所管的全部地方"),
    )
    people = forms.IntegerField(label=_("要几个人"), min_value=1, max_value=MOST_SEATS, initial=10)
    until = forms.DateTimeField(label=_("最晚什么时候到"), widget=Moment, required=False)
    urgent = forms.BooleanField(label=_("紧急，夜里也要马上通知"), required=False)
    address = Line(label=_("到哪里集合"), max_length=200)
    phone = PhoneNumber(label=_("现场联系电话"), help_text=_("答应来的人才看得到，请写值班电话。"))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any):
        super().__init__(*args, **kwargs)
        own = raisers(actor)
        raised, place, kind = (self.choice(name) for name in ("raised_for", "place", "kind"))
        raised.queryset = Place.objects.filter(pk__in=[one.pk for one in own]).order_by("depth", "sort_key", "id")
        raised.initial, raised.empty_label = own[0].public_id if own else None, None
        place.queryset, kind.queryset, kind.empty_label = scopes(own), queries.menu(), _("请选一项")
        for n in range(1, LINES + 1):
            self.fields |= {
                f"goods_{n}_name": Line(label=_("物资"), max_length=40, required=False),
                f"goods_{n}_amount": forms.IntegerField(label=_("多少"), min_value=1, max_value=MOST, required=False),
                f"goods_{n}_unit": Line(label=_("单位"), max_length=10, required=False),
            }

    def choice(self, name: str) -> Any:
        return self.fields[name]

    @property
    def lines(self) -> list[list[forms.BoundField]]:
        """The lines of goods, for the template."""
        return [[self[f"goods_{n}_{part}"] for part in ("name", "amount", "unit")] for n in range(1, LINES + 1)]

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until and until <= clock.now():
            raise ValidationError(_("这个时间已经过去，请选以后的时间。"))
        if until and until > clock.now() + FARTHEST:
            raise ValidationError(_("请选一年以内的时间。"))
        return until

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for n in range(1, LINES + 1):
            line = [given.get(f"goods_{n}_{part}") for part in ("name", "amount", "unit")]
            for part, value in zip(("name", "amount", "unit"), line, strict=True):
                if any(line) and not value and f"goods_{n}_{part}" not in self.errors:
                    self.add_error(f"goods_{n}_{part}", _("请把这一行写全，或全部清空。"))
        return given

    def ask(self) -> Ask:
        """What to hand to the action; its requester is filled in there."""
        given = self.cleaned_data
        place: Place = given["place"] or given["raised_for"]
        return Ask(
            kind=given["kind"],
            place=place,
            requester=Person(),
            title=given["title"],
            details=given["details"],
            address=given["address"],
            contact_phone=given["phone"],
            lon=place.lon,
            lat=place.lat,
            wanted_to=given["until"],
            people_needed=given["people"],
            urgent=given["urgent"],
        )

    def goods(self) -> list[Goods]:
        """The lines that were filled in, in their order."""
        given = self.cleaned_data
        filled = [n for n in range(1, LINES + 1) if given[f"goods_{n}_name"]]
        return [Goods(*(given[f"goods_{n}_{part}"] for part in ("name", "amount", "unit"))) for n in filled]
