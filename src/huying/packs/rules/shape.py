"""A pack as a shape: who wrote it, its components with their empty slots, the things they drive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.config import JsonDict

from huying.packs.rules.nodes import Path
from huying.packs.rules.things import Code, Name, OneOf, Strict, Things, Title, Words
from huying.packs.states import KINDS, SWITCHES, Status
from huying.packs.states import WORDS as WORD_PLACES

Namespace = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,11}$", description="the place that wrote it, e.g. longyan")]
PackCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$", description="e.g. m14363")]
PARTED = ("rhythms", "standards", "templates")
"""Kinds of things that have parts of their own to drive: rules of a plan, items of a checklist, sections of a template."""
LOCAL, OF_PLATFORM = r"[a-z][a-z0-9_]{0,26}", r"platform:[a-z][a-z0-9_-]{0,39}"
Drive = Annotated[
    str,
    Field(
        pattern=rf"^(({'|'.join(KINDS)})\.({LOCAL}|{OF_PLATFORM})|({'|'.join(PARTED)})\.{LOCAL}/[1-9][0-9]?)$",
        description=(
            "kind.code of a thing of this file, or kind.platform:CODE; rhythms.code/2 is the second rule of a plan, "
            "standards.code/2 the second item of a checklist, templates.code/2 what stands under the second heading"
        ),
    ),
]

MOST: JsonDict = {
    key: {"properties": {"zh": {"maxLength": most}, "en": {"maxLength": 2 * most}}}
    for key, (_where, most) in WORD_PLACES.items()
}
"""How long each word on screen may be: for editors; ``reading`` tells it with the line."""


class Source(Strict):
    """Where the mechanism is told: an item of the source pages, and as of when."""

    item: str = Field(min_length=1, max_length=60)
    as_of: str = Field("", max_length=40)


class Outside(Strict):
    """A reading that the source itself does not give; always shown as such, with where it comes from."""

    zh: str = Field(min_length=1, max_length=400)
    en: str = Field("", max_length=600)
    source: str = Field(min_length=1, max_length=200)


class Owner(Name):
    """Who is responsible, in words. ``place``: its division code, ``team``: the name of a team or unit; both lead to its
    page where there is one.
    """

    place: str | None = Field(None, pattern=r"^[0-9]{2,12}$", description="division code, e.g. '350800'")
    team: str | None = Field(None, min_length=1, max_length=80)


class Component(Strict):
    """One part of a mechanism. ``count``: as many parts as its name says; those not given stay empty slots."""

    code: Code
    name: Title
    count: int | None = Field(None, ge=1, le=100)
    owner: Owner | None = None
    note: Words | None = None
    outside: Outside | None = None
    target: int | None = Field(
        None, ge=1, le=100_000, description="how many sites there shall be of the kind it drives"
    )
    each: bool = Field(
        False, description="every division right below the place shall have a site with the mark it drives"
    )
    honour: bool = Field(False, description="a title of honour: shown as such, it drives nothing")
    drives: list[Drive] = Field(default_factory=list, max_length=40)
    parts: list[Component] = Field(default_factory=list, max_length=100)

    @property
    def empty(self) -> int:
        """How many of its parts the source does not give."""
        return max(0, (self.count or 0) - len(self.parts))

    @model_validator(mode="after")
    def parts_fit(self) -> Component:
        if self.count is not None and len(self.parts) > self.count:
            raise ValueError("component_count")
        if self.target and sum(drive.startswith("place_kinds.") for drive in self.drives) != 1:
            raise ValueError("component_target")
        if self.each and sum(drive.startswith("place_flags.") for drive in self.drives) != 1:
            raise ValueError("component_each")
        if self.honour and self.drives:
            raise ValueError("component_honour")
        return self


class Pack(Strict):
    """One file. ``checksum``: sha256 over the canonical form; when it is written it must be true."""

    format: Literal[1]
    namespace: Namespace
    code: PackCode
    version: int = Field(ge=1, le=100_000)
    name: Title
    status: Annotated[str, OneOf(Status.values)]
    source: Source
    summary: Words | None = None
    components: list[Component] = Field(default_factory=list, max_length=100)
    things: Things = Things()
    words: dict[Annotated[str, OneOf(WORD_PLACES)], Words] = Field(
        default_factory=dict, json_schema_extra={"properties": MOST}
    )
    switches: list[Annotated[str, OneOf(SWITCHES)]] = Field(default_factory=list, max_length=20)
    checksum: str | None = Field(None, pattern=r"^sha256:[0-9a-f]{64}$")

    @property
    def key(self) -> str:
        """``longyan.m14363``."""
        return f"{self.namespace}.{self.code}"


def walk(parts: list[Component], path: Path = ("components",)) -> Iterator[tuple[Component, Path]]:
    """Every component with its path, parents first."""
    for number, one in enumerate(parts):
        here = (*path, number)
        yield one, here
        yield from walk(one.parts, (*here, "parts"))
