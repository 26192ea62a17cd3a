from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from huying.kernel.sealed import keyring
from huying.kernel.tests.scratch import letter_table


@pytest.fixture
def letters(db: None) -> Iterator[Any]:
    with letter_table() as model:
        yield model


@pytest.fixture
def own_keys(tmp_path: Path, settings: Any) -> Path:
    """A data folder with keys of this test's own."""
    settings.DATA = tmp_path
    keyring.ensure()
    return tmp_path
