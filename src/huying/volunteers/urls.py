"""Addresses of the volunteers room: one's own profile, teams, and the keeper's list."""

from __future__ import annotations

from django.urls import path

from huying.volunteers.views import joining

app_name = "volunteers"

urlpatterns = [
    path("me/", joining.me, name="me"),
    path("me/join/", joining.join, name="join"),
    path("me/pause/", joining.pause, name="pause"),
    path("me/leave/", joining.leave, name="leave"),
    path("list/", joining.listing, name="list"),
    path("teams/", joining.teams, name="teams"),
    path("teams/new/", joining.new_team, name="team_new"),
    path("teams/<uuid:public_id>/", joining.team, name="team"),
    path("teams/<uuid:public_id>/edit/", joining.edit_team, name="team_edit"),
    path("teams/<uuid:public_id>/members/", joining.members, name="team_members"),
]
