from __future__ import annotations

from django.db import models


class StoredAnswer(models.Model):
    """The answer once given to a write, given again when the same key comes back."""

    scope = models.CharField(max_length=80)
    key = models.CharField(max_length=80)
    digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    location = models.CharField(max_length=500, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.BinaryField(default=bytes)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="stored_answer_once")]
        indexes = [models.Index(fields=["at"], name="stored_answer_at")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
