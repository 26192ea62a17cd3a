"""How owners of ledger accounts are called: the ledger knows them by type and number only."""

from __future__ import annotations

from huying.ledger import queries as ledger_queries
from huying.people.models import Person
from huying.places.models import Place
from huying.ui.naming import named
from huying.volunteers.models import Team


def persons(ids: set[int]) -> dict[int, str]:
    """Person key -> name; who was erased shows the word that stands in his place."""
    return dict(Person.objects.filter(pk__in=ids).values_list("pk", "name"))


def places(ids: set[int]) -> dict[int, str]:
    """Place key -> name in the reader's language."""
    return {one.pk: named(one) for one in Place.objects.filter(pk__in=ids)}


def teams(ids: set[int]) -> dict[int, str]:
    """Team key -> name."""
    return dict(Team.objects.filter(pk__in=ids).values_list("pk", "name"))


def register() -> None:
    """Tell the ledger; called once when Django starts."""
    for model, naming in ((Person, persons), (Place, places), (Team, teams)):
        ledger_queries.name_owners(model._meta.label, naming)
