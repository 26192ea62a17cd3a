"""Rows of data that are offered only at some places and below them: what a mechanism of a locality brought along."""

from __future__ import annotations

from django.db import models


class Offered(models.Model):
    """``limited``: offered only at ``offered_at`` and below, and nowhere when that is empty; others everywhere.

    Records keep what they have: it is only no longer offered (``places.queries.offering``).
    """

    limited = models.BooleanField(default=False)
    offered_at = models.ManyToManyField("places.Place", blank=True, related_name="+")

    class Meta:
        abstract = True
