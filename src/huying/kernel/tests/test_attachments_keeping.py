"""Attachments in storage and database: kept together, linked for one person, gone when removed."""

from __future__ import annotations

import io
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection, transaction
from django.test import RequestFactory
from django.urls import reverse
from PIL import Image

from huying.kernel import attachments, clock, signing
from huying.kernel.actor import ANONYMOUS, Actor
from huying.kernel.attachments import Attachment, LinkExpired, links, storage
from huying.kernel.attachments.keeping import drop_unneeded
from huying.kernel.errors import Forbidden, NotFound
from huying.kernel.files import serve
from huying.kernel.models import AuditLine, DayOverride
from huying.kernel.tests.pictures import encoded, upload

ALICE, BOB = Actor(person_id=11), Actor(person_id=22)
LARGE = encoded("JPEG", width=800, height=500)
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.STORAGES = {
        **settings.STORAGES,
        "files": {
            "BACKEND": "huying.kernel.attachments.storage.FolderStorage",
            "OPTIONS": {"location": tmp_path / "files"},
        },
    }
    return tmp_path / "files"


@pytest.fixture
def subject(db: None) -> DayOverride:
    return DayOverride.objects.create(date="2026-11-20", working=True, name="试")


def stored_files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def keep(subject: Any, body: bytes | None = None, **options: Any) -> Attachment:
    return attachments.store(actor=ALICE, upload=upload(body or LARGE), subject=subject, **options)


def get(url: str, actor: Actor, **headers: str) -> Any:
    request = RequestFactory().get(url, headers=headers)
    request.actor = actor  # type: ignore[attr-defined]
    _empty, _files, public_id, token = url.split("/")
    return serve(request, Attachment.objects.model._meta.get_field("public_id").to_python(public_id), token)


def test_a_picture_is_kept_with_its_facts_and_audited(folder: Path, subject: DayOverride) -> None:
    with clock.frozen(NOON):
        kept = keep(subject, place_path="/1/2/")

    row = Attachment.objects.get()
    assert (row.name, row.content_type, row.width, row.height) == ("家里.webp", "image/webp", 800, 500)
    assert (row.subject_type, row.subject_id, row.place_path, row.is_public) == (
        "kernel.DayOverride",
        subject.pk,
        "/1/2/",
        False,
    )
    assert (row.uploaded_by_id, row.created_at) == (11, NOON)
    assert stored_files(folder) == {row.key, row.small_key}
    assert (folder / row.key).stat().st_size == row.size
    assert [oct(path.stat().st_mode & 0o777) for path in (folder / row.key, folder / row.key[:2])] == ["0o600", "0o700"]
    assert list(attachments.of(subject)) == [kept] == attachments.of_many(DayOverride, [subject.pk, 0])[subject.pk]
    assert AuditLine.objects.get().verb == "file.store"


def test_the_same_picture_twice_is_stored_once_and_outlives_the_first_row(folder: Path, subject: DayOverride) -> None:
    one, two = keep(subject), keep(subject)
    assert len(stored_files(folder)) == 2

    attachments.remove(actor=ALICE, attachment=one)
    drop_unneeded([one.key, one.small_key])

    assert stored_files(folder) == {two.key, two.small_key}


def test_removing_deletes_the_bytes_after_the_commit(
    folder: Path, subject: DayOverride, django_capture_on_commit_callbacks: Any
) -> None:
    kept = keep(subject)

    with django_capture_on_commit_callbacks(execute=True):
        attachments.remove(actor=ALICE, attachment=kept)
        assert len(stored_files(folder)) == 2

    assert stored_files(folder) == set()
    assert [line.verb for line in AuditLine.objects.order_by("id")] == ["file.store", "file.remove"]


def test_a_rollback_leaves_no_row_and_the_sweep_takes_the_file_a_day_later(folder: Path, subject: DayOverride) -> None:
    staying = keep(subject, encoded("PNG", width=800, height=500))
    with pytest.raises(RuntimeError), transaction.atomic():
        keep(subject)
        raise RuntimeError
    left = stored_files(folder) - {staying.key, staying.small_key}
    assert len(left) == 2 and Attachment.objects.count() == 1

    assert attachments.sweep() == 0
    age(folder, timedelta(hours=25))
    assert attachments.sweep() == 2

    assert stored_files(folder) == {staying.key, staying.small_key}


def age(folder: Path, by: timedelta) -> None:
    for path in folder.rglob("*"):
        then = path.stat().st_mtime - by.total_seconds()
        os.utime(path, (then, then))


def test_the_sweep_takes_half_written_files_too(folder: Path, subject: DayOverride) -> None:
    keep(subject)
    (folder / "ab").mkdir(exist_ok=True)
    (folder / "ab" / f"{storage.UNFINISHED}0123").write_bytes(b"half")
    age(folder, timedelta(hours=25))

    assert attachments.sweep() == 1

    assert len(stored_files(folder)) == 2


def test_an_empty_storage_is_swept_without_complaint(folder: Path, db: None) -> None:
    assert attachments.sweep() == 0


def test_a_crash_while_writing_leaves_no_file_under_the_content_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(self: Path, target: Path) -> None:
        raise OSError("power cut")

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(OSError, match="power cut"):
        storage.put("ab/cd/abcd.webp", b"body")

    assert not storages["files"].exists("ab/cd/abcd.webp")


def test_a_file_being_stored_again_is_not_swept_away(folder: Path, subject: DayOverride, committed_db: None) -> None:
    """Another connection holds the picture in an open transaction: its row is not visible yet, its file
    must stay.
    """
    kept = keep(subject)
    kept.delete()
    age(folder, timedelta(hours=25))
    ready, done = threading.Event(), threading.Event()

    def again() -> None:
        with transaction.atomic():
            again = keep(subject)
            age(folder, timedelta(hours=25))  # even so
            ready.set()
            done.wait(10)
            assert again.key == kept.key
        connection.close()

    thread = threading.Thread(target=again)
    thread.start()
    assert ready.wait(30)
    swept = attachments.sweep()
    done.set()
    thread.join()

    assert swept == 0
    assert stored_files(folder) == {kept.key, kept.small_key}


def shut(answer: Any) -> None:
    """Close the file only: closing the answer would end the request and with it the test's connection."""
    answer.file_to_stream.close()


def test_the_link_serves_the_picture_safely(folder: Path, subject: DayOverride) -> None:
    kept = keep(subject)

    with clock.frozen(NOON):
        full = get(attachments.url(kept, ALICE), ALICE)
        small = get(attachments.url(kept, ALICE, small=True), ALICE)
        saved = get(attachments.url(kept, ALICE, download=True), ALICE)

    body = b"".join(full.streaming_content)
    assert (full.status_code, body) == (200, (folder / kept.key).read_bytes())
    assert Image.open(io.BytesIO(body)).size == (800, 500)
    assert b"".join(small.streaming_content) == (folder / kept.small_key).read_bytes()
    assert {
        name: full.headers[name] for name in ("Content-Type", "X-Content-Type-Options", "Content-Security-Policy")
    } == {
        "Content-Type": "image/webp",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    assert full.headers["Cache-Control"].startswith("private, max-age=")
    assert full.headers["Content-Disposition"].startswith("inline")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    for answer in (full, small, saved):
        shut(answer)


def test_a_browser_that_has_the_picture_is_told_so(folder: Path, subject: DayOverride) -> None:
    kept = keep(subject)
    url = attachments.url(kept, ALICE)
    first = get(url, ALICE)
    shut(first)

    again = get(url, ALICE, **{"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")


def test_a_link_is_for_one_person_one_picture_and_some_minutes(folder: Path, subject: DayOverride) -> None:
    kept, other = keep(subject), keep(subject, encoded("PNG", width=800, height=500))
    with clock.frozen(NOON):
        url = attachments.url(kept, ALICE)
        token = url.rsplit("/", 1)[1]

        for actor in (BOB, ANONYMOUS):
            with pytest.raises(Forbidden):
                get(url, actor)
        with pytest.raises(NotFound):
            links.check(other.public_id, token, ALICE)
        for forged in (token[:-2] + "AA", "x", signing.sign(b"short", links.purpose(kept.public_id)), "\x00"):
            with pytest.raises(NotFound):
                links.check(kept.public_id, forged, ALICE)

    with clock.frozen(NOON + timedelta(minutes=9)):
        shut(get(url, ALICE))
    with clock.frozen(NOON + timedelta(minutes=16)), pytest.raises(LinkExpired):
        get(url, ALICE)


def test_public_pictures_have_links_for_everybody_and_private_ones_none_for_strangers(
    folder: Path, subject: DayOverride
) -> None:
    private, public = keep(subject), keep(subject, encoded("PNG", width=800, height=500), is_public=True)

    shut(get(attachments.url(public, ANONYMOUS), ANONYMOUS))

    assert attachments.url(public, ALICE) == attachments.url(public, ANONYMOUS)
    with pytest.raises(Forbidden):
        attachments.url(private, ANONYMOUS)


def test_links_stay_the_same_for_some_minutes_so_that_browsers_can_cache(folder: Path, subject: DayOverride) -> None:
    kept = keep(subject)

    with clock.frozen(NOON + timedelta(seconds=1)):
        one = attachments.url(kept, ALICE)
    with clock.frozen(NOON + timedelta(seconds=200)):
        two = attachments.url(kept, ALICE)

    assert one == two


def test_a_missing_row_or_file_is_not_found(
    folder: Path, subject: DayOverride, caplog: pytest.LogCaptureFixture
) -> None:
    kept = keep(subject)
    url = attachments.url(kept, ALICE)
    (folder / kept.key).unlink()

    with pytest.raises(NotFound):
        get(url, ALICE)
    assert "missing" in caplog.text
    kept.delete()
    with pytest.raises(NotFound):
        get(url, ALICE)


def test_the_door_answers_over_http(folder: Path, subject: DayOverride, client: Any) -> None:
    public = keep(subject, is_public=True)
    url = attachments.url(public, ANONYMOUS)

    answer = client.get(url)

    assert (answer.status_code, len(b"".join(answer.streaming_content))) == (200, public.size)
    assert client.post(url).status_code in {400, 403, 405}
    assert reverse("file", args=[public.public_id, "x"]).startswith("/files/")


def test_another_storage_can_be_set(settings: Any, subject: DayOverride) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "files": {"BACKEND": "django.core.files.storage.InMemoryStorage", "OPTIONS": {}},
    }

    kept = keep(subject)

    answer = get(attachments.url(kept, ALICE), ALICE)
    assert len(b"".join(answer.streaming_content)) == kept.size
