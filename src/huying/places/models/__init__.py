"""Tables of places: the tree with what is kept at its places, and the standards that sites are checked against."""

from huying.places.models.offered import Offered
from huying.places.models.standards import CheckAnswer, CheckNote, SiteCheck, Standard, StandardItem
from huying.places.models.tree import (
    DEEPEST,
    BookedSpace,
    Booking,
    Contact,
    CoverageRule,
    ImportDraft,
    MapLayer,
    Place,
    PlaceFlag,
    PlaceFlagging,
    PlaceKind,
    Span,
)
from huying.places.models.wording import Wording

__all__ = [
    "DEEPEST",
    "BookedSpace",
    "Booking",
    "CheckAnswer",
    "CheckNote",
    "Contact",
    "CoverageRule",
    "ImportDraft",
    "MapLayer",
    "Offered",
    "Place",
    "PlaceFlag",
    "PlaceFlagging",
    "PlaceKind",
    "SiteCheck",
    "Span",
    "Standard",
    "StandardItem",
    "Wording",
]
