"""Checks of sites against standards as words: made on one day, verified on another."""

from __future__ import annotations

from collections.abc import Iterator

from huying.figures.states import Word
from huying.kernel import clock
from huying.places import queries as places
from huying.places.models import SiteCheck
from huying.places.states import CheckState

SOURCE = SiteCheck._meta.label
MADE, VERIFIED = "site_checks", "site_checks_verified"


def words_of_check(check: SiteCheck) -> list[Word]:
    """What one check adds: one when it was made, one when it was verified."""
    made = clock.local(check.checked_at).date()
    decided = clock.local(check.decided_at).date() if check.decided_at else made
    verified = int(check.state == CheckState.VERIFIED)
    return [
        Word(SOURCE, check.pk, MADE, check.place_id, made, 1),
        Word(SOURCE, check.pk, VERIFIED, check.place_id, decided, verified),
    ]


def recounted_checks() -> Iterator[Word]:
    """All words of checks, by check."""
    for check in places.all_checks():
        yield from words_of_check(check)
