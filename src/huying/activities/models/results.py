"""What came of it: amounts in their units, what people said, pictures with consent."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huying.activities.models.activities import Session
from huying.activities.models.data import Unit
from huying.activities.states import Measure, Source
from huying.kernel import chance


class Result(models.Model):
    """One amount of one measure in one unit (S0-1d.3, S4-2.1, S1-5.2): 15 people took part, 7 mu were planted."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="results")
    measure = models.CharField(max_length=12, choices=Measure.choices)
    what = models.CharField(max_length=60, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    source = models.CharField(max_length=10, choices=Source.choices)
    entered_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "measure", "what", "unit"], name="result_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="result_not_negative"),
            models.CheckConstraint(condition=Q(measure__in=Measure.values), name="result_measure_known"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.amount} {self.unit_id}"


class Feedback(models.Model):
    """What somebody who was there says of it; shown to the organisers without his name."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="feedback")
    person = models.ForeignKey("people.Person", models.CASCADE, related_name="+")
    score = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="feedback_once"),
            models.CheckConstraint(condition=Q(score__gte=1, score__lte=5), name="feedback_score"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.score}"


class Photo(models.Model):
    """A picture of a session (the attachment hangs on this row). Public only if nobody can be known in it, or all agreed.

    Children under 14 in it need their guardians' word, said here (domain 7, safeguard 8).
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    session = models.ForeignKey(Session, models.PROTECT, related_name="photos")
    shows_people = models.BooleanField()
    shows_children = models.BooleanField(default=False)
    consent = models.CharField(max_length=200, blank=True)
    is_public = models.BooleanField(default=False)
    added_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_public=False) | Q(shows_people=False) | ~Q(consent=""), name="photo_with_consent"
            ),
            models.CheckConstraint(
                condition=Q(shows_children=False) | Q(shows_people=True), name="photo_children_are_people"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.public_id}"
