import django.db.models.deletion
import django.db.models.expressions
import huying.kernel.chance
import huying.kernel.clock
from django.db import migrations, models

from huying.kernel.tables import CreateTables

# What ties rows together beyond single columns; and room beside the counters, which change in place.
KEYS = """
ALTER TABLE ledger_transfer
    ADD CONSTRAINT ledger_transfer_debit FOREIGN KEY (debit_account_id, asset_id, issuing)
        REFERENCES ledger_account (id, asset_id, issuing),
    ADD CONSTRAINT ledger_transfer_credit FOREIGN KEY (credit_account_id, asset_id)
        REFERENCES ledger_account (id, asset_id);
ALTER TABLE ledger_hold
    ADD CONSTRAINT ledger_hold_debit FOREIGN KEY (debit_account_id, asset_id) REFERENCES ledger_account (id, asset_id),
    ADD CONSTRAINT ledger_hold_credit FOREIGN KEY (credit_account_id, asset_id) REFERENCES ledger_account (id, asset_id);
ALTER TABLE ledger_lot ADD CONSTRAINT ledger_lot_account FOREIGN KEY (account_id) REFERENCES ledger_account (id);
ALTER TABLE ledger_account SET (fillfactor = 70)
"""


class Migration(migrations.Migration):
    replaces = [
        ("ledger", "0001_first_tables"),
        ("ledger", "0002_one_writer"),
    ]

    initial = True

    dependencies = [
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Asset',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.SlugField(max_length=40, unique=True)),
                        ('kind', models.CharField(choices=[('minutes', '服务时长'), ('points', '积分'), ('money', '资金'), ('goods', '物品')], max_length=10)),
                        ('name', models.CharField(max_length=40)),
                        ('name_en', models.CharField(blank=True, max_length=60)),
                        ('unit', models.CharField(help_text='分钟, 分, 份 …; money is shown in 元 and kept in fen', max_length=20)),
                        ('unit_en', models.CharField(blank=True, max_length=20)),
                    ],
                ),
                migrations.CreateModel(
                    name='Account',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('owner_type', models.CharField(max_length=60)),
                        ('owner_id', models.BigIntegerField()),
                        ('purpose', models.CharField(default='main', max_length=40)),
                        ('place_path', models.CharField(blank=True, max_length=400)),
                        ('floor', models.BigIntegerField(blank=True, default=0, null=True)),
                        ('issuing', models.GeneratedField(db_persist=True, expression=models.ExpressionWrapper(models.Q(('floor__isnull', True)), models.BooleanField()), output_field=models.BooleanField())),
                        ('debits', models.BigIntegerField(db_default=0)),
                        ('credits', models.BigIntegerField(db_default=0)),
                        ('held', models.BigIntegerField(db_default=0)),
                        ('opened_at', models.DateTimeField(default=huying.kernel.clock.now)),
                        ('asset', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='ledger.asset')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['place_path'], name='ledger_account_place', opclasses=['text_pattern_ops'])],
                        'constraints': [models.UniqueConstraint(fields=('owner_type', 'owner_id', 'asset', 'purpose'), name='ledger_account_once'), models.UniqueConstraint(fields=('id', 'asset', 'issuing'), name='ledger_account_facts'), models.UniqueConstraint(fields=('id', 'asset'), name='ledger_account_asset'), models.CheckConstraint(condition=models.Q(('credits__gte', 0), ('debits__gte', 0), ('held__gte', 0)), name='ledger_account_sums'), models.CheckConstraint(condition=models.Q(('floor__isnull', True), ('floor__gte', 0), _connector='OR'), name='ledger_account_floor'), models.CheckConstraint(condition=models.Q(('floor__isnull', True), ('floor__lte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('credits'), '-', models.F('debits')), '-', models.F('held'))), _connector='OR'), name='ledger_account_above_floor')],
                    },
                ),
                migrations.CreateModel(
                    name='Transfer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('issuing', models.BooleanField()),
                        ('amount', models.BigIntegerField()),
                        ('key', models.CharField(db_collation='C', max_length=120)),
                        ('made_by_id', models.BigIntegerField(null=True)),
                        ('approved_by_id', models.BigIntegerField(null=True)),
                        ('on_behalf', models.BigIntegerField(null=True)),
                        ('reason', models.CharField(blank=True, max_length=300)),
                        ('rule_version', models.CharField(blank=True, max_length=60)),
                        ('evidence', models.CharField(blank=True, max_length=120)),
                        ('occurred_at', models.DateTimeField()),
                        ('recorded_at', models.DateTimeField()),
                        ('asset', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.asset')),
                        ('credit_account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account')),
                        ('debit_account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account')),
                        ('reverses', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='ledger.transfer')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['debit_account', 'id'], name='ledger_transfer_from'), models.Index(fields=['credit_account', 'id'], name='ledger_transfer_to')],
                        'constraints': [models.UniqueConstraint(fields=('key',), name='ledger_transfer_key'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='ledger_transfer_amount'), models.CheckConstraint(condition=models.Q(('debit_account', models.F('credit_account')), _negated=True), name='ledger_transfer_between_two'), models.CheckConstraint(condition=models.Q(('issuing', False), models.Q(('made_by_id__isnull', False), ('approved_by_id__isnull', False), models.Q(('made_by_id', models.F('approved_by_id')), _negated=True), models.Q(('evidence', ''), _negated=True)), _connector='OR'), name='ledger_transfer_two_people'), models.CheckConstraint(condition=models.Q(('reverses__isnull', True), models.Q(('made_by_id__isnull', False), ('approved_by_id__isnull', False), models.Q(('made_by_id', models.F('approved_by_id')), _negated=True), models.Q(('evidence', ''), _negated=True)), _connector='OR'), name='ledger_transfer_reversed_by_two'), models.UniqueConstraint(condition=models.Q(('reverses__isnull', False)), fields=('reverses',), name='ledger_transfer_reversed_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Hold',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=huying.kernel.chance.uuid7, editable=False, unique=True)),
                        ('amount', models.BigIntegerField()),
                        ('key', models.CharField(db_collation='C', max_length=120)),
                        ('state', models.CharField(choices=[('pending', '已冻结'), ('posted', '已入账'), ('voided', '已解冻')], default='pending', max_length=10)),
                        ('made_by_id', models.BigIntegerField(null=True)),
                        ('approved_by_id', models.BigIntegerField(null=True)),
                        ('on_behalf', models.BigIntegerField(null=True)),
                        ('reason', models.CharField(blank=True, max_length=300)),
                        ('rule_version', models.CharField(blank=True, max_length=60)),
                        ('evidence', models.CharField(blank=True, max_length=120)),
                        ('until', models.DateTimeField()),
                        ('recorded_at', models.DateTimeField()),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('ended_by_id', models.BigIntegerField(null=True)),
                        ('end_reason', models.CharField(blank=True, max_length=300)),
                        ('asset', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.asset')),
                        ('credit_account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account')),
                        ('debit_account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='ledger.account')),
                        ('transfer', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hold', to='ledger.transfer')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['until', 'id'], name='ledger_hold_due')],
                        'constraints': [models.UniqueConstraint(fields=('key',), name='ledger_hold_key'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='ledger_hold_amount'), models.CheckConstraint(condition=models.Q(('debit_account', models.F('credit_account')), _negated=True), name='ledger_hold_between_two'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state', 'pending'), ('transfer__isnull', True)), models.Q(('ended_at__isnull', False), ('state', 'posted'), ('transfer__isnull', False)), models.Q(('ended_at__isnull', False), ('state', 'voided'), ('transfer__isnull', True)), _connector='OR'), name='ledger_hold_life')],
                    },
                ),
                migrations.CreateModel(
                    name='Lot',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('amount', models.BigIntegerField()),
                        ('gone', models.BigIntegerField(default=0)),
                        ('expires_at', models.DateTimeField()),
                        ('closed_at', models.DateTimeField(null=True)),
                        ('account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='ledger.account')),
                        ('transfer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='lot', to='ledger.transfer')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['expires_at', 'id'], name='ledger_lot_due')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('gone__gte', 0), ('gone__lte', models.F('amount'))), name='ledger_lot_gone')],
                    },
                ),
                migrations.CreateModel(
                    name='Seal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.BigIntegerField(unique=True)),
                        ('first_id', models.BigIntegerField(unique=True)),
                        ('last_id', models.BigIntegerField(unique=True)),
                        ('count', models.IntegerField()),
                        ('leaves', models.BinaryField()),
                        ('root', models.BinaryField(max_length=32)),
                        ('previous', models.BinaryField(max_length=32)),
                        ('head', models.BinaryField(max_length=32)),
                        ('signature', models.CharField(max_length=120)),
                        ('sealed_at', models.DateTimeField()),
                    ],
                    options={
                        'indexes': [models.Index(fields=['sealed_at'], name='ledger_seal_time')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('count__gt', 0), ('first_id__lte', models.F('last_id'))), name='ledger_seal_range')],
                    },
                ),
            ],
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
    ]
