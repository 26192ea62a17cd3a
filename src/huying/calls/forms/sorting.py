"""A need in one's own words, before a kind is chosen; and the kind that staff choose instead."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.calls import queries
from huying.calls.forms.words import Words
from huying.ui.naming import named

TITLE = 60
STOP = re.compile(r"[。！？!?；;\n]")


class OwnWordsForm(forms.Form):
    """What somebody needs, as he says it."""

    words = Words(
        label=_("用自己的话说"),
        max_length=2000,
        help_text=_("比如：老人卧床，想洗个澡。我们猜是哪一项，由您来定。"),
    )


class HeardForm(forms.Form):
    """What a caller says, as the desk hears it."""

    words = Words(label=_("对方怎么说"), max_length=2000, required=False, help_text=_("记下原话，会提示像哪一项服务。"))


class KindOfCallForm(forms.Form):
    """Another line of the menu for a call."""

    kind = forms.ChoiceField(label=_("改成哪一项"))

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.kinds = {one.code: one for one in queries.menu()}
        field: Any = self.fields["kind"]
        field.choices = [(code, named(one)) for code, one in self.kinds.items()]


def as_title(words: str) -> dict[str, str]:
    """The words as title and details of a call: the first sentence, and everything when there is more than that."""
    first = STOP.split(words.strip(), maxsplit=1)[0].strip()
    title = first if len(first) <= TITLE else first[: TITLE - 1] + "…"
    return {"title": title, "details": "" if title == words.strip().rstrip("。") else words.strip()}
