"""What the kernel itself writes, killed at every point: holidays, dead jobs, pictures, exports, changes of keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.calls.tests.factories import START
from huying.kernel import attachments, clock, exports, jobs, worktime
from huying.kernel.actor import Actor
from huying.kernel.attachments.images import Picture, Redrawn
from huying.kernel.models import Attachment, AuditLine, RevealBudget
from huying.kernel.models.calendar import DayOverride, HolidayNotice
from huying.kernel.sealed import blind_index, keyring, reindexing, rotation
from huying.kernel.sealed.reveal import ViewsUsedUp, reveal
from huying.people.models import Person, RecoveryCode
from huying.people.tests import factories as make
from huying.places.tests.factories import place
from tests.crash.sweeping import Operation, Sweep, keyed
from tests.crash.writes import unknown, writes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
DOER = Actor(person_id=1)
KEEPER = Actor.system("rotate_keys")
Act = Callable[[], Any]
_numbers = count(1)


@pytest.fixture(autouse=True)
def own_folder(committed_db: None, tmp_path: Path, settings: Any) -> Iterator[Path]:
    """Keys and files of this test's own."""
    settings.DATA = tmp_path
    keyring.ensure()
    with clock.frozen(START):
        yield tmp_path


# ── with a key, as one transaction ──────────────────────────────────────────
def override_day() -> Act:
    """The second word on one day replaces the first."""
    day = date(2027, 3, 1) + timedelta(days=next(_numbers))
    worktime.override_day(actor=DOER, day=day, working=False, name="停电")
    return lambda: worktime.override_day(actor=DOER, day=day, working=True, name="来电了")


def drop_override() -> Act:
    row = worktime.override_day(actor=DOER, day=date(2027, 9, 1), working=False, name="校庆")
    return lambda: worktime.drop_override(actor=DOER, override=DayOverride.objects.get(pk=row.pk))


def announce_year() -> Act:
    """A corrected notice replaces the days of the first one."""
    days = {date(2031, 1, day): (False, "元旦") for day in (1, 2)}
    worktime.announce_year(actor=DOER, year=2031, days=days, source="国办发明电〔2030〕7号")
    later = {date(2031, 1, 1): (False, "元旦"), date(2031, 1, 4): (True, "元旦")}
    return lambda: worktime.announce_year(actor=DOER, year=2031, days=later, source="国办发明电〔2030〕8号")


def retry() -> Act:
    jobs.enqueue("calls.tell", call_id=1, event_id=1)
    row = ProcrastinateJob.objects.order_by("-id").first()
    assert row is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_fetch_job_v2(NULL, NULL)")
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [row.pk])
    return lambda: jobs.retry(actor=DOER, job_id=row.pk)


def picture() -> Picture:
    n = next(_numbers)
    return Picture(f"{n}.webp", *(Redrawn(body=f"{n} {size}".encode(), width=1, height=1) for size in ("a", "b")))


def store() -> Act:
    subject, drawn = place("station"), picture()
    return lambda: attachments.store(actor=DOER, upload=drawn, subject=subject)


def remove() -> Act:
    kept = attachments.store(actor=DOER, upload=picture(), subject=place("station"))
    return lambda: attachments.remove(actor=DOER, attachment=kept)


def open_sealed() -> Act:
    RevealBudget.objects.all().delete()
    somebody = make.person(phone=make.phone_number())
    return lambda: reveal(DOER, somebody, "phone", "联系本人")


KEYED = {act.__name__: act for act in (override_day, drop_override, announce_year, retry, store, remove, open_sealed)}


def broken_rules() -> list[str]:
    """Every picture that is listed is there; an announced year has its days."""
    found = [
        f"a picture without its file: {key}"
        for both in Attachment.objects.values_list("key", "small_key")
        for key in both
        if not attachments.storage.files().exists(key)
    ]
    for notice in HolidayNotice.objects.all():
        if not DayOverride.objects.filter(date__year=notice.year, place_path="").exists():
            found.append(f"{notice.year} is announced without a day")
    return found


def swept(operation: Operation, tally: Callable[..., None]) -> None:
    report = Sweep(operation).go()
    tally("crash points", operations=1, kills=report.points, violations=len(report.violations))
    assert report.violations == []


@pytest.mark.parametrize("name", KEYED)
def test_a_death_at_any_point_leaves_all_or_nothing(name: str, tally: Callable[..., None]) -> None:
    swept(Operation(name, lambda: keyed(name, DOER, KEYED[name]()), broken_rules), tally)


# ── without a key ───────────────────────────────────────────────────────────
def test_the_alarm_of_used_up_views_is_written_once(settings: Any, tally: Callable[..., None]) -> None:
    """The refused view is rolled back; its alarm comes after, in a transaction of its own, at most once a day."""
    settings.HUYING_REVEALS_PER_DAY = 1
    somebody = make.person(phone=make.phone_number())

    def view(key: str = "") -> Any:
        with pytest.raises(ViewsUsedUp):
            reveal(DOER, somebody, "phone", "联系本人")

    def prepare() -> Any:
        RevealBudget.objects.all().delete()
        reveal(DOER, somebody, "phone", "联系本人")
        return view

    def rules() -> list[str]:
        told = AuditLine.objects.filter(verb="sealed.views_used_up").count()
        alarmed = RevealBudget.objects.filter(alarmed_at__isnull=False).count()
        return [] if told >= alarmed else [f"{alarmed} alarms, {told} in the trail"]

    def again() -> list[str]:
        view()
        return [] if RevealBudget.objects.filter(alarmed_at__isnull=False).count() == 1 else ["no alarm"]

    swept(Operation("alarm", prepare, rules, keyed=False, again=again), tally)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_nothing_is_exported_without_its_line_in_the_trail(kind: Any, own_folder: Path, tally: Any) -> None:
    """The line is committed before the first byte goes out, so that a death in between gives nothing away."""
    rows = [make.person() for _ in range(3)]
    given = own_folder / "given"

    def export(key: str = "") -> None:
        columns = [exports.Column[Person]("姓名", "name")]
        answer = exports.respond(actor=DOER, name="名单", kind=kind, columns=columns, rows=rows)
        given.write_bytes(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
        Person.objects.count()  # one more point, after the last byte

    def prepare() -> Any:
        given.unlink(missing_ok=True)
        prepare.lines = AuditLine.objects.filter(verb="export").count()  # type: ignore[attr-defined]
        return export

    def rules() -> list[str]:
        lines = AuditLine.objects.filter(verb="export").count() - prepare.lines  # type: ignore[attr-defined]
        return ["a file without its line"] if given.exists() and not lines else []

    swept(Operation(f"export {kind}", prepare, rules, keyed=False), tally)


# ── changing keys: steps that are whole in themselves, gone on with after a death ──
PHONES = [rotation.Column("people_person", "phone", "public_id", "id")]


def hashed() -> list[reindexing.IndexColumn]:
    """The index of phone numbers, and codes nobody can hash anew."""
    return list(reindexing.index_columns([Person, RecoveryCode]))


@pytest.fixture
def sealed_people(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """Three people and their numbers, to be sealed anew two at a time."""
    monkeypatch.setattr(rotation, "BATCH", 2)
    monkeypatch.setattr(reindexing, "BATCH", 2)
    numbers = [make.phone_number() for _ in range(3)]
    return [(make.person(phone=number).pk, f"+86{number}") for number in numbers]


def unreadable(people: list[tuple[int, str]]) -> list[str]:
    """Every number still opens, and everybody is still found by it, whatever key was reached."""
    found = []
    for pk, number in people:
        row = Person.objects.get(pk=pk)
        if row.phone is None or row.phone.open() != number:
            found.append(f"{number} does not open")
        if not blind_index(number, "phone").fits(bytes(row.phone_index or b"")):
            found.append(f"{number} is not found")
    return found


def test_a_change_of_the_sealing_key_may_die_anywhere(sealed_people: Any, tally: Callable[..., None]) -> None:
    def again() -> list[str]:
        rotation.rotate(actor=KEEPER, fresh=False, columns=PHONES)
        left = set(rotation.keys_in_use(PHONES)) - {keyring.load().current.id}
        return [f"{len(left)} older keys still needed"] if left else []

    def prepare() -> Any:
        rotation.rotate(actor=KEEPER, fresh=False, columns=PHONES)
        return lambda key: rotation.rotate(actor=KEEPER, columns=PHONES)

    rules = lambda: unreadable(sealed_people)  # noqa: E731
    swept(Operation("rotate", prepare, rules, keyed=False, again=again), tally)


def test_a_change_of_the_index_key_may_die_anywhere(sealed_people: Any, tally: Callable[..., None]) -> None:
    columns = hashed()

    def again() -> list[str]:
        reindexing.rotate_index(actor=KEEPER, fresh=False, columns=columns)
        used = {key for key, where in reindexing.index_keys_in_use(columns).items() if "people_person" in str(where)}
        left = used - {keyring.load().index_keys[0].id}
        return [f"{len(left)} older keys still needed"] if left else []

    def prepare() -> Any:
        reindexing.rotate_index(actor=KEEPER, fresh=False, columns=columns)
        return lambda key: reindexing.rotate_index(actor=KEEPER, columns=columns)

    rules = lambda: unreadable(sealed_people)  # noqa: E731
    swept(Operation("rotate_index", prepare, rules, keyed=False, again=again), tally)


@pytest.mark.parametrize("which", ["sealing", "index"])
def test_forgetting_old_keys_may_die_anywhere(sealed_people: Any, which: str, tally: Callable[..., None]) -> None:
    """No key goes while a row needs it; codes that only an old key can check go together with it."""
    columns = hashed()

    def forget(key: str = "") -> Any:
        with clock.frozen(START + timedelta(hours=1)):
            if which == "sealing":
                return rotation.retire_unused(actor=KEEPER, columns=PHONES)
            return reindexing.retire_index_unused(actor=KEEPER, void=True, columns=columns)

    def prepare() -> Any:
        if which == "sealing":
            rotation.rotate(actor=KEEPER, columns=PHONES)
        else:
            RecoveryCode.objects.create(account=make.account(), digest=blind_index("a", "recovery-code"))
            reindexing.rotate_index(actor=KEEPER, columns=columns)
        return forget

    def again() -> list[str]:
        forget()
        ring = keyring.load()
        many = len(ring.keys) if which == "sealing" else len(ring.index_keys)
        return [] if many == 1 else [f"{many} keys are left"]

    rules = lambda: unreadable(sealed_people)  # noqa: E731
    swept(Operation(f"retire {which}", prepare, rules, keyed=False, again=again), tally)


SWEPT = {
    *(name for name in KEYED if name != "open_sealed"),
    *("reveal", "alarm", "rotate", "rewrap", "rotate_index", "rehash"),
    *("retire_unused", "retire_index_unused", "drop_codes"),
}


def test_every_write_of_the_kernel_is_swept() -> None:
    assert unknown("kernel", SWEPT, ()) == set()
    assert {one.partition(".")[2] for one in writes("kernel")} == SWEPT
