"""Writing iCalendar (RFC 5545): folded lines, escaped text, local times of China with their zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from huying.kernel import clock

ZONE = "Asia/Shanghai"
PRODUCT = "-//Huying//Huying 1//ZH"
OCTETS = 75
CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))


@dataclass(frozen=True)
class Event:
    """One VEVENT. Moments aware. ``uid`` never changes, ``sequence`` rises with every change.

    ``rule``: an RRULE value; ``instead_of``: the moment of the occurrence that this event replaces (RECURRENCE-ID);
    ``position`` (latitude, longitude) in degrees; ``categories`` are plain words.
    """

    uid: str
    summary: str
    starts_at: datetime
    ends_at: datetime
    stamp: datetime
    sequence: int = 0
    description: str = ""
    location: str = ""
    url: str = ""
    cancelled: bool = False
    tentative: bool = False
    rule: str = ""
    instead_of: datetime | None = None
    position: tuple[float, float] | None = None
    categories: tuple[str, ...] = ()


def calendar(name: str, events: Iterable[Event], *, refresh: timedelta = timedelta(hours=1)) -> bytes:
    """A whole calendar in UTF-8 with CRLF line ends; ``refresh`` is how often subscribers should ask again."""
    minutes = int(refresh.total_seconds() // 60)
    head = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{text(name)}",
        f"X-WR-CALNAME:{text(name)}",
        f"X-WR-TIMEZONE:{ZONE}",
        f"REFRESH-INTERVAL;VALUE=DURATION:PT{minutes}M",
        f"X-PUBLISHED-TTL:PT{minutes}M",
        *zone(),
    ]
    body = [line for event in events for line in lines_of(event)]
    return "".join(f"{fold(line)}\r\n" for line in [*head, *body, "END:VCALENDAR"]).encode()


def zone() -> list[str]:
    """China's time since 1991-09-15, when summer time was given up; what we write lies after that."""
    standard = ["DTSTART:19910915T000000", "TZOFFSETFROM:+0900", "TZOFFSETTO:+0800", "TZNAME:CST"]
    return ["BEGIN:VTIMEZONE", f"TZID:{ZONE}", "BEGIN:STANDARD", *standard, "END:STANDARD", "END:VTIMEZONE"]


def lines_of(event: Event) -> Iterator[str]:
    """The unfolded lines of one event."""
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"DTSTAMP:{utc(event.stamp)}"
    yield f"LAST-MODIFIED:{utc(event.stamp)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTART;TZID={ZONE}:{local(event.starts_at)}"
    yield f"DTEND;TZID={ZONE}:{local(event.ends_at)}"
    if event.rule:
        yield f"RRULE:{event.rule}"
    if event.instead_of:
        yield f"RECURRENCE-ID;TZID={ZONE}:{local(event.instead_of)}"
    yield f"SUMMARY:{text(event.summary)}"
    for name, value in (("DESCRIPTION", event.description), ("LOCATION", event.location)):
        if value:
            yield f"{name}:{text(value)}"
    if event.url:
        yield f"URL:{event.url}"
    if event.position:
        yield f"GEO:{event.position[0]:.6f};{event.position[1]:.6f}"
    if event.categories:
        yield f"CATEGORIES:{','.join(text(one) for one in event.categories)}"
    yield f"STATUS:{'CANCELLED' if event.cancelled else 'TENTATIVE' if event.tentative else 'CONFIRMED'}"
    yield "END:VEVENT"


def utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def local(at: datetime) -> str:
    return f"{clock.local(at):%Y%m%dT%H%M%S}"


def text(value: str) -> str:
    """A TEXT value (3.3.11): backslash, semicolon, comma and line ends escaped, other controls left out."""
    plain = value.replace("\r\n", "\n").replace("\r", "\n").translate(CONTROLS)
    for sign, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        plain = plain.replace(sign, escaped)
    return plain


def fold(line: str) -> str:
    """The line in pieces of at most 75 octets (3.1), never inside a character."""
    pieces, piece, size = [], "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > OCTETS:
            pieces.append(piece)
            piece, size = "", 1  # the space that continues a line counts
        piece, size = piece + letter, size + width
    return "\r\n ".join([*pieces, piece])
