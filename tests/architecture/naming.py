"""Which of the world's things each address of the walk names: ids, codes, verbs and tokens by route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.tokens import default_token_generator

from huying.kernel.actor import Actor
from huying.kernel.attachments import links
from tests.architecture.addresses import Route

if TYPE_CHECKING:
    from tests.architecture.walking import World

SYSTEM = Actor.system("walk")
FILES = ("export", "number_export", "number_values", "reported_export", "checks_export", "add_feed")
FIGURES = ("value", "by_child", "over_time", "number_records", "reported")
POINT_VERBS = {
    "points:passbook_step": "share",
    "points:gift_step": "cancel",
    "points:claim_step": "confirm",
    "points:reversal_step": "drop",
    "points:appeal_step": "mark",
    "points:edition_step": "drop",
    "points:intake_step": "confirm",
    "points:sheet_step": "drop",
}


def values(world: World, route: Route) -> dict[str, Any]:
    """What to put into the address: the world's one thing of that sort."""
    room, _, name = route.name.partition(":")
    verbs = {
        "activities:step": "cancel",
        "activities:session_step": "hold",
        "volunteers:record_step": "confirm",
        "cockpit:report_step": "lock",
        **POINT_VERBS,
    }
    given: dict[str, Any] = {
        "public_id": public_id(world, room, name),
        "verb": verbs.get(route.name, "pool"),
        "form": "pdf" if name == "report_file" else "csv",
        "code": code(world, room, name),
        "kind": kind(world, room, name),
        "contact_id": world.contact.public_id,
        "double_id": world.cast.neighbour.public_id,
        "photo_id": (world.proof if name == "remove_check_photo" else world.photo).public_id,
        "standard_id": world.standard.public_id,
        "layer_id": world.layer.public_id,
        "draft_id": world.import_draft.public_id,
        "rule_id": world.rule.pk,
        "job_id": 1,
        "override_id": world.day_off.pk,
        "key": str(world.new_account.person.public_id),
        "token": default_token_generator.make_token(world.new_account),
        "text": world.given.code,
        "wire": "json",
        "metric": "calls_closed",
        "namespace": "example",
        "number": 1 if room == "places" else world.lamp.number,
    }
    if route.name == "file":
        token = links.url(world.photo, SYSTEM).rstrip("/").rpartition("/")[2]
        given |= {"public_id": world.photo.public_id, "token": token}
    if route.name in ("api:pack", "api:pack_difference"):
        given["key"] = "example.four_seasons"
    if route.name == "calls:open311_token":
        given["token"] = str(world.lamp.public_id)
    if route.name == "activities:my_calendar":
        given["token"] = world.given.calendar.token
    return {name: given[name] for name in route.parameters}


def kind(world: World, room: str, name: str) -> str:
    special = {"create_top": "county", "certificate_badge": "json"}
    return special.get(name, {"people": "json", "volunteers": "csv"}.get(room, "station"))


def code(world: World, room: str, name: str) -> str:
    flag = world.flag.pk if world.flag else ""
    special = {"kind": "station", "flag_kind": flag, "unflag": flag, "change_consent": "account"}
    special |= {"kind_edit": "culture", "theme_edit": "talk", "unit_edit": "mu"}
    special |= {"report_template": "monthly"}
    special |= dict.fromkeys(("pack", "difference", "file"), "four_seasons") if room == "packs" else {}
    special |= {"receipt": world.given.receipt}
    special |= {"": world.number.code} if room == "cited" else {"number": world.number.code} if room == "api" else {}
    special |= {"measure": "open"}
    special |= dict.fromkeys(("verify_code", "verify_file"), world.given.certificate.code)
    return str(special.get(name, world.cast.kind.code))


def public_id(world: World, room: str, name: str) -> UUID:
    gathered = world.given
    special = {
        ("calls", "asked"): world.call,
        ("calls", "door_end"): world.key,
        ("calls", "hotline_draft"): world.tickets,
        ("calls", "grid_ask"): world.cast.resident,
        ("calls", "grid_told"): world.to_tell,
        **{("calls", one): world.weighed for one in ("proposal", "proposal_act", "proposal_file")},
        ("calls", "proposal_line"): world.weighed.lines.get(),
        **{("calls", one): world.callback.draw for one in ("callback_draw", "callback_draw_file")},
        **{("calls", one): world.callback for one in ("callback", "callback_number")},
        ("calls", "exclusion"): world.left_out,
        ("places", "map"): world.cast.home,
        ("places", "add_layer"): world.cast.home,
        ("places", "remove_layer"): world.cast.home,
        ("places", "choose_kind"): world.cast.home,
        ("places", "create"): world.cast.home,
        ("places", "import"): world.cast.home,
        ("people", "end_session"): world.session,
        ("people", "confirm_tie"): world.tie,
        ("people", "end_tie"): world.tie,
        ("people", "end_recorded_tie"): world.tie,
        ("people", "ward_consents"): world.tie.ward,
        ("people", "child_account"): world.tie.ward,
        ("people", "erase_ward"): world.tie.ward,
        ("people", "read_notice"): world.notice,
        ("people", "act_begin"): world.tie.ward,
        ("people", "decide"): world.proposal,
        ("people", "roles_at"): world.cast.home,
        ("people", "grant"): world.cast.home,
        ("people", "end_role"): world.role,
        ("people", "lend_role"): world.role,
        ("api", "place"): world.site,
        ("api", "children"): world.site,
        ("api", "session"): gathered.ahead,
        ("api", "join"): gathered.ahead,
        ("api", "leave"): gathered.sign_up,
        ("api", "confirm"): gathered.sign_up,
        **{("places", one): world.standard for one in ("standard", "standard_file", "retire_standard")},
        **{("places", one): world.check for one in ("check", "add_check_photo", "remove_check_photo")},
        **{("api", one): world.check for one in ("check", "verify_check", "return_check")},
        **{("api", one): world.site for one in ("site_standards", "site_checks")},
        ("places", "timetable"): gathered.room,
        ("places", "book"): gathered.room,
        ("places", "booking"): gathered.booking,
        ("places", "change_booking"): gathered.booking,
        ("volunteers", "volunteer"): world.cast.li,
        ("volunteers", "campaign"): gathered.campaign,
        ("volunteers", "want"): gathered.want,
        ("volunteers", "invitation"): gathered.invitation,
        ("volunteers", "allocation"): gathered.allocation,
        **{("volunteers", one): gathered.record for one in ("record", "record_step")},
        **{("volunteers", f"certificate_{one}"): gathered.certificate for one in ("pdf", "badge", "revoke")},
        **{
            ("volunteers", f"session{one}"): gathered.session
            for one in ("", "_code", "_file", "_paper", "_roll", "_sheet")
        },
        **{("activities", one): gathered.plan for one in ("plan", "plan_edit", "plan_focus")},
        **{
            ("activities", one): gathered.ahead
            for one in ("join", "join_team", "join_group", "join_behalf", "move", "call_off")
        },
        **{("activities", one): gathered.begun for one in ("door", "door_press", "door_scans", "walk_in")},
        ("activities", "session_step"): gathered.begun,
        ("api", "scans"): gathered.begun,
        **{("activities", one): gathered.held for one in ("results", "hours", "photo_new")},
        ("activities", "photo_remove"): gathered.picture,
        ("activities", "sign_up"): gathered.sign_up,
        ("activities", "leaving"): gathered.helper,
        **{("figures", one): world.cast.county for one in ("place", "report", "check", "number", "cite", *FILES)},
        ("figures", "end_check"): world.figure_check,
        ("figures", "end_feed"): world.feed,
        ("figures", "resume_feed"): world.stopped_feed,
        ("figures", "kept_file"): world.kept_file,
        **{("api", one): world.cast.county for one in FIGURES},
        **{
            ("cockpit", one): world.cast.county
            for one in (
                *("reports_at", "reports_file", "report_new", "letterhead"),
                *("report_template", "report_templates", "report_template_new"),
            )
        },
        **{(room, "paper"): world.paper for room in ("cockpit", "api")},
        **{("packs", one): world.cast.county for one in ("ours", "on", "set_up")},
        ("packs", "off"): world.switch,
        ("api", "packs_at"): world.cast.county,
        ("api", "book"): gathered.points.book,
        ("api", "take"): gathered.points.passbook,
        **{("points", one): found for found, names in pointed(world).items() for one in names.split()},
        **{("cockpit", one): world.cast.county for one in ("board", "now", "ranking", "measure")},
    }
    usual = {
        "calls": world.call,
        "api": world.call,
        "places": world.site,
        "people": world.cast.resident,
        "volunteers": world.cast.team,
        "activities": gathered.activity,
        "ledger": gathered.account,
        "figures": world.figure,
        "cockpit": world.report,
        "points": gathered.points.passbook,
    }
    found: UUID = special.get((room, name), usual.get(room, world.call)).public_id  # type: ignore[attr-defined]
    return found


def pointed(world: World) -> dict[Any, str]:
    """The things of points, and at which addresses each is meant."""
    given = world.given.points
    return {
        given.book: "book join keep rename end draft partners sheets sheets_file bank_new edition_step",
        given.bank: "bank counter bank_close good_new intake_new stock_file",
        given.good: "good_edit",
        given.intake: "intake_step",
        given.sheet: "sheet sheet_file sheet_step",
        given.gift: "gift gift_return gift_step",
        given.claim: "claim reverse_new claim_step",
        given.reversal: "reversal_step",
        given.appeal: "appeal appeal_step",
    }
