"""Fill an empty database with the demonstration, small and played, or large and in bulk. Everything is invented."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from huying.config.demo import activities, calls, packs, people, places, points, reports, service, sites, wants
from huying.config.demo.city import plan, steps
from huying.config.demo.city.shape import SHAPES
from huying.people.models import Account
from huying.places.models import Place


class Command(BaseCommand):
    help = (
        "Load the demonstration into an empty database and print its sign-ins; with --like a whole made-up district,"
        " city or town (started again after it was cut off, it goes on where it stood)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--say", action="store_true", help="only print the sign-ins of the one that is loaded")
        parser.add_argument("--again", action="store_true", help="refused: a demonstration is loaded once")
        parser.add_argument("--like", choices=sorted(SHAPES), help="in the size of the pages, in bulk")
        parser.add_argument("--seed", type=int, help="the same number gives the same rows (default: 1)")
        parser.add_argument("--scale", type=float, help="every count times this, 0.001 to 1 (default: 1)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["say"]:
            if people.is_loaded():
                self.say_sign_ins()
            return
        if options["like"]:
            self.city(options["like"], options["seed"], options["scale"], again=options["again"])
        elif options["seed"] is not None or options["scale"] is not None:
            raise CommandError("--seed and --scale go with --like district, city or town.")
        else:
            self.small(again=options["again"])
        self.say_sign_ins()

    def small(self, *, again: bool) -> None:
        """The small demonstration, played by the real actions."""
        made = plan.standing()
        if made is not None:
            raise CommandError(
                f"{NOT_EMPTY} Here a larger one was begun; ./huying demo --like {made.like} --seed {made.seed}"
                f" --scale {made.scale:g} goes on with it."
            )
        if again or Account.objects.exists():
            raise CommandError(NOT_EMPTY)
        steps.take_your_time()
        with transaction.atomic():
            found = places.load()
            known = people.load(found)
            calls.load(found, known)
            packs.load()
            activities.load(known)
            service.load()
            wants.load()
            sites.load()
            points.load()
            reports.load()

    def city(self, like: str, seed: int | None, scale: float | None, *, again: bool) -> None:
        """A whole jurisdiction, part by part, with a bar; what a killed start has begun is gone on with."""
        made = plan.standing()
        if made is None:
            if again or Account.objects.exists() or Place.objects.exists():
                raise CommandError(NOT_EMPTY)
            if not 0.001 <= (1.0 if scale is None else scale) <= 1:
                raise CommandError("--scale is a number from 0.001 to 1.")
            made = plan.begun(like, 1 if seed is None else seed, 1.0 if scale is None else scale)
        elif like != made.like or seed not in {None, made.seed} or scale not in {None, made.scale}:
            raise CommandError(
                f"This database was begun with --like {made.like} --seed {made.seed} --scale {made.scale:g}; start it"
                " again like this, or take another data folder (--data DIR)."
            )
        bar = Bar(self.stderr)
        steps.run(made, bar.show)
        bar.end()

    def say_sign_ins(self) -> None:
        for username, password, words in people.SIGN_INS:
            self.stdout.write(f"{username:<12} {password}  {words}")


NOT_EMPTY = (
    "This database is not empty. A demonstration is loaded once; for a fresh one start with another"
    " data folder (./huying up --data DIR)."
)
WIDTH = 30


class Bar:
    """One line a step: a bar that grows on a terminal, a line when it is done elsewhere."""

    def __init__(self, out: Any):
        self.out, self.lively, self.since = out, bool(out.isatty()), time.monotonic()

    def show(self, what: str, done: int, of: int) -> None:
        full = WIDTH * done // max(1, of)
        if done == of or self.lively:
            start = "\r\x1b[2K" if self.lively else ""
            line = f"{start}  {what:<24} {'█' * full}{'·' * (WIDTH - full)} {done}/{of}  {self.seconds():7.1f} s"
            self.out.write(line, ending="\n" if done == of else "")
            self.out.flush()

    def seconds(self) -> float:
        return time.monotonic() - self.since

    def end(self) -> None:
        self.out.write(f"  {'In all':<24} {self.seconds():.1f} s")
