"""Proposals for tests: asked for, calculated, sent, and a map for their page."""

from __future__ import annotations

from huying.calls import actions
from huying.calls.models import Proposal
from huying.calls.tests.factories import Cast, actor
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places.models import MapLayer, Place

SYSTEM = Actor.system("calls.propose")


def made(cast: Cast) -> Proposal:
    """A proposal for the keeper's community, calculated."""
    asked = actions.propose(actor=actor(cast.keeper), place=cast.home)
    return worked_out(asked)


def worked_out(asked: Proposal) -> Proposal:
    actions.calculate(actor=SYSTEM, proposal_id=asked.pk, turn=asked.turn)
    return Proposal.objects.get(pk=asked.pk)


def sent_out(cast: Cast, proposal: Proposal) -> Proposal:
    actions.confirm(actor=actor(cast.keeper), proposal=proposal)
    actions.send(proposal_id=proposal.pk)
    return Proposal.objects.get(pk=proposal.pk)


def drawn(here: Place) -> None:
    """A map that shows this place."""
    ring = [[120.0, 30.2], [120.1, 30.2], [120.1, 30.4], [120.0, 30.4], [120.0, 30.2]]
    area = {
        "type": "Feature",
        "properties": {"place": here.pk, "name": "和平"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    MapLayer.objects.create(
        place=here, kind="areas", geojson={"type": "FeatureCollection", "features": [area]}, feature_count=1,
        west=120, south=30.2, east=120.1, north=30.4, source="自绘", approval="示意图", as_of_date=clock.today(),
    )  # fmt: skip
