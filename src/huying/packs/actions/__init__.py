"""What is done with packs."""

from huying.packs.actions.loading import Loaded, load_pack, try_pack
from huying.packs.actions.refusals import AlreadyOff, AlreadyOn, UntilPast, VersionDiffers, VersionOlder
from huying.packs.actions.switching import lapse, renew, switch_off, switch_on

__all__ = [
    "AlreadyOff",
    "AlreadyOn",
    "Loaded",
    "UntilPast",
    "VersionDiffers",
    "VersionOlder",
    "lapse",
    "load_pack",
    "renew",
    "switch_off",
    "switch_on",
    "try_pack",
]
