"""Files are handed out: drawn once, kept as they were, and drawn anew without a picture whose consent has ended."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from huying.cockpit.models import Report, ReportFile
from huying.cockpit.queries import report_photos
from huying.cockpit.queries.report_filling import Document
from huying.cockpit.queries.reports import document
from huying.cockpit.states import FROZEN, ReportState
from huying.kernel import audit, locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin

Draw = Callable[[Report, Document, Mapping[str, bytes]], bytes]
"""The file of a document; pictures by key, those that may be shown."""


@dataclass(frozen=True, slots=True)
class HandedOut:
    body: bytes
    sha256: str


def hand_out(*, actor: Actor, report: Report, kind: str, draw: Draw) -> HandedOut:
    """The file of a round-up that the actor was shown (``queries.report``). The same frozen round-up gives the same bytes;
    a draft is drawn each time and not kept.
    """
    filled = document(report)
    pictures = report_photos.standing(report_photos.pictures_of(filled), public=report.is_public)
    frozen, shown = ReportState(report.state) in FROZEN, sorted(pictures)
    row = kept(report, kind, shown) if frozen else None
    body = bytes(row.body) if row is not None and row.body is not None else draw(report, filled, pictures)
    with begin(actor):
        if frozen and row is None:
            body = keep(report, kind, body, shown)
        digest = hashlib.sha256(body).hexdigest()
        changes = {"kind": kind, "sha256": digest}
        audit.record(actor, "roundup.download", report, place_path=report.place.path, changes=changes)
    return HandedOut(body, digest)


def source_of(report: Report) -> str:
    """Of what the file tells beside its pictures."""
    signed = report.signed_at.isoformat() if report.signed_at else ""
    return hashlib.sha256(f"{report.digest} {report.paper_number} {report.organ} {signed}".encode()).hexdigest()


def kept(report: Report, kind: str, shown: list[str]) -> ReportFile | None:
    """The newest file of this content, if it shows exactly the pictures that may be shown."""
    rows = ReportFile.objects.filter(report=report, kind=kind, source=source_of(report), body__isnull=False)
    found = rows.order_by("-edition").first()
    return found if found is not None and found.photos == shown else None


def keep(report: Report, kind: str, body: bytes, shown: list[str]) -> bytes:
    """Keep what was drawn, or find what somebody else kept meanwhile; files with other pictures lose their bytes."""
    locks.one(Report, pk=report.pk)
    if (found := kept(report, kind, shown)) is not None and found.body is not None:
        return bytes(found.body)
    rows = ReportFile.objects.filter(report=report, kind=kind)
    rows.filter(source=source_of(report)).update(body=None)
    facts = {"source": source_of(report), "sha256": hashlib.sha256(body).hexdigest(), "body": body, "photos": shown}
    ReportFile.objects.create(report=report, kind=kind, edition=rows.count() + 1, **facts)
    return body
