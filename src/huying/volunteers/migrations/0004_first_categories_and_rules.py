"""The kinds of service and the rule of long days that an installation starts from; afterwards the tables are the truth."""

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


def install(apps, schema_editor):
    category, rule = (apps.get_model("volunteers", name) for name in ("ServiceCategory", "HoursRule"))
    for order, (code, name, english, check, insurance, risk) in enumerate(CATEGORIES):
        values = {"name": name, "name_en": english, "needs_check": check, "needs_insurance": insurance, "risk": risk}
        category.objects.get_or_create(code=code, defaults=values | {"order": order})
    for over, approval in BANDS:
        values = {"approval": approval, "valid_from": date(2020, 1, 1), "source": SOURCE}
        rule.objects.get_or_create(version=1, over_minutes=over, defaults=values)


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0003_records_of_service")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
