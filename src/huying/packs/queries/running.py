"""A pack as it runs: what its rows hold now, in the shape of a file; and what differs between two of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from huying.packs.models import Installed, Pack, PackVersion
from huying.packs.queries.doors import TABLES, local, stored
from huying.packs.rules.reading import REFERS, body_of
from huying.packs.rules.shape import Pack as File
from huying.packs.rules.things import LEAST_MONTHS, Things
from huying.packs.states import BEGUN_ANEW, KINDS, LOADED, Change

Body = dict[str, Any]
HEAD = ("name", "status", "source", "summary")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that differs. ``section`` is a kind of thing, ``components``, ``words``, ``switches`` or ``head``;
    ``fields``: name, before and after of every value that differs.
    """

    section: str
    code: str
    name: str
    change: Change
    fields: tuple[tuple[str, Any, Any], ...] = ()
    was: str = ""


def newest(pack: Pack) -> PackVersion | None:
    """The version in force; None before the first one."""
    return pack.versions.order_by("-version").first()


def file_of(version: PackVersion) -> File:
    """The file of a version, read again from its body."""
    return File.model_validate(read_now(version.body))


def read_now(body: Body) -> Body:
    """A body as files are written today: rule books once had longer names, shorter terms, and words for the unit and the
    confirmer that nothing held.
    """
    books = body.get("things", {}).get("rule_books", [])
    if not books:
        return body
    today = [
        {
            **one,
            "name": cut(one["name"]),
            "valid_months": valid(one.get("valid_months", 24)),
            "items": [item_now(item) for item in one["items"]],
        }
        for one in books
    ]
    return {**body, "things": {**body["things"], "rule_books": today}}


def item_now(item: Body) -> Body:
    old = {"unit"} | ({"confirmer"} if isinstance(item.get("confirmer"), dict) else set())
    kept = {name: value for name, value in item.items() if name not in old} | {"name": cut(item["name"])}
    if proof := kept.get("proof"):
        kept["proof"] = {"zh": proof["zh"]}
    return kept


def cut(name: dict[str, str]) -> dict[str, str]:
    return {"zh": name["zh"][:40], "en": name.get("en", "")[:60]}


def valid(months: int | None) -> int | None:
    return months if months is None else max(LEAST_MONTHS, months)


def running(pack: Pack) -> Body:
    """The body of the version in force with what its rows say today, by whomever they were changed; {} before the first.

    A row that says more than a file can hold stands in it as it is: it is shown, and loading puts it back.
    """
    version = newest(pack)
    if version is None:
        return {}
    said = read_now(version.body)
    body: Body = {**said, "things": dict(said.get("things", {}))}
    installed = {(one.kind, one.code): one.key for one in Installed.objects.filter(pack=pack, retired=False)}
    for kind in LOADED:
        rows = body["things"].get(kind, [])
        there = TABLES[kind].read(installed[kind, one["code"]] for one in rows if (kind, one["code"]) in installed)
        now = []
        for one in rows:
            facts = there.get(installed.get((kind, one["code"]), ""))
            if facts is not None:
                was = {"was": one["was"]} if "was" in one else {}
                now.append({**inward(kind, pack.namespace, one["code"], facts), **was})
        if now:
            body["things"][kind] = now
        else:
            body["things"].pop(kind, None)
    try:
        return body_of(File.model_validate(body))
    except ValidationError:
        return body


def outward(kind: str, namespace: str, thing: Any) -> dict[str, Any]:
    """A thing with every value and stored codes, as the door of its room takes it."""
    facts: dict[str, Any] = thing.model_dump(mode="json", exclude={"code", "was"})
    return exchanged(kind, facts, lambda of, code: stored(of, namespace, code))


def inward(kind: str, namespace: str, code: str, facts: dict[str, Any]) -> dict[str, Any]:
    """What a room holds, as it stands in a file: without what is usual."""
    model = model_of(kind)
    said = exchanged(kind, facts, lambda of, key: local(of, namespace, key))
    try:
        thing = model.model_validate({"code": code, **said})
    except ValidationError:
        thing = model.model_construct(code=code, **said)
    kept: dict[str, Any] = thing.model_dump(mode="json", exclude_defaults=True, warnings=False)
    return kept


def exchanged(kind: str, facts: dict[str, Any], say: Any) -> dict[str, Any]:
    """The same facts with every reference said in another way."""
    out = dict(facts)
    for (holder, name), of in [*REFERS.items(), (("service_kinds", "category"), "categories")]:
        if holder == kind and out.get(name):
            given = out[name]
            out[name] = [say(of, one) for one in given] if isinstance(given, list) else say(of, given)
    if kind == "rhythms":
        out["rules"] = [exchanged("rules", one, say) for one in out["rules"]]
    return out


def model_of(kind: str) -> Any:
    """The shape of one thing of this kind."""
    annotation: Any = Things.model_fields[kind].annotation
    return annotation.__args__[0]


def entries(body: Body) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Section, code, name and values of everything in a body that can differ by itself."""
    if body:
        yield "head", "", "", {name: body[name] for name in HEAD if name in body}
    yield from parts_of(body.get("components", []), "")
    for kind in KINDS:
        for one in body.get("things", {}).get(kind, []):
            values = {name: value for name, value in one.items() if name not in ("code", "was")}
            yield kind, one["code"], one["name"]["zh"], values
    for name, words in body.get("words", {}).items():
        yield "words", name, words["zh"], {"words": words}
    for name in body.get("switches", []):
        yield "switches", name, name, {}


def parts_of(rows: list[dict[str, Any]], above: str) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for one in rows:
        code = f"{above}{one['code']}"
        yield (
            "components",
            code,
            one["name"]["zh"],
            {name: value for name, value in one.items() if name not in ("code", "parts")},
        )
        yield from parts_of(one.get("parts", []), f"{code}.")


def compare(before: Body, after: Body) -> list[Line]:
    """Everything in which ``after`` differs from ``before``, in the order of the file, then what is gone."""
    old = {(section, code): (name, values) for section, code, name, values in entries(before)}
    former = renamed(before, after)
    found, met = [], set()
    for section, code, name, values in entries(after):
        was = former.get((section, code), "")
        if was and section in BEGUN_ANEW:
            found.append(Line(section, code, name, Change.ANEW, fields_of({}, values), was))
            continue
        key = (section, was or code)
        met.add(key)
        if key not in old:
            found.append(Line(section, code, name, Change.NEW, fields_of({}, values)))
        elif key[1] != code:
            found.append(Line(section, code, name, Change.RENAMED, fields_of(old[key][1], values), key[1]))
        elif fields := fields_of(old[key][1], values):
            found.append(Line(section, code, name, Change.CHANGED, fields))
    gone = [(key, name) for key, (name, _values) in old.items() if key not in met]
    return [*found, *(Line(section, code, name, Change.RETIRED) for (section, code), name in gone)]


def formers(body: Body) -> dict[tuple[str, str], str]:
    """What things were called in the version before, by kind and code."""
    things = body.get("things", {})
    return {(kind, one["code"]): one["was"] for kind in KINDS for one in things.get(kind, []) if one.get("was")}


def renamed(before: Body, after: Body) -> dict[tuple[str, str], str]:
    """Former codes, by kind and code, of what takes another one now: not of what already had it in the version before."""
    done, there = formers(before), {(section, code) for section, code, _name, _values in entries(before)}
    return {
        (kind, code): was
        for (kind, code), was in formers(after).items()
        if done.get((kind, code)) != was and (kind, was) in there
    }


def fields_of(before: dict[str, Any], after: dict[str, Any]) -> tuple[tuple[str, Any, Any], ...]:
    names = [*after, *(name for name in before if name not in after)]
    rows = ((name, before.get(name), after.get(name)) for name in names)
    return tuple(row for row in rows if row[1] != row[2])
