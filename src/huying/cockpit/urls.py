"""Addresses of the cockpit: boards of places and their round-ups."""

from __future__ import annotations

from django.urls import path

from huying.cockpit.views import boards

app_name = "cockpit"

urlpatterns = [
    path("", boards.home, name="home"),
    path("at/<uuid:public_id>/", boards.board, name="board"),
    path("at/<uuid:public_id>/now/", boards.now, name="now"),
    path("at/<uuid:public_id>/ranking/", boards.ranking, name="ranking"),
]
