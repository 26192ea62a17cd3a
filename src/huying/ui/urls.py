"""Addresses of the design system, under /ui/."""

from django.urls import path

from huying.ui import views

app_name = "ui"
urlpatterns = [
    path("", views.gallery, name="gallery"),
    path("mode", views.mode, name="mode"),
    path("offline/", views.offline, name="offline"),
    path("app.webmanifest", views.manifest, name="manifest"),
    path("worker.js", views.service_worker, name="worker"),
]
