"""What a process loads that never reads a text, writes a name or prints: nothing of the sorter but its plain Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[3]
WATCHED = "rjieba sklearn huying.sorting.sorter huying.sorting.learning pypinyin authlib requests typst"
LOOK = f"""
import sys, django
django.setup()
import huying.config.urls, huying.calls.tasks, huying.calls.views.sorting
print([name for name in {WATCHED.split()} if name in sys.modules])
"""


def test_pages_and_jobs_start_without_what_few_of_them_need() -> None:
    env = {"PYTHONPATH": str(SOURCE), "DJANGO_SETTINGS_MODULE": "huying.config.settings", "PATH": "/usr/bin"}

    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, env=env, check=False)

    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
