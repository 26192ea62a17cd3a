"""Addresses of the cockpit: boards of places and their round-ups."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "cockpit"

urlpatterns: list[URLPattern] = []
