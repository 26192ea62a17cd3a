"""The first thing a child does: bind its own hands, before it reads one byte of the file."""

from __future__ import annotations

import resource

MEGABYTE = 1024 * 1024


def bind(memory_mb: int, cpu_seconds: int) -> None:
    """Limit address space, processor time, files written and open files of this process, for good."""
    limits = {
        resource.RLIMIT_AS: (memory_mb * MEGABYTE, memory_mb * MEGABYTE),
        resource.RLIMIT_CPU: (cpu_seconds, cpu_seconds + 1),
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_NOFILE: (64, 64),
        resource.RLIMIT_CORE: (0, 0),
    }
    for kind, limit in limits.items():
        resource.setrlimit(kind, limit)
