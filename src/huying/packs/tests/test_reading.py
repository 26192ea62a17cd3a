"""A file is read with the line of every mistake and what to write instead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from huying.packs.rules.nodes import MOST_BYTES
from huying.packs.rules.reading import PackWrong, checksum, read_pack, schema
from huying.packs.tests.conftest import LISTS, SEASONS

ROOT = Path(__file__).parents[4]


def told(text: str) -> list[str]:
    with pytest.raises(PackWrong) as wrong:
        read_pack(text, file="mine.yaml")
    return wrong.value.told()


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if words in line)


def test_examples_are_read() -> None:
    seasons, lists = read_pack(SEASONS)[0], read_pack(LISTS)[0]

    assert (seasons.key, seasons.status, len(seasons.things.themes)) == ("example.four_seasons", "full", 4)
    assert lists.components[0].empty == 1  # the third list is not given
    assert lists.components[1].honour


CHANGES = [
    ("group: season", "gruop: season", "name: {zh: 春有学, en: Learn in spring}, gruop", "是不是 group？"),
    ("group: season", "group: saeson", "saeson", "是不是 season？"),
    ('begins: "02-04"', 'begins: "2-4"', '"2-4"', "带引号的“月-日”"),
    ("team_kinds.warmth", "team_kinds.warm", "team_kinds.warm]", "是不是 warmth？"),
    ("answered_by: team", "answered_by: teem", "teem", "是不是 team？"),
    ("version: 1", "version: one", "version: one", "请写整数"),
    ("version: 1", "version: 0", "version: 0", "请写不小于 1 的整数"),
    ("namespace: example", "namespace: 龙岩", "龙岩", "请用小写拼音"),
    ("namespace: example", "namespace: platform", "platform", "请写地方的拼音"),
    ("status: full", "status: most", "status: most", "可以写：full, part, name"),
    ("count: 4", "count: 3", "code: seasons", "请改 count"),
    ("count: 4", "count: 5", "code: seasons", "请补全，或写 status: part"),
    ("code: summer\n", "code: spring # again\n", "# again", "同一列里每项的代码要不同"),
    ("icon: sun-horizon-duotone", "icon: sun", "icon: sun", "-duotone 结尾"),
    ("visit: false", "visit: nein", "nein", "true 或 false"),
    ("minutes: 120", "minutes: -1", "minutes: -1", "不小于 1"),
    ("source: {item: example}", "source: {}", "source:", "请加一行 item"),
    ("  team_kinds:\n", "\tteam_kinds:\n", "\tteam_kinds", "缩进请用空格"),
    ("namespace: example", "namespace: &a example", "&a", "不能用 & 和 *"),
    ("namespace: example", "namespace: !x example", "!x", "以 ! 开头的文字请加引号"),
    ("code: four_seasons", "namespace: again", "namespace: again", "同一层里只能写一次"),
    ("format: 1", "format: 2", "format: 2", "可以写：1"),
    ("format: 1\n", "format: 1\nchecksum: sha256:" + "0" * 64 + "\n", "checksum", "确认内容后请删去这一行"),
    ("zh: 春有学, en: Learn", "zh: 春有学, and more, en: Learn", "and more", "请给整段文字加引号"),
]


@pytest.mark.parametrize(("before", "after", "at", "instead"), CHANGES, ids=[f"{one[1][:30]!r}" for one in CHANGES])
def test_a_mistake_names_file_line_and_what_to_write(before: str, after: str, at: str, instead: str) -> None:
    text = SEASONS.replace(before, after, 1)
    lines = told(text)
    number = line_of(text, at)

    assert [one for one in lines if one.startswith(f"mine.yaml 第 {number} 行：") and instead in one], lines


def test_all_mistakes_are_told_at_once() -> None:
    text = (
        SEASONS.replace("visit: false", "visit: nein")
        .replace("minutes: 120", "minutes: x")
        .replace("count: 4", "count: a")
    )

    assert len(told(text)) == 3


HOSTILE = {
    "nothing": "",
    "a list": "- 1\n- 2\n",
    "a word": "hello",
    "two documents": SEASONS + "\n---\n" + SEASONS,
    "depth": "format: " + "[" * 5000,
    "deep lists": "format: " + "[" * 100 + "]" * 100,
    "bytes": "\x00\x01",
    "surrogate": "format: 1\nname: \ufffe",
    "too long": "a: " + "x" * MOST_BYTES,
    "keys that are lists": "? [a, b]\n: 1\n",
    "merge": "a: &x {b: 1}\nc:\n  <<: *x\n",
    "number without end": "format: " + "9" * 5000,
    "python": "format: !!python/object/apply:os.system ['true']\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_with_a_line(name: str) -> None:
    assert all("第 " in one and " 行：" in one for one in told(HOSTILE[name]))


def test_checksum_is_over_the_canonical_form() -> None:
    pack = read_pack(SEASONS)[0]
    rearranged = SEASONS.replace("format: 1\n", "").replace("# A small", "format: 1\n# Another") + "words: {}\n"

    assert checksum(read_pack(rearranged)[0]) == checksum(pack)
    assert checksum(read_pack(SEASONS.replace("120", "121"))[0]) != checksum(pack)
    assert read_pack(f"{SEASONS}checksum: {checksum(pack)}\n")[0].checksum == checksum(pack)


def test_the_published_schema_is_true() -> None:
    kept = json.loads((ROOT / "docs/pack.schema.json").read_text(encoding="utf-8"))

    assert kept == json.loads(json.dumps(schema())), "run: ./huying pack schema --out docs/pack.schema.json"
