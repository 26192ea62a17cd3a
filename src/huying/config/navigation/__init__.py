"""What stands in the tab bar of residents, on their own page, on pages of places and in the rail of staff."""

from huying.config.navigation.points import POINTS
from huying.config.navigation.residents import AT_PLACES, FOOT, LEADING, MINE, TABS
from huying.config.navigation.sites import SITES
from huying.config.navigation.staff import DESK, GATHER

ENTRIES = (*TABS, *FOOT, *AT_PLACES, *MINE, *DESK[:-5], *POINTS, *GATHER, *SITES, *DESK[-5:], *LEADING)
