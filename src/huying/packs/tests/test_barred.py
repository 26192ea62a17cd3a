"""Every function that catalogue section 5 bars is tried by a pack, and refused in the line where it was tried."""

from __future__ import annotations

import pytest

from huying.packs.rules.barred import BARRED
from huying.packs.rules.reading import PackWrong, read_pack
from huying.packs.tests.conftest import SEASONS
from huying.packs.tests.test_reading import line_of
from huying.points import rules

STANDARD = """  standards:
    - code: check
      name: {zh: 检查单}
      kinds: [platform:station]
      items:
        - {code: one, name: {zh: WORDS}}
"""
BOOK = """  rule_books:
    - code: book
      name: {zh: 积分规则}
      items:
        - {code: one, name: {zh: WORDS}, amount: AMOUNT}
"""
TEMPLATE = """  templates:
    - code: paper
      name: {zh: 通报}
      stretch: month
      body: |
        # 情况
        WORDS
"""
RING = """  rings:
    - code: own
      name: {zh: 本站}
      asks: own
      duty: true
"""
QUESTION = "      questions:\n        - {code: q, label: {zh: WORDS}}\n"
ITEMS: dict[str, list[str]] = {
    "K01": [
        BOOK.replace("WORDS", "参加活动").replace("AMOUNT", "-5"),
        BOOK.replace("WORDS", "不参加倒扣").replace("AMOUNT", "1"),
    ],
    "K02": [STANDARD.replace("WORDS", "装有人脸识别")],
    "K03": [TEMPLATE.replace("WORDS", "志愿者个人排名如下。"), STANDARD.replace("WORDS", "张贴家庭得分榜")],
    "K04": [QUESTION.replace("WORDS", "孩子的姓名和成绩")],
    "K05": [QUESTION.replace("WORDS", "老人的身份证号"), TEMPLATE.replace("WORDS", "受助人名单如下。")],
    "K06": [STANDARD.replace("WORDS", "捐款完成指标"), TEMPLATE.replace("WORDS", "捐赠排名如下。")],
    "K07": [STANDARD.replace("WORDS", "建立重点人员名单")],
    "K08": [STANDARD.replace("WORDS", "完成评论引导任务")],
    "K09": [STANDARD.replace("WORDS", "记录个人学习成绩")],
    "K10": [RING, BOOK.replace("WORDS", "不接单扣罚").replace("AMOUNT", "1")],
    "K11": [
        STANDARD.replace("WORDS", "登记彩礼数额"),
        STANDARD.replace("WORDS", "宴席不超过十桌"),
        BOOK.replace("WORDS", "婚事新办").replace("AMOUNT", "5"),
        QUESTION.replace("WORDS", "有没有宗教信仰"),
    ],
    "K12": [TEMPLATE.replace("WORDS", "约谈名单见附件。")],
    "K13": [TEMPLATE.replace("WORDS", "列入黑名单的居民如下。")],
    "K14": [QUESTION.replace("WORDS", "政治态度怎么样")],
    "K15": [STANDARD.replace("WORDS", "党员名册齐全")],
    "K16": [TEMPLATE.replace("WORDS", "服务三千人次+五百户。")],
    "K17": [TEMPLATE.replace("WORDS", "不文明行为人照片如下。")],
    "K18": [STANDARD.replace("WORDS", "搬迁户到会率达标")],
    "K19": ["persons: [张三]\n"],
}
FLAT = {"K19"}
SWITCHED = [(number, name) for number, one in BARRED.items() for name in one.names]


def refusals(text: str) -> list[tuple[int, str]]:
    with pytest.raises(PackWrong) as wrong:
        read_pack(text)
    return [(one.line, str(one)) for one in wrong.value.problems]


def test_every_concern_of_the_catalogue_is_known_by_name() -> None:
    assert list(BARRED) == [f"K{number:02}" for number in range(1, 20)]
    assert set(ITEMS) == set(BARRED)
    assert len({name for _number, name in SWITCHED}) == len(SWITCHED)


@pytest.mark.parametrize(("number", "name"), SWITCHED, ids=[name for _number, name in SWITCHED])
def test_a_barred_switch_is_refused(number: str, name: str) -> None:
    text = f"{SEASONS}switches:\n  - {name}\n"
    line = line_of(text, f"- {name}")

    assert any(at == line and words.startswith(f"{number}：") for at, words in refusals(text))


@pytest.mark.parametrize(("number", "name"), SWITCHED, ids=[name for _number, name in SWITCHED])
def test_a_barred_key_anywhere_is_refused(number: str, name: str) -> None:
    text = SEASONS.replace("      visit: false\n", f"      visit: false\n      {name}: true\n")
    line = line_of(text, f"{name}: true")

    assert [words for at, words in refusals(text) if at == line and words.startswith(f"{number}：")]


@pytest.mark.parametrize(("number", "tried"), [(number, one) for number, tries in ITEMS.items() for one in tries])
def test_what_says_it_in_words_is_refused(number: str, tried: str) -> None:
    if number in FLAT:
        text = f"{SEASONS}{tried}"
    elif "questions:" in tried:
        text = SEASONS.replace("      visit: false\n", f"      visit: false\n{tried}")
    else:
        text = f"{SEASONS}{tried}"
    first, last = line_of(text, tried.strip().splitlines()[0]), len(text.splitlines())
    found = [at for at, words in refusals(text) if words.startswith(f"{number}：")]

    assert found and all(first <= at <= last for at in found)


@pytest.mark.parametrize("word", rules.PRIVATE)
def test_points_and_packs_refuse_the_same_private_life(word: str) -> None:
    """One list: what no item of a rule book may say, no pack may ask, score or report."""
    for tried in (STANDARD, TEMPLATE, BOOK.replace("AMOUNT", "5")):
        found = refusals(SEASONS + tried.replace("WORDS", f"移风易俗：{word}"))
        assert [words for _at, words in found if words.startswith("K11：")], tried


@pytest.mark.parametrize("word", ["赡养老人", "孝敬公婆", "家庭和睦", "结婚登记", "Wedding without a show"])
def test_family_life_earns_no_points_in_a_pack_either_but_may_be_helped_with(word: str) -> None:
    line = "{zh: 好事, en: WORDS}" if word.isascii() else "{zh: WORDS}"
    book = BOOK.replace("{zh: WORDS}", line).replace("WORDS", word).replace("AMOUNT", "5")

    assert [words for _at, words in refusals(SEASONS + book) if words.startswith("K11：")]
    if not word.isascii():
        assert read_pack(SEASONS + STANDARD.replace("WORDS", f"有人帮忙：{word}"))[0]


HARMLESS = [
    STANDARD.replace("WORDS", "有公示栏，公示服务项目"),
    STANDARD.replace("WORDS", "每月至少一场宣讲，有记录和照片"),
    BOOK.replace("WORDS", "参加志愿服务一小时").replace("AMOUNT", "1"),
    TEMPLATE.replace("WORDS", "本期举办活动{sessions_held}，参加{attended}。"),
    QUESTION.replace("WORDS", "需要几个人帮忙"),
]


@pytest.mark.parametrize("text", HARMLESS)
def test_the_legitimate_part_is_taken(text: str) -> None:
    whole = (
        SEASONS.replace("      visit: false\n", f"      visit: false\n{text}")
        if "questions:" in text
        else SEASONS + text
    )

    assert read_pack(whole)[0].key == "example.four_seasons"


HIDDEN = {
    "blanks between": ("K02", STANDARD.replace("WORDS", "装有人 脸 识 别")),
    "marks between": ("K02", STANDARD.replace("WORDS", "装有人·脸-识别")),
    "no width at all": ("K02", STANDARD.replace("WORDS", "装有人\u200b脸识别")),
    "full width": ("K02", STANDARD.replace("WORDS", "ＦＡＣＥ　ＲＥＣＯＧＮＩＴＩＯＮ")),
    "in English": ("K02", STANDARD.replace("{zh: WORDS}", "{zh: 设备, en: 'Uses Face recognition'}")),
    "points in English": ("K01", BOOK.replace("{zh: WORDS}", "{zh: 好事, en: Deduct points}").replace("AMOUNT", "1")),
    "ranks in English": ("K03", TEMPLATE.replace("WORDS", "Ranking of volunteers")),
    "blanks in a paper": ("K03", TEMPLATE.replace("WORDS", "志 愿 者 个 人 排 名 如下。")),
    "blanks in a question": ("K04", QUESTION.replace("WORDS", "孩子的 姓 名")),
}


@pytest.mark.parametrize("way", HIDDEN)
def test_a_word_that_hides_is_found(way: str) -> None:
    number, tried = HIDDEN[way]
    text = (
        SEASONS.replace("      visit: false\n", f"      visit: false\n{tried}")
        if "questions:" in tried
        else SEASONS + tried
    )

    assert [words for _at, words in refusals(text) if words.startswith(f"{number}：")]


NAMES = {
    "a service": ("name: {zh: 借纳凉室", "name: {zh: 人 脸识别"),
    "what a service says": ("summary: {zh: 天热时", "summary: {zh: 先做人脸识别，天热时"),
    "a theme": ("spring, name: {zh: 春有学", "spring, name: {zh: 黑名单公示"),
    "a kind of team": ("name: {zh: 送暖队", "name: {zh: 网评 员送暖队"),
    "a beat of the year": ("title: {zh: ", "title: {zh: 居民排名"),
}


@pytest.mark.parametrize("where", NAMES)
def test_names_are_looked_at_too(where: str) -> None:
    before, after = NAMES[where]
    text = SEASONS.replace(before, after, 1)
    assert text != SEASONS

    line = line_of(text, after)
    assert line in [at for at, words in refusals(text) if words[0] == "K"]


@pytest.mark.parametrize(
    "more",
    [
        "  activity_kinds:\n    - {code: rank, name: {zh: 居民排名会}}\n",
        "  place_flags:\n    - {code: rank, name: {zh: 曝光台}, group: service}\n",
        "words:\n  page_title: {zh: 家庭红黑榜排名}\n",
    ],
)
def test_kinds_marks_and_words_on_screen_are_looked_at_too(more: str) -> None:
    assert [at for at, words in refusals(SEASONS + more) if words[0] == "K"]


@pytest.mark.parametrize("name", ["简办婚事场地", "低保资格咨询", "宗教场所周边清扫", "陪老人看病问诊", "评弹队"])
def test_a_service_may_be_offered_for_what_nobody_may_be_checked_on(name: str) -> None:
    assert read_pack(SEASONS.replace("借纳凉室", name, 1))[0]
