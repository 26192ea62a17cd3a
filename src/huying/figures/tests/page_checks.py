"""The thirty checks of the five pages (catalogue section 6) as data: reported figures with their source, statements, verdicts.

A figure is (name, as told, names listed with it); its source is the item of the page. Names that the catalogue counts but
does not list are numbered.
"""

from __future__ import annotations

from typing import Any, NamedTuple

SOURCES = {
    "S0-1": "《精神文明报》第0页：福建龙岩市",
    "S0-3": "《精神文明报》第0页：山西忻州市",
    "S0-4": "《精神文明报》第0页：内蒙古满洲里市",
    "S1-2": "《精神文明报》第1页：甘肃徽县",
    "S1-7": "《精神文明报》第1页：四川江安县",
    "S1-8": "《精神文明报》第1页：青海西宁市城西区",
    "S2-3": "《精神文明报》第2页：云南曲靖市",
    "S2-5": "《精神文明报》第2页：甘肃嘉峪关市",
    "S2-7": "《精神文明报》第2页：北京海淀区",
    "S3-1": "《精神文明报》第3页：贵州铜仁市",
    "S3-2": "《精神文明报》第3页：陕西渭南市",
    "S3-5": "《精神文明报》第3页：云南怒江州",
    "S3-6": "《精神文明报》第3页：甘肃庆阳市",
    "S4-2": "《精神文明报》第4页：广西宁明县",
    "S4-4": "《精神文明报》第4页：四川汶川县映秀镇",
    "S4-6": "《精神文明报》第4页：四川广元市利州区",
    "S4-8": "《精神文明报》第4页：甘肃兰州市城关区",
}
CATEGORIES = "理论政策宣讲 文艺文化服务 卫生健康服务 铸牢中华民族共同体意识 助学支教 科技科普服务 法律服务 生态环保 帮扶助困 应急救援 其他"
ACTIONS = "理念铸魂 市民素质提升 市容环境整治 未成年人思想道德建设 新时代文明实践 农村精神文明建设 公益广告提质 文明城市测评指标达标"


class Page(NamedTuple):
    """One check of the catalogue: figures by name, and (statement, verdict, expected facts of the result)."""

    id: str
    item: str
    figures: dict[str, str]
    asks: list[tuple[dict[str, Any], str, dict[str, Any]]]
    names: dict[str, str] = {}


def ratio(top: Any, base: Any, **more: Any) -> dict[str, Any]:
    return {"kind": "ratio", "top": top, "base": base, **more}


def total(*of: str, **more: Any) -> dict[str, Any]:
    return {"kind": "sum", "of": list(of), **more}


NEAR, YES, NO, OPEN = "plausible", "holds", "fails", "undecidable"
PAGES = [
    Page(
        "X01",
        "S0-1",
        {"events": "4.2万场", "joined": "57万人次", "helped": "397万人次"},
        [
            (ratio("joined", "events"), NEAR, {"value": "13.57"}),
            (ratio("helped", "events"), NEAR, {"value": "94.52"}),
            (ratio("helped", "joined"), NEAR, {"value": "6.96"}),
        ],
    ),
    Page(
        "X02",
        "S0-4",
        {"first": "1项", "second": "2项", "third": "3项", "excellent": "24项", "entries": "30项"},
        [(total("first", "second", "third", "excellent", **{"is": "entries"}), YES, {"value": "30"})],
    ),
    Page(
        "X03",
        "S0-4",
        {"categories": "12类"},
        [({"kind": "names", "of": "categories"}, NO, {"value": "11", "difference": "-1", "reason": "names_missing"})],
        {"categories": CATEGORIES},
    ),
    Page(
        "X04",
        "S1-2",
        {"listeners": "4.2万余人次", "lectures": "1070余场", "towns": "9个", "bodies": "21个"},
        [
            (ratio("listeners", "lectures"), NEAR, {"value": "39.25", "lower": None, "upper": None}),
            (total("towns", "bodies"), NEAR, {"value": "30"}),
        ],
    ),
    Page(
        "X05",
        "S1-2",
        {
            "helped": "7.8万人次",
            "events": "8000余场",
            "teams": "700支",
            "villages": "52个",
            "units": "4个",
            "schools": "18个",
        },
        [
            (ratio("helped", "events"), NEAR, {"value": "9.75", "upper": "9.75"}),
            (ratio("events", "teams"), NEAR, {"value": "11.43", "lower": "11.43"}),
            (total("villages", "units", "schools"), NEAR, {"value": "74"}),
        ],
    ),
    Page(
        "X06",
        "S1-2",
        {"share": "文明村比率达81.14%"},
        [
            (
                {"kind": "whole", "rate": "share", "most": 400},
                OPEN,
                {
                    "reason": "base_missing",
                    "solutions": (
                        (142, 175),
                        (185, 228),
                        (228, 281),
                        (241, 297),
                        (271, 334),
                        (284, 350),
                        (314, 387),
                    ),
                },
            )
        ],
    ),
    Page(
        "X07",
        "S1-8",
        {"staff": "2000余人", "grids": "480个"},
        [(ratio("staff", "grids"), NEAR, {"value": "4.17", "lower": "4.17", "upper": None})],
    ),
    Page(
        "X08",
        "S1-8",
        {"events": "4807起", "closed": "4473起", "rate": "办结率达93.05%", "money": "3223万元", "devices": "5000余台"},
        [
            (ratio("closed", "events", **{"is": "rate"}), YES, {"value": "93.05"}),
            ({"kind": "difference", "of": "events", "less": "closed"}, NEAR, {"value": "334"}),
            (ratio("money", "devices"), NEAR, {"value": "6446", "upper": "6446", "lower": None}),
        ],
    ),
    Page(
        "X09",
        "S2-3",
        {
            "quarterly": "60人",
            "quarters": "4季",
            "citizens": "971人",
            "scheme": "1000人",
            "chosen": "4人",
            "children": "20人",
            "city": "1个",
            "units": "14个",
            "villages": "11个",
            "schools": "5个",
            "family": "1个",
        },
        [
            (ratio("quarterly", "quarters"), NEAR, {"value": "15"}),
            (ratio("citizens", "scheme", percent=True), NEAR, {"value": "97.1"}),
            (ratio("chosen", "children", percent=True), NEAR, {"value": "20"}),
            (total("city", "units", "villages", "schools", "family"), NEAR, {"value": "32"}),
        ],
    ),
    Page(
        "X10",
        "S2-3",
        {
            "centres": "9个",
            "offices": "138个",
            "stations": "1680个",
            "events": "1.2万场",
            "teams": "1432支",
            "members": "18.77万人",
            "recruited": "90余万人",
        },
        [
            (total("centres", "offices", "stations"), NEAR, {"value": "1827"}),
            (ratio("events", ["centres", "offices", "stations"]), NEAR, {"value": "6.57"}),
            (ratio("members", "teams"), NEAR, {"value": "131.08"}),
            (ratio("members", "recruited", percent=True), NEAR, {"value": "20.86", "upper": "20.86"}),
        ],
    ),
    Page(
        "X11",
        "S2-3",
        {"offices": "138个", "office_posts": "137人", "stations": "1680个", "station_posts": "1679人"},
        [
            (
                {"kind": "equal", "of": "offices", "is": "office_posts"},
                NO,
                {"difference": "1", "reason": "unexplained"},
            ),
            (
                {"kind": "equal", "of": "stations", "is": "station_posts"},
                NO,
                {"difference": "1", "reason": "unexplained"},
            ),
        ],
    ),
    Page(
        "X12",
        "S2-5",
        {"actions": "8项", "tasks": "78项", "departments": "14个", "letters": "22个", "rounds": "5次"},
        [
            ({"kind": "names", "of": "actions"}, YES, {"value": "8"}),
            (ratio("tasks", "departments"), NEAR, {"value": "5.57"}),
            (ratio("letters", "rounds"), NEAR, {"value": "4.4"}),
        ],
        {"actions": ACTIONS},
    ),
    Page(
        "X13",
        "S2-7",
        {
            "centre": "1个",
            "offices": "29个",
            "stations": "648个",
            "bases": "100个",
            "points": "222个",
            "network": "1000个",
            "volunteers": "近91万人",
            "teams": "1781支",
        },
        [
            (total("centre", "offices", "stations", "bases", "points", **{"is": "network"}), YES, {"value": "1000"}),
            (ratio("volunteers", "teams"), NEAR, {"value": "510.95", "lower": "485.40", "upper": "510.95"}),
        ],
    ),
    Page(
        "X14",
        "S3-1",
        {
            "centres": "12个",
            "offices": "182个",
            "stations": "2929个",
            "shown_offices": "27个",
            "shown_stations": "99个",
        },
        [
            (total("centres", "offices", "stations"), NEAR, {"value": "3123"}),
            (ratio("shown_offices", "offices", percent=True), NEAR, {"value": "14.84"}),
            (ratio("shown_stations", "stations", percent=True), NEAR, {"value": "3.38"}),
        ],
    ),
    Page(
        "X15",
        "S3-1",
        {"money": "12.6万余元", "people": "4.5万余人", "banks": "125个"},
        [
            (ratio("money", "people"), NEAR, {"value": "2.8"}),
            (ratio("people", "banks"), NEAR, {"value": "360", "lower": "360"}),
            (ratio("money", "banks"), NEAR, {"value": "1008", "lower": "1008"}),
        ],
    ),
    Page(
        "X16",
        "S3-5",
        {"helped": "15.88万人次", "served": "9860人次", "trainees": "790余人", "classes": "15期"},
        [
            (ratio("helped", "served"), NEAR, {"value": "16.11"}),
            (ratio("trainees", "classes"), NEAR, {"value": "52.67", "lower": "52.67"}),
        ],
    ),
    Page(
        "X17",
        "S3-6",
        {"schools": "58所", "share": "家长学校建成率达98.31%"},
        [
            (
                {"kind": "whole", "rate": "share", "top": "schools", "most": 400},
                YES,
                {"value": "59", "solutions": ((58, 59),)},
            )
        ],
    ),
    Page(
        "X18",
        "S3-6",
        {
            "national": "1户",
            "national_beautiful": "14户",
            "provincial": "6户",
            "provincial_beautiful": "509户",
            "municipal": "37户",
            "municipal_beautiful": "1520户",
        },
        [
            (
                {
                    "kind": "distinct",
                    "of": [
                        "national",
                        "national_beautiful",
                        "provincial",
                        "provincial_beautiful",
                        "municipal",
                        "municipal_beautiful",
                    ],
                },
                OPEN,
                {"value": "2087", "lower": "1520", "upper": "2087", "reason": "overlap"},
            )
        ],
    ),
    Page(
        "X19",
        "S4-6",
        {"solved": "20余个", "urgent": "10个", "opinions": "45个"},
        [
            (
                {"kind": "ratio", "top": "solved", "bases": ["opinions", ["urgent", "opinions"]], "percent": True},
                OPEN,
                {"others": ("44.4", "36.4"), "reason": "base_not_stated"},
            )
        ],
    ),
    Page(
        "X20",
        "S4-8",
        {"signed": "140余个", "units": "722个"},
        [
            (ratio("signed", "units", percent=True), NEAR, {"value": "19.39", "lower": "19.39", "upper": None}),
            ({"kind": "difference", "of": "units", "less": "signed"}, NEAR, {"value": "582", "upper": "582"}),
        ],
    ),
    Page("X21", "S4-8", {"members": "140余个"}, [(ratio("members", 12), NEAR, {"value": "11.67"})]),
    Page(
        "X22",
        "S0-1",
        {"departments": "29个", "counties": "7个", "measures": "24项", "actions": "6项"},
        [
            (total("departments", "counties"), NEAR, {"value": "36"}),
            (ratio("measures", "actions"), NEAR, {"value": "4"}),
        ],
    ),
    Page(
        "X23",
        "S1-2",
        {"reporters": "300人次", "batches": "40批次", "signs": "300面", "sign_batches": "5批次"},
        [
            (ratio("reporters", "batches"), NEAR, {"value": "7.5"}),
            (ratio("signs", "sign_batches"), NEAR, {"value": "60"}),
        ],
    ),
    Page(
        "X24",
        "S1-2",
        {"viewers": "6.3万余人次", "shows": "2754场", "visits": "45人次", "premises": "35家"},
        [
            (ratio("viewers", "shows"), NEAR, {"value": "22.88", "lower": "22.88"}),
            (ratio("visits", "premises"), NEAR, {"value": "1.29"}),
        ],
    ),
    Page(
        "X25",
        "S2-3",
        {"centres": "9个", "accepted": "7个", "excellent": "4个"},
        [
            (ratio("accepted", "centres", percent=True), NEAR, {"value": "77.78"}),
            (ratio("excellent", "accepted", percent=True), NEAR, {"value": "57.14"}),
        ],
    ),
    Page(
        "X26",
        "S4-2",
        {"planted": "7余亩", "people": "15人"},
        [(ratio("planted", "people"), NEAR, {"value": "0.47", "lower": "0.47", "upper": None})],
    ),
    Page(
        "X27",
        "S1-7",
        {"served": "150人", "volunteers": "50人"},
        [(ratio("served", "volunteers"), NEAR, {"value": "3"})],
    ),
    Page(
        "X28",
        "S3-2",
        {"centres": "2个", "offices": "1个", "stations": "2个", "visited": "5个"},
        [(total("centres", "offices", "stations", **{"is": "visited"}), YES, {"value": "5"})],
    ),
    Page(
        "X29",
        "S0-3",
        {"counties": "5个"},
        [({"kind": "names", "of": "counties"}, YES, {"value": "5"})],
        {"counties": "发言县一 发言县二 发言县三 发言县四 发言县五"},
    ),
    Page(
        "X30",
        "S4-4",
        {"offices": "1个", "stations": "7个", "points": "6个", "network": "14个"},
        [(total("offices", "stations", "points", **{"is": "network"}), YES, {"value": "14"})],
    ),
]
