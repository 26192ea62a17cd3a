"""Sites and their checks are counted as they change: this room stands above the tree and asks it itself."""

from __future__ import annotations

from huying.figures.actions.counting import count
from huying.figures.actions.setup import add_part
from huying.figures.queries.site_checks import words_of_check
from huying.figures.queries.sites import SITES, words_of_site
from huying.kernel import locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.places.models import Place, SiteCheck

BATCH = 500


def count_sites(*, actor: Actor, first: int, last: int) -> int:
    """Count the sites whose keys lie from ``first`` to ``last``, as they are now; how many words were new.

    In short transactions, for whoever changes a place waits behind its row.
    """
    told, after = 0, first - 1
    while keys := list(
        Place.objects.filter(pk__gt=after, pk__lte=last, kind__is_site=True)
        .order_by("pk")
        .values_list("pk", flat=True)[:BATCH]
    ):
        with begin(actor):
            rows = locks.many(Place.objects.filter(pk__in=keys).select_related("kind"))
            parts = {kind.pk: add_part(SITES, kind.pk, kind.name, kind.name_en) for kind in {one.kind for one in rows}}
            words = [word for one in rows for of in (SITES, parts[one.kind_id]) for word in words_of_site(one, of)]
            told += count(actor=actor, words=words)
        after = keys[-1]
    return told


def count_check(*, actor: Actor, check_id: int) -> int:
    """Count one check of a site as it is now; how many words were new. NotFound."""
    with begin(actor):
        check = locks.one(SiteCheck, pk=check_id)
        return count(actor=actor, words=words_of_check(check))
