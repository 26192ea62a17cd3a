"""Chinese first, English second: every message has its English, and no Chinese stands in a template outside gettext."""

from __future__ import annotations

import re
from pathlib import Path

from huying.config import languages

TEMPLATES = Path(languages.SOURCE)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
INSIDE = re.compile(
    r"{%\s*(?:comment\b.*?endcomment|blocktrans(?:late)?\b.*?endblocktrans(?:late)?|trans(?:late)?\b.*?)\s*%}|{#.*?#}|_\((?:\"[^\"]*\"|'[^']*')\)",
    re.DOTALL,
)


def test_every_message_has_its_english() -> None:
    assert languages.untranslated(languages.known()) == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    holes = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
    wrong = []
    for message in languages.known():
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(holes.findall(ids[-1]))
        wrong += [ids[0] for text in texts if text and set(holes.findall(text)) != wanted and len(ids) == 1]

    assert wrong == []


def test_no_chinese_stands_outside_gettext_in_templates() -> None:
    found = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        if {"tests", "built"} & set(path.relative_to(TEMPLATES).parts):
            continue  # as in languages.sources: what tests render is read by nobody
        for number, line in enumerate(INSIDE.sub("", path.read_text()).splitlines(), 1):
            if CHINESE.search(line):
                found.append(f"{path.relative_to(TEMPLATES)}:{number} {line.strip()[:60]}")

    assert found == []
