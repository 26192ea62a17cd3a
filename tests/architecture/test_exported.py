"""A person's own copy reads every table that knows him, or this page says why not (PIPL art. 45, 民政部令第67号 art. 12).

Every column that refers to a person or a volunteer is found in the models; the copy is made, and the questions it asked
say which of them it looked through.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from huying.calls.tests.factories import START, Cast
from huying.kernel import clock
from huying.people import actions as people
from huying.people.models import Person
from huying.people.tests import factories as make
from huying.volunteers.models import Volunteer

pytestmark = pytest.mark.django_db
OFFICE = "an act in office: it stands in the trail, and is about somebody else"
TWIN = "the same rows are read by another column of theirs"
SECRET = "a secret that opens something, worth nothing as a copy"
OTHERS = "what others were told or said of him: the copy of theirs holds it, erasing him takes it away"
WEIGHED = "what the machine weighed before a person decided: what he was asked stands among his offers"
WHY_NOT: dict[str, str] = {
    "activities.Activity.created_by": OFFICE,
    "activities.ActivityEvent.person": OFFICE,
    "activities.CalendarKey.person": SECRET,
    "activities.CheckIn.in_by": OFFICE,
    "activities.CheckIn.out_by": OFFICE,
    "activities.Photo.added_by": OFFICE,
    "activities.Result.entered_by": OFFICE,
    "activities.RhythmPlan.created_by": OFFICE,
    "activities.Session.held_by": OFFICE,
    "calls.CallEvent.person": OFFICE,
    "calls.Correction.person": OFFICE,
    "calls.Callback.recorded_by": OFFICE,
    "calls.Draw.drawn_by": OFFICE,
    "calls.DoorKey.holder": OFFICE,
    "calls.Exclusion.decided_by": OFFICE,
    "calls.Exclusion.proposed_by": OFFICE,
    "calls.Exclusion.undone_by": OFFICE,
    "calls.HotlineTicket.taken_by": OFFICE,
    "calls.Offer.answered_by": TWIN,
    "calls.Offer.offered_by": OFFICE,
    "calls.Proposal.asked_by": OFFICE,
    "calls.Proposal.confirmed_by": OFFICE,
    "calls.ProposalGap.volunteer": WEIGHED,
    "calls.ProposalLine.volunteer": WEIGHED,
    "calls.ScoreRule.set_by": OFFICE,
    "cockpit.BoardSetting.set_by": OFFICE,
    "people.Consent.given_by": TWIN,
    "people.Consent.recorded_by": OFFICE,
    "people.Consent.withdrawn_by": TWIN,
    "people.Guardianship.confirmed_by": TWIN,
    "people.Notice.about": OTHERS,
    "people.Person.created_by": OFFICE,
    "people.Role.granted_by": OFFICE,
    "people.Role.seconded_by": OFFICE,
    "people.RoleProposal.decided_by": OFFICE,
    "people.RoleProposal.proposed_by": OFFICE,
    "points.Adoption.recorded_by": OFFICE,
    "points.Appeal.first_by": OFFICE,
    "points.Appeal.marked_by": OFFICE,
    "points.Appeal.second_by": OFFICE,
    "points.Book.created_by": OFFICE,
    "points.Claim.ended_by": OFFICE,
    "points.Claim.made_by": OFFICE,
    "points.Edition.drafted_by": OFFICE,
    "points.Edition.published_by": OFFICE,
    "points.Freezing.made_by": OFFICE,
    "points.Ending.told_by": OFFICE,
    "points.Gift.ended_by": OFFICE,
    "points.Gift.made_by": OFFICE,
    "points.Gift.returned_by": OFFICE,
    "points.Intake.checked_by": OFFICE,
    "points.Intake.made_by": OFFICE,
    "points.Passbook.frozen_by": OFFICE,
    "points.Passbook.opened_by": OFFICE,
    "points.Reversal.ended_by": OFFICE,
    "points.Printing.made_by": OFFICE,
    "points.Reversal.made_by": OFFICE,
    "points.Reversal.told_by": OFFICE,
    "points.Sheet.approved_by": OFFICE,
    "points.Sheet.made_by": OFFICE,
    "points.Weighing.made_by": OFFICE,
    "volunteers.Allocation.asked_by": OFFICE,
    "volunteers.Allocation.confirmed_by": OFFICE,
    "volunteers.AllocationLine.volunteer": WEIGHED,
    "volunteers.Attendance.in_by": OFFICE,
    "volunteers.Attendance.out_by": OFFICE,
    "volunteers.Attendance.seen_by": OFFICE,
    "volunteers.Attendance.volunteer": TWIN,
    "volunteers.Campaign.made_by": OFFICE,
    "volunteers.Certificate.issued_by": OFFICE,
    "volunteers.Certificate.revoked_by": OFFICE,
    "volunteers.Invitation.invited_by": OFFICE,
    "volunteers.ProtectionCheck.checked_by": OFFICE,
    "volunteers.ProtectionCheck.volunteer": TWIN,
    "volunteers.ReportedCount.entered_by": OFFICE,
    "volunteers.ServiceEvent.by": OFFICE,
    "volunteers.ServiceRecord.confirmed_by": OFFICE,
    "volunteers.ServiceRecord.corrected_by": OFFICE,
    "volunteers.ServiceRecord.entered_by": OFFICE,
    "volunteers.ServiceRecord.second_by": OFFICE,
    "volunteers.ServiceRecord.volunteer": TWIN,
    "volunteers.ServiceSession.opened_by": OFFICE,
    "volunteers.SheetEntry.entered_by": OFFICE,
    "volunteers.SheetEntry.volunteer": TWIN,
    "volunteers.SkillProof.refused_by": OFFICE,
    "volunteers.SkillProof.verified_by": OFFICE,
    "volunteers.SkillProof.volunteer": TWIN,
    "volunteers.Want.made_by": OFFICE,
}


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        people.load_purposes()
        yield Cast()


def columns() -> dict[str, tuple[str, str]]:
    """Every column that refers to a person or a volunteer: ``app.Model.field`` -> (table, column)."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey) and field.related_model in {Person, Volunteer}:
                found[f"{model._meta.label}.{field.name}"] = (model._meta.db_table, field.column)
    return found


def test_every_column_that_refers_to_a_person_is_in_his_copy_or_named_here_with_the_reason(cast: Cast) -> None:
    him = cast.li.person

    with CaptureQueriesContext(connection) as asked:
        people.export_person(actor=make.actor(him), person_id=him.pk)

    questions = [one["sql"] for one in asked.captured_queries]
    left = {
        name
        for name, (table, column) in columns().items()
        if not any(f'"{table}"."{column}"' in sql.partition(" FROM ")[2] for sql in questions)
    }
    assert sorted(left - set(WHY_NOT)) == [], "export these, or say why not"
    assert sorted(set(WHY_NOT) - left) == [], "these are exported by now, or gone"
