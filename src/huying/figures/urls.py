"""Addresses of figures: for those who read the numbers of a place, and those who keep what was reported of it."""

from __future__ import annotations

from django.urls import path

from huying.figures import views

app_name = "figures"

urlpatterns = [
    path("", views.home, name="home"),
    path("at/<uuid:public_id>/", views.place, name="place"),
    path("at/<uuid:public_id>/report/", views.report, name="report"),
    path("at/<uuid:public_id>/check/", views.check, name="check"),
    path("at/<uuid:public_id>/number/<slug:metric>/", views.number, name="number"),
    path("at/<uuid:public_id>/number/<slug:metric>/export/<slug:form>/", views.number_export, name="number_export"),
    path("at/<uuid:public_id>/number/<slug:metric>/values/<slug:form>/", views.number_values, name="number_values"),
    path("feeds/", views.feeds, name="feeds"),
    path("feeds/again/", views.add_list_feed, name="add_list_feed"),
    path("feeds/<uuid:public_id>/resume/", views.resume_feed, name="resume_feed"),
    path("feeds/list/<slug:form>/", views.feeds_export, name="feeds_export"),
    path("feeds/<uuid:public_id>/end/", views.end_feed, name="end_feed"),
    path("feeds/files/<uuid:public_id>/", views.kept_file, name="kept_file"),
    path("at/<uuid:public_id>/feeds/add/", views.add_feed, name="add_feed"),
    path("at/<uuid:public_id>/reported/export/<slug:form>/", views.reported_export, name="reported_export"),
    path("at/<uuid:public_id>/checks/export/<slug:form>/", views.checks_export, name="checks_export"),
    path("at/<uuid:public_id>/export/<slug:form>/", views.export, name="export"),
    path("at/<uuid:public_id>/number/<slug:metric>/cite/", views.cite, name="cite"),
    path("reported/<uuid:public_id>/cite/", views.cite_reported, name="cite_reported"),
    path("reported/<uuid:public_id>/", views.reported, name="reported"),
    path("reported/<uuid:public_id>/correct/", views.correct, name="correct"),
    path("checks/<uuid:public_id>/end/", views.end_check, name="end_check"),
]
