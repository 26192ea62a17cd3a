"""Addresses of the ledger: for auditors, and the public check of a receipt."""

from __future__ import annotations

from django.urls import path

from huying.ledger import views

app_name = "ledger"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("accounts/export/<slug:form>/", views.accounts_export, name="accounts_export"),
    path("accounts/<uuid:public_id>/", views.account, name="account"),
    path("accounts/<uuid:public_id>/export/<slug:form>/", views.export, name="export"),
    path("receipt/", views.find_receipt, name="find_receipt"),
    path("receipt/<slug:code>/", views.receipt, name="receipt"),
]
