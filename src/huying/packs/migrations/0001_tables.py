import django.db.models.deletion
import huying.kernel.chance
import huying.kernel.clock
from django.db import migrations, models

from huying.kernel.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("packs", "0001_packs"),
        ("packs", "0002_signed_files"),
    ]

    initial = True

    dependencies = [
        ("places", "0002_first_rows"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Pack',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('namespace', models.CharField(max_length=12)),
                        ('code', models.CharField(max_length=30)),
                        ('made_at', models.DateTimeField(default=huying.kernel.clock.now)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('namespace', 'code'), name='pack_once'), models.CheckConstraint(condition=models.Q(('code__regex', '^[a-z][a-z0-9_]*$'), ('namespace__regex', '^[a-z][a-z0-9_]*$')), name='pack_name_shape'), models.CheckConstraint(condition=models.Q(('namespace', 'platform'), _negated=True), name='pack_not_the_platform')],
                    },
                ),
                migrations.CreateModel(
                    name='PackVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('version', models.PositiveIntegerField()),
                        ('name', models.CharField(max_length=60)),
                        ('name_en', models.CharField(blank=True, max_length=80)),
                        ('status', models.CharField(choices=[('full', '内容齐全'), ('part', '部分给出'), ('name', '只有名称')], max_length=4)),
                        ('body', models.JSONField()),
                        ('checksum', models.CharField(max_length=71)),
                        ('loaded_by', models.BigIntegerField(null=True)),
                        ('loaded_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('pack', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='packs.pack')),
                        ('signed', models.BooleanField(default=False, help_text='the file carried its checksum, and it was true')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('pack', 'version'), name='packversion_once'), models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='packversion_from_one'), models.CheckConstraint(condition=models.Q(('status__in', ['full', 'part', 'name'])), name='packversion_status_known'), models.CheckConstraint(condition=models.Q(('checksum__regex', '^sha256:[0-9a-f]{64}$')), name='packversion_checksum')],
                    },
                ),
                migrations.CreateModel(
                    name='Switch',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('until', models.DateField(blank=True, null=True)),
                        ('on_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('on_by', models.BigIntegerField(null=True)),
                        ('off_at', models.DateTimeField(null=True)),
                        ('off_by', models.BigIntegerField(null=True)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('pack', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='switches', to='packs.pack')),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='packs.packversion')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['place', 'off_at'], name='switch_place')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('off_at__isnull', True)), fields=('pack', 'place'), name='switch_on_once'), models.CheckConstraint(condition=models.Q(('off_at__isnull', True), ('off_at__gte', models.F('on_at')), _connector='OR'), name='switch_times_in_order')],
                    },
                ),
                migrations.CreateModel(
                    name='Installed',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=20)),
                        ('code', models.CharField(max_length=30)),
                        ('key', models.CharField(max_length=60)),
                        ('retired', models.BooleanField(default=False)),
                        ('pack', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='installed', to='packs.pack')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('kind', 'key'), name='installed_once'), models.UniqueConstraint(fields=('pack', 'kind', 'code'), name='installed_code_once'), models.CheckConstraint(condition=models.Q(('kind__in', ('skills', 'team_kinds', 'place_kinds', 'place_flags', 'themes', 'activity_kinds', 'service_kinds'))), name='installed_kind_known')],
                    },
                ),
                migrations.CreateModel(
                    name='Kept',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=20)),
                        ('code', models.CharField(max_length=30)),
                        ('key', models.CharField(blank=True, max_length=300)),
                        ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                        ('pack', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='kept', to='packs.pack')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('pack', 'place', 'kind', 'code'), name='kept_once'), models.CheckConstraint(condition=models.Q(('kind__in', ('rhythms', 'rings', 'templates', 'standards', 'rule_books', 'switches'))), name='kept_kind_known')],
                    },
                ),
            ],
        ),
    ]
