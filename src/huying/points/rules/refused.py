"""What can never be an item of a rule book, or a reward: minus items, private life, benefits and rights (K01, K11).

The lists stand in the code, for they are limits of the product (catalogue section 5, domain 7) and not of a place. Names
are compared without blanks, marks and full-width forms, so that 彩 礼 or ＢＡＮＱＵＥＴ is found too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

BLANKS = re.compile(r"[\W_]+")


class Why(Enum):
    """Why a word is refused, in words that can be shown."""

    MINUS = _("积分只奖励，不扣分、不处罚、不上黑榜。")
    PRIVATE = _("婚丧嫁娶、生育、信仰和家里怎么过日子是各家自己的事，不能拿来计分。")
    HOME = _("不进家门检查，家里的样子不能拿来计分。")
    RIGHTS = _("积分不与低保、入学、就业、办证、信用等权益挂钩。")
    VOICE = _("说不说话、点不点赞、信不信访是各人的权利，不能拿来计分。")
    MONEY = _("积分不是钱，不能兑现、买卖或抵债。")


PRIVATE = (
    *(
        "红白",
        "喜事",
        "白事",
        "办酒",
        "摆酒",
        "操办",
        "酒席",
        "宴席",
        "宴请",
        "酒宴",
        "喜宴",
        "升学宴",
        "满月酒",
        "寿宴",
    ),
    *("滥办", "份子钱", "随礼", "彩礼", "嫁妆", "聘礼", "礼金", "婚事", "婚礼", "婚宴", "婚嫁", "丧事", "丧葬", "丧礼"),
    *("丧宴", "治丧", "祭祀", "烧纸", "上坟"),
    *("生育", "怀孕", "生孩子", "二孩", "三孩", "二胎", "三胎", "计划生育", "独生子女"),
    *("宗教", "信教", "教堂", "寺庙", "拜佛", "烧香", "教徒", "信仰"),
    *("说普通话", "讲普通话", "使用普通话", "民族语言", "家庭语言"),
)
"""Ceremonies, gifts, births, faith, language (K11): asked and scored nowhere, neither here nor in what packs ask."""
FAMILY = (
    *("婚", "嫁", "娶", "丧", "殡", "葬", "坟", "礼拜", "迷信"),
    *("夫妻", "吵架", "婆媳", "公婆", "孝顺", "孝敬", "赡养", "家庭和睦"),
)
"""How a family lives, and single letters: nothing of that earns points, though a site may well offer help with it."""
PRIVATE_ENGLISH = (
    *("banquet", "brideprice", "dowry", "giftmoney", "wedding", "marriage", "divorce", "funeral", "burial", "birth"),
    *("pregnan", "religio", "temple", "church", "worship", "mandarin"),
)
HARMLESS = re.compile(r"birthday|devot(e|ion)")
"""English words in which a refused one stands by chance."""

REFUSED: dict[Why, tuple[str, ...]] = {
    Why.MINUS: (
        *(
            "扣分",
            "减分",
            "倒扣",
            "罚",
            "黑榜",
            "黑名单",
            "红黑榜",
            "曝光",
            "通报批评",
            "负面清单",
            "一票否决",
            "末位",
            "排名",
        ),
        *("deduct", "penalty", "punish", "blacklist", "ranking", "minuspoint"),
    ),
    Why.PRIVATE: (*PRIVATE, *FAMILY, *PRIVATE_ENGLISH),
    Why.HOME: (
        *(
            "入户",
            "家访",
            "上门检查",
            "家庭卫生",
            "卫生家庭",
            "清洁户",
            "被褥",
            "叠被",
            "床铺",
            "房前屋后",
            "门前",
            "庭院",
        ),
        *("homevisit", "housecheck", "homecheck"),
    ),
    Why.RIGHTS: (
        *(
            "低保",
            "五保",
            "救助金",
            "分红",
            "宅基地",
            "入学",
            "上学资格",
            "就业",
            "招聘",
            "证明",
            "盖章",
            "征信",
            "信用分",
        ),
        *("信用", "贷款", "评优", "入党", "参军", "医保", "社保", "养老金", "公租房", "摇号", "选举", "投票权"),
        *("welfare", "creditscore", "loan", "schoolplace", "pension", "vote"),
    ),
    Why.VOICE: ("信访", "上访", "投诉", "发帖", "转发", "点赞", "打卡", "评论", "petition", "complain", "repost"),
    Why.MONEY: ("现金", "兑现", "红包", "转让", "充值", "购买积分", "cash", "topup"),
}
RULES = (Why.MINUS, Why.PRIVATE, Why.HOME, Why.RIGHTS, Why.VOICE)
"""What an item may not be about."""
GOODS = (Why.RIGHTS, Why.MONEY)
"""What may not be given for points."""


def plain(text: str) -> str:
    """The text as it is compared: one width, small letters, no blanks and marks."""
    return BLANKS.sub("", unicodedata.normalize("NFKC", text).casefold())


def refused(text: str, grounds: Iterable[Why]) -> tuple[str, Promise] | None:
    """(the word, why it is refused) of the first that stands in ``text``; None when none does."""
    found = HARMLESS.sub("|", plain(text))
    for why in grounds:
        for word in REFUSED[why]:
            if word in found:
                return word, why.value
    return None
