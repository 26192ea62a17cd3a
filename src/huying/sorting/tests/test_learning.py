"""Teaching: what is learnt, what may not be, and how well the shipped course does."""

from __future__ import annotations

from pathlib import Path

import pytest

from huying.sorting import learning, teaching, written
from huying.sorting.sorter import unpacked
from huying.sorting.written import Example

FEW = [
    *(Example(text, "bath") for text in ("想洗澡", "帮老人洗澡", "卧床擦身", "助浴", "洗澡怕摔")),
    *(Example(text, "clinic") for text in ("去医院", "陪着去医院看病", "医院复查", "陪诊", "看病没人陪")),
]


def lesson(text: str, label: str, who: int) -> Example:
    return Example(text, label, who, teaching.LESSON)


def test_the_same_examples_give_the_same_sorter() -> None:
    assert learning.taught(FEW, FEW).packed() == learning.taught(FEW, FEW).packed()


def test_a_word_of_one_family_is_not_learnt_and_one_of_three_persons_is() -> None:
    alone = [lesson("请来凤凰台找阿翠", "bath", 7)] * 5
    shared = [lesson("想要冲淋服务", "bath", who) for who in (1, 2, 3)]

    plain, with_one, with_three = (learning.taught([*FEW, *more], FEW) for more in ([], alone, shared))

    secret = next(iter(set(written_buckets("凤凰台")) - set(written_buckets("想洗澡帮老人去医院"))))
    assert not with_one.weights[secret].any()
    assert not plain.weights[written_buckets("冲淋")].any()
    assert with_three.weights[written_buckets("冲淋")].any()


def written_buckets(text: str) -> list[int]:
    return learning.counted(text).tolist()


def test_a_local_kind_is_known_when_three_persons_were_put_under_it() -> None:
    two = [lesson("遛狗帮忙带狗", "dogs", who) for who in (1, 2)]

    assert learning.taught([*FEW, *two], FEW).labels == ("bath", "clinic")
    grown = learning.taught([*FEW, *two, lesson("带狗出去遛狗", "dogs", 3)], FEW)
    assert grown.labels == ("bath", "clinic", "dogs")
    assert grown.labels[int(grown.chances("带狗遛狗").argmax())] == "dogs"


def test_corrections_change_what_is_proposed() -> None:
    said = "家里那个池子想请人弄弄"
    before = learning.taught(FEW, FEW).chances(said)
    after = learning.taught([*FEW, *(lesson(said, "bath", who) for who in (1, 2, 3, 4))], FEW).chances(said)

    assert after[0] > before[0] and after[0] > 0.6


def test_the_shipped_course_keeps_its_scores_in_a_process_of_its_own() -> None:
    made = teaching.teach([])

    sorter = unpacked(made.body)
    asked, held_back = made.scores["asked"], made.scores["written"]
    assert set(sorter.labels) == set(written.phrases())
    assert asked["accuracy"] >= 0.88 and asked["macro_f1"] >= 0.88 and asked["in_three"] >= 0.95
    assert asked["accuracy_above"] >= 0.93 and asked["coverage"] >= 0.7 and asked["ece"] <= 0.1
    assert held_back["accuracy"] >= 0.8 and held_back["macro_f1"] >= 0.8 and held_back["accuracy_above"] >= 0.93
    assert len(made.body) < 1_000_000


def test_a_process_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "LONGEST", 0.01)

    with pytest.raises(teaching.NotTaught):
        teaching.teach([])


def test_a_teacher_that_is_killed_leaves_an_error_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dying = tmp_path / "python"
    dying.write_text("#!/bin/sh\nkill -9 $$\n")
    dying.chmod(0o755)
    monkeypatch.setattr(teaching.sys, "executable", str(dying))

    with pytest.raises(teaching.NotTaught, match="-9"):
        teaching.teach([])
