"""Addresses of the calls room: the resident's and helper's pages, one page a call, and the desk of the staff."""

from __future__ import annotations

from django.urls import path

from huying.calls.views import desk, doors, grid, hotline, listing, menu, open311, phone, resident, short, slips, steps

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
    path("calls/<uuid:public_id>/slip/", slips.paper, name="slip_paper"),
    path("slip/", slips.slip, name="slip"),
    path("slip/rate/", slips.rate, name="slip_rate"),
    path("grid/", grid.home, name="grid"),
    path("grid/told/<uuid:public_id>/", grid.told, name="grid_told"),
    path("grid/ask/<slug:code>/", grid.kind, name="grid_kind"),
    path("grid/ask/<slug:code>/<uuid:public_id>/", grid.ask, name="grid_ask"),
    path("calls/<uuid:public_id>/<slug:verb>/", steps.step, name="step"),
    path("desk/", desk.board, name="board"),
    path("desk/columns/", desk.columns, name="board_columns"),
    path("desk/calls/<uuid:public_id>/", desk.panel, name="panel"),
    path("desk/calls/<uuid:public_id>/dispatch/", desk.dispatch, name="dispatch"),
    path("desk/calls/<uuid:public_id>/duplicate/", desk.duplicate, name="duplicate"),
    path("desk/list/", listing.listing, name="list"),
    path("desk/list/export/<slug:form>/", listing.export, name="export"),
    path("desk/phone/", phone.phone, name="phone"),
    path("desk/phone/find/", phone.find, name="phone_find"),
    path("desk/phone/for/<slug:code>/", phone.phone_kind, name="phone_kind"),
    path("desk/menu/", menu.kinds, name="menu"),
    path("desk/menu/new/", menu.new_kind, name="menu_new"),
    path("desk/menu/<slug:code>/", menu.edit_kind, name="menu_edit"),
    path("desk/clocks/", menu.clocks, name="clocks"),
    path("desk/hotline/", hotline.tickets, name="hotline"),
    path("desk/hotline/template/<slug:form>/", hotline.template, name="hotline_template"),
    path("desk/hotline/reply/<slug:form>/", hotline.reply, name="hotline_reply"),
    path("desk/hotline/<uuid:public_id>/", hotline.draft, name="hotline_draft"),
    path("desk/doors/", doors.keys, name="doors"),
    path("desk/doors/<uuid:public_id>/end/", doors.end, name="door_end"),
    path("open311/discovery.<slug:wire>", open311.discovery, name="open311_discovery"),
    path("open311/v2/services.<slug:wire>", open311.services, name="open311_services"),
    path("open311/v2/services/<slug:code>.<slug:wire>", open311.service, name="open311_service"),
    path("open311/v2/requests.<slug:wire>", open311.requests, name="open311_requests"),
    path("open311/v2/requests/<slug:number>.<slug:wire>", open311.one_request, name="open311_request"),
    path("open311/v2/tokens/<slug:token>.<slug:wire>", open311.token, name="open311_token"),
]
