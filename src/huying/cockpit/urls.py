"""Addresses of the cockpit: boards of places, their round-ups, and the published ones for everybody."""

from __future__ import annotations

from django.urls import URLPattern, path

from huying.cockpit.views import boards, measures, papers, report_settings, reports

app_name = "cockpit"

BOARDS: list[URLPattern] = [
    path("", boards.home, name="home"),
    path("at/<uuid:public_id>/", boards.board, name="board"),
    path("at/<uuid:public_id>/now/", boards.now, name="now"),
    path("at/<uuid:public_id>/ranking/", boards.ranking, name="ranking"),
    path("at/<uuid:public_id>/numbers/<slug:code>/", measures.measure, name="measure"),
]
REPORTS: list[URLPattern] = [
    path("reports/", reports.home, name="reports"),
    path("reports/at/<uuid:public_id>/", reports.at_place, name="reports_at"),
    path("reports/at/<uuid:public_id>/list/<slug:form>/", reports.listed_file, name="reports_file"),
    path("reports/at/<uuid:public_id>/new/", reports.new, name="report_new"),
    path("reports/at/<uuid:public_id>/letterhead/", report_settings.letterhead, name="letterhead"),
    path("reports/at/<uuid:public_id>/new-template/", report_settings.new_template, name="report_template_new"),
    path("reports/at/<uuid:public_id>/templates/", report_settings.templates, name="report_templates"),
    path("reports/at/<uuid:public_id>/templates/<slug:code>/", report_settings.template, name="report_template"),
    path("reports/<uuid:public_id>/", reports.report, name="report"),
    path("reports/<uuid:public_id>/edit/", reports.edit, name="report_edit"),
    path("reports/<uuid:public_id>/do/<slug:verb>/", reports.step, name="report_step"),
    path("reports/<uuid:public_id>/file/<slug:form>/", reports.file, name="report_file"),
]
PAPERS: list[URLPattern] = [
    path("papers/", papers.papers, name="papers"),
    path("papers/<uuid:public_id>/", papers.paper, name="paper"),
]
urlpatterns: list[URLPattern] = [*BOARDS, *REPORTS, *PAPERS]
