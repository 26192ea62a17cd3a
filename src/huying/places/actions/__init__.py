"""Everything that changes a place: the tree, what is written at a place, kinds and rules, imports, maps."""

from huying.places.actions.contacts import add_contact, change_contact, remove_contact, reveal_contact
from huying.places.actions.details import clear_flag, set_flag, set_hours
from huying.places.actions.layers import LayerImported, import_layer, remove_layer
from huying.places.actions.photos import add_photo, remove_photo
from huying.places.actions.refusals import (
    BelowItself,
    CodeTaken,
    KindNotAllowed,
    NameTaken,
    ParentClosed,
    PlaceChanged,
    PlaceClosedAlready,
    PlaceOpenAlready,
    StillInUse,
    TooDeep,
    TreeChanged,
)
from huying.places.actions.setup import (
    add_coverage_rule,
    install_first_rows,
    remove_coverage_rule,
    save_flag,
    save_kind,
)
from huying.places.actions.tables import (
    NothingInTable,
    Plan,
    TableHasProblems,
    check_table,
    import_draft,
    plan,
    read_table,
    write_rows,
)
from huying.places.actions.tree import change_place, close_place, create_place, move_place, reopen_place
from huying.places.rules.values import Facts

__all__ = [
    "BelowItself",
    "CodeTaken",
    "Facts",
    "KindNotAllowed",
    "LayerImported",
    "NameTaken",
    "NothingInTable",
    "ParentClosed",
    "PlaceChanged",
    "PlaceClosedAlready",
    "PlaceOpenAlready",
    "Plan",
    "StillInUse",
    "TableHasProblems",
    "TooDeep",
    "TreeChanged",
    "add_contact",
    "add_coverage_rule",
    "add_photo",
    "change_contact",
    "change_place",
    "check_table",
    "clear_flag",
    "close_place",
    "create_place",
    "import_draft",
    "import_layer",
    "install_first_rows",
    "move_place",
    "plan",
    "read_table",
    "remove_contact",
    "remove_coverage_rule",
    "remove_layer",
    "remove_photo",
    "reopen_place",
    "reveal_contact",
    "save_flag",
    "save_kind",
    "set_flag",
    "set_hours",
    "write_rows",
]
