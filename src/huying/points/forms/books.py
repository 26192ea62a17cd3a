"""A book with its items, the vote, and from when it holds."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.places.models import Place
from huying.points.actions import Draft, Vote, digest_now
from huying.points.actions.items import CAPS, MOST_ITEMS
from huying.points.models import Book, Edition
from huying.points.states import (
    LEAST_MONTHS,
    LEAST_VALID,
    Assembly,
    Confirmer,
    Measure,
    Source,
)
from huying.ui.naming import named
from huying.ui.widgets import Day, Moment

SPARE = 3
MORE = 10
NAME_OF_ROW = re.compile(r"name_(\d{1,3})")
ITEM = (
    "name",
    "name_en",
    "amount",
    "measure",
    "source",
    "proof",
    "confirmer",
    *CAPS,
    "validity_days",
    "validity_months",
)
CODE = r"\A[a-z][a-z0-9_-]{0,39}\Z"
NEW_CODES = [f"item-{number}" for number in range(1, 10_000)]
POINTS_OF = {"cap_day": _("每天最多"), "cap_month": _("每月最多"), "cap_year": _("每年最多")}


class DraftForm(forms.Form):
    """A book and the items of its draft, row by row; a row without a name is left out.

    Each row carries the code of its item, and the form the digest of the draft that its reader saw: what another keeper
    saved meanwhile moves no text under another code. ``taken``: codes that a new item must not get. ``wider``: what was
    typed so far, shown again with ``MORE`` empty rows and nothing saved.
    """

    place = forms.ChoiceField(label=_("哪个地方的"), required=False)
    name = forms.CharField(label=_("办法名称"), max_length=40, required=False)
    name_en = forms.CharField(label=_("英文名称"), max_length=60, required=False)
    about = forms.CharField(label=_("说明"), max_length=300, required=False, widget=forms.Textarea)
    cap_day = forms.IntegerField(label=_("每人每天合计最多"), min_value=1, max_value=1_000_000, required=False)
    cap_month = forms.IntegerField(label=_("每人每月合计最多"), min_value=1, max_value=1_000_000, required=False)
    cap_year = forms.IntegerField(label=_("每人每年合计最多"), min_value=1, max_value=1_000_000, required=False)
    digest = forms.RegexField(r"^[0-9a-f]{64}$", required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any,
        *,
        places: Sequence[Place] = (),
        edition: Edition | None = None,
        taken: Collection[str] = (),
        wider: Mapping[str, str] | None = None,
    ):
        initial: dict[str, Any] = {}
        if edition is not None:
            initial = {name: getattr(edition, name) for name in CAPS} | {"digest": digest_now(edition)}
        super().__init__(data, initial=initial | dict(wider or {}))
        self.kept: list[dict[str, Any]] = list(edition.items) if edition else []
        self.edition, self.taken, self.is_old = edition, set(taken), False
        self.places = {str(one.public_id): one for one in places}
        if edition is not None:
            for name in ("place", "name", "name_en", "about"):
                del self.fields[name]
        else:
            choice: Any = self.fields["place"]
            choice.choices = [(key, named(one)) for key, one in self.places.items()]
            choice.required = self.fields["name"].required = True
        typed = data if data is not None else wider
        self.count = min(len(self.kept) + SPARE if typed is None else rows_in(typed) + MORE * bool(wider), MOST_ITEMS)
        for number in range(self.count):
            self.add_row(number, self.kept[number] if typed is None and number < len(self.kept) else {})

    def add_row(self, number: int, row: dict[str, Any]) -> None:
        facts: dict[str, forms.Field] = {
            "code": forms.RegexField(CODE, max_length=40, widget=forms.HiddenInput),
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
            "validity_months": forms.IntegerField(label=_("或者有效期（月）"), min_value=LEAST_MONTHS, max_value=120),
        }
        for name, field in facts.items():
            field.required, field.initial = False, row.get(name)
            self.fields[f"{name}_{number}"] = field

    @property
    def rows(self) -> list[tuple[forms.BoundField, list[forms.BoundField]]]:
        """Of each item the code, which is hidden, and what is typed."""
        return [(self[f"code_{n}"], [self[f"{name}_{n}"] for name in ITEM]) for n in range(self.count)]

    @property
    def is_full(self) -> bool:
        return self.count >= MOST_ITEMS

    @property
    def others(self) -> list[dict[str, Any]]:
        """Items of the draft as it is kept now that are not typed here in the same words."""
        if not self.is_old:
            return []
        mine = {one["code"]: one for one in self.items()}
        return [one for one in self.kept if any(mine.get(one["code"], {}).get(name) != one.get(name) for name in ITEM)]

    def draft_is_shown(self) -> None:
        """The page that says why not shows what another one saved meanwhile: the next press is about that draft."""
        if self.edition is None or not isinstance(self.data, QueryDict) or not self.is_bound:
            return
        now = digest_now(self.edition)
        self.is_old = bool(self.data.get("digest")) and self.data["digest"] != now
        self.data = self.data.copy()
        self.data["digest"] = now

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for number in range(self.count):
            if not given.get(f"name_{number}"):
                continue
            for name in ("amount", "proof"):
                if not given.get(f"{name}_{number}") and f"{name}_{number}" not in self.errors:
                    self.add_error(f"{name}_{number}", str(_("这一栏要填。")))
        return given

    def items(self) -> list[dict[str, Any]]:
        """What was typed, each under its code; what is new gets one that nothing of this book ever had."""
        given = self.cleaned_data
        rows = [number for number in range(self.count) if given.get(f"name_{number}")]
        used = self.taken | {row["code"] for row in self.kept} | {given.get(f"code_{number}") or "" for number in rows}
        items = []
        for number in rows:
            code = given.get(f"code_{number}") or next(one for one in NEW_CODES if one not in used)
            used.add(code)
            items.append({"code": code, **{name: given.get(f"{name}_{number}") for name in ITEM}})
        return items

    def draft(self) -> Draft:
        given = self.cleaned_data
        texts = {name: given.get(name, "") for name in ("name", "name_en", "about")}
        return Draft(items=self.items(), caps={name: given.get(name) for name in CAPS}, **texts)

    def where(self) -> Place:
        return self.places[self.cleaned_data["place"]]


def rows_in(typed: Mapping[str, Any]) -> int:
    """How many rows were sent, whatever is kept now."""
    found = [int(one[1]) for name in typed if (one := NAME_OF_ROW.fullmatch(name))]
    return max(found, default=-1) + 1


class NameForm(forms.Form):
    """What a book is called and about; its items need a vote, its name does not."""

    name = forms.CharField(label=_("办法名称"), max_length=40)
    name_en = forms.CharField(label=_("英文名称"), max_length=60, required=False)
    about = forms.CharField(label=_("说明"), max_length=300, required=False, widget=forms.Textarea)

    def __init__(self, data: Any, *, book: Book):
        super().__init__(data, initial={name: getattr(book, name) for name in ("name", "name_en", "about")})


class EndForm(forms.Form):
    """Who decided that a book ends."""

    reason = forms.CharField(label=_("哪次会议决定的，记录存在哪里"), max_length=200, widget=forms.Textarea)


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

    digest = forms.RegexField(r"^[0-9a-f]{64}$", required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, digest: str = ""):
        super().__init__(data, initial={"digest": digest})
        self.seen = digest

    def draft_is_shown(self) -> None:
        """The page that says why not shows the draft as it is now: the next press is about that one."""
        self.data = {**self.data.dict(), "digest": self.seen} if isinstance(self.data, QueryDict) else self.data

    def vote(self) -> Vote:
        return Vote(**{name: value for name, value in self.cleaned_data.items() if name != "digest"})


class PublishForm(forms.Form):
    """From when on it holds."""

    valid_from = forms.DateTimeField(
        label=_("什么时候起生效"), widget=Moment, help_text=_("不能早于现在；以前做的事按原来的办法算。")
    )

    def __init__(self, data: Any):
        soon = clock.local(clock.now() + timedelta(days=7)).replace(hour=0, minute=0)
        super().__init__(data, initial={"valid_from": soon.replace(tzinfo=None)})
