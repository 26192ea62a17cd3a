"""What can be done with people. Other rooms come in here."""

from huying.people.actions.acting import begin_acting, end_acting
from huying.people.actions.codes import check_code, request_code
from huying.people.actions.consents import give_consent, load_purposes, withdraw_consent
from huying.people.actions.guardians import (
    add_child,
    allow_child_account,
    confirm_tie,
    end_tie,
    entrust,
    record_tie,
    tell_guardians,
    tell_of_age,
)
from huying.people.actions.housekeeping import forget
from huying.people.actions.merging import merge_persons
from huying.people.actions.notices import Message, mark_read, send_notice, send_notices, tell_feed_lapsed
from huying.people.actions.persons import Facts, add_person, edit_person
from huying.people.actions.preferences import set_preferences
from huying.people.actions.registering import (
    Registration,
    change_phone,
    open_account,
    register_person,
    set_password,
    set_username,
)
from huying.people.actions.rights import ERASED_NAME, Rights, Section, erase_person, export_person, register_rights
from huying.people.actions.roles import decide_proposal, end_role, grant_role, lend_role, propose_role
from huying.people.actions.second_factor import new_recovery_codes
from huying.people.actions.second_factor import switch_off as switch_off_second_factor
from huying.people.actions.texting import send_text

__all__ = [
    "ERASED_NAME",
    "Facts",
    "Message",
    "Registration",
    "Rights",
    "Section",
    "add_child",
    "add_person",
    "allow_child_account",
    "begin_acting",
    "change_phone",
    "check_code",
    "confirm_tie",
    "decide_proposal",
    "edit_person",
    "end_acting",
    "end_role",
    "end_tie",
    "entrust",
    "erase_person",
    "export_person",
    "forget",
    "give_consent",
    "grant_role",
    "lend_role",
    "load_purposes",
    "mark_read",
    "merge_persons",
    "new_recovery_codes",
    "open_account",
    "propose_role",
    "record_tie",
    "register_person",
    "register_rights",
    "request_code",
    "send_notice",
    "send_notices",
    "send_text",
    "set_password",
    "set_preferences",
    "set_username",
    "switch_off_second_factor",
    "tell_feed_lapsed",
    "tell_guardians",
    "tell_of_age",
    "withdraw_consent",
]
