"""The tab bar and the rail of the product lead somewhere: no dead button is ever shown."""

from __future__ import annotations

from huying.ui import checks


def test_every_entry_of_the_navigation_leads_somewhere() -> None:
    assert checks.navigation_leads_somewhere() == []
