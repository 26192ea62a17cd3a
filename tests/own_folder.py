"""Loaded by pytest before Django reads its settings: each process of a run keeps files and keys in a folder of its own.

Two processes with one folder would sweep away each other's pictures.
"""

from __future__ import annotations

import os
from pathlib import Path

SCRATCH = Path(os.environ.get("HUYING_TEST_DATA") or Path(__file__).parents[1] / "var" / "test-data")
os.environ["HUYING_DATA"] = str(SCRATCH / os.environ.get("PYTEST_XDIST_WORKER", "main"))
