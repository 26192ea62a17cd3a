"""Every number of a page opens: to its definition and records, or to the list it counts (issue 5, line 2).

The pages are those of the table of query counts, of all who read one. A number is what the components draw as one: a key
figure, a tile of the cockpit, a number in figures, and a cell of a table that is aligned as a figure; and whatever stands
alone in a cell, in bold or as the answer of a list of facts. It opens when it is a link or stands in one; a tile, a row of
a table or a line of a list also when it holds one, for its name leads there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from huying.calls.tests.factories import START
from huying.kernel import clock
from tests.architecture.addresses import routes
from tests.architecture.query_table import MOST
from tests.architecture.test_hostile_input import browser
from tests.architecture.walking import World

KNOWN = {route.name: route for route in routes()}
NUMBER = re.compile(r"[+−-]?\d[\d,.]*\s*\D{0,8}")
"""A number with at most a short unit behind it: no telephone number in words, no date, no sentence."""
COUNT = re.compile(r"[+−-]?(\d{1,6}|\d{1,3}(,\d{3})+)(\.\d+)?\s*\D{0,8}")
"""The same where nothing but its standing alone says that it is one: no telephone number, no code of digits."""
WITHIN = ("hy-kpi", "hy-keyfigure", "row")
"""What may hold its link beside the number."""
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
MORE = {
    "places:reach": "?service=kind:station&target=community&minutes=15",
}
"""What a page must be asked for before it shows its numbers."""
WHY_NOT: dict[tuple[str, str], str] = {
    ("activities:door", "直接来的"): "people who just came are counted, nobody writes their names",
    ("activities:door", "未到场"): "absence is a number for planning, never a list of persons (guide of organisers, 8)",
    ("cockpit:measure", "现在"): "the page is what the number opens to",
    ("figures:number", "年"): "the page is what the number opens to",
    ("ledger:account", "现在冻结"): "what is held stands on the account itself; each hold is a line once it is settled",
    ("places:reach", "走得到"): "reckoned from positions on this page; those out of reach are listed",
    ("places:reach", "没有标位置"): "reckoned from positions on this page; those out of reach are listed",
    ("calls:offer", "米以内"): "a distance, rough on purpose before a yes; no count",
    ("ledger:receipt", "分钟"): "the one transfer that the receipt is about",
    ("points:book", "10 分"): "the price of a good, fixed by the counter",
    ("points:claim", "分，每次"): "what the rule gives each time; the page is the record itself",
    ("points:claim", "1 次"): "the page is the record itself",
    ("points:gift", "10 分"): "the price that was paid; the page is the record itself",
    ("points:goods", "10 分"): "the price of a good, fixed by the counter",
    ("points:passbook", "今天"): "each line is the entry itself",
    ("points:sheet", "元"): "the value of the goods on the sheet, as it was fixed; the page is the record itself",
    ("points:tell", ""): "the number of a passbook, no count",
    ("volunteers:certificates", "小时"): "the certificate is what says it, and has its own page",
    ("volunteers:me", "公里"): "how far the volunteer wants to go: his own wish, no count",
    ("volunteers:me", "5 件"): "how much he takes on at once: his own wish, no count",
    ("volunteers:my_service", "2"): "the records that make it stand below on the same page",
    ("volunteers:session", "人在场"): "who is there stands on the same page, for the organiser",
    ("volunteers:session_code", ""): "digits to be typed in at the door, not a count",
    ("volunteers:team", "1 人"): "who is in a team is for its members and keepers; the page names them where he may",
    ("volunteers:verify_code", "小时"): "the certificate that is verified says it; its records are the owner's",
    ("volunteers:verify_code", "00000001"): "the number of a certificate, no count",
}
"""Page and a word beside the number -> why it does not open."""


class Numbers(HTMLParser):
    """The numbers of a page that do not open: (what stands around, the number)."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[dict[str, Any]] = []
        self.shut: list[tuple[str, str]] = []
        self.seen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        given = dict(attrs)
        classes = set((given.get("class") or "").split())
        kinds = classes & {"hy-kpi", "hy-keyfigure", "hy-num", "hy-digits", "hy-cell--end"}
        kinds |= {"row"} if tag in {"tr", "li"} else set()
        kinds |= {"bare"} if tag in {"td", "b", "strong", "dd"} else set()
        if tag == "th":
            kinds = set()
        if tag == "a":
            for one in self.open:
                one["links"] = True
        self.open.append({"tag": tag, "kinds": kinds, "links": tag == "a", "text": ""})

    def handle_data(self, data: str) -> None:
        for one in self.open:
            one["text"] += data

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            done = self.open.pop()
            self.close_one(done)
            if done["tag"] == tag:
                return

    def close_one(self, done: dict[str, Any]) -> None:
        """Judge a number once all of it is read; one in a row waits for the row, whose link may stand behind it."""
        for held, text in done.get("waiting", []):
            if not done["links"]:
                self.shut.append((held, text))
        if not done["kinds"] - {"row"}:
            return
        text = " ".join(done["text"].split())
        shape = COUNT if done["kinds"] <= {"bare", "row"} else NUMBER
        number = text if "hy-kpi" in done["kinds"] or "hy-keyfigure" in done["kinds"] else shape.fullmatch(text)
        if not number or not re.search(r"\d", text):
            return
        self.seen += 1
        if done["links"] or any(one["tag"] == "a" for one in self.open):
            return
        around = next((one for one in reversed(self.open) if one["kinds"] & set(WITHIN)), None)
        if around is None:
            self.shut.append(("", text))
        else:
            before = " ".join(around["text"].split()).removesuffix(text)
            around.setdefault("waiting", []).append((before[:40], text))


def numbers(html: str) -> Numbers:
    found = Numbers()
    body = html.partition("<main")[2].rpartition("</main>")[0] or html
    found.feed(re.sub(r"<(script|style|svg)\b.*?</\1>", "", body, flags=re.S))
    return found


@pytest.fixture
def world(db: None, settings: Any) -> Iterator[World]:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with clock.frozen(START):
        yield World()


def test_a_number_that_is_no_link_is_found() -> None:
    """The reader itself: what it must find, and what it must let through."""
    shut = numbers('<main><div class="hy-kpi"><span>甲</span> <span>3 件</span></div></main>')
    linked = numbers('<main><a class="hy-kpi" href="/"><span>甲</span> <span>3 件</span></a></main>')
    row = '<main><table><tr><td class="hy-cell--end">{}</td><th><a href="/">乙</a></th></tr></table></main>'
    plain = '<main><table><tr><th>乙</th><td class="hy-cell--end">5</td></tr></table></main>'

    assert [text for _around, text in shut.shut] == ["甲 3 件"]
    assert (linked.shut, linked.seen) == ([], 1)
    assert (numbers(row.format("5")).shut, numbers(row.format("5")).seen) == ([], 1)
    assert numbers(plain).shut == [("乙", "5")]
    assert numbers('<main><b class="hy-num">2026-11-20 到期</b></main>').seen == 0
    assert numbers("<main><dl><dt>甲</dt><dd>5 件</dd></dl></main>").shut == [("", "5 件")]
    assert numbers("<main><ul><li>乙 <b>12</b> <a href='/'>看</a></li><li>丙 <b>3</b></li></ul></main>").shut == [
        ("丙 ", "3")
    ]
    assert numbers("<main><dd>13800000000</dd><td>2026-11-20</td></main>").seen == 0


def test_every_number_opens_or_is_named_here_with_the_reason(world: World, tally: Callable[..., None]) -> None:
    shut: dict[str, list[tuple[str, str]]] = {}
    used: set[tuple[str, str]] = set()
    seen = 0
    asked = [(name, who, world.address(KNOWN[name]) + MORE.get(name, "")) for name, (who, _most) in MOST.items()]
    over = reverse("activities:door", args=[world.given.held.public_id])  # only then is it known who stayed away
    for name, who, address in [*asked, ("activities:door", "bob", over)]:
        if name.startswith("api:"):
            continue
        with transaction.atomic():
            answer = browser(world, who).get(address)
            transaction.set_rollback(True)
        if answer.streaming or "html" not in answer.headers.get("Content-Type", ""):
            continue
        found = numbers(answer.content.decode())
        seen += found.seen
        for around, text in found.shut:
            reason = next((one for one in WHY_NOT if one[0] == name and one[1] in f"{around} {text}"), None)
            if reason:
                used.add(reason)
            else:
                shut.setdefault(name, []).append((around, text))

    tally("numbers that open", numbers=seen, named=len(WHY_NOT))
    assert shut == {}, "let these open, or say why not"
    assert sorted(set(WHY_NOT) - used) == [], "these open by now, or are gone"
    assert seen > 100
