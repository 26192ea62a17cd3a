import huying.kernel.chance
from django.db import migrations, models

from huying.kernel.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("kernel", "0001_keep_trail_and_answers"),
        ("kernel", "0002_count_reveals"),
        ("kernel", "0003_keep_attachments"),
    ]

    initial = True

    dependencies = [
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Attachment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('name', models.CharField(max_length=120)),
                        ('content_type', models.CharField(max_length=40)),
                        ('size', models.PositiveIntegerField()),
                        ('width', models.PositiveIntegerField()),
                        ('height', models.PositiveIntegerField()),
                        ('sha256', models.BinaryField(max_length=32)),
                        ('key', models.CharField(max_length=120)),
                        ('small_key', models.CharField(max_length=120)),
                        ('place_path', models.CharField(blank=True, max_length=500)),
                        ('subject_type', models.CharField(max_length=60)),
                        ('subject_id', models.BigIntegerField()),
                        ('is_public', models.BooleanField(default=False)),
                        ('uploaded_by_id', models.BigIntegerField(null=True)),
                        ('created_at', models.DateTimeField()),
                    ],
                    options={
                        'indexes': [models.Index(fields=['subject_type', 'subject_id', 'id'], name='attachment_subject'), models.Index(fields=['key'], name='attachment_key'), models.Index(fields=['small_key'], name='attachment_small_key')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('height__gt', 0), ('size__gt', 0), ('width__gt', 0)), name='attachment_not_empty'), models.CheckConstraint(condition=models.Q(models.Q(('key', ''), _negated=True), models.Q(('small_key', ''), _negated=True)), name='attachment_has_files')],
                    },
                ),
                migrations.CreateModel(
                    name='AuditLine',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('person_id', models.BigIntegerField(null=True)),
                        ('on_behalf_of_id', models.BigIntegerField(null=True)),
                        ('system', models.CharField(blank=True, max_length=80)),
                        ('channel', models.CharField(max_length=20)),
                        ('address', models.GenericIPAddressField(null=True)),
                        ('verb', models.CharField(max_length=60)),
                        ('subject_type', models.CharField(blank=True, max_length=60)),
                        ('subject_id', models.BigIntegerField(null=True)),
                        ('place_path', models.CharField(blank=True, max_length=400)),
                        ('changes', models.JSONField(default=dict)),
                        ('reason', models.CharField(blank=True, max_length=500)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['subject_type', 'subject_id', 'id'], name='audit_subject'), models.Index(fields=['person_id', 'id'], name='audit_person'), models.Index(fields=['at'], name='audit_at')],
                    },
                ),
                migrations.CreateModel(
                    name='DayOverride',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('date', models.DateField()),
                        ('working', models.BooleanField()),
                        ('name', models.CharField(blank=True, max_length=60)),
                        ('place_path', models.CharField(blank=True, max_length=500)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('date', 'place_path'), name='day_override_once'), models.CheckConstraint(condition=models.Q(('place_path', ''), ('place_path__regex', '^/([0-9]+/)+$'), _connector='OR'), name='day_override_place_path')],
                    },
                ),
                migrations.CreateModel(
                    name='HolidayNotice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('year', models.PositiveSmallIntegerField(unique=True)),
                        ('source', models.CharField(max_length=200)),
                        ('entered_at', models.DateTimeField()),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('year__gte', 1992), ('year__lt', 2200)), name='holiday_notice_year'), models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='holiday_notice_source')],
                    },
                ),
                migrations.CreateModel(
                    name='StoredAnswer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('scope', models.CharField(max_length=80)),
                        ('key', models.CharField(max_length=80)),
                        ('digest', models.BinaryField(max_length=32)),
                        ('status', models.PositiveSmallIntegerField(null=True)),
                        ('location', models.CharField(blank=True, max_length=500)),
                        ('content_type', models.CharField(blank=True, max_length=100)),
                        ('body', models.BinaryField(default=bytes)),
                        ('at', models.DateTimeField()),
                    ],
                    options={
                        'indexes': [models.Index(fields=['at'], name='stored_answer_at')],
                        'constraints': [models.UniqueConstraint(fields=('scope', 'key'), name='stored_answer_once')],
                    },
                ),
                migrations.CreateModel(
                    name='JobEffect',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=200, unique=True)),
                        ('at', models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name='RevealBudget',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('person_id', models.BigIntegerField()),
                        ('day', models.DateField()),
                        ('used', models.PositiveIntegerField()),
                        ('alarmed_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('person_id', 'day'), name='reveal_budget_once')],
                    },
                ),
            ],
        ),
    ]
