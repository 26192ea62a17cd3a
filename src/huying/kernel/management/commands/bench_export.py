"""How fast a table leaves as XLSX, and in how much memory: our writer beside openpyxl in its normal mode.

Each round is a process of its own, so that the most memory it ever held is its own figure. openpyxl keeps every cell in
memory: it writes fewer rows (``--peer-rows``), and both are compared by rows a second.
"""

from __future__ import annotations

import json
import re
import resource
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import django
import openpyxl
from django.core.management.base import BaseCommand, CommandError

from huying.kernel.exports import Column, plain
from huying.kernel.workbooks import xlsx_file

MOST_MB = 300
"""Goal of the performance page, and least ratio to the peer below."""
LEAST_RATIO = 3.0
START = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = ("陪同就医、送餐，共两小时", "=1+1", "社区广场义诊 <内科> & 口腔", "")
COLUMNS = (
    Column[int]("编号", lambda n: n),
    Column[int]("姓名", lambda n: f"志愿者{n % 9973}"),
    Column[int]("开始", lambda n: START + timedelta(minutes=n % 500_000)),
    Column[int]("日期", lambda n: date(2026, 1 + n % 12, 1 + n % 28)),
    Column[int]("地点", lambda n: f"青禾街道和平社区第{n % 97}实践站"),
    Column[int]("服务内容", lambda n: WORDS[n % 4]),
    Column[int]("分钟", lambda n: n % 480),
    Column[int]("是否超期", lambda n: n % 7 == 0),
)


class Command(BaseCommand):
    help = "Measure exports (./huying bench export --json)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--rows", type=int, default=1_000_000)
        parser.add_argument("--peer-rows", type=int, default=100_000)
        parser.add_argument("--rounds", type=int, default=1)
        parser.add_argument("--writer", choices=("own", "peer"), help="one round in this process (used by the bench)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["writer"]:
            self.stdout.write(json.dumps(one_round(options["writer"], options["rows"])))
            return
        rounds = [
            (child("own", options["rows"]), child("peer", options["peer_rows"])) for _ in range(options["rounds"])
        ]
        figures = {
            **told("own", [own for own, _peer in rounds]),
            **told("openpyxl", [peer for _own, peer in rounds]),
        }
        figures["own_to_openpyxl"] = round(figures["own_rows_per_s"] / figures["openpyxl_rows_per_s"], 1)
        wrong = []
        if any(own["written"] != options["rows"] or not own["right"] for own, _peer in rounds):
            wrong.append("the workbook does not hold what was written")
        if figures["own_peak_mb"] > MOST_MB:
            wrong.append(f"took more than {MOST_MB} MB")
        if figures["own_to_openpyxl"] < LEAST_RATIO:
            wrong.append(f"is not {LEAST_RATIO:g} times as fast")
        versions = {"django": django.__version__, "openpyxl": openpyxl.__version__}
        sizes = {name: options[name] for name in ("rows", "peer_rows", "rounds")}
        shown = {"versions": versions, "sizes": {**sizes, "columns": len(COLUMNS)}, "figures": figures, "wrong": wrong}
        self.stdout.write(json.dumps(shown, ensure_ascii=False))
        if wrong:
            raise CommandError("; ".join(wrong))


def child(writer: str, rows: int) -> dict[str, Any]:
    """One round in a process of its own; CommandError when it fails, never a figure that is missing."""
    argv = [sys.executable, "-m", "django", "bench_export", f"--writer={writer}", f"--rows={rows}"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    if done.returncode:
        raise CommandError(f"the round of {writer} failed: {done.stderr.strip()[-500:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def told(name: str, rounds: list[dict[str, Any]]) -> dict[str, float]:
    """The middle of the rounds; of memory the most."""
    middle = {key: statistics.median(one[key] for one in rounds) for key in ("seconds", "rows_per_s", "file_mb")}
    figures = {f"{name}_{key}": round(value, 1) for key, value in middle.items()}
    return {**figures, f"{name}_peak_mb": max(one["peak_mb"] for one in rounds)}


def one_round(writer: str, rows: int) -> dict[str, Any]:
    """Write a workbook, say how long it took and the most memory that was held, then look at what was written."""
    begun = time.perf_counter()
    with TemporaryDirectory(prefix="huying-bench-") as folder:
        own = writer == "own"
        file = xlsx_file("量一量", COLUMNS, range(rows)) if own else normal_mode(Path(folder, "peer.xlsx"), rows)
        seconds = time.perf_counter() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        with file:
            file.seek(0, 2)
            size = file.tell() / 2**20
            written, right = looked_at(file)
    return {
        "seconds": seconds,
        "rows_per_s": rows / seconds,
        "peak_mb": round(peak),
        "file_mb": size,
        "written": written,
        "right": right,
    }


def normal_mode(path: Path, rows: int) -> IO[bytes]:
    """The same table as openpyxl writes it when nobody asks for its write-only mode."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    getters = [column.getter() for column in COLUMNS]
    sheet.append([str(column.heading) for column in COLUMNS])
    for number in range(rows):
        sheet.append([plain(getter(number)) for getter in getters])
    book.save(path)
    return path.open("rb")


def looked_at(file: IO[bytes]) -> tuple[int, bool]:
    """Rows below the headings on all sheets, and whether the last one is the last that was given. Read piece by piece."""
    count, tail = 0, b""
    with zipfile.ZipFile(file) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
        for name in sorted(sheets, key=lambda name: int(re.sub(r"\D", "", name))):
            for piece in pieces(book, name):
                tail = (tail + piece)[-4000:]
                count += piece.count(b"<row ")
            count -= 1
    return count, re.search(rb"<v>%d</v>" % (count - 1), tail) is not None


def pieces(book: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A file of the workbook in pieces that never cut a tag in two."""
    rest = b""
    with book.open(name) as sheet:
        while read := sheet.read(1 << 20):
            whole, bracket, rest_of = (rest + read).rpartition(b"<")
            yield whole
            rest = bracket + rest_of
    yield rest
