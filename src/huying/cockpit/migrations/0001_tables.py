import django.db.models.deletion
import huying.kernel.chance
import huying.kernel.clock
from django.db import migrations, models

from huying.kernel.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("cockpit", "0001_boards"),
        ("cockpit", "0002_reports"),
        ("cockpit", "0004_published_papers_are_found"),
        ("cockpit", "0005_templates_can_be_retired"),
        ("cockpit", "0006_cases_of_edited_sentences"),
        ("cockpit", "0007_papers_are_copied"),
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
                    name='BoardSetting',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ranks', models.BooleanField(default=False)),
                        ('reason', models.CharField(max_length=200)),
                        ('set_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('place', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='board', to='places.place')),
                        ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='boardsetting_reason_given')],
                    },
                ),
                migrations.CreateModel(
                    name='ReportTemplate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('code', models.CharField(max_length=40)),
                        ('version', models.PositiveIntegerField()),
                        ('name', models.CharField(max_length=60)),
                        ('name_en', models.CharField(blank=True, max_length=80)),
                        ('stretch', models.CharField(choices=[('month', '一个月'), ('year', '一年'), ('any', '任意起止')], max_length=5)),
                        ('body', models.TextField(max_length=20000)),
                        ('made_by', models.BigIntegerField(null=True)),
                        ('made_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('place', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('retired', models.BooleanField(default=False)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('code', 'place', 'version'), name='reporttemplate_version_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('code__regex', '^[a-z][a-z0-9_]*$')), name='reporttemplate_code_shape'), models.CheckConstraint(condition=models.Q(('stretch__in', ['month', 'year', 'any'])), name='reporttemplate_stretch_known')],
                    },
                ),
                migrations.CreateModel(
                    name='Letterhead',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('organ', models.CharField(max_length=60)),
                        ('letters', models.CharField(max_length=20)),
                        ('place', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('organ', ''), _negated=True), models.Q(('letters', ''), _negated=True)), name='letterhead_complete')],
                    },
                ),
                migrations.CreateModel(
                    name='PaperCounter',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('year', models.PositiveSmallIntegerField()),
                        ('last', models.PositiveIntegerField(default=0)),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('place', 'year'), name='papercounter_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Report',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('title', models.CharField(max_length=120)),
                        ('addressed_to', models.CharField(blank=True, max_length=200)),
                        ('since', models.DateField()),
                        ('until', models.DateField()),
                        ('is_public', models.BooleanField(default=False)),
                        ('state', models.CharField(choices=[('draft', '草稿'), ('locked', '已锁定，待签发'), ('signed', '已签发'), ('published', '已发布'), ('withdrawn', '已撤回'), ('dropped', '已作废')], default='draft', max_length=10)),
                        ('edition', models.PositiveIntegerField(default=1)),
                        ('overrides', models.JSONField(blank=True, default=dict)),
                        ('frozen', models.JSONField(blank=True, null=True)),
                        ('digest', models.CharField(blank=True, max_length=64)),
                        ('locked_by', models.BigIntegerField(null=True)),
                        ('locked_at', models.DateTimeField(null=True)),
                        ('signed_by', models.BigIntegerField(null=True)),
                        ('signed_at', models.DateTimeField(null=True)),
                        ('organ', models.CharField(blank=True, max_length=60)),
                        ('letters', models.CharField(blank=True, max_length=20)),
                        ('year', models.PositiveSmallIntegerField(null=True)),
                        ('number', models.PositiveIntegerField(null=True)),
                        ('made_by', models.BigIntegerField(null=True)),
                        ('made_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('template', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cockpit.reporttemplate')),
                        ('cases', models.JSONField(blank=True, default=dict)),
                        ('copied_to', models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['place', '-id'], name='report_place'), models.Index(condition=models.Q(('is_public', True), ('state', 'published')), fields=['-signed_at', '-id'], name='report_published')],
                        'constraints': [models.UniqueConstraint(fields=('place', 'year', 'number'), name='report_number_once'), models.CheckConstraint(condition=models.Q(('until__gt', models.F('since'))), name='report_period'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'locked', 'signed', 'published', 'withdrawn', 'dropped'])), name='report_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('frozen__isnull', False), ('locked_at__isnull', False), ('state__in', ('locked', 'signed', 'published', 'withdrawn'))), models.Q(models.Q(('state__in', ('locked', 'signed', 'published', 'withdrawn')), _negated=True), ('frozen__isnull', True), ('locked_at__isnull', True), ('locked_by__isnull', True)), _connector='OR'), name='report_frozen_when_locked'), models.CheckConstraint(condition=models.Q(models.Q(('number__isnull', False), ('signed_at__isnull', False), ('signed_by__isnull', False), ('state__in', ('signed', 'published', 'withdrawn')), ('year__isnull', False), models.Q(('organ', ''), _negated=True), models.Q(('letters', ''), _negated=True)), models.Q(models.Q(('state__in', ('signed', 'published', 'withdrawn')), _negated=True), ('number__isnull', True), ('signed_at__isnull', True), ('signed_by__isnull', True), ('year__isnull', True)), _connector='OR'), name='report_numbered_when_signed'), models.CheckConstraint(condition=models.Q(('signed_by__isnull', True), ('locked_by__isnull', True), models.Q(('signed_by', models.F('locked_by')), _negated=True), _connector='OR'), name='report_two_people')],
                    },
                ),
                migrations.CreateModel(
                    name='ReportEvent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('verb', models.CharField(choices=[('lock', '锁定'), ('unlock', '退回修改'), ('sign', '签发'), ('publish', '发布'), ('withdraw', '撤回'), ('drop', '作废'), ('create', 'create'), ('edit', 'edit')], max_length=10)),
                        ('from_state', models.CharField(blank=True, max_length=10)),
                        ('to_state', models.CharField(choices=[('draft', '草稿'), ('locked', '已锁定，待签发'), ('signed', '已签发'), ('published', '已发布'), ('withdrawn', '已撤回'), ('dropped', '已作废')], max_length=10)),
                        ('person_id', models.BigIntegerField(null=True)),
                        ('reason', models.CharField(blank=True, max_length=300)),
                        ('changes', models.JSONField(blank=True, default=dict)),
                        ('at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='cockpit.report')),
                    ],
                ),
                migrations.CreateModel(
                    name='ReportFile',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('docx', 'DOCX'), ('pdf', 'PDF')], max_length=4)),
                        ('source', models.CharField(help_text='SHA-256 of what it was drawn from', max_length=64)),
                        ('edition', models.PositiveIntegerField()),
                        ('sha256', models.CharField(max_length=64)),
                        ('body', models.BinaryField(null=True)),
                        ('photos', models.JSONField(blank=True, default=list)),
                        ('made_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='cockpit.report')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('report', 'kind', 'edition'), name='reportfile_edition_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['docx', 'pdf'])), name='reportfile_kind_known')],
                    },
                ),
            ],
        ),
    ]
