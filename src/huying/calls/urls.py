"""Addresses of the calls room: the resident's and helper's pages, one page a call, and the desk of the staff."""

from __future__ import annotations

from django.urls import path

from huying.calls.views import calling_back, desk, figures, listing, menu, phone, resident, short, steps, watching

app_name = "calls"

urlpatterns = [
    path("", resident.home, name="home"),
    path("ask/", resident.ask, name="ask"),
    path("ask/short/", short.ask_short, name="ask_short"),
    path("ask/<slug:code>/", resident.ask_kind, name="ask_kind"),
    path("asked/<uuid:public_id>/", resident.asked, name="asked"),
    path("calls/", resident.mine, name="mine"),
    path("help/", resident.help_others, name="help"),
    path("calls/<uuid:public_id>/", steps.call, name="call"),
    path("calls/<uuid:public_id>/say/", steps.say, name="say"),
    path("calls/<uuid:public_id>/reveal/", steps.reveal, name="reveal"),
    path("calls/<uuid:public_id>/<slug:verb>/", steps.step, name="step"),
    path("desk/", desk.board, name="board"),
    path("desk/columns/", desk.columns, name="board_columns"),
    path("desk/calls/<uuid:public_id>/", desk.panel, name="panel"),
    path("desk/calls/<uuid:public_id>/dispatch/", desk.dispatch, name="dispatch"),
    path("desk/calls/<uuid:public_id>/duplicate/", desk.duplicate, name="duplicate"),
    path("desk/calls/<uuid:public_id>/urge/", watching.urge, name="urge"),
    path("desk/watch/", watching.watch, name="watch"),
    path("desk/figures/", figures.figures, name="figures"),
    path("desk/figures/export/<slug:form>/", figures.export, name="figures_export"),
    path("desk/figures/calls/", figures.behind, name="figures_calls"),
    path("desk/figures/teams/", figures.teams, name="figures_teams"),
    path("desk/figures/teams/export/<slug:form>/", figures.export_teams, name="teams_export"),
    path("desk/figures/rule/", figures.rule, name="figures_rule"),
    path("desk/callbacks/", calling_back.draws, name="callbacks"),
    path("desk/callbacks/<uuid:public_id>/", calling_back.draw, name="callback_draw"),
    path("desk/callbacks/<uuid:public_id>/answer/", calling_back.answer, name="callback"),
    path("desk/callbacks/<uuid:public_id>/number/", calling_back.number, name="callback_number"),
    path("desk/list/", listing.listing, name="list"),
    path("desk/list/export/<slug:form>/", listing.export, name="export"),
    path("desk/phone/", phone.phone, name="phone"),
    path("desk/phone/find/", phone.find, name="phone_find"),
    path("desk/phone/for/<slug:code>/", phone.phone_kind, name="phone_kind"),
    path("desk/menu/", menu.kinds, name="menu"),
    path("desk/menu/new/", menu.new_kind, name="menu_new"),
    path("desk/menu/<slug:code>/", menu.edit_kind, name="menu_edit"),
    path("desk/clocks/", menu.clocks, name="clocks"),
]
