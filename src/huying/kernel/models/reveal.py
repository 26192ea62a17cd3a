from __future__ import annotations

from django.db import models


class RevealBudget(models.Model):
    """How many sealed values a person has opened on one day; one statement raises it, never past the
    limit.
    """

    person_id = models.BigIntegerField()
    day = models.DateField()
    used = models.PositiveIntegerField()
    alarmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_id", "day"], name="reveal_budget_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.day} {self.used}"
