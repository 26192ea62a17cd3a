from __future__ import annotations

from django.db import models


class DayOverride(models.Model):
    """A day that is worked or free against the national calendar, everywhere or below one place."""

    date = models.DateField()
    working = models.BooleanField()
    name = models.CharField(max_length=60, blank=True)
    place_path = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["date", "place_path"], name="day_override_once"),
            models.CheckConstraint(
                condition=models.Q(place_path="") | models.Q(place_path__regex=r"^/([0-9]+/)+$"),
                name="day_override_place_path",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name}".strip()


class HolidayNotice(models.Model):
    """A year whose holiday notice was entered by hand, because the package does not hold it yet.

    Its days are the ``DayOverride`` rows of that year without a place; with this row the year is no
    longer estimated.
    """

    year = models.PositiveSmallIntegerField(unique=True)
    source = models.CharField(max_length=200)
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(year__gte=1992, year__lt=2200), name="holiday_notice_year"),
            models.CheckConstraint(condition=~models.Q(source=""), name="holiday_notice_source"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.source}"
