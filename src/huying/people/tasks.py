"""Jobs about people: each takes ids and calls one action."""

from __future__ import annotations

from huying.kernel import jobs
from huying.kernel.actor import Actor
from huying.people import actions

BACKGROUND = Actor.system("people")


@jobs.task("people.send_text")
def send_text(text_id: int) -> None:
    """Hand one text message to the gateway."""
    actions.send_text(actor=BACKGROUND, text_id=text_id)


@jobs.task("people.tell_feed_lapsed")
def tell_feed_lapsed(person_id: int, feed_id: int, title: str, why: str, moment: str) -> None:
    """A file that somebody had made again and again is made no more."""
    actions.tell_feed_lapsed(actor=BACKGROUND, person_id=person_id, feed_id=feed_id, title=title, why=why, at=moment)


@jobs.task("people.forget", cron="41 2 * * *")
def forget() -> None:
    """Nightly: what is no longer needed goes (codes, budgets, sent messages, ended sessions)."""
    actions.forget(actor=BACKGROUND)


@jobs.task("people.come_of_age", cron="7 0 * * *")
def come_of_age() -> None:
    """Shortly after midnight in China: tell those who turned 14 or 18 what changes for them."""
    actions.tell_of_age(actor=BACKGROUND)
