"""What fair measurement needs: when a clock is half gone, which stages were late, call-backs, how a team is scored."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.expressions
import huying.kernel.chance
from datetime import timedelta
from typing import Any

from django.db import migrations, models
from django.db.models import Exists, F, OuterRef, Q, Subquery

STAGE_OF = {
    "submitted": "review",
    "reviewing": "review",
    "pooled": "dispatch",
    "dispatched": "answer",
    "accepted": "schedule",
    "scheduled": "deliver",
    "serving": "deliver",
}
SHORT = timedelta(seconds=1)
NEAR = timedelta(seconds=5)
"""Lines of one step lie no further apart than this."""
CHUNK = 5000


def carry_over(apps: Any, schema_editor: Any) -> None:
    """Running clocks turn amber in the middle of their natural time; of earlier delays is known what was noticed then.

    A call that was lifted because its stage ran out stands in the history, and a team that never answered. What two
    refusals lifted was not late; and a volunteer's silence is kept no better than a no, so that no row tells the two
    apart (decision 0021).
    """
    call, event, late = (apps.get_model("calls", name) for name in ("Call", "CallEvent", "LateStage"))
    call.objects.filter(stage_due_at__isnull=False).update(
        amber_at=F("stage_started_at") + (F("stage_due_at") - F("stage_started_at")) / 2
    )
    rows = []
    for line in noticed(event, apps.get_model("calls", "Offer")).iterator(chunk_size=CHUNK):
        due = min(line.ran_out or line.at, line.at - SHORT)
        rows.append(late(call_id=line.call_id, stage=STAGE_OF[line.from_state], due_at=due, left_at=line.at))
        if len(rows) == CHUNK:
            late.objects.bulk_create(rows)
            rows = []
    late.objects.bulk_create(rows)


def noticed(event: Any, offer: Any) -> Any:
    """Lines of the history at which a stage had run out; ``ran_out``: when the time of the silent team was over."""
    here = {"answered_at__gte": OuterRef("at") - NEAR, "answered_at__lte": OuterRef("at") + NEAR}
    silent = offer.objects.filter(call=OuterRef("call"), team__isnull=False, state="expired", **here)
    silent = silent.filter(answer_due_at__lte=F("answered_at")).order_by("answer_due_at")
    same_step = event.objects.filter(call=OuterRef("call"), verb__in=["decline", "expire"])
    same_step = same_step.filter(at__gte=OuterRef("at") - NEAR, at__lte=OuterRef("at") + NEAR)
    lifted = Q(verb="escalate") & ~Q(from_state="dispatched") & ~Exists(same_step)
    over = Q(verb="expire", from_state="dispatched", ran_out__isnull=False)
    rows = event.objects.filter(from_state__in=STAGE_OF).annotate(ran_out=Subquery(silent.values("answer_due_at")[:1]))
    return rows.filter(lifted | over).order_by("id")


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0007_more_doors_in'),
        ('people', '0005_purposes_that_guardians_agree_to'),
        ('places', '0004_bookings_that_cannot_overlap'),
        ('volunteers', '0010_place_the_accounts_of_people'),
    ]

    operations = [
        migrations.CreateModel(
            name='Callback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                ('outcome', models.CharField(choices=[('waiting', '等回访'), ('answered', '已答复'), ('unreached', '没联系上'), ('refused', '不愿答复')], default='waiting', max_length=10)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('solved', models.BooleanField(null=True)),
                ('score', models.PositiveSmallIntegerField(null=True)),
                ('recorded_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Draw',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('size', models.PositiveSmallIntegerField()),
                ('seed', models.CharField(max_length=32)),
                ('population', models.PositiveIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('drawn_at', models.DateTimeField()),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('until__gt', models.F('since'))), name='draw_span'),
                    models.CheckConstraint(condition=models.Q(('size__gte', 1), ('size__lte', models.F('population'))), name='draw_size'),
                ],
            },
        ),
        migrations.CreateModel(
            name='LateStage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(choices=[('review', '受理'), ('dispatch', '派单'), ('answer', '接单'), ('schedule', '约定时间'), ('deliver', '上门服务'), ('rate', '评价'), ('to_office', '无人接单，升到所'), ('to_centre', '无人接单，升到中心'), ('urge', '两次催办之间')], max_length=10)),
                ('due_at', models.DateTimeField()),
                ('left_at', models.DateTimeField()),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('left_at__gt', models.F('due_at'))), name='late_stage_is_late'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ScoreRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('prior', models.PositiveSmallIntegerField(default=10)),
                ('least', models.PositiveSmallIntegerField(default=10)),
                ('rating', models.PositiveSmallIntegerField(default=35)),
                ('on_time', models.PositiveSmallIntegerField(default=25)),
                ('accept', models.PositiveSmallIntegerField(default=15)),
                ('lasting', models.PositiveSmallIntegerField(default=15)),
                ('recorded', models.PositiveSmallIntegerField(default=10)),
                ('middling', models.PositiveSmallIntegerField(default=100)),
                ('set_at', models.DateTimeField()),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('rating', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.Value(100), '-', models.F('on_time')), '-', models.F('accept')), '-', models.F('lasting')), '-', models.F('recorded')))), name='score_rule_whole'),
                    models.CheckConstraint(condition=models.Q(('least__gte', 1), ('middling__lte', 100), ('prior__lte', 1000)), name='score_rule_sane'),
                ],
            },
        ),
        migrations.AddField(
            model_name='call',
            name='amber_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='call',
            name='urged_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='offer',
            name='excuse',
            field=models.CharField(blank=True, choices=[('weather', '天气不允许'), ('licence', '没有所需的资质'), ('safety', '不安全'), ('capacity', '人手排满了')], max_length=10),
        ),
        migrations.AlterField(
            model_name='call',
            name='held_stage',
            field=models.CharField(blank=True, choices=[('review', '受理'), ('dispatch', '派单'), ('answer', '接单'), ('schedule', '约定时间'), ('deliver', '上门服务'), ('rate', '评价'), ('to_office', '无人接单，升到所'), ('to_centre', '无人接单，升到中心'), ('urge', '两次催办之间')], max_length=10),
        ),
        migrations.AlterField(
            model_name='clock',
            name='stage',
            field=models.CharField(choices=[('review', '受理'), ('dispatch', '派单'), ('answer', '接单'), ('schedule', '约定时间'), ('deliver', '上门服务'), ('rate', '评价'), ('to_office', '无人接单，升到所'), ('to_centre', '无人接单，升到中心'), ('urge', '两次催办之间')], max_length=10),
        ),
        migrations.AddIndex(
            model_name='callevent',
            index=models.Index(condition=models.Q(('verb__in', ('hand_back', 'suspend', 'reopen'))), fields=['verb', 'call'], name='call_event_counted'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('excuse', ''), ('team__isnull', False), _connector='OR'), name='offer_excuse_of_team'),
        ),
        migrations.AddField(
            model_name='callback',
            name='call',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='callback', to='calls.call'),
        ),
        migrations.AddField(
            model_name='callback',
            name='recorded_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person'),
        ),
        migrations.AddField(
            model_name='draw',
            name='drawn_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person'),
        ),
        migrations.AddField(
            model_name='draw',
            name='place',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place'),
        ),
        migrations.AddField(
            model_name='callback',
            name='draw',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='callbacks', to='calls.draw'),
        ),
        migrations.AddField(
            model_name='latestage',
            name='call',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='late_stages', to='calls.call'),
        ),
        migrations.AddField(
            model_name='scorerule',
            name='set_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person'),
        ),
        migrations.AddIndex(
            model_name='callback',
            index=models.Index(fields=['draw', 'outcome', 'id'], name='callback_draw'),
        ),
        migrations.AddConstraint(
            model_name='callback',
            constraint=models.CheckConstraint(condition=models.Q(('score__isnull', True), models.Q(('score__gte', 1), ('score__lte', 5)), _connector='OR'), name='callback_score'),
        ),
        migrations.AddConstraint(
            model_name='callback',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'answered'), ('score__isnull', False), ('solved__isnull', False)), models.Q(models.Q(('outcome', 'answered'), _negated=True), ('score__isnull', True), ('solved__isnull', True)), _connector='OR'), name='callback_answered_whole'),
        ),
        migrations.AddIndex(
            model_name='latestage',
            index=models.Index(fields=['call', 'stage'], name='late_stage_call'),
        ),
        migrations.RemoveIndex(model_name='call', name='call_place'),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(fields=['place', 'state', 'id'], include=('stage_due_at',), name='call_places'),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(
                condition=models.Q(('accepted_at__isnull', False)), fields=['accepted_at'], name='call_accepted'
            ),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop, elidable=True),
    ]
