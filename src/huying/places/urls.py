"""Addresses of places, under /places/."""

from django.urls import path

from huying.places.views import changing, imports, keeping, maps, public, reports, setup

app_name = "places"
urlpatterns = [
    path("", public.tree, name="tree"),
    path("list/", public.listed, name="list"),
    path("list/export/", reports.export, name="export"),
    path("pick/", public.pick, name="pick"),
    path("search.json", public.search, name="search"),
    path("map/", maps.whole, name="whole_map"),
    path("figures/", reports.figures, name="figures"),
    path("coverage/", reports.coverage, name="coverage"),
    path("coverage/<int:rule_id>/", reports.gaps, name="gaps"),
    path("coverage/<int:rule_id>/remove/", reports.remove_rule, name="remove_rule"),
    path("reach/", reports.reach, name="reach"),
    path("kinds/", setup.kinds, name="kinds"),
    path("kinds/new/", setup.kind, name="add_kind"),
    path("kinds/<slug:code>/", setup.kind, name="kind"),
    path("flags/new/", setup.flag_kind, name="add_flag_kind"),
    path("flags/<slug:code>/", setup.flag_kind, name="flag_kind"),
    path("new/", changing.choose_kind, name="choose_top_kind"),
    path("new/<slug:kind>/", changing.create_top, name="create_top"),
    path("<uuid:public_id>/", public.detail, name="detail"),
    path("<uuid:public_id>/new/", changing.choose_kind, name="choose_kind"),
    path("<uuid:public_id>/new/<slug:kind>/", changing.create, name="create"),
    path("<uuid:public_id>/change/", changing.change, name="change"),
    path("<uuid:public_id>/move/", changing.move, name="move"),
    path("<uuid:public_id>/close/", changing.close, name="close"),
    path("<uuid:public_id>/reopen/", changing.reopen, name="reopen"),
    path("<uuid:public_id>/import/", imports.upload, name="import"),
    path("import/<uuid:draft_id>/", imports.draft, name="import_draft"),
    path("<uuid:public_id>/map/", maps.of_place, name="map"),
    path("<uuid:public_id>/map/new/", maps.add_layer, name="add_layer"),
    path("<uuid:public_id>/map/<uuid:layer_id>/remove/", maps.remove_layer, name="remove_layer"),
    path("<uuid:public_id>/history/", keeping.history, name="history"),
    path("<uuid:public_id>/hours/", keeping.hours, name="hours"),
    path("<uuid:public_id>/flags/new/", keeping.flag, name="flag"),
    path("<uuid:public_id>/flags/<slug:code>/end/", keeping.unflag, name="unflag"),
    path("<uuid:public_id>/contacts/new/", keeping.add_contact, name="add_contact"),
    path("<uuid:public_id>/contacts/<uuid:contact_id>/", keeping.change_contact, name="change_contact"),
    path("<uuid:public_id>/contacts/<uuid:contact_id>/remove/", keeping.remove_contact, name="remove_contact"),
    path("<uuid:public_id>/contacts/<uuid:contact_id>/phone/", keeping.reveal_contact, name="reveal_contact"),
    path("<uuid:public_id>/photos/new/", keeping.add_photo, name="add_photo"),
    path("<uuid:public_id>/photos/<uuid:photo_id>/remove/", keeping.remove_photo, name="remove_photo"),
]
