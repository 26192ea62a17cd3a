import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.lookups
import huying.kernel.chance
import huying.volunteers.models.service
from django.db import migrations, models

from huying.kernel.tables import CreateTables

# Where each holder of a skill starts from, beside the skill: so that the nearest of them are found in one index.
# The surface of the earth in cells of 0.0005 degrees (55 m from south to north), numbered row by row, is a column that the
# database computes (-1: no position). The second foreign key carries it to the skills and along with every move: PostgreSQL
# keeps it, nobody can forget it. A skill that was just written has no cell yet (NULL: not looked up, and found all the same).
# Neither column is known to Django: nobody writes the one, and ``actions.place_skills`` alone the other.
CELLS = """
ALTER TABLE volunteers_volunteer ADD COLUMN cell bigint NOT NULL GENERATED ALWAYS AS (
    CASE WHEN lon IS NULL OR lat IS NULL THEN -1
    ELSE floor((lat + 90) * 2000)::bigint * 1000000 + floor((lon + 180) * 2000)::bigint END) STORED;
ALTER TABLE volunteers_volunteer ADD CONSTRAINT volunteer_cell UNIQUE (id, cell);
ALTER TABLE volunteers_volunteer_skills ADD COLUMN cell bigint;
ALTER TABLE volunteers_volunteer_skills ADD CONSTRAINT volunteer_skill_cell
    FOREIGN KEY (volunteer_id, cell) REFERENCES volunteers_volunteer (id, cell) ON UPDATE CASCADE;
CREATE INDEX volunteer_skill_near ON volunteers_volunteer_skills (skill_id, cell, volunteer_id);
CREATE INDEX volunteer_skill_unplaced ON volunteers_volunteer_skills (volunteer_id) WHERE cell IS NULL;
"""


class Migration(migrations.Migration):
    replaces = [
        ("volunteers", "0001_first_tables"),
        ("volunteers", "0002_let_helpers_share_their_number"),
        ("volunteers", "0003_records_of_service"),
        ("volunteers", "0005_stars_and_certificates"),
        ("volunteers", "0006_profiles_teams_and_campaigns"),
        ("volunteers", "0007_words_beside_the_history"),
        ("volunteers", "0008_seen_people_serials_and_refused_papers"),
        ("volunteers", "0011_rows_offered_at_places"),
        ("volunteers", "0012_nearest_first"),
        ("volunteers", "0013_teams_want_people"),
        ("volunteers", "0014_times_of_volunteering"),
        ("volunteers", "0015_skills_know_where"),
    ]

    initial = True

    dependencies = [
        ("people", "0002_first_rows"),
        ("places", "0002_first_rows"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Want',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('lon', models.FloatField()),
                        ('lat', models.FloatField()),
                        ('slots', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=list, size=21)),
                        ('headcount', models.PositiveSmallIntegerField()),
                        ('joined', models.PositiveSmallIntegerField(default=0)),
                        ('words', models.CharField(max_length=300)),
                        ('until_date', models.DateField()),
                        ('state', models.CharField(choices=[('open', '正在要人'), ('filled', '已经要齐'), ('withdrawn', '已经撤回'), ('over', '到期结束')], default='open', max_length=9)),
                        ('made_at', models.DateTimeField()),
                        ('closed_at', models.DateTimeField(blank=True, null=True)),
                        ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='wants', to='volunteers.team')),
                        ('skills', models.ManyToManyField(blank=True, related_name='+', to='volunteers.skill')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['state', 'until_date', 'id'], name='want_until'), models.Index(fields=['-made_at', '-id'], name='want_newest')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('headcount__gte', 1), ('headcount__lte', 500)), name='want_headcount'), models.CheckConstraint(condition=models.Q(models.Q(('joined', models.F('headcount')), ('state', 'filled')), models.Q(models.Q(('state', 'filled'), _negated=True), ('joined__lt', models.F('headcount'))), _connector='OR'), name='want_filled_when_all_joined'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'filled', 'withdrawn', 'over'])), name='want_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='want_closed_at'), models.CheckConstraint(condition=models.Q(('slots__contained_by', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20])), name='want_slots'), models.CheckConstraint(condition=models.Q(('lat__gte', -90), ('lat__lte', 90), ('lon__gte', -180), ('lon__lte', 180)), name='want_position')],
                    },
                ),
                migrations.CreateModel(
                    name='Invitation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('state', models.CharField(choices=[('open', '等答复'), ('joined', '已入队'), ('over', '已结束')], default='open', max_length=6)),
                        ('invited_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField()),
                        ('joined_at', models.DateTimeField(blank=True, null=True)),
                        ('put_away', models.BooleanField(db_default=False, default=False)),
                        ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('volunteer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='volunteers.volunteer')),
                        ('want', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='volunteers.want')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['ends_at'], name='invitation_due')],
                        'constraints': [models.UniqueConstraint(fields=('want', 'volunteer'), name='invitation_once'), models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('volunteer',), name='invitation_one_at_a_time'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'joined', 'over'])), name='invitation_state_known'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('invited_at'))), name='invitation_span'), models.CheckConstraint(condition=models.Q(models.Q(('joined_at__isnull', False), ('state', 'joined')), models.Q(models.Q(('state', 'joined'), _negated=True), ('joined_at__isnull', True)), _connector='OR'), name='invitation_joined_at'), models.CheckConstraint(condition=models.Q(('put_away', False), ('state', 'open'), _connector='OR'), name='invitation_no_is_wiped')],
                    },
                ),
                migrations.CreateModel(
                    name='Allocation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('state', models.CharField(choices=[('making', '正在算'), ('ready', '待确认'), ('confirmed', '已发出邀请'), ('dropped', '已放弃')], default='making', max_length=9)),
                        ('asked_at', models.DateTimeField()),
                        ('made_at', models.DateTimeField(null=True)),
                        ('confirmed_at', models.DateTimeField(null=True)),
                        ('figures', models.JSONField(default=dict)),
                        ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['place', '-id'], name='allocation_place')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['making', 'ready'])), fields=('place',), name='allocation_one_at_a_place'), models.CheckConstraint(condition=models.Q(('state__in', ['making', 'ready', 'confirmed', 'dropped'])), name='allocation_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('state', 'confirmed')), models.Q(models.Q(('state', 'confirmed'), _negated=True), ('confirmed_at__isnull', True)), _connector='OR'), name='allocation_confirmed_at')],
                    },
                ),
                migrations.CreateModel(
                    name='AllocationLine',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('km', models.FloatField()),
                        ('served', models.PositiveSmallIntegerField(default=0)),
                        ('teams', models.PositiveSmallIntegerField(default=0)),
                        ('struck', models.BooleanField(default=False)),
                        ('allocation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='volunteers.allocation')),
                        ('volunteer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='volunteers.volunteer')),
                        ('want', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='volunteers.want')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['allocation', 'want', 'id'], name='allocationline_want')],
                        'constraints': [models.UniqueConstraint(fields=('allocation', 'volunteer'), name='allocationline_volunteer_once')],
                    },
                ),
                migrations.CreateModel(
                    name='AllocationGap',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('empty', models.PositiveSmallIntegerField()),
                        ('lack', models.CharField(max_length=12)),
                        ('people', models.JSONField(default=dict)),
                        ('allocation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='gaps', to='volunteers.allocation')),
                        ('want', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='volunteers.want')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('allocation', 'want'), name='allocationgap_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ServiceCategory',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.SlugField(max_length=40, unique=True)),
                        ('name', models.CharField(max_length=40)),
                        ('name_en', models.CharField(blank=True, max_length=60)),
                        ('needs_check', models.BooleanField(default=False)),
                        ('needs_insurance', models.BooleanField(default=False)),
                        ('risk', models.CharField(blank=True, max_length=300)),
                        ('order', models.PositiveSmallIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name='HoursRule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('version', models.PositiveIntegerField()),
                        ('over_minutes', models.PositiveSmallIntegerField()),
                        ('approval', models.CharField(blank=True, choices=[('', '一位确认人'), ('leader', '队长或站点写明理由'), ('office', '实践所或中心写明理由')], max_length=10)),
                        ('valid_from', models.DateField()),
                        ('source', models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('version', 'over_minutes'), name='hoursrule_once'), models.CheckConstraint(condition=models.Q(('over_minutes__lte', 1440)), name='hoursrule_within_a_day')],
                    },
                ),
                migrations.CreateModel(
                    name='ServiceRecord',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('subject_type', models.CharField(blank=True, max_length=60)),
                        ('subject_id', models.BigIntegerField(blank=True, null=True)),
                        ('title', models.CharField(max_length=80)),
                        ('content', models.CharField(blank=True, max_length=300)),
                        ('host', models.CharField(max_length=120)),
                        ('in_charge', models.CharField(max_length=50)),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField()),
                        ('minutes', models.PositiveSmallIntegerField()),
                        ('evidence', models.CharField(choices=[('A', '组织者当场确认到场'), ('B', '本人自行签到'), ('C', '两人分别登记的纸表')], max_length=1)),
                        ('state', models.CharField(choices=[('submitted', '待确认'), ('returned', '已退回'), ('confirmed', '已确认'), ('correcting', '更正待复核'), ('withdrawn', '已撤销')], default='submitted', max_length=12)),
                        ('version', models.PositiveSmallIntegerField(default=1)),
                        ('correction', models.JSONField(blank=True, null=True)),
                        ('recorded_at', models.DateTimeField()),
                        ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                        ('due_at', models.DateTimeField()),
                        ('is_late', models.BooleanField(default=False)),
                        ('rule_version', models.PositiveIntegerField(default=0)),
                        ('transfer_id', models.BigIntegerField(blank=True, null=True)),
                        ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='volunteers.servicecategory')),
                        ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('corrected_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('second_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='records', to='volunteers.team')),
                        ('volunteer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='records', to='volunteers.volunteer')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['volunteer', '-starts_at', '-id'], name='record_of_volunteer'), models.Index(fields=['state', 'place', '-starts_at'], name='record_queue'), models.Index(fields=['subject_type', 'subject_id'], name='record_subject')],
                        'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('state__in', ['confirmed', 'correcting', 'returned', 'submitted'])), expressions=[('volunteer', '='), (huying.volunteers.models.service.Span('starts_at', 'ends_at', django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='record_no_overlap'), models.UniqueConstraint(condition=models.Q(('subject_id__isnull', False), models.Q(('state', 'withdrawn'), _negated=True)), fields=('volunteer', 'subject_type', 'subject_id'), name='record_once_a_subject'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='record_span'), models.CheckConstraint(condition=models.Q(('minutes__gt', 0), ('minutes__lte', 1440)), name='record_minutes'), models.CheckConstraint(condition=django.db.models.lookups.GreaterThanOrEqual(models.ExpressionWrapper(django.db.models.expressions.CombinedExpression(models.F('ends_at'), '-', models.F('starts_at')), models.DurationField()), huying.volunteers.models.service.Minutes('minutes')), name='record_minutes_within_span'), models.CheckConstraint(condition=models.Q(('entered_by', models.F('person')), _negated=True), name='record_not_by_oneself'), models.CheckConstraint(condition=models.Q(('second_by__isnull', True), models.Q(models.Q(('second_by', models.F('person')), _negated=True), models.Q(('second_by', models.F('entered_by')), _negated=True)), _connector='OR'), name='record_second_is_another'), models.CheckConstraint(condition=models.Q(('corrected_by__isnull', True), models.Q(('corrected_by', models.F('person')), _negated=True), _connector='OR'), name='record_not_corrected_by_oneself'), models.CheckConstraint(condition=models.Q(('confirmed_by__isnull', True), models.Q(models.Q(('confirmed_by', models.F('person')), _negated=True), models.Q(('confirmed_by', models.F('entered_by')), _negated=True)), _connector='OR'), name='record_confirmed_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['confirmed', 'correcting']), _negated=True), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='record_confirmed_by_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('evidence', 'C'), _negated=True), ('second_by__isnull', False), _connector='OR'), name='record_sheet_by_two'), models.CheckConstraint(condition=models.Q(('state__in', ['submitted', 'returned', 'confirmed', 'correcting', 'withdrawn'])), name='record_state_known'), models.CheckConstraint(condition=models.Q(('evidence__in', ['A', 'B', 'C'])), name='record_evidence_known'), models.CheckConstraint(condition=models.Q(models.Q(('corrected_by__isnull', False), ('correction__isnull', False), ('state', 'correcting')), models.Q(models.Q(('state', 'correcting'), _negated=True), ('corrected_by__isnull', True), ('correction__isnull', True)), _connector='OR'), name='record_correction_proposed')],
                    },
                ),
                migrations.CreateModel(
                    name='ServiceEvent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('verb', models.CharField(max_length=12)),
                        ('from_state', models.CharField(blank=True, max_length=12)),
                        ('to_state', models.CharField(max_length=12)),
                        ('version', models.PositiveSmallIntegerField()),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField()),
                        ('minutes', models.PositiveSmallIntegerField()),
                        ('correction', models.JSONField(blank=True, null=True)),
                        ('at', models.DateTimeField()),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('record', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='volunteers.servicerecord')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['record', 'id'], name='serviceevent_record')],
                    },
                ),
                migrations.CreateModel(
                    name='ServiceNote',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('text', models.CharField(max_length=300)),
                        ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='words', to='volunteers.serviceevent')),
                    ],
                ),
                migrations.CreateModel(
                    name='ServiceSession',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('title', models.CharField(max_length=80)),
                        ('content', models.CharField(blank=True, max_length=300)),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField()),
                        ('break_minutes', models.PositiveSmallIntegerField(default=0)),
                        ('paper_until', models.DateTimeField(blank=True, null=True)),
                        ('paper_serial', models.PositiveSmallIntegerField(default=0)),
                        ('state', models.CharField(choices=[('open', '进行中'), ('closed', '已结束')], default='open', max_length=8)),
                        ('opened_at', models.DateTimeField()),
                        ('closed_at', models.DateTimeField(blank=True, null=True)),
                        ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='volunteers.servicecategory')),
                        ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='volunteers.team')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['team', '-starts_at'], name='session_of_team'), models.Index(fields=['place', '-starts_at'], name='session_at_place')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='session_span'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'closed'])), name='session_state_known')],
                    },
                ),
                migrations.CreateModel(
                    name='Attendance',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('in_at', models.DateTimeField()),
                        ('in_way', models.CharField(choices=[('screen', '扫现场屏幕码'), ('paper', '扫张贴的纸码'), ('roll', '队长点名')], max_length=8)),
                        ('out_at', models.DateTimeField(blank=True, null=True)),
                        ('out_way', models.CharField(blank=True, choices=[('screen', '扫现场屏幕码'), ('paper', '扫张贴的纸码'), ('roll', '队长点名')], max_length=8)),
                        ('dropped', models.BooleanField(default=False)),
                        ('in_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('out_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('volunteer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendances', to='volunteers.volunteer')),
                        ('record', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attendance', to='volunteers.servicerecord')),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendances', to='volunteers.servicesession')),
                        ('seen_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('session', 'volunteer'), name='attendance_once'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('dropped', False)), expressions=[('volunteer', '='), (huying.volunteers.models.service.Span('in_at', 'out_at', django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='attendance_one_at_a_time'), models.CheckConstraint(condition=models.Q(('out_at__isnull', True), ('out_at__gt', models.F('in_at')), _connector='OR'), name='attendance_span'), models.CheckConstraint(condition=models.Q(('in_by__isnull', True), models.Q(('in_by', models.F('person')), _negated=True), _connector='OR'), name='attendance_in_by_another'), models.CheckConstraint(condition=models.Q(('out_by__isnull', True), models.Q(('out_by', models.F('person')), _negated=True), _connector='OR'), name='attendance_out_by_another'), models.CheckConstraint(condition=models.Q(('seen_by__isnull', True), models.Q(('seen_by', models.F('person')), _negated=True), _connector='OR'), name='attendance_seen_by_another')],
                    },
                ),
                migrations.CreateModel(
                    name='SheetEntry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField()),
                        ('break_minutes', models.PositiveSmallIntegerField(default=0)),
                        ('entered_at', models.DateTimeField()),
                        ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sheet', to='volunteers.servicesession')),
                        ('volunteer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='volunteers.volunteer')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('session', 'volunteer', 'entered_by'), name='sheet_once_each'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='sheet_span'), models.CheckConstraint(condition=models.Q(('entered_by', models.F('person')), _negated=True), name='sheet_not_by_oneself')],
                    },
                ),
                migrations.CreateModel(
                    name='Skill',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.SlugField(max_length=40, unique=True)),
                        ('name', models.CharField(max_length=40)),
                        ('name_en', models.CharField(blank=True, max_length=60)),
                        ('needs_proof', models.BooleanField(default=False)),
                        ('limited', models.BooleanField(default=False)),
                        ('offered_at', models.ManyToManyField(blank=True, related_name='+', to='places.place')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Language',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.SlugField(max_length=20, unique=True)),
                        ('name', models.CharField(max_length=40)),
                        ('name_en', models.CharField(blank=True, max_length=60)),
                        ('order', models.PositiveSmallIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name='Volunteer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('lon', models.FloatField(blank=True, null=True)),
                        ('lat', models.FloatField(blank=True, null=True)),
                        ('travel_km', models.FloatField(default=3)),
                        ('weekly_limit', models.PositiveSmallIntegerField(default=5)),
                        ('paused_until', models.DateField(blank=True, null=True)),
                        ('joined_at', models.DateTimeField()),
                        ('left_at', models.DateTimeField(blank=True, null=True)),
                        ('base_place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('person', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='volunteer', to='people.person')),
                        ('shares_phone', models.BooleanField(default=False, help_text='by own choice (志愿服务条例 art. 20)')),
                        ('availability', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=list, size=21)),
                        ('insurance_note', models.CharField(blank=True, max_length=120)),
                        ('insured_until', models.DateField(blank=True, null=True)),
                        ('skills', models.ManyToManyField(blank=True, related_name='volunteers', to='volunteers.skill')),
                        ('languages', models.ManyToManyField(blank=True, related_name='volunteers', to='volunteers.language')),
                        ('categories', models.ManyToManyField(blank=True, related_name='volunteers', to='volunteers.servicecategory')),
                    ],
                    options={
                        'indexes': [django.contrib.postgres.indexes.GistIndex(models.Func('lon', 'lat', function='point'), name='volunteer_near')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('lat__isnull', True), ('lon__isnull', True)), models.Q(('lat__gte', -90), ('lat__lte', 90), ('lon__gte', -180), ('lon__lte', 180)), _connector='OR'), name='volunteer_position'), models.CheckConstraint(condition=models.Q(('travel_km__gt', 0), ('travel_km__lte', 200)), name='volunteer_travel'), models.CheckConstraint(condition=models.Q(('weekly_limit__lte', 50)), name='volunteer_weekly_limit')],
                    },
                ),
                migrations.CreateModel(
                    name='Stay',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('joined_at', models.DateTimeField()),
                        ('left_at', models.DateTimeField()),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('volunteer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stays', to='volunteers.volunteer')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('left_at__gte', models.F('joined_at'))), name='stay_ends_after_it_begins')],
                    },
                ),
                migrations.CreateModel(
                    name='TeamKind',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.SlugField(max_length=40, unique=True)),
                        ('name', models.CharField(max_length=40)),
                        ('name_en', models.CharField(blank=True, max_length=60)),
                        ('order', models.PositiveSmallIntegerField(default=0)),
                        ('limited', models.BooleanField(default=False)),
                        ('offered_at', models.ManyToManyField(blank=True, related_name='+', to='places.place')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Team',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('name', models.CharField(max_length=80)),
                        ('about', models.CharField(blank=True, max_length=300)),
                        ('open_limit', models.PositiveSmallIntegerField(default=20)),
                        ('active', models.BooleanField(default=True)),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='teams', to='places.place')),
                        ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='subteams', to='volunteers.team')),
                        ('kind', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='teams', to='volunteers.teamkind')),
                        ('skills', models.ManyToManyField(blank=True, related_name='teams', to='volunteers.skill')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('place', 'name'), name='team_name_once_a_place'), models.CheckConstraint(condition=models.Q(('parent', models.F('id')), _negated=True), name='team_not_its_own_parent')],
                    },
                ),
                migrations.CreateModel(
                    name='Membership',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('is_leader', models.BooleanField(default=False)),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField(blank=True, null=True)),
                        ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='volunteers.team')),
                        ('volunteer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='volunteers.volunteer')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('ends_at__isnull', True)), fields=('team', 'volunteer'), name='membership_once'), models.CheckConstraint(condition=models.Q(('ends_at__isnull', True), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='membership_span')],
                    },
                ),
                migrations.CreateModel(
                    name='SkillProof',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('valid_until', models.DateField(blank=True, null=True)),
                        ('made_at', models.DateTimeField()),
                        ('verified_at', models.DateTimeField(blank=True, null=True)),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('skill', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='volunteers.skill')),
                        ('verified_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('volunteer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proofs', to='volunteers.volunteer')),
                        ('refused_at', models.DateTimeField(blank=True, null=True)),
                        ('refused_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('refused_reason', models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('verified_by__isnull', True), models.Q(('verified_by', models.F('person')), _negated=True), _connector='OR'), name='skillproof_by_another'), models.CheckConstraint(condition=models.Q(('refused_by__isnull', True), models.Q(('refused_by', models.F('person')), _negated=True), _connector='OR'), name='skillproof_refused_by_another')],
                    },
                ),
                migrations.CreateModel(
                    name='ProtectionCheck',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('passed', models.BooleanField()),
                        ('valid_until', models.DateField()),
                        ('checked_at', models.DateTimeField()),
                        ('note', models.CharField(blank=True, max_length=200)),
                        ('checked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('volunteer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='volunteers.volunteer')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('checked_by', models.F('person')), _negated=True), name='protectioncheck_by_another')],
                    },
                ),
                migrations.CreateModel(
                    name='ExternalId',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('system', models.CharField(max_length=60)),
                        ('value', models.CharField(max_length=80)),
                        ('volunteer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='external_ids', to='volunteers.volunteer')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('system', 'value'), name='externalid_once'), models.UniqueConstraint(fields=('volunteer', 'system'), name='externalid_one_each')],
                    },
                ),
                migrations.CreateModel(
                    name='ReportedCount',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('measure', models.CharField(choices=[('registered', '注册志愿者'), ('recruited', '招募入队志愿者'), ('active', '活跃志愿者'), ('teams', '志愿服务队')], max_length=12)),
                        ('value', models.PositiveBigIntegerField()),
                        ('as_of_date', models.DateField()),
                        ('source', models.CharField(max_length=120)),
                        ('entered_at', models.DateTimeField()),
                        ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('place', 'measure', 'as_of_date', 'source'), name='reportedcount_once'), models.CheckConstraint(condition=models.Q(('measure__in', ['registered', 'recruited', 'active', 'teams'])), name='reportedcount_measure_known')],
                    },
                ),
                migrations.CreateModel(
                    name='StarLevel',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('stars', models.PositiveSmallIntegerField()),
                        ('over_minutes', models.PositiveIntegerField()),
                        ('valid_from', models.DateField()),
                        ('source', models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('valid_from', 'stars'), name='starlevel_once'), models.CheckConstraint(condition=models.Q(('stars__gte', 1), ('stars__lte', 10)), name='starlevel_stars')],
                    },
                ),
                migrations.CreateModel(
                    name='CertificateCounter',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('last', models.PositiveBigIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name='Certificate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('code', models.CharField(max_length=24, unique=True)),
                        ('issuer_name', models.CharField(max_length=120)),
                        ('since', models.DateField()),
                        ('until', models.DateField()),
                        ('minutes', models.PositiveIntegerField()),
                        ('stars', models.PositiveSmallIntegerField(default=0)),
                        ('records', models.JSONField()),
                        ('issued_at', models.DateTimeField()),
                        ('revoked_at', models.DateTimeField(blank=True, null=True)),
                        ('revoked_reason', models.CharField(blank=True, max_length=300)),
                        ('issued_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('issuer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('volunteer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='volunteers.volunteer')),
                        ('serial', models.PositiveBigIntegerField(editable=False, null=True, unique=True)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['volunteer', '-id'], name='certificate_of_volunteer')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('minutes__gt', 0)), name='certificate_minutes'), models.CheckConstraint(condition=models.Q(('until__gte', models.F('since'))), name='certificate_period'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', True), ('revoked_by__isnull', True)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False), models.Q(('revoked_reason', ''), _negated=True)), _connector='OR'), name='certificate_revoked_with_reason')],
                    },
                ),
                migrations.CreateModel(
                    name='CertificatePrint',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('sha256', models.CharField(max_length=64)),
                        ('at', models.DateTimeField()),
                        ('certificate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prints', to='volunteers.certificate')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('certificate', 'sha256'), name='certificateprint_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Campaign',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('title', models.CharField(max_length=80)),
                        ('content', models.CharField(max_length=500)),
                        ('conditions', models.CharField(blank=True, max_length=300)),
                        ('risks', models.CharField(max_length=300)),
                        ('cover', models.CharField(max_length=300)),
                        ('wanted', models.PositiveIntegerField()),
                        ('joined', models.PositiveIntegerField(default=0)),
                        ('opens_at', models.DateTimeField()),
                        ('closes_at', models.DateTimeField()),
                        ('is_emergency', models.BooleanField(default=False)),
                        ('stopped_at', models.DateTimeField(blank=True, null=True)),
                        ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='campaigns', to='volunteers.team')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['closes_at', 'id'], name='campaign_closing')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('opens_at'))), name='campaign_span'), models.CheckConstraint(condition=models.Q(('joined__lte', models.F('wanted')), ('wanted__gte', 1)), name='campaign_not_too_many')],
                    },
                ),
                migrations.CreateModel(
                    name='CampaignJoin',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='joins', to='volunteers.campaign')),
                        ('volunteer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='volunteers.volunteer')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('campaign', 'volunteer'), name='campaignjoin_once')],
                    },
                ),
            ],
        ),
        migrations.RunSQL(CELLS, migrations.RunSQL.noop),
    ]
