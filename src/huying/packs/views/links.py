"""What stands under the components of a mechanism at a place: each driven thing with its numbers, and where they open.

A number stands under one component only: where a second component drives the same thing, it says under which name the
number is. Components that drive a part of their own (``standards.code/2``) have the numbers of that part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.calls import rules as call_rules
from huying.cockpit.rules import reports as report_rules
from huying.figures.queries import Period
from huying.figures.templatetags.figures import address as number_address
from huying.figures.templatetags.figures import in_figures, in_words
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.packs import queries
from huying.packs.queries.driving import Driven
from huying.packs.queries.live import Numbers, told_in, without
from huying.packs.rules.shape import Component, walk
from huying.packs.states import KINDS
from huying.packs.views.shown import in_language
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.places.states import Standing
from huying.points.states import EditionState
from huying.ui.naming import named
from huying.volunteers import queries as volunteer_queries

MOST_NAMED = 30
SAID = {
    "soon": _("即将举办"),
    "held": _("今年举办"),
    "calls": _("全部求助"),
    "open": _("没有办结"),
    "rung": _("呼到这一圈的求助"),
    "teams": _("队伍"),
    "people": _("志愿者"),
    "sites": _("阵地"),
    "asked": _("要对照的阵地"),
    Standing.MET: _("全部达到"),
    Standing.UNMET: _("有缺项"),
    Standing.NEVER: _("没查过"),
    "lacking": _("缺这一项的阵地"),
    "gaps": _("缺口"),
    "papers": _("公开的通报"),
}
BOOK_WORDS = {
    EditionState.DRAFT: _("草案，经议事会议通过才生效。"),
    EditionState.ADOPTED: _("已表决通过，公布以后生效。"),
    EditionState.DROPPED: _("这份草案已作废。"),
}


def owner_pages(actor: Actor, held: Iterable[queries.InForce]) -> dict[tuple[str, str], str]:
    """Addresses of the places and teams that owners of components name: ("place", code), ("team", name). A team is looked
    for where the pack is on and below, the highest first. Two queries at most.
    """
    named_so = [(one, part.owner) for one in held for part, _path in walk(one.file.components) if part.owner]
    codes = {owner.place for _one, owner in named_so if owner.place}
    found = {("place", row.code or ""): reverse("places:detail", args=[row.public_id]) for row in places_by_code(codes)}
    names = {owner.team: one.switch.place for one, owner in named_so if owner.team}
    if names:
        rows = volunteer_queries.teams(actor, active=True).filter(name__in=names).order_by("-place__depth", "-id")
        for row in rows.select_related("place"):
            if row.place.path.startswith(names[row.name].path):
                found["team", row.name] = reverse("volunteers:team", args=[row.public_id])
    return found


def places_by_code(codes: Collection[str]) -> list[Place]:
    return list(place_queries.listed().filter(code__in=codes)) if codes else []


@dataclass
class Links:
    """One pack on one page. ``met``: what was shown so far, under which component; ``figures``: by code of the metric."""

    actor: Actor
    place: Place
    one: queries.InForce
    driven: Driven
    found: Mapping[str, Numbers]
    figures: Mapping[str, Any]
    names: Mapping[tuple[str, str], str]
    owners: Mapping[tuple[str, str], str] = field(default_factory=dict)
    met: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def of(self, drive: str, part: Component) -> dict[str, Any]:
        """A thing that ``part`` drives, with the numbers that no component before it has shown."""
        kind, code = drive.split(".", 1)
        key = self.driven.keys[kind][self.one.pack.pk, code]
        rows, elsewhere = [], ""
        for what, row in self.rows(kind, code, key):
            first = self.met.setdefault(what, in_language(part.name))
            if first == in_language(part.name) and row not in rows:
                rows.append(row)
            elsewhere = first
        words = self.words(kind, code, key) or self.goal(kind, key, part) or self.lacking(kind, key, part)
        if elsewhere and not rows and "/" not in code:
            words = _("数在“%(name)s”下面") % {"name": elsewhere}
        return {
            "kind": KINDS[kind],
            "name": self.names.get((kind, code.partition("/")[0]), code),
            "numbers": rows,
            "words": words,
            "href": self.lead(kind, code, key),
        }

    def owner(self, part: Component) -> str:
        """The page of who is responsible; "" where there is none for this reader."""
        owner = part.owner
        if owner is None:
            return ""
        team = self.owners.get(("team", owner.team or ""), "")
        return team or self.owners.get(("place", owner.place or ""), "")

    def goal(self, kind: str, key: str, part: Component) -> Any:
        """How many sites are missing of those that the mechanism names."""
        if kind != "place_kinds" or not part.target:
            return ""
        missing = part.target - self.found[kind][key]["sites"]
        if missing > 0:
            return _("目标 %(goal)d 处，还差 %(missing)d 处") % {"goal": part.target, "missing": missing}
        return _("目标 %(goal)d 处，已经够了") % {"goal": part.target}

    def lacking(self, kind: str, key: str, part: Component) -> Any:
        """Which of the divisions below have none, by name: for what each of them shall have."""
        if kind != "place_flags" or not part.each:
            return ""
        missing = without(self.place, [key])[key]
        if not missing:
            return _("下级都有了")
        names = _("、").join(named(one) for one in missing[:MOST_NAMED])
        more = len(missing) - MOST_NAMED
        if more > 0:
            return _("还没有的：%(names)s，另有 %(more)d 处") % {"names": names, "more": more}
        return _("还没有的：%(names)s") % {"names": names}

    def rows(self, kind: str, code: str, key: str) -> list[tuple[tuple[str, str, str], dict[str, Any]]]:
        """(what is counted, the number as the page shows it), in order. A part of a thing has numbers of its own."""
        numbers, found = self.found.get(kind, {}).get(key, {}), []
        for what, href in self.addresses(kind, key).items():
            if what in numbers:
                of = key if what in ("lacking", "gaps") else key.partition("/")[0]
                found.append(((kind, of, what), {"label": SAID[what], "value": numbers[what], "href": href}))
        year = told_in(self.actor, self.place)
        for metric in self.driven.metrics.get((kind, self.one.pack.pk, code), ()):
            if metric in self.figures:
                row, value = self.figures[metric]
                href = number_address(row, self.place, year)
                shown = {
                    "label": self.figure_label(named(row), year),
                    "value": in_figures(value),
                    "href": href,
                    "figure": True,
                }
                found.append((("figures", metric, ""), shown))
        return found

    def figure_label(self, name: str, year: Period) -> str:
        """What was counted, and in which year where it is not this one."""
        if year == Period.year(clock.today().year):
            return name
        return gettext("%(name)s（%(year)s）") % {"name": name, "year": in_words(year)}

    def address(self, name: str, *args: Any, **query: Any) -> str:
        return f"{reverse(name, args=args)}?{urlencode(query)}"

    def addresses(self, kind: str, key: str) -> dict[str, str]:
        """Where each number opens: the list it counts, narrowed in the same way."""
        within = {"within": str(self.place.public_id)}
        where = {"place": str(self.place.public_id)}
        if kind in ("themes", "activity_kinds"):
            by = {"theme" if kind == "themes" else "kind": key, **within}
            today = clock.today()
            year = {"first": f"{today.year}-01-01", "last": today.isoformat()}
            return {
                "soon": self.address("activities:list", **by),
                "held": self.address("activities:list", **by, **year),
            }
        if kind == "service_kinds":
            every = {"kind": key, **where}
            return {
                "calls": self.address("calls:list", **every),
                "open": self.address("calls:list", **every, state="open"),
            }
        if kind == "rings":
            return {"rung": self.address("calls:list", ring=key, **where)}
        if kind == "team_kinds":
            return {"teams": self.address("volunteers:teams", kind=key, **within)}
        if kind == "skills":
            return {"people": self.address("volunteers:list", skill=key, **within)}
        if kind in ("place_kinds", "place_flags"):
            by = {"kind" if kind == "place_kinds" else "flag": key, **within}
            return {"sites": self.address("places:list", **by)}
        if kind == "standards" and key:
            return self.of_standard(*key.partition("/")[::2])
        if kind == "templates":
            return {"papers": self.address("cockpit:papers", template=key.partition("/")[0], **within)}
        if kind == "rhythms" and key:
            plan, _slash, rule = key.partition("/")
            return {"gaps": reverse("activities:plan", args=[plan]) + (f"#rule-{rule}" if rule else "")}
        return {}

    def of_standard(self, public_id: str, item: str) -> dict[str, str]:
        """The list of sites: all, as they stand, those that lack the item."""

        def at(**more: str) -> str:
            return self.address("places:standard", public_id, within=str(self.place.public_id), **more)

        lacking = {"lacking": at(item=item)} if item else {}
        return {
            "asked": at(),
            **{one: at(standing=one) for one in (Standing.MET, Standing.UNMET, Standing.NEVER)},
            **lacking,
        }

    def lead(self, kind: str, code: str, key: str) -> str:
        """Where a reader goes on from the thing itself; nowhere when there is nothing for him."""
        if kind == "service_kinds":
            return reverse("calls:ask_kind", args=[key])
        if kind == "rings" and call_rules.can_set_rings(self.actor, self.one.switch.place):
            return reverse("calls:rings")
        if kind == "rule_books" and (edition := self.driven.editions.get(key)):
            seen = edition.state == EditionState.PUBLISHED
            return (
                reverse("points:book", args=[edition.book.public_id])
                if seen
                else self.address("points:list", within=str(self.place.public_id))
            )
        if kind == "templates":
            if report_rules.can_read(self.actor, self.place):
                return reverse("cockpit:reports_at", args=[self.place.public_id])
            return self.address("cockpit:papers", within=str(self.place.public_id))
        return ""

    def words(self, kind: str, code: str, key: str) -> Any:
        """One sentence more: how many beats were kept, how much of a standard, why something is not in force."""
        numbers = self.found.get(kind, {}).get(key, {})
        if kind == "rhythms" and "beats" in numbers:
            return _("应做 %(all)d 次，做到 %(kept)d 次") % {"all": numbers["beats"], "kept": numbers["kept"]}
        if kind == "standards" and "score" in numbers and "/" not in key:
            return _("%(score)d%% 的阵地全部达到") % {"score": numbers["score"]}
        if kind == "rings" and not key:
            return _("这里另有自己的呼叫圈，这一圈没有生效。")
        if kind == "rule_books":
            return self.book_words(key)
        return ""

    def book_words(self, key: str) -> Any:
        """What has become of the draft that the pack brought."""
        edition = self.driven.editions.get(key)
        if edition is None:
            return _("这里已有自己的积分办法，这一份没有起草。")
        if edition.state != EditionState.PUBLISHED:
            return BOOK_WORDS[EditionState(edition.state)]
        if edition.book.ended_at is not None:
            return _("这份积分办法已停用。")
        assert edition.valid_from is not None  # as every published one has
        begins = clock.local(edition.valid_from).date()
        if edition.valid_from > clock.now():
            return _("已公布，%(day)s 起有效。") % {"day": begins.isoformat()}
        if edition.pk != self.driven.in_force.get(edition.book_id):
            return _("已公布过，现在有效的是后来的一版。")
        return _("已表决并公布，%(day)s 起有效。") % {"day": begins.isoformat()}
