"""Addresses of the calls room: the resident's and helper's pages, one page a call, and the desk of the staff."""

from __future__ import annotations

from django.urls import path

from huying.calls.views import desk, listing, menu, phone, proposals, resident, short, steps

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
    path("desk/list/", listing.listing, name="list"),
    path("desk/list/export/<slug:form>/", listing.export, name="export"),
    path("desk/proposals/", proposals.proposals, name="proposals"),
    path("desk/proposals/<uuid:public_id>/", proposals.proposal, name="proposal"),
    path("desk/proposals/<uuid:public_id>/act/", proposals.act, name="proposal_act"),
    path("desk/proposals/lines/<uuid:public_id>/", proposals.line, name="proposal_line"),
    path("desk/phone/", phone.phone, name="phone"),
    path("desk/phone/find/", phone.find, name="phone_find"),
    path("desk/phone/for/<slug:code>/", phone.phone_kind, name="phone_kind"),
    path("desk/menu/", menu.kinds, name="menu"),
    path("desk/menu/new/", menu.new_kind, name="menu_new"),
    path("desk/menu/<slug:code>/", menu.edit_kind, name="menu_edit"),
    path("desk/clocks/", menu.clocks, name="clocks"),
]
