import datetime
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import huying.activities.models.activities
import huying.kernel.chance
import huying.kernel.clock
import huying.kernel.sealed
from django.db import migrations, models

from huying.kernel.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("activities", "0001_people_gather"),
        ("activities", "0003_words_beside_the_history"),
        ("activities", "0004_sane_clocks_and_reminders"),
        ("activities", "0005_units_can_be_retired"),
        ("activities", "0006_kinds_of_service_of_roles"),
        ("activities", "0007_rows_offered_at_places"),
        ("activities", "0008_english_of_rhythms"),
    ]

    initial = True

    dependencies = [
        ("people", "0002_first_rows"),
        ("places", "0002_first_rows"),
        ("volunteers", "0002_first_rows"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='ActivityKind',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.SlugField(max_length=40, unique=True)),
                        ('name', models.CharField(max_length=20)),
                        ('name_en', models.CharField(blank=True, max_length=40)),
                        ('icon', models.CharField(max_length=60)),
                        ('tone', models.CharField(max_length=10)),
                        ('is_large', models.BooleanField(default=False)),
                        ('order', models.PositiveSmallIntegerField(default=0)),
                        ('active', models.BooleanField(default=True)),
                        ('limited', models.BooleanField(default=False)),
                        ('offered_at', models.ManyToManyField(blank=True, related_name='+', to='places.place')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Theme',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.SlugField(max_length=40, unique=True)),
                        ('name', models.CharField(max_length=20)),
                        ('name_en', models.CharField(blank=True, max_length=40)),
                        ('group', models.CharField(choices=[('season', '季节主题'), ('festival', '我们的节日'), ('topic', '主题'), ('verb', '形式')], max_length=10)),
                        ('rule', models.CharField(choices=[('none', '手工选'), ('dates', '公历日期'), ('lunar', '农历日期'), ('term', '节气')], default='none', max_length=10)),
                        ('begins', models.CharField(blank=True, max_length=5)),
                        ('ends', models.CharField(blank=True, max_length=5)),
                        ('month', models.PositiveSmallIntegerField(default=0)),
                        ('day', models.PositiveSmallIntegerField(default=0)),
                        ('days_before', models.PositiveSmallIntegerField(default=0)),
                        ('days_after', models.PositiveSmallIntegerField(default=0)),
                        ('order', models.PositiveSmallIntegerField(default=0)),
                        ('active', models.BooleanField(default=True)),
                        ('limited', models.BooleanField(default=False)),
                        ('offered_at', models.ManyToManyField(blank=True, related_name='+', to='places.place')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('rule', 'dates'), _negated=True), models.Q(('begins__regex', '^[01]\\d-[0-3]\\d$'), ('ends__regex', '^[01]\\d-[0-3]\\d$')), _connector='OR'), name='theme_dates_given'), models.CheckConstraint(condition=models.Q(models.Q(('rule', 'lunar'), _negated=True), models.Q(('day__gte', 1), ('day__lte', 30), ('month__gte', 1), ('month__lte', 12)), _connector='OR'), name='theme_lunar_given'), models.CheckConstraint(condition=models.Q(models.Q(('rule', 'term'), _negated=True), ('month__lte', 23), _connector='OR'), name='theme_term_given')],
                    },
                ),
                migrations.CreateModel(
                    name='Unit',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.SlugField(max_length=20, unique=True)),
                        ('name', models.CharField(max_length=10)),
                        ('name_en', models.CharField(blank=True, max_length=30)),
                        ('digits', models.PositiveSmallIntegerField(default=0)),
                        ('order', models.PositiveSmallIntegerField(default=0)),
                        ('active', models.BooleanField(default=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Activity',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('title', models.CharField(max_length=60)),
                        ('summary', models.CharField(blank=True, max_length=120)),
                        ('about', models.TextField(blank=True, max_length=3000)),
                        ('programme', models.TextField(blank=True, help_text='one item a line', max_length=1000)),
                        ('audience', models.CharField(blank=True, max_length=80)),
                        ('bring', models.CharField(blank=True, max_length=200)),
                        ('risks', models.CharField(blank=True, max_length=300)),
                        ('guarantees', models.CharField(blank=True, max_length=300)),
                        ('contact_name', models.CharField(max_length=40)),
                        ('contact_phone', models.CharField(blank=True, max_length=40)),
                        ('age_from', models.PositiveSmallIntegerField(blank=True, null=True)),
                        ('age_to', models.PositiveSmallIntegerField(blank=True, null=True)),
                        ('where', models.CharField(blank=True, max_length=120)),
                        ('rrule', models.CharField(blank=True, max_length=300)),
                        ('first_at', models.DateTimeField(null=True)),
                        ('length', models.DurationField(null=True)),
                        ('needs_sign_up', models.BooleanField(default=True)),
                        ('takes_groups', models.BooleanField(default=False)),
                        ('closes_minutes', models.PositiveIntegerField(default=0)),
                        ('confirm_hours', models.PositiveSmallIntegerField(default=24)),
                        ('is_template', models.BooleanField(default=False)),
                        ('state', models.CharField(choices=[('draft', '草稿'), ('published', '已发布'), ('cancelled', '已取消'), ('ended', '已结束')], default='draft', max_length=10)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('sequence', models.PositiveIntegerField(default=0)),
                        ('created_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('changed_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('published_at', models.DateTimeField(null=True)),
                        ('search_text', models.TextField(blank=True)),
                        ('search_terms', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), default=list, size=None)),
                        ('copied_from', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='copies', to='activities.activity')),
                        ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='activities', to='places.place')),
                        ('venue', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('kind', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='activities', to='activities.activitykind')),
                        ('themes', models.ManyToManyField(blank=True, related_name='activities', to='activities.theme')),
                        ('chosen_themes', models.ManyToManyField(blank=True, related_name='+', to='activities.theme')),
                    ],
                    options={
                        'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['search_terms'], name='activity_search'), models.Index(fields=['place', 'state'], name='activity_place'), models.Index(fields=['-changed_at', '-id'], name='activity_changed')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='activity_title_given'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'published', 'cancelled', 'ended'])), name='activity_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['published', 'ended']), _negated=True), models.Q(('is_template', False), ('published_at__isnull', False)), _connector='OR'), name='activity_published_when'), models.CheckConstraint(condition=models.Q(('age_from__isnull', True), ('age_to__isnull', True), ('age_from__lte', models.F('age_to')), _connector='OR'), name='activity_ages_in_order')],
                    },
                ),
                migrations.CreateModel(
                    name='Party',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('side', models.CharField(choices=[('host', '主办'), ('organiser', '承办'), ('partner', '协办'), ('support', '支持')], max_length=10)),
                        ('name', models.CharField(max_length=80)),
                        ('part_from', models.PositiveIntegerField()),
                        ('part_to', models.PositiveIntegerField()),
                        ('activity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parties', to='activities.activity')),
                        ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='parties', to='volunteers.team')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('part_from__lte', models.F('part_to')), ('part_to__lte', 10000)), name='party_share_within_whole'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('activity', '='), (huying.activities.models.activities.PartRange('part_from', 'part_to'), '&&')], name='party_shares_apart'), models.UniqueConstraint(fields=('activity', 'name'), name='party_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ActivityRole',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=30)),
                        ('about', models.CharField(blank=True, max_length=120)),
                        ('capacity', models.PositiveIntegerField()),
                        ('is_volunteer', models.BooleanField(default=False, help_text='serves, so hours are recorded')),
                        ('order', models.PositiveSmallIntegerField(default=0)),
                        ('activity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='roles', to='activities.activity')),
                        ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='volunteers.servicecategory')),
                        ('skills', models.ManyToManyField(blank=True, related_name='+', to='volunteers.skill')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('activity', 'name'), name='role_name_once'), models.CheckConstraint(condition=models.Q(('capacity__gte', 1), ('capacity__lte', 100000)), name='role_capacity')],
                    },
                ),
                migrations.CreateModel(
                    name='Session',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField()),
                        ('original_at', models.DateTimeField(null=True)),
                        ('where', models.CharField(blank=True, max_length=120)),
                        ('state', models.CharField(choices=[('planned', '未开始'), ('cancelled', '已取消'), ('held', '已举办'), ('recorded', '已归档')], default='planned', max_length=10)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('sequence', models.PositiveIntegerField(default=0)),
                        ('held_at', models.DateTimeField(null=True)),
                        ('activity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to='activities.activity')),
                        ('held_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('venue', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['starts_at', 'id'], name='actsession_starts'), models.Index(fields=['activity', 'starts_at'], name='actsession_activity'), models.Index(fields=['state', 'ends_at'], name='actsession_state')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='actsession_span'), models.CheckConstraint(condition=models.Q(('state__in', ['planned', 'cancelled', 'held', 'recorded'])), name='actsession_state_known'), models.UniqueConstraint(condition=models.Q(('state', 'cancelled'), _negated=True), fields=('activity', 'starts_at'), name='actsession_once'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['held', 'recorded']), _negated=True), ('held_at__isnull', False), _connector='OR'), name='actsession_held_when')],
                    },
                ),
                migrations.CreateModel(
                    name='Shift',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('capacity', models.PositiveIntegerField()),
                        ('taken', models.PositiveIntegerField(default=0)),
                        ('waiting', models.PositiveIntegerField(default=0)),
                        ('role', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shifts', to='activities.activityrole')),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shifts', to='activities.session')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('session', 'role'), name='shift_once'), models.CheckConstraint(condition=models.Q(('taken__lte', models.F('capacity'))), name='shift_not_overfilled')],
                    },
                ),
                migrations.CreateModel(
                    name='ActivityEvent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('verb', models.CharField(max_length=20)),
                        ('facts', models.JSONField(default=dict)),
                        ('activity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='activities.activity')),
                        ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('session', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='activities.session')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['activity', '-id'], name='activityevent_activity')],
                    },
                ),
                migrations.CreateModel(
                    name='ActivityNote',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('text', models.CharField(max_length=200)),
                        ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='words', to='activities.activityevent')),
                    ],
                ),
                migrations.CreateModel(
                    name='SignUp',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('group', models.CharField(blank=True, max_length=60)),
                        ('contact_name', models.CharField(blank=True, max_length=40)),
                        ('contact_phone', huying.kernel.sealed.SealedField(blank=True, null=True)),
                        ('count', models.PositiveIntegerField(default=1)),
                        ('on_behalf', models.BooleanField(default=False)),
                        ('note', models.CharField(blank=True, max_length=100)),
                        ('state', models.CharField(choices=[('signed', '已报名'), ('waiting', '候补中'), ('offered', '待您确认'), ('cancelled', '已取消'), ('lapsed', '未确认，已让出'), ('dropped', '活动取消'), ('present', '已到场'), ('absent', '未到场')], max_length=10)),
                        ('at', models.DateTimeField()),
                        ('confirm_by', models.DateTimeField(null=True)),
                        ('changed_at', models.DateTimeField()),
                        ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='activity_sign_ups', to='people.person')),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sign_ups', to='activities.session')),
                        ('shift', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sign_ups', to='activities.shift')),
                        ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='volunteers.team')),
                        ('reminded_for', models.DateTimeField(null=True)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['shift', 'state', 'id'], name='signup_queue'), models.Index(fields=['person', '-id'], name='signup_person'), models.Index(fields=['state', 'confirm_by'], name='signup_offered')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['absent', 'offered', 'present', 'signed', 'waiting']), ('person__isnull', False)), fields=('session', 'person'), name='signup_person_once'), models.UniqueConstraint(condition=models.Q(('state__in', ['absent', 'offered', 'present', 'signed', 'waiting']), ('team__isnull', False)), fields=('session', 'team'), name='signup_team_once'), models.UniqueConstraint(condition=models.Q(('state__in', ['absent', 'offered', 'present', 'signed', 'waiting']), models.Q(('group', ''), _negated=True)), fields=('session', 'group'), name='signup_group_once'), models.CheckConstraint(condition=models.Q(models.Q(('count', 1), ('group', ''), ('person__isnull', False), ('team__isnull', True)), models.Q(('group', ''), ('person__isnull', True), ('team__isnull', False)), models.Q(('person__isnull', True), ('team__isnull', True), models.Q(('group', ''), _negated=True)), _connector='OR'), name='signup_of_one_sort'), models.CheckConstraint(condition=models.Q(('count__gte', 1), ('count__lte', 2000)), name='signup_count'), models.CheckConstraint(condition=models.Q(('state__in', ['signed', 'waiting', 'offered', 'cancelled', 'lapsed', 'dropped', 'present', 'absent'])), name='signup_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'offered'), _negated=True), ('confirm_by__isnull', False), _connector='OR'), name='signup_offered_until')],
                    },
                ),
                migrations.CreateModel(
                    name='CheckIn',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=80, null=True, unique=True)),
                        ('count', models.PositiveIntegerField(default=1)),
                        ('in_at', models.DateTimeField()),
                        ('out_at', models.DateTimeField(null=True)),
                        ('in_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('out_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='check_ins', to='activities.session')),
                        ('sign_up', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='check_in', to='activities.signup')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['session', 'id'], name='checkin_session')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('count__gte', 1), ('count__lte', 10000)), name='checkin_count'), models.CheckConstraint(condition=models.Q(models.Q(('key__isnull', True), ('sign_up__isnull', False)), models.Q(('key__isnull', False), ('sign_up__isnull', True)), _connector='OR'), name='checkin_of_one_sort'), models.CheckConstraint(condition=models.Q(('out_at__isnull', True), ('out_at__gte', models.F('in_at')), _connector='OR'), name='checkin_span'), models.CheckConstraint(condition=models.Q(('in_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('in_at__lt', datetime.datetime(2200, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), models.Q(('out_at__isnull', True), ('out_at__lt', datetime.datetime(2200, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), _connector='OR')), name='checkin_sane_years')],
                    },
                ),
                migrations.CreateModel(
                    name='CalendarKey',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('token', models.CharField(max_length=64, unique=True)),
                        ('made_at', models.DateTimeField()),
                        ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.person')),
                    ],
                ),
                migrations.CreateModel(
                    name='Result',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('measure', models.CharField(choices=[('participants', '参加'), ('served', '受益'), ('output', '成果'), ('handed_out', '发放')], max_length=12)),
                        ('what', models.CharField(blank=True, max_length=60)),
                        ('amount', models.DecimalField(decimal_places=2, max_digits=12)),
                        ('source', models.CharField(choices=[('counted', '签到计数'), ('entered', '人工填写')], max_length=10)),
                        ('at', models.DateTimeField()),
                        ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='results', to='activities.session')),
                        ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='activities.unit')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('session', 'measure', 'what', 'unit'), name='result_once'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='result_not_negative'), models.CheckConstraint(condition=models.Q(('measure__in', ['participants', 'served', 'output', 'handed_out'])), name='result_measure_known')],
                    },
                ),
                migrations.CreateModel(
                    name='Feedback',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('score', models.PositiveSmallIntegerField()),
                        ('words', models.CharField(blank=True, max_length=300)),
                        ('at', models.DateTimeField()),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.person')),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='feedback', to='activities.session')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('session', 'person'), name='feedback_once'), models.CheckConstraint(condition=models.Q(('score__gte', 1), ('score__lte', 5)), name='feedback_score')],
                    },
                ),
                migrations.CreateModel(
                    name='Photo',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('shows_people', models.BooleanField()),
                        ('shows_children', models.BooleanField(default=False)),
                        ('consent', models.CharField(blank=True, max_length=200)),
                        ('is_public', models.BooleanField(default=False)),
                        ('at', models.DateTimeField()),
                        ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='activities.session')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('is_public', False), ('shows_people', False), models.Q(('consent', ''), _negated=True), _connector='OR'), name='photo_with_consent'), models.CheckConstraint(condition=models.Q(('shows_children', False), ('shows_people', True), _connector='OR'), name='photo_children_are_people')],
                    },
                ),
                migrations.CreateModel(
                    name='RhythmPlan',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('name', models.CharField(max_length=60)),
                        ('begins', models.DateField()),
                        ('ends', models.DateField()),
                        ('created_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('name_en', models.CharField(blank=True, max_length=80)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('place', 'name'), name='rhythmplan_once'), models.CheckConstraint(condition=models.Q(('ends__gte', models.F('begins'))), name='rhythmplan_span')],
                    },
                ),
                migrations.CreateModel(
                    name='RhythmRule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('every', models.CharField(choices=[('day', '每天'), ('week', '每周'), ('month', '每月'), ('season', '每季'), ('year', '每年')], max_length=10)),
                        ('wants', models.CharField(choices=[('activity', '有活动'), ('focus', '有主题')], default='activity', max_length=10)),
                        ('minimum', models.PositiveSmallIntegerField(default=1)),
                        ('order', models.PositiveSmallIntegerField(default=0)),
                        ('kind', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='activities.activitykind')),
                        ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='activities.rhythmplan')),
                        ('site_kind', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.placekind')),
                        ('theme', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='activities.theme')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('minimum__gte', 1), ('minimum__lte', 50)), name='rhythmrule_minimum')],
                    },
                ),
                migrations.CreateModel(
                    name='Focus',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('every', models.CharField(choices=[('day', '每天'), ('week', '每周'), ('month', '每月'), ('season', '每季'), ('year', '每年')], max_length=10)),
                        ('starts_on', models.DateField()),
                        ('title', models.CharField(max_length=60)),
                        ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='focuses', to='activities.rhythmplan')),
                        ('title_en', models.CharField(blank=True, max_length=80)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('plan', 'every', 'starts_on'), name='focus_once'), models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='focus_title_given')],
                    },
                ),
            ],
        ),
    ]
