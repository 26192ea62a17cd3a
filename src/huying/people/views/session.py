"""The session of one browser: opening it, keeping it alive, asking again before sensitive acts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import SignInNeeded
from huying.kernel.requests import FRESH, fresh, is_fresh, way_back
from huying.kernel.sealed import SealBroken, normal_mobile
from huying.kernel.sealed.envelope import Spot, seal, unseal
from huying.people import queries, rules
from huying.people.actions import signing_in
from huying.people.actions.second_factor import has_second_factor
from huying.people.models import Account
from huying.people.states import HALF_FOR, PROOF_FOR, STAFF_DAY, STAFF_IDLE, RoleKind
from huying.places import queries as place_queries
from huying.places.queries import Spoken
from huying.ui import modes

BACKEND = "huying.people.queries.accounts.Backend"
HALF, SEEN, WAY, ACTING = "half", "seen", "way", "acting_for"
V = TypeVar("V", bound=Callable[..., HttpResponse])
__all__ = ["fresh", "is_fresh"]  # what guards the sensitive pages of every room


def go(to: str, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
    """After a write: look at the page of that name (or address) with a fresh GET."""
    address = to if to.startswith("/") else reverse(to, args=args, kwargs=kwargs)
    return HttpResponseRedirect(address, status=303)


def actor_of(request: HttpRequest) -> Actor:
    """Who acts in this request."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def account_of(request: HttpRequest) -> Account:
    """The signed-in account; SignInNeeded when nobody is signed in."""
    if not isinstance(request.user, Account):
        raise SignInNeeded
    return request.user


def safe_next(request: HttpRequest, default: str = "/") -> str:
    """Where to go afterwards: the asked address if it lies on this site, else ``default``."""
    return way_back(request, default)


# ── opening ─────────────────────────────────────────────────────────────────
def enter(request: HttpRequest, account: Account, way: str, target: str) -> HttpResponse:
    """The first factor was right: ask for the second, have one set up, or open the session."""
    trusted = way == "oidc" and settings.HUYING_OIDC_SECOND_FACTOR
    if not trusted and (has_second_factor(account) or queries.second_factor_due(account)):
        request.session.cycle_key()
        request.session[HALF] = {
            "account": account.pk,
            "way": way,
            "next": target,
            "at": clock.now().timestamp(),
        }
        return go("people:second" if has_second_factor(account) else "people:enrol")
    return open_session(request, account, way=way, second_factor=trusted, target=target)


def half_signed_in(request: HttpRequest) -> tuple[Account, dict[str, Any]] | None:
    """The account whose first factor was right less than ten minutes ago, and where it wants to go."""
    half = request.session.get(HALF)
    if not half or clock.now().timestamp() - half["at"] > HALF_FOR.total_seconds():
        return None
    account = queries.account_by_number(half["account"])
    return (account, half) if account else None


def open_session(request: HttpRequest, account: Account, *, way: str, second_factor: bool, target: str) -> HttpResponse:
    """Sign in: a new session key, an entry in the list of devices, the person's own modes of reading."""
    outside = request.session.pop("outside", None)
    request.session.pop(HALF, None)
    auth.login(request, account, backend=BACKEND)
    request.session.cycle_key()
    now = clock.now().timestamp()
    request.session.update({FRESH: now, SEEN: now, WAY: way})
    request.session.pop(ACTING, None)
    actor = queries.actor_for(account, address=actor_of(request).address)
    request.actor = actor  # type: ignore[attr-defined]
    if rules.is_staff(actor):
        request.session.set_expiry(int(STAFF_DAY.total_seconds()))
    signing_in.record_sign_in(
        actor=actor,
        account=account,
        session_key=cast(str, request.session.session_key),
        way=way,
        second_factor=second_factor,
        device=device_of(request),
    )
    if outside:
        request.session["outside"] = outside
        target = reverse("people:outside_link")
    response = go(target)
    remember_modes(response, account.person.preferences)
    return response


def renew(request: HttpRequest, account: Account) -> None:
    """After a new password: this session goes on under a new key, and its entry in the list with it."""
    before = request.session.session_key or ""
    auth.update_session_auth_hash(request, account)
    signing_in.rename_session(before, request.session.session_key or "")


def close_session(request: HttpRequest) -> None:
    """Sign out: the session and its entry in the list go."""
    if request.session.session_key:
        signing_in.forget_session(request.session.session_key)
    auth.logout(request)


def remember_modes(response: HttpResponse, wishes: dict[str, Any]) -> None:
    """Put somebody's saved modes of reading into the cookies the pages look at."""
    modes.remember(
        response,
        print=str(wishes.get("print", "")),
        contrast=str(wishes.get("contrast", "")),
        language=str(wishes.get("language", "")),
    )


def device_of(request: HttpRequest) -> str:
    """A short name of browser and system, good enough to recognise one's own telephone in a list."""
    agent = request.headers.get("User-Agent", "")
    systems = {
        "HarmonyOS": "鸿蒙",
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac OS": "macOS",
        "Linux": "Linux",
    }
    browsers = {
        "MicroMessenger": "微信",
        "Edg/": "Edge",
        "Firefox/": "Firefox",
        "Chrome/": "Chrome",
        "Safari/": "Safari",
    }
    system = next((name for mark, name in systems.items() if mark in agent), "")
    browser = next((name for mark, name in browsers.items() if mark in agent), "")
    return " · ".join(filter(None, [system, browser]))


# ── while it lasts ──────────────────────────────────────────────────────────
def keep_alive(request: HttpRequest) -> None:
    """Note that the session is in use; one of staff that was idle for half an hour ends here.

    What a page asks by itself (a board that polls) does not count as use.
    """
    now = clock.now().timestamp()
    by_itself = request.headers.get("X-Background") == "1"
    idle = now - request.session.get(SEEN, now)
    if rules.is_staff(actor_of(request)) and idle > STAFF_IDLE.total_seconds():
        address = actor_of(request).address
        close_session(request)
        request.actor = Actor(person_id=None, address=address)  # type: ignore[attr-defined]
        messages.info(request, gettext("您离开超过30分钟，为了安全已经退出，请重新登录。"))
    elif not by_itself and (idle > 60 or SEEN not in request.session):
        request.session[SEEN] = now
        if request.session.session_key:
            signing_in.touch_session(request.session.session_key)


def freshen(request: HttpRequest) -> None:
    request.session[FRESH] = clock.now().timestamp()


def signed_in(view: V) -> V:
    """The page is for those who are signed in; others go to the door and come back."""

    @wraps(view)
    def ask(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        account_of(request)
        return view(request, *args, **kwargs)

    return cast(V, ask)


# ── what every page may show ────────────────────────────────────────────────
def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: while acting, the person acted for and the strip that says so on every page."""
    actor = getattr(request, "actor", None)
    if actor is None or actor.on_behalf_of_id is None:
        return {}
    person = queries.acted_for(actor)
    return {"acting_for": person, "banner": "people/_acting.html"}


def reader(request: HttpRequest) -> dict[str, str]:
    """Who reads, for the layouts: key, name, highest role and the address of his own page."""
    account = request.user
    if not isinstance(account, Account):
        return {}
    held = {kind for kind, _path in actor_of(request).roles}
    role = next((kind.label for kind in reversed(RoleKind) if kind in held), RoleKind.RESIDENT.label)
    return {
        "key": str(account.person.public_id),
        "name": account.person.name,
        "role": str(role),
        "href": reverse("people:me"),
    }


def words(request: HttpRequest) -> Spoken:
    """What screens say to this reader: where he works (the highest place), else where he lives; no question of its own
    for who is signed in and lives or works somewhere.
    """
    account = getattr(request, "user", None)
    if not hasattr(request, "actor"):
        return Spoken()
    if not isinstance(account, Account):
        return place_queries.spoken_to_visitors()
    home, stamp = account.heard or queries.heard(account)
    return place_queries.spoken_to(actor_of(request), home, stamp)


# ── a number that was proved by a code, on the way to an account ────────────
PROOF = Spot(table="session", column="proof", row=b"")


def remember_proof(request: HttpRequest, phone: str) -> None:
    """Keep, sealed, that this browser proved this number just now (sessions lie open in the database)."""
    request.session.cycle_key()
    text = f"{int(clock.now().timestamp())} {normal_mobile(phone)}"
    request.session["proof"] = seal(text, PROOF).hex()


def proved_phone(request: HttpRequest) -> str:
    """The number proved in this browser within the last half hour, or the empty string."""
    kept = request.session.get("proof")
    if not kept:
        return ""
    try:
        at, _space, phone = unseal(bytes.fromhex(kept), PROOF).partition(" ")
    except SealBroken:
        return ""
    return phone if clock.now().timestamp() - int(at) <= PROOF_FOR.total_seconds() else ""


def forget_proof(request: HttpRequest) -> None:
    request.session.pop("proof", None)


def own_phone(account: Account) -> str:
    """The number that the account's codes go to, or the empty string."""
    return account.person.phone.open() if account.person.phone and account.phone_index else ""
