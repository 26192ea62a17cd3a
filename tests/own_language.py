"""Loaded by pytest: each test begins in the language of the platform. The language of the last page asked for stays with
the thread, as Django leaves it there, and a test that runs next in the same process would speak it.
"""

from __future__ import annotations

import pytest
from django.utils import translation


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    translation.deactivate()
