"""Addresses of packs, under /packs/."""

from __future__ import annotations

from django.urls import URLPattern, path

from huying.packs.views import ours, shelf, switching

app_name = "packs"
urlpatterns: list[URLPattern] = [
    path("", shelf.library, name="library"),
    path("file/<slug:form>/", shelf.library_file, name="library_file"),
    path("schema.json", shelf.schema_file, name="schema"),
    path("load/", shelf.load, name="load"),
    path("here/", ours.here, name="here"),
    path("at/<uuid:public_id>/", ours.ours, name="ours"),
    path("at/<uuid:public_id>/on/", switching.on, name="on"),
    path("at/<uuid:public_id>/export/", switching.set_up, name="set_up"),
    path("switches/<uuid:public_id>/off/", switching.off, name="off"),
    path("is/<slug:namespace>/<slug:code>/", shelf.pack, name="pack"),
    path("is/<slug:namespace>/<slug:code>/difference/", shelf.difference, name="difference"),
    path("is/<slug:namespace>/<slug:code>/pack.yaml", shelf.file, name="file"),
]
