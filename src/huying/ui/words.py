"""Words on screens that a locality says in its own way. The design system knows no localities: settings name the function
(HUYING_WORDS) that finds them for a request, once a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string


class Words(Protocol):
    """``words["board"]`` is what to say; ``given`` holds only what is said otherwise than usual."""

    @property
    def given(self) -> Mapping[str, str]: ...

    def __getitem__(self, key: str) -> str: ...


class Usual:
    """Nobody says anything otherwise."""

    given: Mapping[str, str] = {}

    def __getitem__(self, key: str) -> str:
        raise KeyError(key)


def words_of(request: HttpRequest) -> Words:
    known: Words | None = request.__dict__.get("huying_words")
    if known is None:
        path = settings.HUYING_WORDS
        known = request.__dict__["huying_words"] = import_string(path)(request) if path else Usual()
    return known
