"""The compiler of the numeric kernels: numba where it is installed, plain Python (slow, with the same results) where not.

The kernels are written in the part of Python that both understand, so that a machine without numba still dispatches and
tests can step through them. Compiled code is kept on disk only when the caller names a folder (NUMBA_CACHE_DIR): a pure
package writes nothing by itself. Name another folder for another version of Huying, for numba cannot read what was kept of
types that have changed since.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

INSTALLED = importlib.util.find_spec("numba") is not None
"""Whether kernels are machine code here."""


def compiled(function: F) -> F:
    """Compile ``function`` at its first call, without the interpreter lock while it runs."""
    return _compiled(function, {})


def uncounted(function: F) -> F:
    """``compiled``, for kernels that make no arrays and call none that do: nobody counts who holds which array.

    Counting takes two locked instructions for each array of each call, more than the small kernels of a search do. Whoever
    called from Python holds the arrays as long as it runs. (``_nrt`` is what numba's own extensions name it.)
    """
    return _compiled(function, {"_nrt": False})


def _compiled(function: F, options: dict[str, Any]) -> F:
    if not INSTALLED or os.environ.get("NUMBA_DISABLE_JIT") == "1":
        return function
    import numba  # noqa: PLC0415  a machine without it runs the kernels as they are

    kept = bool(os.environ.get("NUMBA_CACHE_DIR"))
    return cast(F, numba.njit(nogil=True, cache=kept, **options)(function))


def cache_folder(above: Path) -> Path:
    """Where compiled code of just these kernels is kept below ``above``: another folder once anything in them changes.

    Twenty small files are read, a few milliseconds; numba itself is not.
    """
    made_of = blake2b(digest_size=8)
    for source in sorted(Path(__file__).parent.glob("*.py")):
        made_of.update(source.read_bytes())
    return above / made_of.hexdigest()
