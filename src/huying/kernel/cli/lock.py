"""``./huying lock``: requirements.in -> requirements.txt, each archive with its hash, for every Python from 3.11 on."""

from __future__ import annotations

import shutil

from huying.kernel.cli import places, say
from huying.kernel.trouble import Trouble

FLAGS = [
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
]


def lock(arguments: list[str]) -> int:
    """Make both locked files again; ``--upgrade`` takes newer versions. Names no index and no path of this machine."""
    where = places.find()
    uv = shutil.which("uv")
    if where.checkout is None or uv is None:
        raise Trouble(
            "Locking needs the program uv: install it into the environment (pip install uv) and run it again."
        )
    log = where.logs / "setup.log"
    for name in ("requirements", "requirements-test"):
        argv = [
            uv,
            "pip",
            "compile",
            *FLAGS,
            "--no-header",
            "--quiet",
            *arguments,
            f"{name}.in",
            "-o",
            f"{name}.txt",
        ]
        if say.run(f"Lock {name}.txt", argv, log=log, cwd=where.checkout):
            raise Trouble(f"{name}.in could not be locked; the end of {log}:\n{say.tail(log)}")
    return 0
