"""Addresses of the volunteers room: one's own profile, teams, and the keeper's list."""

from __future__ import annotations

from django.urls import path

from huying.volunteers.views import certificates, joining, keeping, lists, oddities, service, sessions

app_name = "volunteers"

urlpatterns = [
    path("me/", joining.me, name="me"),
    path("me/join/", joining.join, name="join"),
    path("me/pause/", joining.pause, name="pause"),
    path("me/leave/", joining.leave, name="leave"),
    path("me/certificates/", certificates.mine, name="certificates"),
    path("certificates/<uuid:public_id>/pdf/", certificates.paper, name="certificate_pdf"),
    path("certificates/<uuid:public_id>/badge/<slug:kind>/", certificates.badge, name="certificate_badge"),
    path("certificates/<uuid:public_id>/revoke/", certificates.revoke, name="certificate_revoke"),
    path("verify/", certificates.verify, name="verify"),
    path("verify/<str:code>/", certificates.verify_code, name="verify_code"),
    path("verify/<str:code>/file/", certificates.verify_file, name="verify_file"),
    path("me/service/", service.mine, name="my_service"),
    path("me/service/<slug:kind>/", service.my_file, name="my_service_file"),
    path("service/", service.records, name="records"),
    path("service/file/<slug:kind>/", service.file, name="records_file"),
    path("service/queue/file/<slug:kind>/", service.queue_file, name="queue_file"),
    path("service/odd/", oddities.odd, name="odd"),
    path("service/queue/", service.queue, name="queue"),
    path("service/<uuid:public_id>/", service.record, name="record"),
    path("service/<uuid:public_id>/<slug:verb>/", service.step, name="record_step"),
    path("sessions/", sessions.sessions, name="sessions"),
    path("sessions/file/<slug:kind>/", lists.sessions, name="sessions_file"),
    path("sessions/new/", sessions.new_session, name="session_new"),
    path("sessions/<uuid:public_id>/", sessions.session, name="session"),
    path("sessions/<uuid:public_id>/code/", sessions.code, name="session_code"),
    path("sessions/<uuid:public_id>/paper/", sessions.paper, name="session_paper"),
    path("sessions/<uuid:public_id>/roll/", sessions.roll, name="session_roll"),
    path("sessions/<uuid:public_id>/sheet/", sessions.sheet, name="session_sheet"),
    path("sessions/<uuid:public_id>/roster/<slug:kind>/", lists.roster, name="session_file"),
    path("check/", sessions.check, name="check"),
    path("check/press/", sessions.check_press, name="check_press"),
    path("check/<str:text>/", sessions.check_link, name="check_link"),
    path("me/proofs/", keeping.proofs, name="proofs"),
    path("list/", joining.listing, name="list"),
    path("list/file/<slug:kind>/", lists.volunteers, name="list_file"),
    path("list/<uuid:public_id>/", keeping.volunteer, name="volunteer"),
    path("counts/", keeping.counts, name="counts"),
    path("counts/file/<slug:kind>/", lists.counts, name="counts_file"),
    path("counts/import/", keeping.import_counts, name="counts_import"),
    path("campaigns/", keeping.campaigns, name="campaigns"),
    path("campaigns/file/<slug:kind>/", lists.campaigns, name="campaigns_file"),
    path("campaigns/new/", keeping.new_campaign, name="campaign_new"),
    path("campaigns/<uuid:public_id>/", keeping.campaign, name="campaign"),
    path("teams/", joining.teams, name="teams"),
    path("teams/file/<slug:kind>/", lists.teams, name="teams_file"),
    path("teams/new/", joining.new_team, name="team_new"),
    path("teams/<uuid:public_id>/", joining.team, name="team"),
    path("teams/<uuid:public_id>/edit/", joining.edit_team, name="team_edit"),
    path("teams/<uuid:public_id>/members/", joining.members, name="team_members"),
    path("teams/<uuid:public_id>/members/<slug:kind>/", lists.members, name="team_file"),
]
