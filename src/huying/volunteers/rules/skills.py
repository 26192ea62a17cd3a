"""Which skills count: what needs a paper counts while somebody has accepted one that still holds."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from huying.volunteers.models import Skill, SkillProof, Volunteer


def accepted(day: date) -> Q:
    """Proofs that a keeper accepted, that nobody took back, and that hold on ``day`` (included)."""
    holds = Q(valid_until__isnull=True) | Q(valid_until__gte=day)
    return holds & Q(verified_at__isnull=False, refused_at__isnull=True)


def proven_on(day: date) -> Q:
    """Of rows that give a volunteer a skill (``Volunteer.skills.through``): those that count on ``day``."""
    proofs = SkillProof.objects.filter(
        accepted(day), volunteer_id=OuterRef("volunteer_id"), skill_id=OuterRef("skill_id")
    )
    return Q(skill__needs_proof=False) | Q(Exists(proofs))


def proven_skills(volunteer: Volunteer, day: date) -> QuerySet[Skill]:
    """The skills of this volunteer that count on ``day``; agrees with ``proven_on``."""
    rows = Volunteer.skills.through._default_manager.filter(proven_on(day), volunteer_id=volunteer.pk)
    return Skill.objects.filter(pk__in=rows.values("skill_id")).order_by("id")
