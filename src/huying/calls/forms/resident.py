"""The one form of asking for help: what, when, where, for whom, and how to reach the person."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from huying.calls import queries
from huying.calls.actions import Ask
from huying.calls.forms import questions
from huying.calls.forms.words import Line, PhoneNumber, Words
from huying.calls.models import Call, HelperAge, HelperSex, ServiceKind
from huying.calls.states import Channel
from huying.kernel import clock
from huying.people.models import Person
from huying.places.models import Place
from huying.ui.fields import NamedChoice
from huying.ui.naming import named
from huying.ui.widgets import Day
from huying.volunteers import queries as volunteer_queries
from huying.volunteers.models import Language

OTHER = "other"
HELPER = ("language", "helper_sex", "helper_age")
FARTHEST = timedelta(days=366)
PARTS: dict[str, tuple[Any, time, time]] = {
    "day": (_("白天都可以"), time(8), time(20)),
    "morning": (_("上午"), time(8), time(12)),
    "afternoon": (_("下午"), time(12), time(18)),
    "evening": (_("晚上"), time(18), time(21)),
}
WHEN = [("any", _("都可以")), ("today", _("今天")), ("tomorrow", _("明天")), ("date", _("选日期"))]
PRIVATE = {"address", "phone", "csrfmiddlewaretoken", "idempotency_key"}
KEPT_LETTERS = 4000


class AskForm(forms.Form):
    """What somebody asks for. ``people`` are those he may ask for, himself or the one he acts for first.

    With ``save=draft`` in the data only the place must be known; all else may still be empty.
    """

    who = forms.ChoiceField(label=_("为谁求助"), widget=forms.RadioSelect)
    title = Line(label=_("一句话说明"), max_length=60)
    details = Words(label=_("还有要说的"), max_length=2000, required=False)
    when = forms.ChoiceField(label=_("希望什么时候"), choices=WHEN, widget=forms.RadioSelect, initial="any")
    day = forms.DateField(label=_("哪一天"), widget=Day, required=False)
    part = forms.ChoiceField(
        label=_("什么时段"),
        choices=[(code, words) for code, (words, _from, _to) in PARTS.items()],
        initial="day",
        required=False,
    )
    language = NamedChoice(
        label=_("说什么话"),
        queryset=Language.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("都可以"),
    )
    helper_sex = forms.ChoiceField(
        label=_("请谁来"),
        choices=[("", _("都可以")), *HelperSex.choices],
        widget=forms.RadioSelect,
        required=False,
        initial="",
    )
    helper_age = forms.ChoiceField(
        label=_("多大年纪"),
        choices=[("", _("都可以")), *HelperAge.choices],
        widget=forms.RadioSelect,
        required=False,
        initial="",
    )
    place = forms.ChoiceField(label=_("在哪里"), widget=forms.RadioSelect)
    place_words = Line(label=_("社区或村的名字"), max_length=40, required=False)
    address = Line(label=_("详细地址"), max_length=200, required=False)
    phone = PhoneNumber(label=_("联系电话"), required=False)

    def __init__(self, *args: Any, kind: ServiceKind, people: list[Person], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.kind, self.people = kind, {str(one.public_id): one for one in people}
        self.drafting = self.data.get("save") == "draft"
        self.fields["title"].required = not self.drafting
        if kind.example:
            self.fields["title"].help_text = _("例如：%(example)s") % {"example": named(kind, "example")}
        self.questions = list(questions.fields_of(kind, required=not self.drafting))
        self.fields.update(questions.fields_of(kind, required=not self.drafting))
        self.ask_for_whom()
        self.ask_for_helper()
        self.ask_where(people)
        self.settle_places()
        self.ask_contact(people[0])

    def ask_for_whom(self) -> None:
        """Only asked when there is a choice."""
        if len(self.people) == 1:
            del self.fields["who"]
            return
        who: Any = self.fields["who"]
        who.choices = [(key, one.name) for key, one in self.people.items()]
        who.initial = next(iter(self.people))

    def ask_for_helper(self) -> None:
        """A language may always be wished for; sex and age only where the line of the menu says so."""
        language: Any = self.fields["language"]
        language.queryset = volunteer_queries.languages()
        if not self.kind.allow_preference:
            del self.fields["helper_sex"], self.fields["helper_age"]

    def ask_where(self, people: list[Person]) -> None:
        """Which places are offered at once: homes, and where these people asked for help before."""
        self.places = {str(one.public_id): one for one in queries.usual_places(people)}

    def settle_places(self) -> None:
        """Add the place that was sent when it is a real one, and offer them all; without any, the name alone is
        asked.
        """
        self.usual = set(self.places)
        sent = str(self.data.get("place") or self.initial.get("place") or "")
        if sent not in self.places and (key := uuid_of(sent)):
            self.places |= {str(one.public_id): one for one in queries.open_places([key])}
        field: Any = self.fields["place"]
        if not self.places:
            field.required, field.widget = False, forms.HiddenInput()
        field.initial = next(iter(self.places), OTHER)
        self.offer_places()

    def offer_places(self) -> None:
        field: Any = self.fields["place"]
        field.choices = [(key, place_in_words(one)) for key, one in self.places.items()] or [(OTHER, "")]

    def ask_contact(self, first: Person) -> None:
        """The number and the address that are on file serve when these stay empty."""
        self.on_file = first
        if first.phone:
            self.fields["phone"].help_text = _("不填就用登记的 %(phone)s") % {"phone": first.phone}
        else:
            self.fields["phone"].required = not self.drafting
        if first.address:
            self.fields["address"].help_text = _("在家里就不用填，我们用登记的住址。")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        self.requester = self.people.get(given.get("who", ""), next(iter(self.people.values())))
        self.find_place(given)
        if self.kind.visit and not self.drafting and not self.at_home(given) and not given.get("address"):
            self.add_error("address", _("请写上门的地址，好让人找得到。"))
        given["wanted_from"], given["wanted_to"] = self.wanted(given)
        return given

    def find_place(self, given: dict[str, Any]) -> None:
        """The one whose name was typed goes before a usual one; several of that name are offered to choose from."""
        words, chosen = given.get("place_words", ""), given.get("place", "")
        self.where: Place | None = self.places.get(chosen)
        typed_other = bool(words) and (chosen in self.usual or chosen not in self.places)
        if not typed_other and (self.where is not None or "place" in self.errors):
            return
        self.errors.pop("place", None)
        self.where = None
        if not words:
            self.add_error("place_words", _("请写社区或村的名字。"))
            return
        found = queries.places_named(words)
        if len(found) == 1:
            self.where = found[0]
        elif found:
            self.places = {str(one.public_id): one for one in found}
            self.fields["place"].widget = forms.RadioSelect()
            self.offer_places()
            self.add_error("place", _("有几个地方叫这个名字，请选一个。"))
        else:
            self.add_error("place_words", _("没有找到叫这个名字的社区或村，请换个写法。"))

    def at_home(self, given: dict[str, Any]) -> bool:
        """Nothing was typed, and the person is visited at the home that is on file."""
        home = self.where is not None and self.where.pk == self.requester.home_place_id
        return home and not given.get("address") and bool(self.requester.address)

    def wanted(self, given: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
        """From and to in China time; None, None when any time will do. A part of today that is over is refused."""
        today = clock.today()
        days = {"today": today, "tomorrow": today + timedelta(days=1), "date": given.get("day")}
        day: date | None = days.get(given.get("when", "any"))
        if given.get("when") == "date" and day is None and "day" not in self.errors and not self.drafting:
            self.add_error("day", _("请选日期。"))
        if day is None:
            return None, None
        if not today <= day <= today + FARTHEST:
            self.add_error("day", _("请选今天以后、一年以内的日期。"))
            return None, None
        _words, begins, ends = PARTS[given.get("part") or "day"]
        since, until = (datetime.combine(day, at, tzinfo=clock.SHANGHAI) for at in (begins, ends))
        if until <= clock.now():
            self.add_error("part", _("这个时段已经过去，请选晚一点的。"))
            return None, None
        return max(since, clock.now()), until

    def ask(self, asker: Person) -> Ask:
        """What to hand to the action; call it on a valid form only."""
        given, home = self.cleaned_data, self.at_home(self.cleaned_data)
        assert self.where is not None
        spot = self.requester if home and self.requester.lon is not None else self.where
        return Ask(
            kind=self.kind,
            place=self.where,
            requester=self.requester,
            title=given["title"] or named(self.kind),
            details=given["details"],
            answers=questions.answers_of(self.kind, given),
            address=self.requester.address.open() if home and self.requester.address else given["address"],
            contact_phone=given["phone"] or (self.on_file.phone.open() if self.on_file.phone else ""),
            lon=spot.lon,
            lat=spot.lat,
            wanted_from=given["wanted_from"],
            wanted_to=given["wanted_to"],
            language=given["language"],
            helper_sex=given.get("helper_sex", ""),
            helper_age=given.get("helper_age", ""),
            channel=Channel.WEB if self.requester.pk == asker.pk else Channel.PROXY,
        )

    @property
    def helper_fields(self) -> list[forms.BoundField]:
        """Whom one wishes for, for the template; all of it may stay empty."""
        return [self[name] for name in HELPER if name in self.fields]

    @property
    def wishes_for(self) -> bool:
        """Something of it is filled in or wrong: the fold is open."""
        return any(one.value() or one.errors for one in self.helper_fields)

    @property
    def question_fields(self) -> list[forms.BoundField]:
        """The kind's own questions, for the template."""
        return [self[name] for name in self.questions]


def place_in_words(place: Place) -> str:
    """The name with the place above it, since many villages share a name."""
    if place.parent is None:
        return named(place)
    return _("%(place)s（%(above)s）") % {"place": named(place), "above": named(place.parent)}


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def initial_of(draft: Call) -> dict[str, Any]:
    """The form as it was left: values of a draft, its own address and number in the open, for its writer only."""
    begins = clock.local(draft.wanted_from) if draft.wanted_from else None
    part = "day"
    if begins and draft.wanted_to:
        ends = clock.local(draft.wanted_to).time()
        part = next((code for code, (_words, _from, to) in PARTS.items() if to == ends), "day")
    return {
        "who": str(draft.requester.public_id),
        "title": draft.title,
        "details": draft.details,
        "when": "date" if begins else "any",
        "day": begins.date() if begins else None,
        "part": part,
        "language": draft.language,
        "helper_sex": draft.helper_sex,
        "helper_age": draft.helper_age,
        "place": str(draft.place.public_id),
        "address": draft.address.open() if draft.address else "",
        "phone": draft.contact_phone.open() if draft.contact_phone else "",
        **questions.initial_of(draft.kind, draft.answers),
    }


def kept_words(sent: QueryDict) -> dict[str, str]:
    """What a visitor typed who must sign in first, without address and number; nothing when it is too much to keep."""
    words = {name: str(sent[name]) for name in sent if name not in PRIVATE}
    return words if sum(map(len, words.values())) <= KEPT_LETTERS else {}
