"""Addresses of activities, under /activities/."""

from __future__ import annotations

from django.urls import path

from huying.activities.views import data, desk, door, joining, lists, planning, public

app_name = "activities"
urlpatterns = [
    path("", public.listing, name="list"),
    path("map/", public.whole_map, name="map"),
    path("map.geojson", public.geojson, name="geojson"),
    path("calendar.ics", public.calendar, name="calendar"),
    path("mine/", joining.mine, name="mine"),
    path("mine/key/", joining.calendar_key, name="calendar_key"),
    path("mine/<slug:token>.ics", public.my_calendar, name="my_calendar"),
    path("desk/", desk.desk, name="desk"),
    path("desk/file/<slug:form>/", lists.desk, name="desk_file"),
    path("new/", desk.new, name="new"),
    path("data/kinds/", data.listing, {"table": "kinds"}, name="kinds"),
    path("data/kinds/new/", data.edit, {"table": "kinds"}, name="kind_new"),
    path("data/kinds/<slug:code>/", data.edit, {"table": "kinds"}, name="kind_edit"),
    path("data/themes/", data.listing, {"table": "themes"}, name="themes"),
    path("data/themes/new/", data.edit, {"table": "themes"}, name="theme_new"),
    path("data/themes/<slug:code>/", data.edit, {"table": "themes"}, name="theme_edit"),
    path("data/units/", data.listing, {"table": "units"}, name="units"),
    path("data/units/new/", data.edit, {"table": "units"}, name="unit_new"),
    path("data/units/<slug:code>/", data.edit, {"table": "units"}, name="unit_edit"),
    path("rhythm/", planning.plans, name="plans"),
    path("rhythm/new/", planning.edit, name="plan_new"),
    path("rhythm/<uuid:public_id>/", planning.plan, name="plan"),
    path("rhythm/<uuid:public_id>/edit/", planning.edit, name="plan_edit"),
    path("rhythm/<uuid:public_id>/focus/", planning.focus, name="plan_focus"),
    path("sessions/<uuid:public_id>/sign-up/", joining.sign_up, name="join"),
    path("sessions/<uuid:public_id>/team/", joining.bring, {"sort": "team"}, name="join_team"),
    path("sessions/<uuid:public_id>/group/", joining.bring, {"sort": "group"}, name="join_group"),
    path("sessions/<uuid:public_id>/behalf/", joining.bring, {"sort": "behalf"}, name="join_behalf"),
    path("sessions/<uuid:public_id>/move/", desk.move, name="move"),
    path("sessions/<uuid:public_id>/call-off/", desk.call_off, name="call_off"),
    path("sessions/<uuid:public_id>/door/", door.door, name="door"),
    path("sessions/<uuid:public_id>/door/press/", door.press, name="door_press"),
    path("sessions/<uuid:public_id>/door/scans/", door.scans, name="door_scans"),
    path("sessions/<uuid:public_id>/door/walk-in/", door.walk_in, name="walk_in"),
    path("sessions/<uuid:public_id>/results/", door.results, name="results"),
    path("sessions/<uuid:public_id>/hours/", door.hours, name="hours"),
    path("sessions/<uuid:public_id>/photos/new/", door.add_photo, name="photo_new"),
    path("sessions/<uuid:public_id>/<slug:verb>/", door.step, name="session_step"),
    path("photos/<uuid:public_id>/remove/", door.remove_photo, name="photo_remove"),
    path("sign-ups/<uuid:public_id>/", joining.sign_up_page, name="sign_up"),
    path("sign-ups/<uuid:public_id>/leaving/", door.leaving, name="leaving"),
    path("<uuid:public_id>/", public.activity, name="activity"),
    path("<uuid:public_id>.ics", public.ics, name="ics"),
    path("<uuid:public_id>/edit/", desk.edit, name="edit"),
    path("<uuid:public_id>/copy/", desk.copy, name="copy"),
    path("<uuid:public_id>/add/", desk.add, name="add"),
    path("<uuid:public_id>/step/<slug:verb>/", desk.step, name="step"),
]
