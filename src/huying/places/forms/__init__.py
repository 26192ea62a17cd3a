"""What people type about places: shape and cleaning; actions decide whether it may be kept."""

from huying.places.forms.bookings import BookingForm, CancelBookingForm, WeekForm
from huying.places.forms.checks import CheckForm, CheckPhotoForm, ReturnForm, StandardListForm
from huying.places.forms.hours import HoursForm
from huying.places.forms.lists import CoverageRuleForm, ListForm, MapForm, ReachForm, WithinForm
from huying.places.forms.place import (
    CloseForm,
    ContactForm,
    FlagForm,
    LayerForm,
    MoveForm,
    PhotoForm,
    PlaceForm,
    ReasonForm,
    TableForm,
    refuse,
)
from huying.places.forms.setup import FlagKindForm, KindForm

__all__ = [
    "BookingForm",
    "CancelBookingForm",
    "CheckForm",
    "CheckPhotoForm",
    "CloseForm",
    "ContactForm",
    "CoverageRuleForm",
    "FlagForm",
    "FlagKindForm",
    "HoursForm",
    "KindForm",
    "LayerForm",
    "ListForm",
    "MapForm",
    "MoveForm",
    "PhotoForm",
    "PlaceForm",
    "ReachForm",
    "ReasonForm",
    "ReturnForm",
    "StandardListForm",
    "TableForm",
    "WeekForm",
    "WithinForm",
    "refuse",
]
