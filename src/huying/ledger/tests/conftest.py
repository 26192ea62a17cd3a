from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from huying.kernel import clock
from huying.kernel.sealed import keyring
from huying.ledger.tests.factories import START


@pytest.fixture
def morning() -> Iterator[None]:
    with clock.frozen(START):
        yield


@pytest.fixture
def own_heads(tmp_path: Path, settings: Any) -> Path:
    """A data folder without the heads of other tests."""
    settings.DATA = tmp_path
    keyring.ensure()
    return tmp_path / "ledger" / "heads.txt"
