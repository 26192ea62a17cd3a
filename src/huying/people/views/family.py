"""My family: children of mine, those who entrusted me, those whom I entrusted, and their consents."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huying.kernel import clock
from huying.kernel.errors import DomainError, NotFound
from huying.people import actions, queries, rules
from huying.people.actions import rights
from huying.people.actions.consents import CHILD_DATA, current_purpose
from huying.people.forms.me import ChildAccountForm, ChildForm, EntrustForm, EraseForm
from huying.people.models import Person
from huying.people.views.pages import put_errors, show
from huying.people.views.session import account_of, actor_of, fresh, go, signed_in

form_page = require_http_methods(["GET", "HEAD", "POST"])


@signed_in
@require_GET
def family(request: HttpRequest) -> HttpResponse:
    """Everybody I act for or who acts for me."""
    account = account_of(request)
    ties = list(queries.ties_of(account.person))
    return show(
        request,
        "family",
        title=_("我的家人"),
        wards=[tie for tie in ties if tie.guardian_id == account.person_id],
        helpers=[tie for tie in ties if tie.ward_id == account.person_id],
        waiting=queries.ties_waiting_for(account),
        today=clock.today(),
    )


@signed_in
@form_page
def add_child(request: HttpRequest) -> HttpResponse:
    """Write down a child of mine and agree to its data being kept."""
    form = ChildForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.add_child(actor=actor_of(request), **form.cleaned_data)
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                messages.success(request, _("已添加。"))
                return go("people:family")
    return show(
        request,
        "add_child",
        title=_("添加孩子"),
        back="people:family",
        status=status,
        form=form,
        purpose=current_purpose(CHILD_DATA),
    )


@signed_in
@form_page
def entrust(request: HttpRequest) -> HttpResponse:
    """Ask a relative to act for me."""
    form = EntrustForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.entrust(actor=actor_of(request), phone=form.cleaned_data["phone"])
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                messages.success(request, _("已记下，等对方登录后确认。"))
                return go("people:family")
    return show(request, "entrust", title=_("委托家人代办"), back="people:family", status=status, form=form)


@signed_in
@require_POST
def confirm_tie(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Agree to act for somebody who asked me."""
    actions.confirm_tie(actor=actor_of(request), public_id=str(public_id))
    messages.success(request, _("已确认，您可以替家人求助和报名了。"))
    return go("people:family")


@signed_in
@require_POST
def end_tie(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End a tie, from either side."""
    actions.end_tie(actor=actor_of(request), public_id=str(public_id))
    messages.success(request, _("已取消。"))
    return go("people:family")


@signed_in
@form_page
def child_account(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Let a child of mine sign in with its own telephone."""
    child = _ward(request, public_id)
    form = ChildAccountForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.allow_child_account(
                    actor=actor_of(request), child_id=child.pk, phone=form.cleaned_data["phone"]
                )
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                messages.success(request, _("已同意。孩子用这个号码收验证码，填同样的姓名就能登录。"))
                return go("people:ward_consents", public_id=public_id)
    return show(
        request, "child_account", title=_("让孩子自己登录"), back="people:family", status=status, form=form, child=child
    )


@fresh
@form_page
def erase_ward(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Have a child's data erased."""
    child = _ward(request, public_id)
    form = EraseForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.erase_person(actor=actor_of(request), person_id=child.pk)
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                request.session.pop("acting_for", None)
                messages.success(request, _("孩子的资料已清除。"))
                return go("people:family")
    return show(
        request,
        "erase",
        title=_("清除孩子的资料"),
        back="people:family",
        status=status,
        form=form,
        obstacles=rights.obstacles(child),
        child=child,
    )


# ── consents ────────────────────────────────────────────────────────────────
@signed_in
@require_GET
def my_consents(request: HttpRequest) -> HttpResponse:
    """What I agreed to, what I may agree to, and the history."""
    return _consents(request, account_of(request).person)


@signed_in
@require_GET
def ward_consents(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The same for somebody I act for."""
    return _consents(request, _ward(request, public_id))


def _consents(request: HttpRequest, person: Person) -> HttpResponse:
    return show(
        request,
        "consents",
        title=_("资料用途和同意"),
        person=person,
        mine=person.pk == actor_of(request).person_id,
        standings=queries.standing_of(person),
        history=queries.consent_history(person)[:50],
        is_child=rules.is_child(person, clock.today()),
    )


@signed_in
@require_POST
def change_consent(request: HttpRequest, code: str) -> HttpResponse:
    """Give or take back one consent; both are one press of a button."""
    person = account_of(request).person
    if request.POST.get("person"):
        person = _ward(request, request.POST["person"])
    change = actions.give_consent if request.POST.get("do") == "give" else actions.withdraw_consent
    change(actor=actor_of(request), person_id=person.pk, code=code)
    messages.success(request, _("已同意。") if change is actions.give_consent else _("已撤回。"))
    if person.pk == account_of(request).person_id:
        return go("people:my_consents")
    return go("people:ward_consents", public_id=person.public_id)


def _ward(request: HttpRequest, public_id: UUID | str) -> Person:
    ward = queries.ward_by_id(actor_of(request), public_id)
    if ward is None:
        raise NotFound
    return ward
