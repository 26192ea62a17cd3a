from __future__ import annotations

from django.db import models


class AuditLine(models.Model):
    """One thing somebody did. Append-only: the application role may add and read, nothing else.

    People are plain numbers, not foreign keys: the trail outlives what it speaks of (kept at least six months by law).
    """

    APPEND_ONLY = True

    at = models.DateTimeField()
    person_id = models.BigIntegerField(null=True)
    on_behalf_of_id = models.BigIntegerField(null=True)
    system = models.CharField(max_length=80, blank=True)
    channel = models.CharField(max_length=20)
    address = models.GenericIPAddressField(null=True)
    verb = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    place_path = models.CharField(max_length=400, blank=True)
    changes = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="audit_subject"),
            models.Index(fields=["person_id", "id"], name="audit_person"),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.subject_type} {self.subject_id or ''}".strip()
