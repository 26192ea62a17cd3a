"""Modes of reading: large print in two steps, high contrast, language. Kept in cookies, so they need no account."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

PRINT_COOKIE = "huying_print"
CONTRAST_COOKIE = "huying_contrast"
PRINTS = ("normal", "large", "xlarge")
CONTRASTS = ("normal", "more")
YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Modes:
    """What the page must look like for this reader."""

    print: str = "normal"
    contrast: str = "normal"
    language: str = "zh-hans"

    @property
    def is_large(self) -> bool:
        return self.print != "normal"

    @property
    def html_language(self) -> str:
        """The value of ``<html lang>``: Chinese is written as the region screen readers know."""
        return "zh-CN" if self.language.startswith("zh") else self.language


def modes_of(request: HttpRequest | None) -> Modes:
    """The modes of a request; unknown cookie values count as normal. Never touches the database."""
    cookies = request.COOKIES if request is not None else {}
    chosen = cookies.get(PRINT_COOKIE, "")
    contrast = cookies.get(CONTRAST_COOKIE, "")
    return Modes(
        print=chosen if chosen in PRINTS else "normal",
        contrast=contrast if contrast in CONTRASTS else "normal",
        language=get_language() or settings.LANGUAGE_CODE,
    )


def remember(response: HttpResponse, *, print: str = "", contrast: str = "", language: str = "") -> None:
    """Write the given modes into cookies; empty ones stay as they are, "normal" forgets the cookie."""
    secure = settings.SESSION_COOKIE_SECURE
    for name, value in ((PRINT_COOKIE, print), (CONTRAST_COOKIE, contrast)):
        if value == "normal":
            response.delete_cookie(name, samesite="Lax")
        elif value:
            response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=secure)
    if language:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax", secure=secure)
