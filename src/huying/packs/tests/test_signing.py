"""Files are signed by checksum: every shipped one is, a command writes it, and the library says what is known of each."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from huying.calls.tests.factories import actor
from huying.packs import actions
from huying.packs.models import PackVersion
from huying.packs.rules.reading import PackWrong, checksum, read_pack
from huying.packs.rules.shipping import shipped_sums
from huying.packs.rules.writing import signed, unsigned
from huying.packs.states import Seal
from huying.packs.tests.conftest import SEASONS, World
from huying.packs.tests.test_command import run
from huying.packs.tests.test_shipped import PATHS, text_of

TEN = "longyan.five_cards"


@pytest.mark.parametrize("key", PATHS)
def test_every_shipped_file_carries_its_true_checksum(key: str) -> None:
    pack, _tree = read_pack(text_of(key))

    assert pack.checksum == checksum(pack)
    assert shipped_sums()[key] == (pack.version, pack.checksum)
    assert text_of(key) == signed(text_of(key), pack)


def test_the_command_signs_a_file_and_changes_nothing_else(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(SEASONS + "checksum: sha256:" + "0" * 64 + "\n", encoding="utf-8")
    assert "校验和与内容不符" in run("check", str(mine))[1]

    out, trouble = run("sign", str(mine))

    assert "example.four_seasons 1, sha256:" in out and not trouble
    text = mine.read_text(encoding="utf-8")
    assert unsigned(text) == unsigned(SEASONS) and read_pack(text)[0].checksum
    run("sign", str(mine))
    assert mine.read_text(encoding="utf-8") == text


def test_a_signed_file_that_was_changed_is_refused_in_the_line_of_its_checksum(world: World) -> None:
    text = text_of(TEN).replace("zh: ", "zh: 改", 1)
    with pytest.raises(PackWrong) as wrong:
        actions.try_pack(actor=actor(world.chief), text=text)

    assert [(one.line, one.where) for one in wrong.value.problems] == [(len(text.splitlines()), "checksum")]


def test_the_dry_run_and_the_library_say_signed_changed_or_unsigned(world: World) -> None:
    chief = actor(world.chief)
    changed = unsigned(text_of(TEN)).replace("zh: ", "zh: 改", 1)
    seals = [
        actions.try_pack(actor=chief, text=one).seal
        for one in (text_of(TEN), changed, SEASONS.replace("example", "anywhere"))
    ]
    assert seals == [Seal.SIGNED, Seal.CHANGED, Seal.UNSIGNED]

    library = reverse("packs:library")
    world.load(changed)
    assert "与平台自带的不同" in unescape(Client().get(library).content.decode())
    world.load(SEASONS.replace("namespace: example", "namespace: anywhere"))
    assert "没有校验和" in unescape(Client().get(library).content.decode())
    world.load(text_of("longyan.cadence"))
    assert "校验和相符" in unescape(Client().get(library).content.decode())
    assert list(PackVersion.objects.order_by("pk").values_list("signed", flat=True)) == [False, False, True]
