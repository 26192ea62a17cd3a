from __future__ import annotations

from django.db import models
from django.db.models import Q

from huying.kernel import chance
from huying.people.models.persons import Person


class Notice(models.Model):
    """A message to one person inside the product. Erasing ``about``, whom it speaks of, takes it away."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="notices")
    about = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=120)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    is_urgent = models.BooleanField(default=False)
    key = models.CharField(max_length=120, null=True, unique=True)  # noqa: DJ001 - null is "no key"
    created_at = models.DateTimeField()
    show_after = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-show_after", "-id"], name="notice_list"),
            models.Index(fields=["person", "show_after"], condition=Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.title
