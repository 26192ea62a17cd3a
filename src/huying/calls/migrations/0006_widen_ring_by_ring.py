"""Rings of the widening, seats of an offer, and a volunteer's no that leaves no trace.

What was declined before becomes what it looks like from now on: an offer that came to nothing. Where a team and a
volunteer refused the same call, as many lines of a refusal stay as teams refused, those nearest to their answers. A team
that said yes brought all the people a call still wanted; its seats say so.
"""

from collections import defaultdict
from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def carry_over(apps: Any, schema_editor: Any) -> None:
    offers = apps.get_model("calls", "Offer").objects
    events = apps.get_model("calls", "CallEvent").objects
    silent = {"state": "expired", "answered_by": None, "reason": ""}
    offers.filter(volunteer__isnull=False, state="declined").update(**silent)
    by_team = offers.filter(team__isnull=False, state="declined")
    kept = lines_of_teams(events, by_team)
    events.filter(verb="decline").exclude(pk__in=kept).update(verb="expire")

    yes = offers.filter(state__in=["accepted", "done"])
    for offer in yes.filter(team__isnull=False, call__people_needed__gt=1).select_related("call").iterator():
        came = yes.filter(call_id=offer.call_id, volunteer__isnull=False).count()
        offers.filter(pk=offer.pk).update(seats=max(1, offer.call.people_needed - came))


def lines_of_teams(events: Any, by_team: Any) -> list[int]:
    """Keys of the lines that tell of a team's refusal: for each of them the one nearest in time, none twice."""
    lines: dict[int, list[Any]] = defaultdict(list)
    for line in events.filter(verb="decline", call_id__in=by_team.values("call_id")).order_by("pk"):
        lines[line.call_id].append(line)
    kept = []
    for call_id, at in by_team.order_by("answered_at", "pk").values_list("call_id", "answered_at"):
        if lines[call_id]:
            own = min(lines[call_id], key=lambda line: abs(line.at - (at or line.at)))
            lines[call_id].remove(own)
            kept.append(own.pk)
    return kept


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0005_kinds_of_service_of_the_menu"),
        ("people", "0005_purposes_that_guardians_agree_to"),
        ("places", "0004_bookings_that_cannot_overlap"),
        ("volunteers", "0010_place_the_accounts_of_people"),
    ]

    operations = [
        migrations.CreateModel(
            name="Ring",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=20)),
                ("name_en", models.CharField(blank=True, max_length=40)),
                (
                    "asks",
                    models.CharField(
                        choices=[
                            ("around", "附近的人和队伍，从近到远"),
                            ("own", "本站的人和队伍"),
                            ("office", "本所的人和队伍"),
                            ("centre", "中心直属的人和队伍"),
                            ("partners", "共建单位"),
                            ("neighbours", "邻近的镇街"),
                            ("duty", "值班队伍兜底"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reach_km", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("minutes", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "mode",
                    models.CharField(
                        choices=[("working", "Working"), ("site", "Site"), ("natural", "Natural")],
                        default="working",
                        max_length=10,
                    ),
                ),
                ("per_seat", models.PositiveSmallIntegerField(default=3)),
                ("duty", models.BooleanField(default=False)),
                (
                    "level",
                    models.CharField(
                        blank=True, choices=[("station", "站"), ("office", "所"), ("centre", "中心")], max_length=8
                    ),
                ),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(
                condition=models.Q(("order__gte", 1), ("order__lte", 99)), name="ring_order"
            ),
                    models.CheckConstraint(
                condition=models.Q(("per_seat__gte", 1), ("per_seat__lte", 50)), name="ring_per_seat"
            ),
                    models.CheckConstraint(
                condition=models.Q(
                    ("minutes__isnull", True), models.Q(("minutes__gte", 1), ("minutes__lte", 527040)), _connector="OR"
                ),
                name="ring_minutes",
            ),
                ],
            },
        ),
        migrations.AddField(
            model_name="call",
            name="ring",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="order of the ring that is asked, 0 before the first"
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="ring_due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="offer",
            name="arrived_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="offer",
            name="must_answer",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="offer",
            name="remind_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="offer",
            name="seats",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name="offer",
            name="state",
            field=models.CharField(
                choices=[
                    ("offered", "等待答复"),
                    ("accepted", "已接单"),
                    ("declined", "已谢绝"),
                    ("expired", "已过时"),
                    ("withdrawn", "已撤回"),
                    ("handed_back", "已退回"),
                    ("done", "已完成"),
                    ("reserve", "候补"),
                ],
                default="offered",
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("ring_due_at__isnull", False)), fields=["ring_due_at"], name="call_ring"
            ),
        ),
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(
                condition=models.Q(("remind_at__isnull", False)), fields=["remind_at"], name="offer_remind"
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(condition=models.Q(("seats__gte", 1)), name="offer_seats"),
        ),
        migrations.AddField(
            model_name="ring",
            name="place",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rings",
                to="places.place",
            ),
        ),
        migrations.AddField(
            model_name="ring",
            name="team_kind",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="volunteers.teamkind",
            ),
        ),
        migrations.AddConstraint(
            model_name="ring",
            constraint=models.UniqueConstraint(fields=("place", "order"), name="ring_once", nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name="ring",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("asks__in", ["partners", "duty"]), _negated=True),
                    ("team_kind__isnull", False),
                    _connector="OR",
                ),
                name="ring_kind_of_team",
            ),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop, elidable=True),
    ]
