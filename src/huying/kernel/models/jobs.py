from __future__ import annotations

from django.db import models


class JobEffect(models.Model):
    """A mark that an effect has happened, written in its own transaction: a job that runs twice does nothing twice."""

    key = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
