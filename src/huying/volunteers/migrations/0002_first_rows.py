"""What an installation starts from: kinds of service, languages, kinds of teams, the rule of long days, stars. Afterwards the
tables are the truth.
"""

from datetime import date

from django.db import migrations

CATEGORIES = [
    # code, name, English, child-protection check, insurance, risk
    ("elderly", "助老服务", "Help for older people", False, False, ""),
    ("disabled", "助残服务", "Help for disabled people", False, False, ""),
    ("children", "关爱儿童", "Care for children", True, False, ""),
    ("learning", "支教助学", "Tutoring", True, False, ""),
    ("environment", "环境保护", "Environment", False, False, "户外活动，请穿防滑鞋，注意天气。"),
    ("traffic", "文明交通", "Traffic", False, True, "在路口服务，请穿反光背心，听交警指挥。"),
    ("culture", "文化文艺", "Culture", False, False, ""),
    ("health", "医疗健康", "Health", False, False, ""),
    ("emergency", "应急救援", "Emergencies", False, True, "有受伤风险，先培训、先投保，听现场指挥。"),
    ("talks", "理论宣讲", "Talks", False, False, ""),
    ("daily", "便民服务", "Everyday help", False, False, ""),
    ("other", "其他服务", "Other", False, False, ""),
]
SOURCE = "省级志愿服务系统通行做法：8 小时以内当即有效，8 至 12 小时、12 小时以上逐级审核"
BANDS = [(480, "leader"), (720, "office")]
STARS = "全国通行的星级志愿者时长：100、300、600、1000、1500 小时"
LANGUAGES = [
    ("mandarin", "普通话", "Mandarin"), ("cantonese", "粤语", "Cantonese"), ("hakka", "客家话", "Hakka"),
    ("minnan", "闽南语", "Southern Min"), ("wu", "吴语", "Wu"), ("hmong", "苗语", "Hmong"), ("dong", "侗语", "Dong"),
    ("zhuang", "壮语", "Zhuang"), ("tibetan", "藏语", "Tibetan"), ("uyghur", "维吾尔语", "Uyghur"),
    ("mongolian", "蒙古语", "Mongolian"), ("sign", "手语", "Sign language"), ("english", "英语", "English"),
]
TEAM_KINDS = [
    ("federation", "志愿服务联合会", "Federation"), ("head", "志愿服务总队", "Head team"),
    ("branch", "志愿服务支队", "Branch"), ("squad", "志愿服务分队", "Squad"), ("party", "党员志愿服务队", "Party members"),
    ("youth", "青年志愿服务队", "Youth"), ("women", "巾帼志愿服务队", "Women"),
    ("elders", "五老志愿服务队", "Five elders"), ("society", "社会组织志愿服务队", "Social organisation"),
    ("unit", "单位志愿服务队", "Work unit"),
]


def install(apps, schema_editor):
    category, rule = (apps.get_model("volunteers", name) for name in ("ServiceCategory", "HoursRule"))
    for order, (code, name, english, check, insurance, risk) in enumerate(CATEGORIES):
        values = {"name": name, "name_en": english, "needs_check": check, "needs_insurance": insurance, "risk": risk}
        category.objects.get_or_create(code=code, defaults=values | {"order": order})
    for over, approval in BANDS:
        values = {"approval": approval, "valid_from": date(2020, 1, 1), "source": SOURCE}
        rule.objects.get_or_create(version=1, over_minutes=over, defaults=values)
    for stars, hours in enumerate((100, 300, 600, 1000, 1500), 1):
        values = {"over_minutes": hours * 60, "source": STARS}
        apps.get_model("volunteers", "StarLevel").objects.get_or_create(
            valid_from=date(2020, 1, 1), stars=stars, defaults=values
        )
    for name, rows in (("Language", LANGUAGES), ("TeamKind", TEAM_KINDS)):
        model = apps.get_model("volunteers", name)
        for order, (code, title, english) in enumerate(rows):
            model.objects.get_or_create(code=code, defaults={"name": title, "name_en": english, "order": order})
    apps.get_model("volunteers", "CertificateCounter").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    replaces = [
        ("volunteers", "0004_first_categories_and_rules"),
        ("volunteers", "0009_number_the_certificates_there_are"),
        ("volunteers", "0010_place_the_accounts_of_people"),
    ]
    dependencies = [("volunteers", "0001_tables")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
