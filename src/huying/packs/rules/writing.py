"""A pack as YAML that is read back as the same pack."""

from __future__ import annotations

import re
from typing import Any

import yaml

from huying.packs.rules.reading import body_of, checksum
from huying.packs.rules.shape import Pack

SHORT = 100


class Plain(yaml.SafeDumper):
    """Blocks for lists of things, one line for what is small, a bar for text of several lines; no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def text(dumper: Plain, value: str) -> yaml.ScalarNode:
    # A bar keeps every line as it is, but not spaces at the end of one, nor lines that begin with a space
    tidy = "\n" in value and all(line == line.strip() for line in value.split("\n"))
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if tidy else None)


def mapping(dumper: Plain, value: dict[str, Any]) -> yaml.MappingNode:
    small = len(str(value)) <= SHORT and not any(isinstance(one, list) for one in value.values())
    plain = small and "\n" not in str(value)
    return dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=plain)


Plain.add_representer(str, text)
Plain.add_representer(dict, mapping)


CHECKSUM = re.compile(r"^checksum:.*\n?", re.MULTILINE)
"""The line of the checksum, which stands at the margin."""


def unsigned(text: str) -> str:
    """A file without the line of its checksum."""
    return CHECKSUM.sub("", text)


def signed(text: str, pack: Pack) -> str:
    """The text of a file as somebody wrote it, with the checksum of what it says in the last line."""
    return f"{unsigned(text).rstrip()}\nchecksum: {checksum(pack)}\n"


def to_yaml(pack: Pack) -> str:
    """The file, with its checksum in the last line."""
    body = {**body_of(pack), "checksum": checksum(pack)}
    made: str = yaml.dump(body, Dumper=Plain, allow_unicode=True, sort_keys=False, width=1000)
    return made
