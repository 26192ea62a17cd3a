"""Addresses of points, under /points/."""

from __future__ import annotations

app_name = "points"
urlpatterns: list[object] = []
