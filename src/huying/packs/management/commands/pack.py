"""``./huying pack check|sign|load|switch-on|switch-off|export|schema``: mechanisms from the command line."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError
from huying.packs import actions, queries
from huying.packs.models import Switch
from huying.packs.queries import exporting
from huying.packs.rules.reading import PackWrong, checksum, read_pack, schema
from huying.packs.rules.remarks import remarks_in
from huying.packs.rules.writing import signed, to_yaml, unsigned
from huying.packs.states import KINDS
from huying.places import queries as place_queries
from huying.places.models import Place

ACTOR = Actor.system("pack")


class Command(BaseCommand):
    help = "Check, load, switch on and off, and export packs (mechanisms of a locality)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        check = what.add_parser("check", help="read a file and name every mistake with its line; no database is needed")
        check.add_argument("file", type=Path, nargs="+")
        sign = what.add_parser(
            "sign", help="write the checksum of a file into its last line; what it says stays as it is"
        )
        sign.add_argument("file", type=Path, nargs="+")
        load = what.add_parser("load", help="load a file, or say what it would change")
        load.add_argument("file", type=Path)
        load.add_argument("--dry-run", action="store_true", help="show the difference and change nothing")
        for name in ("switch-on", "switch-off"):
            switch = what.add_parser(name, help="put a loaded pack on or off at a place and below it")
            switch.add_argument("pack", help="namespace.code, e.g. longyan.m14363")
            switch.add_argument("--place", required=True, help="division code or public id")
            switch.add_argument("--reason", default="", help="one sentence, kept in the trail")
            if name == "switch-on":
                switch.add_argument("--until", type=date.fromisoformat, help="last day it holds before, YYYY-MM-DD")
        export = what.add_parser("export", help="write a pack as it runs, or the set-up of a place as a pack")
        export.add_argument("pack", help="namespace.code of a loaded pack, or of the new one with --place")
        export.add_argument("--place", help="division code or public id: take what holds there")
        export.add_argument("--name", default="", help="name of the new pack (with --place)")
        export.add_argument("--out", type=Path, help="file to write; without it to the screen")
        published = what.add_parser("schema", help="the JSON Schema of pack files")
        published.add_argument("--out", type=Path, help="file to write; without it to the screen")

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        try:
            getattr(self, f"do_{what.replace('-', '_')}")(**options)
        except PackWrong as wrong:
            for line in wrong.told():
                self.stderr.write(line)
            raise CommandError(f"{wrong.file}: {len(wrong.problems)} to mend") from wrong
        except DomainError as refusal:
            raise CommandError(" ".join([str(refusal), *map(str, refusal.fields.values())])) from refusal
        except OSError as trouble:
            raise CommandError(f"{trouble.filename}: {trouble.strerror}") from trouble

    def do_check(self, *, file: list[Path], **options: Any) -> None:
        wrong: list[str] = []
        for one in file:
            try:
                pack, tree = read_pack(text_of(one), file=str(one))
            except PackWrong as found:
                wrong += found.told()
                continue
            parts = sum(len(getattr(pack.things, kind)) for kind in KINDS)
            self.stdout.write(f"{one}: {pack.key} {pack.version} {pack.status}, {parts} things, {checksum(pack)}")
            for remark in remarks_in(pack, tree):
                self.stdout.write(f"{one}: note, line {remark.line}: {remark}")
        for line in wrong:
            self.stderr.write(line)
        if wrong:
            raise CommandError(f"{len(wrong)} to mend")

    def do_sign(self, *, file: list[Path], **options: Any) -> None:
        for one in file:
            text = unsigned(text_of(one))
            pack, _tree = read_pack(text, file=str(one))
            one.write_text(signed(text, pack), encoding="utf-8")
            self.stdout.write(f"{one}: {pack.key} {pack.version}, {checksum(pack)}")

    def do_load(self, *, file: Path, dry_run: bool, **options: Any) -> None:
        act = actions.try_pack if dry_run else actions.load_pack
        found = act(actor=ACTOR, text=text_of(file), file=str(file))
        for one in found.lines:
            was = f" (was {one.was})" if one.was else ""
            self.stdout.write(f"{one.change:8} {one.section} {one.code} {one.name}{was}")
            for name, before, after in one.fields if one.change != "new" else ():
                self.stdout.write(f"         {name}: {before} -> {after}")
        for remark in found.remarks:
            self.stdout.write(f"note, line {remark.line}: {remark}")
        for place in found.on:
            self.stdout.write(f"on at {place.name}")
        self.stdout.write(
            f"{found.key} {found.before or '-'} -> {found.number}: {len(found.lines)} lines differ, {found.seal.value}"
        )
        if dry_run:
            self.stdout.write("dry run: nothing was changed")

    def do_switch_on(self, *, pack: str, place: str, reason: str, until: date | None, **options: Any) -> None:
        where = place_of(place)
        row = queries.pack_by_key(pack)
        made = actions.switch_on(actor=ACTOR, pack=row, place=where, until=until, reason=reason)
        self.stdout.write(f"{pack} {made.version.version} is on at {where.name}")

    def do_switch_off(self, *, pack: str, place: str, reason: str, **options: Any) -> None:
        where = place_of(place)
        found = Switch.objects.filter(pack=queries.pack_by_key(pack), place=where, off_at__isnull=True).first()
        if found is None:
            raise CommandError(f"{pack} is not on at {where.name}")
        actions.switch_off(actor=ACTOR, switch=found, reason=reason)
        self.stdout.write(f"{pack} is off at {where.name}")

    def do_export(self, *, pack: str, place: str | None, name: str, out: Path | None, **options: Any) -> None:
        if place is None:
            text = to_yaml(exporting.as_running(queries.pack_by_key(pack)))
        else:
            namespace, _dot, code = pack.partition(".")
            where = place_of(place)
            text = to_yaml(exporting.as_set_up(where, namespace=namespace, code=code, name=name or where.name[:60]))
        self.give(text, out)

    def do_schema(self, *, out: Path | None, **options: Any) -> None:
        self.give(json.dumps(schema(), ensure_ascii=False, indent=1) + "\n", out)

    def give(self, text: str, out: Path | None) -> None:
        """To the screen, or into a file, where nothing else the start of a command says gets between."""
        if out is None:
            self.stdout.write(text)
            return
        out.write_text(text, encoding="utf-8")
        self.stdout.write(f"{out}: {len(text.splitlines())} lines")


def text_of(file: Path) -> str:
    """The text of a file; what is no UTF-8 is told with line 1."""
    return file.read_bytes().decode("utf-8", "replace")


def place_of(code: str) -> Place:
    """By division code or public id. NotFound."""
    return place_queries.by_code(code) or place_queries.by_public_id(code)
