"""The tab bar and the rail of the product lead somewhere: no dead button is ever shown."""

from __future__ import annotations

from itertools import groupby

from huying.config.navigation import ENTRIES
from huying.ui import checks


def test_every_entry_of_the_navigation_leads_somewhere() -> None:
    assert checks.navigation_leads_somewhere() == []


def test_each_heading_of_the_rail_stands_once() -> None:
    headings = [str(group) for group, _entries in groupby(entry.group for entry in ENTRIES if entry.place == "rail")]

    assert len(headings) == len(set(headings)), headings
