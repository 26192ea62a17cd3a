"""What activities are: titles and words by kind, how many usually serve and sign up. Everything is invented."""

from __future__ import annotations

from typing import NamedTuple


class Script(NamedTuple):
    """``helpers`` and ``guests``: how many sign up on average to serve, and to take part; others come without a word."""

    kind: str
    title: str
    summary: str
    weight: float
    helpers: int = 0
    guests: int = 0
    category: str = ""
    risks: str = ""
    guarantees: str = ""


OUTSIDE = "户外活动注意脚下和天气，量力而行"
COVER = "有人身意外保险、饮水"
SCRIPTS: tuple[Script, ...] = (
    Script("service", "清理河道和街面", "捡垃圾、清淤泥，工具我们准备", 8, 8, 0, "environment", OUTSIDE, COVER),
    Script("service", "助老敲门行动", "上门看看独居老人，水电煤气一起查", 8, 5, 0, "elderly", OUTSIDE, COVER),
    Script("service", "路口文明引导", "早晚高峰，斑马线前帮一把", 5, 4, 0, "daily", OUTSIDE, COVER),
    Script("service", "爱心厨房送餐", "做好的饭菜送到行动不便的老人家里", 5, 5, 0, "elderly", OUTSIDE, COVER),
    Script("service", "图书角整理", "借还登记，整理书架，修补旧书", 3, 3, 0, "culture", OUTSIDE, COVER),
    Script("lecture", "理论宣讲：身边的变化", "讲讲家门口的事，现场答问", 11, 2, 0, "talks"),
    Script("lecture", "医保社保新规十问", "用家常话讲清楚，现场答", 5),
    Script("culture", "广场文艺演出", "街坊自己的节目", 8, 4, 0, "culture"),
    Script("culture", "读书会", "一人读一段，说说心里话", 4, 0, 6),
    Script("class", "手机课堂：防诈骗和打车", "一对一教，带上自己的手机", 7, 3, 6, "daily"),
    Script("class", "急救课：心肺复苏", "人人动手练", 3, 2, 8, "health"),
    Script("children", "四点半课堂", "陪孩子写作业，有督导在场", 6, 3, 0, "learning"),
    Script("children", "暑期小讲堂", "科学小实验、防溺水", 3, 3, 0, "children"),
    Script("health", "健康义诊", "量血压、测血糖，讲健康", 7, 4, 0, "health"),
    Script("sports", "晨练八段锦", "老队员带，随时来", 7),
    Script("farming", "农技课：剪枝和防病", "农技员下田教", 3),
    Script("market", "便民集市：磨刀、修伞、理发", "手艺人都来了，不收钱", 5, 6, 0, "daily"),
    Script("visit", "走进非遗馆", "听老艺人讲故事，动手剪纸", 2, 0, 8),
    Script("meeting", "邻里议事会", "有事好商量", 2, 1, 5, "other"),
    Script("festival", "邻里节", "长桌、节目、旧物交换", 0.04, 12, 0, "culture", OUTSIDE, COVER),
)
"""The first is what a flood leaves to do."""
WHY_OFF = ("天气不好，改日再办", "场地临时检修", "报名的人太少", "和社区的检查撞了日子")
WORDS = ("老师讲得明白", "下次还来", "希望时间再长一点", "地方有点小", "孩子很喜欢", "感谢志愿者", "希望早点通知")
THANKS = (
    "很及时，谢谢",
    "师傅手艺好，人也和气",
    "小伙子很有耐心",
    "来得有点晚，不过办好了",
    "下次还找你们",
    "帮了大忙",
)
