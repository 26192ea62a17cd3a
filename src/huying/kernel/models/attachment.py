from __future__ import annotations

from django.db import models

from huying.kernel import chance


class Attachment(models.Model):
    """A picture that belongs to one row of any room. Its bytes lie in the file storage under a name made
    of their hash.

    Private unless ``is_public``; who may see the row decides who gets a link. People and subject are
    plain numbers: the kernel knows no room.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.BinaryField(max_length=32)
    key = models.CharField(max_length=120)
    small_key = models.CharField(max_length=120)
    place_path = models.CharField(max_length=500, blank=True)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    is_public = models.BooleanField(default=False)
    uploaded_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="attachment_subject"),
            models.Index(fields=["key"], name="attachment_key"),
            models.Index(fields=["small_key"], name="attachment_small_key"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(size__gt=0, width__gt=0, height__gt=0), name="attachment_not_empty"
            ),
            models.CheckConstraint(condition=~models.Q(key="") & ~models.Q(small_key=""), name="attachment_has_files"),
        ]

    def __str__(self) -> str:
        return self.name
