"""Addresses of points, under /points/."""

from __future__ import annotations

from django.urls import path

from huying.points.views import appeals, banks, books, claims, goods, history, passbooks, public, sheets

app_name = "points"
urlpatterns = [
    path("", public.listing, name="list"),
    path("books/<uuid:public_id>/", public.book, name="book"),
    path("books/<uuid:public_id>/join/", passbooks.join, name="join"),
    path("mine/", passbooks.mine, name="mine"),
    path("passbooks/", passbooks.find, name="passbooks"),
    path("passbooks/file/<slug:form>/", passbooks.found_file, name="passbooks_file"),
    path("passbooks/<uuid:public_id>/", passbooks.passbook, name="passbook"),
    path("passbooks/<uuid:public_id>/booklet.pdf", passbooks.booklet, name="booklet"),
    path("passbooks/<uuid:public_id>/claim/", claims.new, name="claim_new"),
    path("passbooks/<uuid:public_id>/goods/", goods.goods, name="goods"),
    path("passbooks/<uuid:public_id>/appeal/", appeals.new, name="appeal_new"),
    path("passbooks/<uuid:public_id>/file/<slug:form>/", passbooks.passbook_file, name="passbook_file"),
    path("passbooks/<uuid:public_id>/all/", history.whole, name="passbook_all"),
    path("passbooks/<uuid:public_id>/<slug:verb>/", passbooks.step, name="passbook_step"),
    path("gifts/<uuid:public_id>/", goods.gift, name="gift"),
    path("gifts/<uuid:public_id>/<slug:verb>/", goods.gift_step, name="gift_step"),
    path("claims/<uuid:public_id>/", claims.claim, name="claim"),
    path("claims/<uuid:public_id>/reverse/", claims.reverse_new, name="reverse_new"),
    path("claims/<uuid:public_id>/<slug:verb>/", claims.step, name="claim_step"),
    path("reversals/<uuid:public_id>/<slug:verb>/", claims.reversal_step, name="reversal_step"),
    path("appeals/<uuid:public_id>/", appeals.appeal, name="appeal"),
    path("appeals/<uuid:public_id>/<slug:verb>/", appeals.step, name="appeal_step"),
    path("desk/", books.desk, name="desk"),
    path("desk/new/", books.new, name="new"),
    path("desk/claims/", claims.desk, name="claims"),
    path("desk/claims/file/<slug:form>/", claims.claims_file, name="claims_file"),
    path("desk/appeals/", appeals.desk, name="appeals"),
    path("desk/appeals/file/<slug:form>/", appeals.appeals_file, name="appeals_file"),
    path("keep/<uuid:public_id>/", books.keep, name="keep"),
    path("keep/<uuid:public_id>/name/", books.rename, name="rename"),
    path("keep/<uuid:public_id>/end/", books.end, name="end"),
    path("keep/<uuid:public_id>/draft/", books.draft, name="draft"),
    path("keep/<uuid:public_id>/partners/", banks.partners, name="partners"),
    path("keep/<uuid:public_id>/sheets/", sheets.sheets, name="sheets"),
    path("keep/<uuid:public_id>/banks/new/", banks.bank_new, name="bank_new"),
    path("keep/<uuid:public_id>/edition/<slug:verb>/", books.edition_step, name="edition_step"),
    path("banks/<uuid:public_id>/", banks.bank, name="bank"),
    path("banks/<uuid:public_id>/counter/", banks.counter, name="counter"),
    path("banks/<uuid:public_id>/close/", banks.bank_close, name="bank_close"),
    path("banks/<uuid:public_id>/goods/new/", banks.good_new, name="good_new"),
    path("banks/<uuid:public_id>/intake/", banks.intake_new, name="intake_new"),
    path("banks/<uuid:public_id>/file/<slug:form>/", banks.stock_file, name="stock_file"),
    path("goods/<uuid:public_id>/edit/", banks.good_edit, name="good_edit"),
    path("intakes/<uuid:public_id>/<slug:verb>/", banks.intake_step, name="intake_step"),
    path("sheets/<uuid:public_id>/", sheets.sheet, name="sheet"),
    path("sheets/<uuid:public_id>/file/<slug:form>/", sheets.sheet_file, name="sheet_file"),
    path("sheets/<uuid:public_id>/<slug:verb>/", sheets.sheet_step, name="sheet_step"),
]
