"""Compile translations with Babel: gettext's own tools need not be on the machine."""

from __future__ import annotations

from pathlib import Path

from huying.kernel.cli import places
from huying.kernel.trouble import Trouble


def stale() -> list[Path]:
    """Catalogues whose compiled file is missing or older; in an installed wheel, times mean nothing."""
    found = sorted(places.PACKAGE.glob("**/locale/*/LC_MESSAGES/*.po"))
    in_wheel = places.find().checkout is None
    return [po for po in found if not _compiled(po) or (not in_wheel and _time(po.with_suffix(".mo")) < _time(po))]


def _compiled(po: Path) -> bool:
    return po.with_suffix(".mo").exists()


def _time(path: Path) -> float:
    return path.stat().st_mtime


def compile_all(catalogues: list[Path]) -> None:
    """Write the .mo beside each .po, whole or not at all. Raises Trouble naming the catalogue that cannot be read."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po

    for po in catalogues:
        places.need_writable(
            po.parent, "run ./huying up once as the owner of the checkout, to compile the translations"
        )
        try:
            with po.open("rb") as source:
                catalogue = read_po(source, locale=po.parent.parent.name)
        except (PoFileError, ValueError) as error:
            raise Trouble(f"The translations in {po} cannot be read: {error}") from None
        fresh = po.with_suffix(".mo.new")
        with fresh.open("wb") as target:
            write_mo(target, catalogue)
        fresh.replace(po.with_suffix(".mo"))
