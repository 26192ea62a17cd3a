"""Choosing one place by typing its name: one hit is taken, several are shown to choose from, without script."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.places import queries as places
from huying.places.models import Place
from huying.ui.naming import named

MOST = 12
Text = str | Promise


class Pick(forms.ChoiceField):
    """The radio of hits. Which places may be picked is decided by ``chosen_place``, after the words were
    read.
    """

    def valid_value(self, value: str) -> bool:
        return True


def add_place_fields(form: forms.Form, *, label: Text, hint: Text, place: Place | None, required: bool) -> None:
    """Add ``place_words`` (what is typed) and ``place_pick`` (radio of hits, drawn only when it has choices)."""
    form.fields["place_words"] = forms.CharField(
        label=str(label), help_text=str(hint), max_length=100, required=required, initial=place.name if place else ""
    )
    form.fields["place_pick"] = Pick(label=_("是哪一个？"), required=False, widget=forms.RadioSelect, choices=())
    if place is not None:
        _offer(form, [place])
        form.fields["place_pick"].initial = str(place.public_id)


def chosen_place(form: forms.Form, allowed: Q) -> Place | None:
    """The place that was meant, inside ``allowed``; None (with an error on the form) when it is not clear."""
    words = str(form.cleaned_data.get("place_words") or "")
    if not words:
        return None
    picked = _by_id(str(form.data.get(form.add_prefix("place_pick"), "")), allowed)
    if picked is not None and words in {picked.name, picked.short_name, picked.code}:
        _offer(form, [picked])
        return picked
    hits = list(places.search(words).filter(allowed)[: MOST + 1])
    if picked is not None and picked in hits:
        _offer(form, hits[:MOST])
        return picked
    same = [place for place in hits if place.name == words]
    if len(hits) == 1 or len(same) == 1:
        found = same[0] if len(same) == 1 else hits[0]
        _offer(form, [found])
        return found
    if not hits:
        form.add_error("place_words", _("没有找到这个地方，请换个写法，或只写村、社区、网格的名字。"))
    else:
        _offer(form, hits[:MOST])
        form.add_error("place_pick", _("有几个地方叫这个名字，请选一个。"))
    return None


def _offer(form: forms.Form, hits: list[Place]) -> None:
    field = form.fields["place_pick"]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [(str(place.public_id), _where(place)) for place in hits]


def _where(place: Place) -> str:
    return f"{named(place)} · {named(place.parent)}" if place.parent else named(place)


def _by_id(text: str, allowed: Q) -> Place | None:
    try:
        public_id = UUID(text)
    except ValueError:
        return None
    return places.listed().filter(allowed, public_id=public_id).first()
