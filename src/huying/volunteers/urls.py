"""Addresses of the volunteers room: one's own profile, teams, and the keeper's list."""

from __future__ import annotations

from django.urls import path

from huying.volunteers import views

app_name = "volunteers"

urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/join/", views.join, name="join"),
    path("me/pause/", views.pause, name="pause"),
    path("me/leave/", views.leave, name="leave"),
    path("list/", views.listing, name="list"),
    path("teams/", views.teams, name="teams"),
    path("teams/new/", views.new_team, name="team_new"),
    path("teams/<uuid:public_id>/", views.team, name="team"),
    path("teams/<uuid:public_id>/edit/", views.edit_team, name="team_edit"),
    path("teams/<uuid:public_id>/members/", views.members, name="team_members"),
]
