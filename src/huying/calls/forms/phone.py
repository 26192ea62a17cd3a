"""One page for a call that comes by telephone: who calls, what for, where, and how to reach the person."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from huying.calls import queries
from huying.calls.actions import Ask
from huying.calls.forms.resident import AskForm
from huying.calls.forms.words import Line, PhoneNumber
from huying.calls.models import ServiceKind
from huying.calls.states import Channel, ReachedBy
from huying.kernel import chance, clock
from huying.kernel.actor import Actor
from huying.people.actions import Facts
from huying.people.models import Person
from huying.ui.widgets import Phone

MASKED = re.compile(r"[*＊xX•·]{2,}|隐|匿名|未知|withheld|anonymous|unknown", re.IGNORECASE)
"""What an exchange shows in place of a number that it hides."""


class CallerNumber(PhoneNumber):
    """The number on the display; "" where it is hidden, for that is no mistake of whoever types it."""

    def clean(self, value: Any) -> str:
        return "" if MASKED.search(str(value or "")[:40]) else super().clean(value)


class CallerForm(forms.Form):
    """Who is calling: the number, the name, or both; nothing is written yet."""

    caller_phone = CallerNumber(label=_("来电号码"), required=False, widget=Phone(attrs={"data-key": "/"}))
    caller_name = Line(label=_("姓名"), max_length=50, required=False)
    person = forms.CharField(max_length=40, required=False)

    @property
    def is_hidden(self) -> bool:
        """A number was shown, but not which: it can be looked for by name only."""
        return bool(MASKED.search(str(self.data.get("caller_phone", ""))[:40]))

    def chosen(self) -> UUID | None:
        """The person who was picked from those found; None for a new one, or when none was picked."""
        try:
            return UUID(self.cleaned_data.get("person", ""))
        except ValueError:
            return None


NEEDED = {
    ReachedBy.PHONE: _("请写联系电话；没有电话，就选别的办法告诉他。"),
    ReachedBy.NEIGHBOUR: _("请写邻居或家人的电话。"),
}


class PhoneForm(AskForm):
    """What the caller needs. For a known ``person`` home and number on file serve; a new caller gives name and number.

    ``anyway`` is asked for when the person waits for the same kind of help already.
    """

    caller_name = Line(label=_("姓名"), max_length=50)
    via = forms.ChoiceField(
        label=_("怎么来的"),
        choices=[(Channel.PHONE, _("打来电话")), (Channel.PROXY, _("当面代办"))],
        widget=forms.RadioSelect,
        initial=Channel.PHONE,
    )
    reached_by = forms.ChoiceField(
        label=_("有了消息怎么告诉他"),
        choices=[
            (ReachedBy.PHONE, _("打电话")),
            (ReachedBy.WORKER, _("没有电话，网格员上门告诉")),
            (ReachedBy.NEIGHBOUR, _("没有电话，打给邻居或家人")),
            (ReachedBy.SLIP, _("没有电话，给他一张纸条")),
        ],
        widget=forms.RadioSelect,
        initial=ReachedBy.PHONE,
        required=False,
    )
    urgent = forms.BooleanField(label=_("很急，今天就要有人去"), required=False)
    anyway = forms.BooleanField(label=_("不是同一件事，仍然新建"), required=False)

    def __init__(self, *args: Any, kind: ServiceKind, person: Person | None, actor: Actor, **kwargs: Any):
        self.is_new, self.actor = person is None, actor
        nobody = Person(public_id=chance.uuid7(), created_at=clock.now())
        super().__init__(*args, kind=kind, people=[person or nobody], **kwargs)
        self.fields["title"].required = False
        self.fields["title"].help_text = _("不填就写服务的名称。")
        if not self.is_new:
            del self.fields["caller_name"]
        self.same = [] if person is None else [c for c in queries.open_calls(actor, person) if c.kind_id == kind.pk]

    def ask_where(self, people: list[Person]) -> None:
        """A new caller has no home on file: the desk's own neighbourhoods are offered instead."""
        if not self.is_new:
            super().ask_where(people)
            return
        self.places = {str(one.public_id): one for one in queries.own_neighbourhoods(self.actor)}

    def ask_contact(self, first: Person) -> None:
        """Whether a number is needed depends on how the person hears of it."""
        super().ask_contact(first)
        self.fields["phone"].required = False

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        way = given["reached_by"] = given.get("reached_by") or ReachedBy.PHONE
        known = given.get("phone") or "phone" in self.errors or (way == ReachedBy.PHONE and self.on_file.phone)
        if way in NEEDED and not known:
            self.add_error("phone", NEEDED[way])
        if self.same and not given.get("anyway") and not self.errors:
            self.add_error("anyway", _("这个人已有同类求助还没办完。不是同一件事，请勾选后再提交。"))
        return given

    def ask(self, asker: Person | None = None) -> Ask:
        """What to hand to the action, with the way it came and the urgency the desk heard."""
        what, given = super().ask(self.requester), self.cleaned_data
        return replace(what, channel=given["via"], urgent=given["urgent"], reached_by=given["reached_by"])

    def caller(self) -> Facts | None:
        """A new caller as minimal facts: name, number, where he lives and the address; None for a known person."""
        if not self.is_new:
            return None
        given = self.cleaned_data
        return Facts(
            name=given["caller_name"],
            phone=(given["phone"] if given["reached_by"] == ReachedBy.PHONE else "") or None,
            address=given["address"] or None,
            home_place=self.where,
        )


class GridForm(PhoneForm):
    """The same for somebody of one's own grid, met at his door: three taps are enough, all else is a choice."""

    def __init__(self, *args: Any, person: Person, **kwargs: Any):
        super().__init__(*args, person=person, **kwargs)
        del self.fields["via"]
        self.fields["reached_by"].initial = ReachedBy.PHONE if person.phone else ReachedBy.WORKER

    def clean(self) -> dict[str, Any]:
        return {**super().clean(), "via": Channel.PROXY}


def typed(sent: QueryDict) -> dict[str, Any]:
    """What was typed so far, as first values of a form not sent yet: nothing is lost while the caller is found."""
    secret = {"csrfmiddlewaretoken", "idempotency_key"}
    return {name: sent[name] for name in sent if name not in secret}
