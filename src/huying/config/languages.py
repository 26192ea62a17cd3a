"""Collects what the screens say, without xgettext: Django's own template reader and Babel's Python reader (Chinese msgids)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

KEYWORDS: dict[str, Any] = {
    "_": None,
    "_now": None,  # gettext beside gettext_lazy, where words are kept as they are said
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
SOURCE = Path(__file__).resolve().parent.parent
PO = SOURCE / "locale" / "en" / "LC_MESSAGES" / "django.po"


def sources() -> list[Path]:
    """Python files and templates whose words people read; tests and migrations say nothing to people."""
    found = [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html"), *SOURCE.rglob("*.txt")]
    return sorted(p for p in found if not {"tests", "migrations", "built", "locale"} & set(p.parts))


def collect() -> Catalog:
    """Every message in the source, with the files (not the lines) where it stands."""
    catalog = Catalog(locale="en", domain="django", charset="utf-8", fuzzy=False)
    for path in sources():
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            text = templatize(text, origin=str(path))
        where = str(path.relative_to(SOURCE))
        for _line, message, _comments, context in extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS):
            catalog.add(message, locations=[(where, 0)], context=context)
    return catalog


def known() -> Catalog:
    """The English catalogue as it stands."""
    if not PO.exists():
        return Catalog(locale="en", domain="django", charset="utf-8", fuzzy=False)
    with PO.open("rb") as file:
        return read_po(file, locale="en", domain="django")


def untranslated(catalog: Catalog) -> list[str]:
    """Messages in the source that the catalogue lacks or leaves empty."""
    missing = []
    for message in collect():
        if not message.id:
            continue
        mine = catalog.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
        texts = () if mine is None else (mine.string if isinstance(mine.string, tuple) else (mine.string,))
        if not texts or not all(texts):
            missing.append(str(message.id))
    return missing


def update() -> Catalog:
    """Bring the catalogue up to date with the source: new messages empty, gone ones dropped; returns it."""
    catalog = known()
    catalog.update(collect(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, catalog, width=110, sort_output=True, no_location=False, include_lineno=False)
    return catalog
