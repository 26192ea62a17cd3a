"""One data folder for every test that starts the platform: the first start in it makes everything, the demo too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bootstrap.running import FIRST_START, Up, folder


@pytest.fixture(scope="session")
def data() -> Iterator[Path]:
    """A folder in which the platform was started as a newcomer starts it, and stopped once; later starts may differ."""
    with folder() as path:
        first = Up(path, arguments=(), extra={"HUYING_WEB_PROCESSES": "2"}).ready()
        FIRST_START.append(first)
        assert first.stop() == 0, first.said
        yield path
