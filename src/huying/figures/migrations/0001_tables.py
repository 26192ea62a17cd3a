import django.contrib.postgres.fields
import django.db.models.deletion
import huying.kernel.chance
import huying.kernel.clock
from django.db import migrations, models

from huying.kernel.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("figures", "0001_first_tables"),
        ("figures", "0003_metric_numbers"),
        ("figures", "0004_numbers_are_cited"),
        ("figures", "0005_records_behind_are_found"),
        ("figures", "0006_files_made_again"),
        ("figures", "0009_metrics_are_guarded"),
        ("figures", "0011_lists_made_again"),
        ("figures", "0012_second_guard"),
        ("figures", "0014_files_keep_roles"),
    ]

    initial = True

    dependencies = [
        ("places", "0002_first_rows"),
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE figures_metric_number AS smallint", "DROP SEQUENCE figures_metric_number"),
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Unit',
                    fields=[
                        ('code', models.CharField(max_length=30, primary_key=True, serialize=False, verbose_name='代码')),
                        ('name', models.CharField(max_length=20, unique=True, verbose_name='名称')),
                        ('name_en', models.CharField(blank=True, max_length=40, verbose_name='英文名称')),
                        ('adds', models.BooleanField(default=True, verbose_name='可以相加')),
                        ('order', models.PositiveSmallIntegerField(default=0)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('code__regex', '^[a-z][a-z0-9_]*$')), name='figureunit_code_shape')],
                    },
                ),
                migrations.CreateModel(
                    name='Metric',
                    fields=[
                        ('code', models.CharField(max_length=60, primary_key=True, serialize=False)),
                        ('name', models.CharField(max_length=60)),
                        ('name_en', models.CharField(blank=True, max_length=80)),
                        ('kind', models.CharField(choices=[('flow', '一段时间里发生的'), ('stock', '到某一天为止的'), ('ratio', '比率')], max_length=8)),
                        ('counts', models.CharField(max_length=200)),
                        ('counts_en', models.CharField(blank=True, max_length=300)),
                        ('source', models.CharField(blank=True, help_text='label of the records, calls.Call', max_length=60)),
                        ('direction', models.CharField(choices=[('up', '越多越好'), ('down', '越少越好'), ('none', '不分好坏')], default='none', max_length=6)),
                        ('additive', models.BooleanField(default=True)),
                        ('is_public', models.BooleanField(default=False)),
                        ('least_public', models.PositiveSmallIntegerField(default=0)),
                        ('order', models.PositiveSmallIntegerField(default=0)),
                        ('denominator', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='figures.metric')),
                        ('numerator', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='figures.metric')),
                        ('part_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='figures.metric')),
                        ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='figures.unit')),
                        ('number', models.SmallIntegerField(db_default=models.Func(models.Value('figures_metric_number'), function='nextval'), editable=False, unique=True)),
                        ('guard', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='guarded', to='figures.metric')),
                        ('second_guard', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='figures.metric')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('code__regex', '^[a-z][a-z0-9_]*$')), name='metric_code_shape'), models.CheckConstraint(condition=models.Q(('kind__in', ['flow', 'stock', 'ratio'])), name='metric_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('denominator__isnull', False), ('kind', 'ratio'), ('numerator__isnull', False)), models.Q(models.Q(('kind', 'ratio'), _negated=True), ('denominator__isnull', True), ('numerator__isnull', True)), _connector='OR'), name='metric_ratio_of_two')],
                    },
                ),
                migrations.CreateModel(
                    name='Source',
                    fields=[
                        ('number', models.SmallAutoField(primary_key=True, serialize=False)),
                        ('label', models.CharField(max_length=60, unique=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Contribution',
                    fields=[
                        ('pk', models.CompositePrimaryKey('source', 'source_id', 'metric_id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('source_id', models.BigIntegerField()),
                        ('place', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='places.place')),
                        ('amount', models.BigIntegerField()),
                        ('day', models.DateField()),
                        ('source', models.SmallIntegerField()),
                        ('metric', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='figures.metric', to_field='number')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['metric', '-day', '-source_id', '-source'], include=('place',), name='contribution_behind')],
                    },
                ),
                migrations.CreateModel(
                    name='Change',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('size', models.IntegerField()),
                        ('metrics', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None)),
                        ('places', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        ('days', django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), size=None)),
                        ('amounts', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                    ],
                ),
                migrations.CreateModel(
                    name='Fact',
                    fields=[
                        ('pk', models.CompositePrimaryKey('place_id', 'metric_id', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('place', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='places.place')),
                        ('amount', models.BigIntegerField()),
                        ('day', models.DateField()),
                        ('metric', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='figures.metric', to_field='number')),
                    ],
                ),
                migrations.CreateModel(
                    name='Total',
                    fields=[
                        ('pk', models.CompositePrimaryKey('since', 'metric_id', 'daily', 'place_id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('place', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='places.place')),
                        ('amount', models.BigIntegerField()),
                        ('since', models.DateField()),
                        ('metric', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='figures.metric', to_field='number')),
                        ('daily', models.BooleanField()),
                    ],
                ),
                migrations.CreateModel(
                    name='Branch',
                    fields=[
                        ('place', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to='places.place')),
                        ('path', models.CharField(max_length=340)),
                        ('daily', models.BooleanField()),
                    ],
                    options={
                        'indexes': [models.Index(fields=['path'], name='branch_path', opclasses=['varchar_pattern_ops'])],
                    },
                ),
                migrations.CreateModel(
                    name='Folding',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ],
                ),
                migrations.CreateModel(
                    name='ReportedFigure',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('code', models.CharField(help_text='what checks call it', max_length=60)),
                        ('name', models.CharField(max_length=80)),
                        ('told', models.CharField(max_length=40)),
                        ('value', models.DecimalField(decimal_places=6, max_digits=22)),
                        ('told_power', models.SmallIntegerField()),
                        ('sign', models.CharField(blank=True, choices=[('', '准确数'), ('+', '不少于（余、多）'), ('~', '大约（近、左右、约）'), ('>', '超过（破、超）')], max_length=1)),
                        ('names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None)),
                        ('as_of', models.DateField()),
                        ('source', models.CharField(max_length=200)),
                        ('entered_by', models.BigIntegerField(null=True)),
                        ('entered_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('metric', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reported', to='figures.metric')),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('replaces', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='figures.reportedfigure')),
                        ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='figures.unit')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['place', 'code', '-id'], name='reported_code')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('code__regex', '^[a-z][a-z0-9_]*$')), name='reported_code_shape'), models.CheckConstraint(condition=models.Q(('value__gte', 0)), name='reported_not_negative'), models.CheckConstraint(condition=models.Q(('sign__in', ['', '+', '~', '>'])), name='reported_sign_known'), models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='reported_source_given'), models.CheckConstraint(condition=models.Q(('replaces__isnull', True), models.Q(models.Q(('reason', ''), _negated=True), ('replaces__lt', models.F('id'))), _connector='OR'), name='reported_correction_says_why')],
                    },
                ),
                migrations.CreateModel(
                    name='Number',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(max_length=10, unique=True)),
                        ('since', models.DateField(null=True)),
                        ('until', models.DateField(null=True)),
                        ('made_by', models.BigIntegerField(null=True)),
                        ('made_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('metric', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='figures.metric')),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('reported', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='figures.reportedfigure')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('metric__isnull', False)), fields=('metric', 'place', 'since', 'until'), name='number_cited_once'), models.UniqueConstraint(condition=models.Q(('reported__isnull', False)), fields=('reported',), name='number_reported_cited_once'), models.CheckConstraint(condition=models.Q(models.Q(('metric__isnull', False), ('reported__isnull', True), ('since__lt', models.F('until'))), models.Q(('metric__isnull', True), ('reported__isnull', False), ('since__isnull', True), ('until__isnull', True)), _connector='OR'), name='number_of_one_thing'), models.CheckConstraint(condition=models.Q(('code__regex', '^[2-9A-HJKMNP-TV-Z]{10}$')), name='number_code_shape')],
                    },
                ),
                migrations.CreateModel(
                    name='Check',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('name', models.CharField(max_length=80)),
                        ('kind', models.CharField(choices=[('sum', '相加'), ('difference', '相减'), ('ratio', '相除'), ('equal', '两数相等'), ('names', '数一数名称'), ('whole', '百分数对应的整数'), ('distinct', '去掉重复后有多少')], max_length=10)),
                        ('statement', models.JSONField()),
                        ('made_by', models.BigIntegerField(null=True)),
                        ('made_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('ended_at', models.DateTimeField(blank=True, null=True)),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['place', 'id'], name='check_place')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('place', 'name'), name='check_name_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['sum', 'difference', 'ratio', 'equal', 'names', 'whole', 'distinct'])), name='check_kind_known')],
                    },
                ),
                migrations.CreateModel(
                    name='Feed',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('person_id', models.BigIntegerField()),
                        ('split', models.CharField(choices=[('none', '只要这个地方'), ('place', '分到下一级各地'), ('month', '分到各月')], max_length=5)),
                        ('kind', models.CharField(choices=[('xlsx', 'Excel'), ('csv', 'CSV'), ('json', 'JSON')], max_length=4)),
                        ('rhythm', models.CharField(choices=[('daily', '每天'), ('weekly', '每周一'), ('monthly', '每月一号')], max_length=7)),
                        ('hour', models.PositiveSmallIntegerField()),
                        ('next_at', models.DateTimeField()),
                        ('made_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('ended_at', models.DateTimeField(blank=True, null=True)),
                        ('lapsed', models.BooleanField(default=False)),
                        ('place', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('address', models.CharField(blank=True, max_length=600)),
                        ('keep_days', models.PositiveSmallIntegerField(choices=[(7, '7 天'), (30, '30 天'), (90, '90 天')], default=90)),
                        ('why', models.CharField(blank=True, choices=[('rights', '您已经看不到它了'), ('size', '文件太大，放不下')], max_length=6)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['person_id', '-id'], name='feed_person'), models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['next_at'], name='feed_due')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('address', ''), ('ended_at__isnull', True)), fields=('person_id', 'place', 'split', 'kind', 'rhythm'), name='feed_once'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), models.Q(('address', ''), _negated=True)), fields=('person_id', 'address', 'kind', 'rhythm'), name='feed_list_once'), models.CheckConstraint(condition=models.Q(models.Q(('address', ''), ('place__isnull', False)), models.Q(('place__isnull', True), models.Q(('address', ''), _negated=True)), _connector='OR'), name='feed_of_one_thing'), models.CheckConstraint(condition=models.Q(('keep_days__in', [7, 30, 90])), name='feed_keep_known'), models.CheckConstraint(condition=models.Q(('hour__lt', 24)), name='feed_hour_of_a_day'), models.CheckConstraint(condition=models.Q(('rhythm__in', ['daily', 'weekly', 'monthly'])), name='feed_rhythm_known'), models.CheckConstraint(condition=models.Q(('kind__in', ['xlsx', 'csv', 'json'])), name='feed_kind_known'), models.CheckConstraint(condition=models.Q(('split__in', ['none', 'place', 'month'])), name='feed_split_known')],
                    },
                ),
                migrations.CreateModel(
                    name='KeptFile',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('since', models.DateField()),
                        ('until', models.DateField()),
                        ('body', models.BinaryField()),
                        ('size', models.PositiveIntegerField()),
                        ('made_at', models.DateTimeField(db_index=True, default=huying.kernel.clock.now)),
                        ('feed', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='figures.feed')),
                        ('roles', models.JSONField(default=list)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('feed', 'since'), name='kept_file_once'), models.CheckConstraint(condition=models.Q(('since__lt', models.F('until')), ('size__gt', 0)), name='kept_file_of_days')],
                    },
                ),
            ],
        ),
        # rows that change in place have room beside them
        migrations.RunSQL(
            "ALTER TABLE figures_fact SET (fillfactor = 85); ALTER TABLE figures_total SET (fillfactor = 75)",
            migrations.RunSQL.noop,
        ),
    ]
