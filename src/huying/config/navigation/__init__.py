"""What stands in the tab bar of residents, on their own page and in the rail of staff."""

from huying.config.navigation.residents import FOOT, LEADING, MINE, TABS
from huying.config.navigation.staff import DESK, GATHER, SITES

ENTRIES = (*TABS, *FOOT, *MINE, *DESK[:-5], *GATHER, *SITES, *DESK[-5:], *LEADING)
