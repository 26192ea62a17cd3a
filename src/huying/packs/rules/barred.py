"""The functions no pack can turn on (catalogue section 5, K01-K19; architecture section 6), known by name.

A pack is data, and no key of it can reach such a function; but whoever tries must be told that it is refused and why, in
the line where he tried, not that a word is unknown. Looked at before the shape of the file is checked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.kernel.errors import Text
from huying.packs.rules.nodes import Path, Problem, Tree, dotted
from huying.points.rules import PRIVATE, Why
from huying.points.rules import refused as refused_of_points


@dataclass(frozen=True, slots=True)
class Barred:
    """``names``: switches and keys that stand for it. ``words``: what gives it away in checklists, questions, rules of
    points and templates; ``english``: the same without blanks. ``why``: the reason told. ``instead``: the legitimate part
    that is built.
    """

    names: tuple[str, ...]
    why: Text
    instead: Text
    words: str = ""
    english: str = ""

    def in_words(self, text: str) -> bool:
        """Said as it is, or with blanks and marks in between, full-width letters, large letters."""
        found = plain(text)
        return bool(
            (self.words and (re.search(self.words, text) or re.search(self.words, found)))
            or (self.english and re.search(self.english, found))
        )


BLANKS = re.compile(r"[^\w+，。；]|_")
ENDS = str.maketrans({",": "，", "、": "，", ";": "；", ".": "。", "!": "。", "?": "。", "\n": "。"})


def plain(text: str) -> str:
    """The text as it is compared: one width, small letters, nothing between letters but the ends of sentences and their
    parts. Like ``points.rules.refused``, which compares names only and drops those too.
    """
    return BLANKS.sub("", unicodedata.normalize("NFKC", text).casefold().translate(ENDS))


BARRED: dict[str, Barred] = {
    "K01": Barred(
        ("points_deduction", "negative_points", "household_score", "benefit_link", "deduct", "penalty", "penalties"),
        _("积分只奖不扣，也不与待遇、上学、用工、信用挂钩，不给家庭打分。"),
        _("请只写加分的规则，分值从 1 起；村规民约里的扣分条款只作为公约文字保存。"),
        r"扣分|倒扣|减分|负分|(低保|补助|救助|上学|入学|信用|贷款|办证).{0,6}(挂钩|优先|资格|取消)",
        english=r"deductpoints|pointsdeducted|deductionofpoints|minuspoints|negativepoints|penaltypoints",
    ),
    "K02": Barred(
        ("face_recognition", "vehicle_recognition", "video_store", "person_search", "tracking", "video_grid"),
        _("不存视频，不识别人脸和车牌，不搜索、不跟踪人。"),
        _("请改用只含设备、类型、时间、等级的感知事件。"),
        r"人脸|车牌|视频(监控|录像|回放)|布控|轨迹追踪",
        english=r"facerecognition|facialrecognition|recogni[sz]efaces|licen[cs]eplate|videosurveillance|cctv",
    ),
    "K03": Barred(
        ("person_ranking", "family_ranking", "household_contest", "bottom_list", "ranking_of_persons"),
        _("不给个人和家庭排名，没有末位名单。"),
        _("请写本人同意、可以撤回的提名和按姓名或日期排列的名单；单位排序见 switches: unit_order。"),
        r"(个人|居民|村民|志愿者|家庭|农户|党员)[^。；\n]{0,8}(排名|排行|排序|倒数|末位|得分榜|红黑榜)|"
        r"(排名|排行|末位)[^。；\n]{0,8}(个人|居民|村民|志愿者|家庭|农户)",
        english=r"rank(ing|ingof|the)?(persons|people|residents|villagers|volunteers|famil|households)|(volunteer|resident|villager|family|household|personal)s{0,2}(ranking|leaderboard)",
    ),
    "K04": Barred(
        ("child_profiles", "child_ranking", "child_location", "child_messages"),
        _("不建儿童档案，不公开儿童的名字、成绩、积分和位置，不与儿童单独通信。"),
        _("请用不写名字的集体预约，由监护人逐项同意。"),
        r"(儿童|孩子|学生|未成年人|幼儿)[^。；\n]{0,6}(姓名|名单|身份证|成绩|排名|积分|定位|位置|档案)",
        english=r"(child|children|pupil|student|minor)s{0,2}(names?|location|grades?|scores?|ranking|profile)",
    ),
    "K05": Barred(
        ("recipients_list", "public_recipients", "case_photos", "health_results"),
        _("受助人的姓名、照片、病情、金额不公开，也不作多余登记。"),
        _("请只问办这件事必须知道的，受助登记由专人在密封的字段里办。"),
        r"身份证|病历|诊断|病情|患病|收入|受助人(名单|照片|姓名)|(老人|残疾人|困难户|困境儿童)(名单|照片)",
        english=r"idcardnumber|identitycard|diagnosis|medicalrecord|householdincome|monthlyincome",
    ),
    "K06": Barred(
        ("donor_ranking", "payroll_giving", "giving_targets", "payment", "donor_league"),
        _("捐赠自愿，不按人定指标，不排捐赠名次，不从工资里扣，平台不收款。"),
        _("请写指向慈善组织的公告和用途，按捐赠人的选择留名或匿名。"),
        r"捐(款|赠)[^。；\n]{0,8}(排名|排行|指标|任务|必须)|(人均|每人)[^。；\n]{0,4}捐|工资[^。；\n]{0,4}代?扣",
        english=r"donorrank|rankingofdonors|donationtarget|donationquota|(payroll|wage)deduction",
    ),
    "K07": Barred(
        ("profiling", "key_people", "behaviour_prediction", "location_history", "precise_push"),
        _("不画像，不推断人的特点，不列“重点人员”，不留位置轨迹。"),
        _("请让人自己选主题和地方；位置只用一次、取约数、用完即忘。"),
        r"重点人(员|群)?(名单|推送|管控)|用户画像|行为(分析|预测)|实时位置|行动轨迹",
        english=r"keypersons|keypeople|userprofil|profilingof|behaviou?r(analysis|prediction)|locationhistory|track(ing)?(people|persons|residents)",
    ),
    "K08": Barred(
        ("comment_guidance", "covert_comments", "account_monitoring", "sentiment_score", "opinion_reports"),
        _("不做隐名、付酬的评论，不盯账号，不给个人打情绪分。"),
        _("请写由具名单位公开答复问题，按主题汇总问题数。"),
        r"评论引导|网评员|跟帖任务|舆情(监控|监测)|账号监测|水军",
        english=r"commentguidance|guid(e|ing)comments|paidcomment|publicopinionmonitor|accountmonitor|sentimentscore",
    ),
    "K09": Barred(
        ("study_score", "opinion_record", "thought_report", "study_ranking"),
        _("不记个人的观点，不给个人学习打分，不与待遇、任用挂钩。"),
        _("请只记单位层面的事实：开了没有、主题、材料、到会总数。"),
        r"(个人|干部|党员|学员)[^。；\n]{0,6}(学习(得分|积分|成绩|排名)|发言记录)|思想(汇报|动态)|表态",
        english=r"(personal|individual)studyscore|thoughtreport|ideologicalreport",
    ),
    "K10": Barred(
        (
            "compulsory_service",
            "compulsory",
            "must_accept",
            "forced_dispatch",
            "decline_list",
            "mandatory",
            "obligatory",
        ),
        _("志愿者可以不答应，不留痕迹，不追究，不公布谁没有来。"),
        _("请把责任写给单位：asks: duty 或 partners，加 team_kind。"),
        r"(必须|强制|一律)[^。；\n]{0,6}(参加|报名|接单|服务)|(不参加|不接单|拒绝)[^。；\n]{0,8}(通报|处分|扣|问责|公布)",
        english=r"mustvolunteer|(mandatory|compulsory|forced)(volunteer|service)|(mandatory|compulsory)attendance",
    ),
    "K11": Barred(
        ("ceremony_register", "bride_price_register", "birth_register", "language_score", "religion_register"),
        _("婚丧、彩礼、生育、语言、信仰是私事，不登记、不检查、不打分。"),
        _("请改为有人来问才提供的帮助，例如简办婚事的场地预约、自愿的语言课。"),
        "|".join(PRIVATE),
        english=r"brideprice|dowry|weddingbanquet|funeralbanquet|giftmoney|religio|speaksmandarin|speakingmandarin",
    ),
    "K12": Barred(
        ("enforcement_cases", "case_files", "penalty_records"),
        _("不存执法案卷，不列被处罚、被约谈的人。"),
        _("请只引用主管部门公布的总数，写明来源。"),
        r"约谈(名单|记录)|处罚(名单|记录|人员)|立案(名单|人员)|案卷",
        english=r"casefiles|penaltyrecords|listofpenalt",
    ),
    "K13": Barred(
        ("person_naming", "black_list", "blacklist", "anonymous_scoring", "naming_of_persons"),
        _("通报只到单位，要有证据、先听申辩、改完就撤；不点个人的名，没有永久黑名单。"),
        _("请写单位的整改项和期限。"),
        r"黑名单|点名(个人|居民|村民)|曝光(个人|居民|村民)|匿名(打分|评分)",
        english=r"blacklist|nameandshame|namingandshaming|anonymousscor",
    ),
    "K14": Barred(
        ("attitude_labels", "household_profile", "political_views", "checking_visits"),
        _("走访要对方同意，只记问题不记人；不记政治观点、不贴态度标签、不建家庭档案。"),
        _("请写要解决的问题，走访人可以不留姓名。"),
        r"政治(态度|观点|倾向|面貌)|思想状况|态度(评价|标签|好坏)|满意度低的户|家庭档案|上访",
        english=r"politicalviews|politicalattitude|householdprofile|attitudelabel",
    ),
    "K15": Barred(
        ("membership_register", "party_members_import", "rank_display", "staff_dossier"),
        _("不建党员名册，不导入名单，不在个人页上显示党籍和级别。"),
        _("请用本人自愿加入的队伍类型。"),
        r"党员(名册|名单|档案)|党籍|入党时间|党费",
        english=r"partymembershiplist|listofpartymembers|membershipregister|partydues",
    ),
    "K16": Barred(
        ("mixed_totals", "hidden_edits", "rounding_up"),
        _("人、人次、户、场、件不能相加；更正只能追加。"),
        _("请每个单位写一个数。"),
        r"(人次|人|户|场|件|条)\s*[+＋加]\s*[^，。；\n]{0,8}(人次|户|场|件|条)|(人次|场次|户数|件数)[^，。；\n]{0,4}合计为一",
    ),
    "K17": Barred(
        ("shame_list", "conduct_photos", "exposure_board", "uncivilised_list"),
        _("不公布不文明行为人的姓名、照片、车牌。"),
        _("请按地方和类别记劝导的次数。"),
        r"不文明(行为人|人员|居民|车主)|(劝导对象|当事人)[^。；\n]{0,4}(姓名|照片|身份)|曝光台|失信",
        english=r"uncivili[sz]ed(persons|people|residents)|shamelist|exposureboard|wallofshame",
    ),
    "K18": Barred(
        ("attendance_score", "attendance_condition", "gratitude_check"),
        _("得到帮助不以参加宣讲、集会为条件，不给居民打到会分。"),
        _("请把服务和宣讲分开写，宣讲自愿参加。"),
        r"(居民|村民|群众|搬迁户)[^。；\n]{0,8}(到会率|参会率|到课率|签到率|到会分)|参加(宣讲|集会|教育)[^。；\n]{0,6}(方可|才能|才可)",
        english=r"attendancescore|attendancerateof(residents|villagers)",
    ),
    "K19": Barred(
        ("person", "persons", "people", "real_names", "person_seeding", "members"),
        _("机制包里不写真人的姓名。"),
        _("请写单位或岗位，例如 owner: {zh: 文明办}。"),
    ),
}
"""What is refused, by the number of the concern in the catalogue."""
ALL = frozenset(BARRED)
OF_NAME = {name: number for number, one in BARRED.items() for name in one.names}
ASKING = ("standards", "rule_books", "templates")
"""Kinds whose words ask, score or report: nothing of what is barred may be said in them."""
NAMED = frozenset({"K02", "K03", "K06", "K07", "K08", "K09", "K10", "K13", "K14", "K15", "K17"})
"""What may not be said anywhere: not in names of services, activities, teams, marks, beats of the year, words on screen.
The rest is a matter of what is asked: a service may well be offered for what nobody may be checked on (K11).
"""


def refused(number: str, line: int, path: Path) -> Problem:
    one = BARRED[number]
    words = _("%(number)s：这项功能任何机制包都不能打开。%(why)s") % {"number": number, "why": one.why}
    return Problem(line, words, one.instead, dotted(path))


def barred_in(tree: Tree) -> list[Problem]:
    """Every try to turn on a barred function, in order of lines."""
    found: dict[tuple[str, int], Problem] = {}
    for number, path in tries(tree.value):
        line = tree.line(path)
        found.setdefault((number, line), refused(number, line, path))
    return sorted(found.values(), key=lambda one: one.line)


def tries(root: dict[str, Any]) -> Iterator[tuple[str, Path]]:
    """The number of each barred function that something in the file asks for, with where."""
    switches = root.get("switches")
    for place, name in enumerate(switches if isinstance(switches, list) else ()):
        if isinstance(name, str) and name in OF_NAME:
            yield OF_NAME[name], ("switches", place)
    for key, path in keys(root, ()):
        if key in OF_NAME:
            yield OF_NAME[key], path
    yield from told(root.get("words"), ("words",), NAMED)
    things = root.get("things")
    if not isinstance(things, dict):
        return
    yield from below_zero(things.get("rule_books"), ("things", "rule_books"))
    yield from private_life(things.get("rule_books"))
    yield from bound_volunteers(things.get("rings"))
    for kind, rows in things.items():
        for place, row in enumerate(rows if isinstance(rows, list) else ()):
            yield from told(row, ("things", kind, place), ALL if kind in ASKING else NAMED)
            if kind == "service_kinds" and isinstance(row, dict):
                yield from told(row.get("questions"), ("things", kind, place, "questions"), ALL - NAMED)


def keys(value: Any, path: Path) -> Iterator[tuple[str, Path]]:
    """Every key of every level."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield key, (*path, key)
            yield from keys(one, (*path, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from keys(one, (*path, number))


def below_zero(value: Any, path: Path) -> Iterator[tuple[str, Path]]:
    """Amounts of points that take away, or give nothing."""
    for key, where in keys(value, path):
        if key == "amount":
            amount = at(value, where[len(path) :])
            if isinstance(amount, int) and amount < 1:
                yield "K01", where


def private_life(books: Any) -> Iterator[tuple[str, Path]]:
    """Titles, items and proofs of rule books that the room of points would refuse as private life, by the same list."""
    for place, book in enumerate(books if isinstance(books, list) else ()):
        if not isinstance(book, dict):
            continue
        items = book.get("items")
        named: list[tuple[Any, Path]] = [(book.get("name"), ("things", "rule_books", place, "name"))]
        for number, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict):
                where = ("things", "rule_books", place, "items", number)
                named += [(item.get(part), (*where, part)) for part in ("name", "proof")]
        for value, path in named:
            texts = {key: one for key, one in value.items() if isinstance(one, str)} if isinstance(value, dict) else {}
            yield from (("K11", (*path, key)) for key, one in texts.items() if refused_of_points(one, (Why.PRIVATE,)))


def bound_volunteers(rings: Any) -> Iterator[tuple[str, Path]]:
    """Rings that bind others than units."""
    for number, ring in enumerate(rings if isinstance(rings, list) else ()):
        if isinstance(ring, dict) and ring.get("duty") is True and ring.get("asks") not in ("partners", "duty"):
            yield "K10", ("things", "rings", number, "duty")


def told(value: Any, path: Path, numbers: frozenset[str]) -> Iterator[tuple[str, Path]]:
    """Which of these concerns the words of a value give away."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from told(one, (*path, key), numbers)
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from told(one, (*path, place), numbers)
    elif isinstance(value, str):
        for number in sorted(numbers):
            if BARRED[number].in_words(value):
                yield number, path


def at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value
