"""The text the project writes: asks made from patterns (``data/families.txt``) and asks written freely (``asked.tsv``).

A pattern with all its variants is one family. A family goes whole to learning, tuning or examination, so that no
part has seen what another is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from random import Random

DATA = Path(__file__).parent / "data"
SEED = 20260303
VARIANTS = 24
LEARNING, TUNING, EXAM = "learning", "tuning", "exam"
SHARES = ((EXAM, 3), (TUNING, 2))
"""So many families of each kind are kept back; the rest are learnt."""

CHOICE = re.compile(r"\[([^\[\]]*)\]")
SLOT = re.compile(r"\{(\w+)\}")
OPENINGS = (
    "",
    "",
    "",
    "",
    "你好，",
    "您好，",
    "喂，",
    "同志你好，",
    "请问",
    "麻烦问一下，",
    "不好意思打扰了，",
    "哎呀，",
    "社区的同志，",
)
CLOSINGS = (
    *(
        "",
        "",
        "",
        "",
        "",
        "，谢谢",
        "，谢谢啦！",
        "，麻烦了",
        "。急",
        "，什么时候能来",
        "，在线等",
        "，要钱吗",
        "。辛苦你们了",
    ),
    *("，先谢谢了", "~", "！！！", "，我电话没电了快一点", "😭", "，好人一生平安"),
)
PLACES = ("", "", "", "家住{place}，", "我是{place}的，", "{place}，")
FRAMES = (
    *(
        "{ask}*",
        "*怎么办",
        "{who}*",
        "*，{who}{weak}",
        "想要*",
        "关于*的事",
        "{when}*",
        "*找谁",
        "{who}{weak}，*",
        "你们管*吗",
    ),
    *("*，{place}", "家里*，没人管", "*的事{ask}帮一下", "不会*", "{elder}*", "*，一个人弄不了"),
)
"""What stands around a phrase."""
BESIDE = ("，顺便", "，还有，", "，另外")
SPOKEN = {
    "我妈": ("俺娘", "我姆妈", "阿妈", "我娘"),
    "我爸": ("俺爹", "阿爸", "我老爸"),
    "什么": ("啥", "么子", "咩"),
    "怎么": ("咋", "咋个", "啷个"),
    "没有": ("冇", "木有", "没得"),
    "不会": ("不晓得", "弄不来"),
    "老人": ("老人家", "老头老太"),
    "今天": ("今朝", "今儿"),
    "明天": ("明朝", "明儿个"),
    "晚上": ("夜里", "夜头"),
    "能不能": ("好不好", "可否", "能否"),
    "帮忙": ("搭把手", "帮帮忙", "帮个忙"),
    "聊天": ("唠嗑", "摆龙门阵"),
    "中午": ("晌午", "晏昼"),
    "一个人": ("自个儿", "就我一个"),
    "坏了": ("坏掉了", "搞坏了", "不灵了"),
}
"""Ways of saying from several regions."""
SLIPS = {
    "在": "再", "的": "地", "想": "像", "做": "作", "帮": "邦", "请": "清", "已": "以", "那": "哪", "需": "须", "带": "戴",
    "陪": "赔", "洗": "冼", "药": "要", "理": "里", "搬": "般", "修": "休", "饭": "反", "法": "发", "稍": "捎", "住": "主",
}  # fmt: skip
"""Letters that sound or look alike and are hit instead."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the code of the kind it asks for. ``who``: 0 for the project, else a number for one person;
    ``weight`` counts it more than once.
    """

    text: str
    label: str
    who: int = 0
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Family:
    """One pattern of one kind."""

    label: str
    pattern: str


@cache
def patterns() -> tuple[tuple[Family, ...], dict[str, tuple[str, ...]]]:
    """The families in the order of the file, and the lists their slots take from."""
    families, lists = [], {}
    for line in (DATA / "families.txt").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, pattern = (part.strip() for part in line.split("=", 1))
        if name.startswith("@"):
            lists[name[1:]] = tuple(pattern.split("|"))
        else:
            families.append(Family(name, pattern))
    return tuple(families), lists


@cache
def phrases() -> dict[str, tuple[str, ...]]:
    """Words and short phrases of each kind, for learning only."""
    lines = (DATA / "phrases.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("=", 1) for line in lines if line.strip() and not line.startswith("#")]
    return {code.strip(): tuple(one.replace("_", " ") for one in words.split()) for code, words in pairs}


@cache
def asked() -> tuple[Example, ...]:
    """The asks that were written freely, before there was a pattern: for the examination only."""
    lines = (DATA / "asked.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(Example(text, label) for label, text in (line.split("\t", 1) for line in lines if line.strip()))


def drawn(words: str) -> Random:
    """Chance that repeats itself for the same words."""
    return Random(words)  # noqa: S311 - text for learning, no secret


def parts(seed: int = SEED) -> dict[str, list[Family]]:
    """The families of each part. Which family goes where depends on the seed and on its kind's own families only."""
    found: dict[str, list[Family]] = {LEARNING: [], TUNING: [], EXAM: []}
    families = patterns()[0]
    for label in dict.fromkeys(one.label for one in families):
        own = [one for one in families if one.label == label]
        drawn(f"{seed} {label}").shuffle(own)
        for part, share in SHARES:
            found[part] += own[:share]
            own = own[share:]
        found[LEARNING] += own
    return found


def examples(part: str, *, seed: int = SEED, variants: int = VARIANTS) -> list[Example]:
    """So many asks of each family of one part; the same ones for the same seed."""
    families = parts(seed)[part]
    return [*(named(seed) if part == LEARNING else ()), *said_of(part, families, seed, variants)]


def said_of(part: str, families: list[Family], seed: int, variants: int) -> list[Example]:
    return [
        Example(said(family, families, drawn(f"{seed} {part} {family.pattern} {turn}"), turn == 0), family.label)
        for family in families
        for turn in range(variants)
    ]


def named(seed: int) -> list[Example]:
    """Each phrase alone, in two frames, and beside another one of its kind."""
    rows = []
    for label, words in phrases().items():
        for phrase in words:
            chance = drawn(f"{seed} {label} {phrase}")
            frames = [phrase, *(filled(chance.choice(FRAMES), chance).replace("*", phrase) for _turn in range(2))]
            frames.append(phrase + chance.choice(("，", "、", "", "，还要")) + chance.choice(words))
            rows += [Example(text, label) for text in frames]
    return rows


def said(family: Family, families: list[Family], chance: Random, bare: bool) -> str:
    """One ask: the pattern filled in, and except for the first of a family the way people write around it."""
    text = filled(family.pattern, chance)
    if bare or not re.search(r"[\u4e00-\u9fff]", text):
        return text
    text = filled(chance.choice(PLACES), chance) + text
    if chance.random() < 0.08:  # a second matter, said after the first
        other = chance.choice([one for one in families if one.label != family.label])
        text += chance.choice(BESIDE) + filled(other.pattern, chance)
    text = chance.choice(OPENINGS) + text + chance.choice(CLOSINGS)
    if chance.random() < 0.3:
        text = spoken(text, chance)
    if chance.random() < 0.2:
        text = slipped(text, chance)
    if chance.random() < 0.15:
        text = re.sub(r"[，。！？]", chance.choice((" ", "")), text)
    return ("can you " if chance.random() < 0.02 else "") + text


def filled(pattern: str, chance: Random) -> str:
    """The pattern with one of each choice and something in each slot."""
    text = pattern
    while found := CHOICE.search(text):
        text = text[: found.start()] + chance.choice(found.group(1).split("|")) + text[found.end() :]
    return SLOT.sub(lambda slot: chance.choice(patterns()[1][slot.group(1)]), text)


def spoken(text: str, chance: Random) -> str:
    """The same, said as in some region."""
    for written, ways in SPOKEN.items():
        if written in text and chance.random() < 0.6:
            text = text.replace(written, chance.choice(ways))
    return text


def slipped(text: str, chance: Random) -> str:
    """The same with one letter hit wrong."""
    places = [place for place, letter in enumerate(text) if letter in SLIPS]
    if not places:
        return text
    place = chance.choice(places)
    return text[:place] + SLIPS[text[place]] + text[place + 1 :]


def digest(rows: Iterable[Example]) -> str:
    """A short name of exactly these texts: models that passed the same examination can be compared."""
    body = "\n".join(f"{one.label}\t{one.weight:g}\t{one.text}" for one in rows)
    return blake2b(body.encode(), digest_size=12).hexdigest()
