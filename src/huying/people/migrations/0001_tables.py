import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import huying.kernel.chance
import huying.kernel.clock
import huying.kernel.sealed
import huying.people.models.roles
from django.conf import settings
from django.db import migrations, models

from huying.kernel.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("people", "0001_keep_people"),
        ("people", "0003_say_purposes_in_english"),
        ("people", "0004_merge_doubles_and_record_guardians"),
    ]

    initial = True

    dependencies = [
        ("places", "0002_first_rows"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Household',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('created_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['place', 'id'], name='household_place')],
                    },
                ),
                migrations.CreateModel(
                    name='Person',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('name', models.CharField(max_length=50, verbose_name='姓名')),
                        ('sex', models.CharField(blank=True, choices=[('', '未说明'), ('male', '男'), ('female', '女')], default='', max_length=8, verbose_name='性别')),
                        ('birth_date', models.DateField(blank=True, null=True, verbose_name='出生日期')),
                        ('phone', huying.kernel.sealed.SealedField(blank=True, null=True)),
                        ('phone_index', models.BinaryField(db_index=True, max_length=32, null=True)),
                        ('id_number', huying.kernel.sealed.SealedField(blank=True, null=True)),
                        ('id_index', models.BinaryField(max_length=32, null=True)),
                        ('address', huying.kernel.sealed.SealedField(blank=True, null=True)),
                        ('lon', models.FloatField(blank=True, null=True)),
                        ('lat', models.FloatField(blank=True, null=True)),
                        ('preferences', models.JSONField(blank=True, default=dict)),
                        ('created_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('erased_at', models.DateTimeField(null=True)),
                        ('sort_key', models.CharField(blank=True, max_length=200)),
                        ('search_text', models.TextField(blank=True)),
                        ('search_terms', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), blank=True, default=list, size=None)),
                        ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.person')),
                        ('home_place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('household', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='members', to='people.household')),
                        ('merged_into', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='doubles', to='people.person')),
                    ],
                    options={
                        'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['search_terms'], name='person_search'), models.Index(fields=['home_place', 'sort_key', 'id'], name='person_home'), models.Index(fields=['sort_key', 'id'], name='person_sort')],
                        'constraints': [models.UniqueConstraint(fields=('id_index',), name='person_id_once'), models.CheckConstraint(condition=models.Q(models.Q(('lat__isnull', True), ('lon__isnull', True)), models.Q(('lat__gte', -90), ('lat__lte', 90), ('lon__gte', -180), ('lon__lte', 180)), _connector='OR'), name='person_position'), models.CheckConstraint(condition=models.Q(('erased_at__isnull', True), models.Q(('address__isnull', True), ('birth_date__isnull', True), ('household__isnull', True), ('id_index__isnull', True), ('id_number__isnull', True), ('lon__isnull', True), ('phone__isnull', True), ('phone_index__isnull', True), ('search_text', '')), _connector='OR'), name='person_erased_is_empty'), models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), models.Q(('erased_at__isnull', False), models.Q(('merged_into', models.F('id')), _negated=True)), _connector='OR'), name='person_merged_is_empty')],
                    },
                ),
                migrations.CreateModel(
                    name='Guardianship',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('tie', models.CharField(choices=[('parent', '父母'), ('guardian', '其他监护人'), ('entrusted', '受托家人')], max_length=12)),
                        ('contact', huying.kernel.sealed.SealedField(blank=True, null=True)),
                        ('contact_index', models.BinaryField(db_index=True, max_length=32, null=True)),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField(null=True)),
                        ('confirmed_at', models.DateTimeField(null=True)),
                        ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.person')),
                        ('guardian', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='wards', to='people.person')),
                        ('ward', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='guardianships', to='people.person')),
                        ('proof', models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['guardian', 'ward'], name='guardianship_pair')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('ends_at__isnull', True)), fields=('ward', 'guardian'), name='guardianship_once'), models.CheckConstraint(condition=models.Q(('guardian__isnull', True), models.Q(('guardian', models.F('ward')), _negated=True), _connector='OR'), name='guardianship_of_another'), models.CheckConstraint(condition=models.Q(('ends_at__isnull', True), ('ends_at__gte', models.F('starts_at')), _connector='OR'), name='guardianship_span'), models.CheckConstraint(condition=models.Q(('confirmed_at__isnull', True), ('guardian__isnull', False), _connector='OR'), name='guardianship_confirmed')],
                    },
                ),
                migrations.CreateModel(
                    name='Account',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('username', models.CharField(max_length=40, unique=True)),
                        ('phone_index', models.BinaryField(max_length=32, null=True, unique=True)),
                        ('is_active', models.BooleanField(default=True)),
                        ('created_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('password_changed_at', models.DateTimeField(null=True)),
                        ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='account', to='people.person')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='SecondFactor',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('secret', huying.kernel.sealed.SealedField()),
                        ('confirmed_at', models.DateTimeField(null=True)),
                        ('last_step', models.BigIntegerField(default=0)),
                        ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='second_factor', to=settings.AUTH_USER_MODEL)),
                    ],
                ),
                migrations.CreateModel(
                    name='RecoveryCode',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('digest', models.BinaryField(max_length=32)),
                        ('used_at', models.DateTimeField(null=True)),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recovery_codes', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('account', 'digest'), name='recovery_code_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ExternalIdentity',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('issuer', models.CharField(max_length=200)),
                        ('subject', models.CharField(max_length=255)),
                        ('linked_at', models.DateTimeField()),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='external_identities', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('issuer', 'subject'), name='external_identity_once')],
                    },
                ),
                migrations.CreateModel(
                    name='SignIn',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('session_key', models.CharField(max_length=40, unique=True)),
                        ('way', models.CharField(max_length=12)),
                        ('second_factor', models.BooleanField(default=False)),
                        ('address', models.GenericIPAddressField(null=True)),
                        ('device', models.CharField(blank=True, max_length=80)),
                        ('started_at', models.DateTimeField()),
                        ('seen_at', models.DateTimeField()),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sign_ins', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['account', 'seen_at'], name='sign_in_account')],
                    },
                ),
                migrations.CreateModel(
                    name='OneTimeCode',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('phone_index', models.BinaryField(max_length=32, unique=True)),
                        ('purpose', models.CharField(choices=[('sign_in', '登录或注册'), ('phone', '更换手机号')], max_length=10)),
                        ('digest', models.BinaryField(max_length=32)),
                        ('created_at', models.DateTimeField()),
                        ('expires_at', models.DateTimeField(db_index=True)),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('used_at', models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Allowance',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('scope', models.CharField(max_length=40)),
                        ('key', models.CharField(max_length=80)),
                        ('begins_at', models.DateTimeField()),
                        ('used', models.PositiveIntegerField()),
                    ],
                    options={
                        'indexes': [models.Index(fields=['begins_at'], name='allowance_begins')],
                        'constraints': [models.UniqueConstraint(fields=('scope', 'key', 'begins_at'), name='allowance_once')],
                    },
                ),
                migrations.CreateModel(
                    name='OutgoingText',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('phone', huying.kernel.sealed.SealedField(null=True)),
                        ('words', huying.kernel.sealed.SealedField(null=True)),
                        ('state', models.CharField(choices=[('queued', '等待发送'), ('sent', '已发送'), ('dropped', '未发送')], default='queued', max_length=10)),
                        ('created_at', models.DateTimeField()),
                        ('expires_at', models.DateTimeField()),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('reference', models.CharField(blank=True, max_length=80)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('state', 'queued'), models.Q(('phone__isnull', True), ('words__isnull', True)), _connector='OR'), name='text_emptied')],
                    },
                ),
                migrations.CreateModel(
                    name='Purpose',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(max_length=40)),
                        ('version', models.PositiveSmallIntegerField()),
                        ('title', models.CharField(max_length=60)),
                        ('title_en', models.CharField(blank=True, max_length=120)),
                        ('text', models.TextField()),
                        ('text_en', models.TextField(blank=True)),
                        ('data', models.CharField(max_length=200)),
                        ('keeps', models.CharField(max_length=200)),
                        ('is_sensitive', models.BooleanField(default=False)),
                        ('is_needed', models.BooleanField(default=False)),
                        ('order', models.PositiveSmallIntegerField(default=0)),
                        ('effective_at', models.DateTimeField()),
                        ('data_en', models.CharField(blank=True, max_length=200)),
                        ('keeps_en', models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('code', 'version'), name='purpose_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Consent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('given_at', models.DateTimeField()),
                        ('channel', models.CharField(max_length=20)),
                        ('withdrawn_at', models.DateTimeField(null=True)),
                        ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='people.person')),
                        ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('purpose', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='people.purpose')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('person', 'purpose'), name='consent_once'), models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('withdrawn_at__gte', models.F('given_at')), _connector='OR'), name='consent_span')],
                    },
                ),
                migrations.CreateModel(
                    name='Notice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('kind', models.CharField(blank=True, max_length=40)),
                        ('title', models.CharField(max_length=120)),
                        ('body', models.TextField(blank=True)),
                        ('url', models.CharField(blank=True, max_length=300)),
                        ('is_urgent', models.BooleanField(default=False)),
                        ('key', models.CharField(max_length=120, null=True, unique=True)),
                        ('created_at', models.DateTimeField()),
                        ('show_after', models.DateTimeField()),
                        ('read_at', models.DateTimeField(null=True)),
                        ('about', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.person')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='people.person')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['person', '-show_after', '-id'], name='notice_list'), models.Index(condition=models.Q(('read_at__isnull', True)), fields=['person', 'show_after'], name='notice_unread')],
                    },
                ),
                migrations.CreateModel(
                    name='Role',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('kind', models.CharField(choices=[('resident', '居民'), ('volunteer', '志愿者'), ('team_leader', '志愿队队长'), ('grid_worker', '网格员'), ('station_keeper', '实践站管理员'), ('office', '实践所工作人员'), ('dispatcher', '实践中心调度员'), ('inspector', '督查员'), ('auditor', '审核员'), ('administrator', '业务管理员'), ('system_admin', '系统管理员'), ('security_admin', '安全管理员'), ('audit_admin', '审计管理员')], max_length=20)),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField(blank=True, null=True)),
                        ('granted_at', models.DateTimeField()),
                        ('delegated_from', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='loans', to='people.role')),
                        ('granted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='roles', to='people.person')),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roles', to='places.place')),
                        ('seconded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['person', 'ends_at'], name='role_person'), models.Index(fields=['place', 'kind'], name='role_place')],
                        'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('person', '='), ('kind', '='), ('place', '='), (huying.people.models.roles.Span('starts_at', 'ends_at'), '&&')], name='role_once_at_a_time'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('kind__in', ['system_admin', 'security_admin', 'audit_admin'])), expressions=[('person', '='), ('kind', '<>'), (huying.people.models.roles.Span('starts_at', 'ends_at'), '&&')], name='role_administrations_apart'), models.CheckConstraint(condition=models.Q(('ends_at__isnull', True), ('ends_at__gte', models.F('starts_at')), _connector='OR'), name='role_span'), models.CheckConstraint(condition=models.Q(('granted_by__isnull', True), models.Q(('granted_by', models.F('person')), _negated=True), _connector='OR'), name='role_not_to_oneself'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['inspector', 'auditor', 'administrator', 'system_admin', 'security_admin', 'audit_admin']), _negated=True), ('granted_by__isnull', True), models.Q(('seconded_by__isnull', False), models.Q(('seconded_by', models.F('granted_by')), _negated=True), models.Q(('seconded_by', models.F('person')), _negated=True)), _connector='OR'), name='role_of_two_people'), models.CheckConstraint(condition=models.Q(('delegated_from__isnull', True), ('ends_at__isnull', False), _connector='OR'), name='role_loan_ends')],
                    },
                ),
                migrations.CreateModel(
                    name='RoleProposal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('kind', models.CharField(choices=[('resident', '居民'), ('volunteer', '志愿者'), ('team_leader', '志愿队队长'), ('grid_worker', '网格员'), ('station_keeper', '实践站管理员'), ('office', '实践所工作人员'), ('dispatcher', '实践中心调度员'), ('inspector', '督查员'), ('auditor', '审核员'), ('administrator', '业务管理员'), ('system_admin', '系统管理员'), ('security_admin', '安全管理员'), ('audit_admin', '审计管理员')], max_length=20)),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField(null=True)),
                        ('reason', models.CharField(max_length=200)),
                        ('proposed_at', models.DateTimeField()),
                        ('state', models.CharField(choices=[('waiting', '等待另一人同意'), ('agreed', '已同意'), ('refused', '未同意')], default='waiting', max_length=10)),
                        ('decided_at', models.DateTimeField(null=True)),
                        ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                        ('ends_role', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.role')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.person')),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['state', 'place'], name='proposal_state')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('person', 'kind', 'place'), name='proposal_once'), models.CheckConstraint(condition=models.Q(('proposed_by', models.F('person')), _negated=True), name='proposal_not_for_oneself'), models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(models.Q(('decided_by', models.F('proposed_by')), _negated=True), models.Q(('decided_by', models.F('person')), _negated=True)), _connector='OR'), name='proposal_of_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='proposal_decided')],
                    },
                ),
            ],
        ),
    ]
