import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.text
import huying.kernel.chance
import huying.kernel.clock
import huying.kernel.sealed
import huying.places.models.tree
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

from huying.kernel.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("places", "0001_places_as_a_tree"),
        ("places", "0003_remember_where_maps_lie"),
        ("places", "0004_bookings_that_cannot_overlap"),
        ("places", "0005_sites_are_checked_against_standards"),
        ("places", "0006_rows_offered_at_places"),
        ("places", "0007_words_on_screens"),
    ]

    initial = True

    dependencies = [
    ]

    operations = [
        BtreeGistExtension(),  # a place and a span of time in one constraint, here and in the rooms above
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='PlaceKind',
                    fields=[
                        ('code', models.CharField(max_length=30, primary_key=True, serialize=False, verbose_name='代码')),
                        ('name', models.CharField(max_length=40, verbose_name='名称')),
                        ('name_en', models.CharField(blank=True, max_length=60, verbose_name='英文名称')),
                        ('level', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='层级')),
                        ('is_division', models.BooleanField(default=False, verbose_name='是区划')),
                        ('is_site', models.BooleanField(default=False, verbose_name='是阵地')),
                        ('may_be_top', models.BooleanField(default=False, verbose_name='可以是最上级')),
                        ('icon', models.CharField(default='map-pin-duotone', max_length=40)),
                        ('tone', models.CharField(default='ink', max_length=20)),
                        ('order', models.PositiveSmallIntegerField(default=0)),
                        ('limited', models.BooleanField(default=False)),
                        ('offered_at', models.ManyToManyField(blank=True, related_name='+', to='places.place')),
                        ('parents', models.ManyToManyField(blank=True, related_name='children', to='places.placekind', verbose_name='可以属于')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('limited', False)), fields=('name',), name='placekind_name_once'), models.CheckConstraint(condition=models.Q(('code__regex', '^[a-z][a-z0-9_]*$')), name='placekind_code_shape'), models.CheckConstraint(condition=models.Q(models.Q(('is_division', True), ('level__isnull', False)), models.Q(('is_division', False), ('level__isnull', True)), _connector='OR'), name='placekind_level_of_division'), models.CheckConstraint(condition=models.Q(('is_division', True), ('is_site', True), _negated=True), name='placekind_division_or_site')],
                    },
                ),
                migrations.CreateModel(
                    name='PlaceFlag',
                    fields=[
                        ('code', models.CharField(max_length=30, primary_key=True, serialize=False)),
                        ('name', models.CharField(max_length=40)),
                        ('name_en', models.CharField(blank=True, max_length=60)),
                        ('group', models.CharField(choices=[('grade', '等次'), ('service', '服务功能'), ('setting', '所在场所')], max_length=10)),
                        ('tone', models.CharField(default='ink', max_length=20)),
                        ('order', models.PositiveSmallIntegerField(default=0)),
                        ('limited', models.BooleanField(default=False)),
                        ('offered_at', models.ManyToManyField(blank=True, related_name='+', to='places.place')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('limited', False)), fields=('name',), name='placeflag_name_once'), models.CheckConstraint(condition=models.Q(('code__regex', '^[a-z][a-z0-9_]*$')), name='placeflag_code_shape'), models.CheckConstraint(condition=models.Q(('group__in', ['grade', 'service', 'setting'])), name='placeflag_group_known')],
                    },
                ),
                migrations.CreateModel(
                    name='Place',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('name', models.CharField(max_length=120, verbose_name='名称')),
                        ('name_en', models.CharField(blank=True, max_length=160, verbose_name='英文名称')),
                        ('short_name', models.CharField(blank=True, max_length=40, verbose_name='简称')),
                        ('code', models.CharField(blank=True, max_length=30, verbose_name='区划代码')),
                        ('path', models.CharField(editable=False, max_length=340, unique=True)),
                        ('depth', models.PositiveSmallIntegerField(editable=False)),
                        ('lon', models.FloatField(blank=True, null=True, verbose_name='经度')),
                        ('lat', models.FloatField(blank=True, null=True, verbose_name='纬度')),
                        ('crs', models.CharField(choices=[('WGS84', 'WGS 84'), ('CGCS2000', 'CGCS2000')], default='WGS84', max_length=10, verbose_name='坐标系')),
                        ('address', models.CharField(blank=True, max_length=200, verbose_name='地址')),
                        ('phone', models.CharField(blank=True, max_length=40, verbose_name='公开电话')),
                        ('flags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, editable=False, size=None)),
                        ('hours', models.JSONField(blank=True, null=True, verbose_name='开放时间')),
                        ('capacity', models.PositiveIntegerField(blank=True, null=True, verbose_name='可容纳人数')),
                        ('floor', models.CharField(blank=True, max_length=20, verbose_name='楼层')),
                        ('purpose', models.CharField(blank=True, max_length=120, verbose_name='用途')),
                        ('age_from', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='最小年龄')),
                        ('age_to', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='最大年龄')),
                        ('host', models.CharField(blank=True, max_length=120, verbose_name='运营单位')),
                        ('status', models.CharField(choices=[('open', '在用'), ('closed', '已停用')], default='open', editable=False, max_length=10, verbose_name='状态')),
                        ('opened_date', models.DateField(blank=True, null=True, verbose_name='启用日期')),
                        ('closed_date', models.DateField(blank=True, editable=False, null=True, verbose_name='停用日期')),
                        ('closed_reason', models.CharField(blank=True, editable=False, max_length=200, verbose_name='停用原因')),
                        ('source', models.CharField(blank=True, max_length=120, verbose_name='名称来源')),
                        ('as_of_date', models.DateField(blank=True, null=True, verbose_name='名称截至日期')),
                        ('sort_key', models.CharField(editable=False, max_length=200)),
                        ('search_text', models.TextField(editable=False)),
                        ('search_terms', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), default=list, editable=False, size=None)),
                        ('created_at', models.DateTimeField(default=huying.kernel.clock.now, editable=False)),
                        ('changed_at', models.DateTimeField(default=huying.kernel.clock.now, editable=False)),
                        ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='places.place')),
                        ('kind', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='places.placekind', verbose_name='类型')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['parent', 'kind'], name='place_parent_kind'), models.Index(fields=['kind', 'status'], name='place_kind_status'), models.Index(fields=['sort_key', 'id'], name='place_sort'), models.Index(fields=['lat', 'lon'], name='place_position'), django.contrib.postgres.indexes.GinIndex(fields=['search_terms'], name='place_search'), django.contrib.postgres.indexes.GinIndex(fields=['flags'], name='place_flags')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('parent', 'kind', 'name'), name='place_name_once_open', nulls_distinct=False, violation_error_message='同一上级下已有同名、同类的地方。'), models.UniqueConstraint(condition=models.Q(('code', ''), _negated=True), fields=('code',), name='place_code_once', violation_error_message='这个区划代码已经有了。'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='place_name_given'), models.CheckConstraint(condition=models.Q(models.Q(('lat__isnull', True), ('lon__isnull', True)), models.Q(('lat__gte', -90), ('lat__isnull', False), ('lat__lte', 90), ('lon__gte', -180), ('lon__isnull', False), ('lon__lte', 180)), _connector='OR'), name='place_position_range'), models.CheckConstraint(condition=models.Q(('crs__in', ['WGS84', 'CGCS2000'])), name='place_crs_known'), models.CheckConstraint(condition=models.Q(('path__regex', '^/([1-9][0-9]*/)+$')), name='place_path_shape'), models.CheckConstraint(condition=models.Q(models.Q(('parent__isnull', True), ('path__endswith', django.db.models.functions.text.Concat(models.Value('/'), django.db.models.functions.comparison.Cast('id', models.CharField()), models.Value('/')))), models.Q(('parent__isnull', False), ('path__endswith', django.db.models.functions.text.Concat(models.Value('/'), django.db.models.functions.comparison.Cast('parent_id', models.CharField()), models.Value('/'), django.db.models.functions.comparison.Cast('id', models.CharField()), models.Value('/')))), _connector='OR'), name='place_path_ends_with_ids'), models.CheckConstraint(condition=models.Q(('depth', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.functions.text.Length('path'), '-', django.db.models.functions.text.Length(django.db.models.functions.text.Replace('path', models.Value('/'), models.Value('')))), '-', models.Value(1))), ('depth__gte', 1), ('depth__lte', 16)), name='place_depth_is_path'), models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='place_not_own_parent'), models.CheckConstraint(condition=models.Q(models.Q(('depth', 1), ('parent__isnull', True)), models.Q(('depth__gt', 1), ('parent__isnull', False)), _connector='OR'), name='place_top_has_depth_one'), models.CheckConstraint(condition=models.Q(models.Q(('closed_date__isnull', True), ('status', 'open')), models.Q(('closed_date__isnull', False), ('status', 'closed')), _connector='OR'), name='place_closed_has_date'), models.CheckConstraint(condition=models.Q(('age_from__isnull', True), ('age_to__isnull', True), ('age_from__lte', models.F('age_to')), _connector='OR'), name='place_ages_in_order')],
                    },
                ),
                migrations.CreateModel(
                    name='PlaceFlagging',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('given_date', models.DateField()),
                        ('ended_date', models.DateField(blank=True, null=True)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('flag', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='flaggings', to='places.placeflag')),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='flaggings', to='places.place')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('ended_date__isnull', True)), fields=('place', 'flag'), name='placeflagging_held_once'), models.CheckConstraint(condition=models.Q(('ended_date__isnull', True), ('ended_date__gte', models.F('given_date')), _connector='OR'), name='placeflagging_dates_in_order')],
                    },
                ),
                migrations.CreateModel(
                    name='CoverageRule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('container', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.placekind')),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.placekind')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('container', 'site'), name='coveragerule_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Contact',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('role', models.CharField(max_length=40, verbose_name='职务')),
                        ('name', models.CharField(max_length=60, verbose_name='姓名')),
                        ('is_public', models.BooleanField(default=False, verbose_name='对外公开')),
                        ('public_phone', models.CharField(blank=True, max_length=20, verbose_name='公开电话')),
                        ('phone', huying.kernel.sealed.SealedField(blank=True, null=True, verbose_name='电话')),
                        ('order', models.PositiveSmallIntegerField(default=0)),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='places.place')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['place', 'order', 'id'], name='placecontact_place')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('is_public', True), ('phone__isnull', True)), models.Q(('is_public', False), ('public_phone', '')), _connector='OR'), name='placecontact_private_is_sealed')],
                    },
                ),
                migrations.CreateModel(
                    name='MapLayer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('kind', models.CharField(choices=[('areas', '区划范围'), ('base', '水系、道路、绿地底图')], max_length=10, verbose_name='图层')),
                        ('geojson', models.JSONField()),
                        ('feature_count', models.PositiveIntegerField()),
                        ('source', models.CharField(max_length=200, verbose_name='边界来源')),
                        ('approval', models.CharField(max_length=60, verbose_name='审图号')),
                        ('as_of_date', models.DateField(verbose_name='数据截至日期')),
                        ('crs', models.CharField(choices=[('WGS84', 'WGS 84'), ('CGCS2000', 'CGCS2000')], default='WGS84', max_length=10, verbose_name='坐标系')),
                        ('created_at', models.DateTimeField(default=huying.kernel.clock.now, editable=False)),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='layers', to='places.place')),
                        ('west', models.FloatField()),
                        ('south', models.FloatField()),
                        ('east', models.FloatField()),
                        ('north', models.FloatField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('place', 'kind'), name='maplayer_one_of_a_kind'), models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='maplayer_source_given'), models.CheckConstraint(condition=models.Q(('approval', ''), _negated=True), name='maplayer_approval_given')],
                    },
                ),
                migrations.CreateModel(
                    name='ImportDraft',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('person_id', models.BigIntegerField(null=True)),
                        ('file_name', models.CharField(max_length=200)),
                        ('rows', models.JSONField()),
                        ('created_at', models.DateTimeField(db_index=True, default=huying.kernel.clock.now, editable=False)),
                        ('done_at', models.DateTimeField(null=True)),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='places.place')),
                    ],
                ),
                migrations.CreateModel(
                    name='Booking',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField()),
                        ('purpose', models.CharField(max_length=120)),
                        ('who', models.CharField(max_length=60)),
                        ('headcount', models.PositiveIntegerField(blank=True, null=True)),
                        ('person_id', models.BigIntegerField(db_index=True, null=True)),
                        ('state', models.CharField(choices=[('held', '待确认'), ('confirmed', '已订好'), ('cancelled', '已取消')], max_length=10)),
                        ('held_until', models.DateTimeField(null=True)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('subject_type', models.CharField(blank=True, max_length=60)),
                        ('subject_id', models.BigIntegerField(null=True)),
                        ('created_at', models.DateTimeField(default=huying.kernel.clock.now, editable=False)),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='places.place')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['state', 'held_until'], name='booking_held'), models.Index(fields=['subject_type', 'subject_id'], name='booking_subject')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='booking_span'), models.CheckConstraint(condition=models.Q(('state__in', ['held', 'confirmed', 'cancelled'])), name='booking_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'held'), _negated=True), ('held_until__isnull', False), _connector='OR'), name='booking_held_until')],
                    },
                ),
                migrations.CreateModel(
                    name='BookedSpace',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('whole', models.SmallIntegerField()),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField()),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('booking', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='spaces', to='places.booking')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('whole__in', [0, 1])), name='bookedspace_whole'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('whole', 1)), expressions=[('place', '='), (huying.places.models.tree.Span('starts_at', 'ends_at'), '&&')], name='bookedspace_whole_once'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('place', '='), ('whole', '<>'), (huying.places.models.tree.Span('starts_at', 'ends_at'), '&&')], name='bookedspace_whole_or_parts')],
                    },
                ),
                migrations.CreateModel(
                    name='Standard',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('code', models.CharField(max_length=60, verbose_name='代码')),
                        ('version', models.PositiveIntegerField(verbose_name='版本')),
                        ('name', models.CharField(max_length=60, verbose_name='名称')),
                        ('name_en', models.CharField(blank=True, max_length=120, verbose_name='英文名称')),
                        ('about', models.CharField(blank=True, max_length=300, verbose_name='说明')),
                        ('about_en', models.CharField(blank=True, max_length=300, verbose_name='英文说明')),
                        ('pack', models.CharField(blank=True, max_length=80)),
                        ('made_at', models.DateTimeField(default=huying.kernel.clock.now, editable=False)),
                        ('ended_at', models.DateTimeField(editable=False, null=True)),
                        ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('kinds', models.ManyToManyField(related_name='standards', to='places.placekind', verbose_name='适用于')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('code', 'place', 'version'), name='standard_version_once', nulls_distinct=False), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('code', 'place'), name='standard_one_in_force', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('code__regex', '^[a-z][a-z0-9_]*$')), name='standard_code_shape'), models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='standard_version_from_one'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='standard_name_given')],
                    },
                ),
                migrations.CreateModel(
                    name='StandardItem',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveSmallIntegerField()),
                        ('name', models.CharField(max_length=120, verbose_name='要求')),
                        ('name_en', models.CharField(blank=True, max_length=240, verbose_name='英文要求')),
                        ('proof', models.CharField(blank=True, max_length=200, verbose_name='怎么算做到')),
                        ('proof_en', models.CharField(blank=True, max_length=300)),
                        ('weight', models.PositiveSmallIntegerField(default=1, verbose_name='权重')),
                        ('standard', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='places.standard')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('standard', 'number'), name='standarditem_number_once'), models.CheckConstraint(condition=models.Q(('number__gte', 1), ('weight__gte', 1), ('weight__lte', 100)), name='standarditem_ranges'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='standarditem_name_given')],
                    },
                ),
                migrations.CreateModel(
                    name='SiteCheck',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('checked_by_id', models.BigIntegerField(db_index=True)),
                        ('checked_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('met', models.PositiveIntegerField()),
                        ('applies', models.PositiveIntegerField()),
                        ('state', models.CharField(choices=[('self_checked', '待核实'), ('verified', '已核实'), ('returned', '已退回')], max_length=12)),
                        ('decided_by_id', models.BigIntegerField(db_index=True, null=True)),
                        ('decided_at', models.DateTimeField(null=True)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('holds', models.BooleanField(default=False)),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='places.place')),
                        ('standard', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='places.standard')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['place', '-checked_at', '-id'], name='sitecheck_place'), models.Index(condition=models.Q(('state', 'self_checked')), fields=['checked_at', 'id'], name='sitecheck_waiting')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'self_checked')), fields=('place', 'standard'), name='sitecheck_one_waits'), models.UniqueConstraint(condition=models.Q(('holds', True)), fields=('place', 'standard'), name='sitecheck_one_holds'), models.CheckConstraint(condition=models.Q(('state__in', ['self_checked', 'verified', 'returned'])), name='sitecheck_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by_id__isnull', True), ('state', 'self_checked')), models.Q(('decided_at__isnull', False), ('decided_by_id__isnull', False), models.Q(('state', 'self_checked'), _negated=True)), _connector='OR'), name='sitecheck_decided_by_somebody'), models.CheckConstraint(condition=models.Q(('decided_by_id__isnull', True), models.Q(('decided_by_id', models.F('checked_by_id')), _negated=True), _connector='OR'), name='sitecheck_decided_by_another'), models.CheckConstraint(condition=models.Q(('holds', False), ('state', 'verified'), _connector='OR'), name='sitecheck_verified_holds'), models.CheckConstraint(condition=models.Q(('applies__gte', 1), ('met__lte', models.F('applies'))), name='sitecheck_score_range')],
                    },
                ),
                migrations.CreateModel(
                    name='CheckAnswer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('answer', models.CharField(choices=[('yes', '做到了'), ('no', '没做到'), ('na', '不适用')], max_length=3)),
                        ('check_of', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='places.sitecheck')),
                        ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='places.standarditem')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('check_of', 'item'), name='checkanswer_once'), models.CheckConstraint(condition=models.Q(('answer__in', ['yes', 'no', 'na'])), name='checkanswer_known')],
                    },
                ),
                migrations.CreateModel(
                    name='CheckNote',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('text', models.CharField(max_length=200)),
                        ('answer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='note', to='places.checkanswer')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='checknote_says_something')],
                    },
                ),
                migrations.CreateModel(
                    name='Wording',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=30)),
                        ('pack', models.CharField(max_length=50)),
                        ('on_at', models.DateTimeField()),
                        ('zh', models.CharField(max_length=20)),
                        ('en', models.CharField(blank=True, max_length=40)),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('place', 'pack', 'key'), name='wording_once'), models.CheckConstraint(condition=models.Q(('key__regex', '^[a-z][a-z0-9_]*$'), models.Q(('zh', ''), _negated=True)), name='wording_says_something')],
                    },
                ),
            ],
        ),
    ]
