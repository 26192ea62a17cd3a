"""The key of the blind index can be changed: found before, meanwhile and after; unique all along; cut off and resumed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from huying.kernel import clock
from huying.kernel.models import AuditLine
from huying.kernel.sealed import IndexField, blind_index, keyring, reindexing
from huying.kernel.sealed.reindexing import index_keys_in_use, retire_index_unused, rotate_index
from huying.kernel.sealed.rotation import KeyTooFresh
from huying.people import actions, queries
from huying.people.actions import second_factor, signing_in
from huying.people.actions.persons import IdNumberTaken
from huying.people.models import Account, Guardianship, OneTimeCode, Person, RecoveryCode
from huying.people.states import RoleKind
from huying.people.tests import factories as make
from huying.places.tests.factories import place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_keys")]
PHONE, ID_NUMBER = "13944445555", "11010519491231002X"


@pytest.fixture
def own_keys(tmp_path: Path, settings: Any) -> Iterator[Path]:
    settings.DATA = tmp_path
    settings.HUYING_SMS_GATEWAY = "console"
    keyring.ensure()
    yield tmp_path


def finds(home: Any) -> tuple[int, int]:
    """How many a keeper finds by the phone and by the identity number."""
    keeper = make.actor(make.staff(RoleKind.STATION_KEEPER, home))
    return queries.search_persons(keeper, PHONE).count(), queries.search_persons(keeper, ID_NUMBER).count()


def length(person: Person) -> int:
    person.refresh_from_db()
    return len(bytes(person.phone_index or b""))


def test_a_person_is_found_before_while_and_after_the_key_changes():
    home = place("community")
    person = make.person(home=home, phone=PHONE, id_number=ID_NUMBER)
    account = make.account(person)
    before = (finds(home), length(person))

    keyring.add_index_key()
    meanwhile = (finds(home), length(person), signing_in.find_account(PHONE))
    done = rotate_index(actor=make.SYSTEM, fresh=False)
    after = (finds(home), length(person), signing_in.find_account(PHONE))

    assert before == ((1, 1), 32)
    assert meanwhile == ((1, 1), 32, account)
    assert after == ((1, 1), 36, account)
    assert (done.left, done.clashing, done.changed > 2) == (0, 0, True)
    assert set(index_keys_in_use()) == {keyring.load().index_keys[0].id}


def test_what_is_written_with_the_new_key_is_found_too_and_unique_against_the_old():
    home = place("community")
    keeper = make.actor(make.staff(RoleKind.STATION_KEEPER, home))
    make.account(make.person(home=home, phone=PHONE, id_number=ID_NUMBER))
    keyring.add_index_key()

    with pytest.raises(IdNumberTaken):
        actions.add_person(actor=keeper, facts=actions.Facts(name="又一份", id_number=ID_NUMBER, home_place=home))
    twin = actions.add_person(actor=keeper, facts=actions.Facts(name="同号", phone=PHONE, home_place=home))

    assert queries.search_persons(keeper, PHONE).count() == 2
    assert queries.with_same_phone(keeper, twin).count() == 1


def test_a_code_and_a_recovery_code_made_before_still_open_meanwhile():
    account = make.account(make.person(phone=PHONE))
    actions.request_code(actor=make.actor(account.person), phone=PHONE)
    from huying.people.models import OutgoingText

    words = OutgoingText.objects.get().words
    code = "".join(letter for letter in words.open().split("，")[0] if letter.isdigit())
    paper = actions.new_recovery_codes(actor=make.SYSTEM, account=account)[0]

    rotate_index(actor=make.SYSTEM)

    assert actions.check_code(actor=make.SYSTEM, phone=PHONE, code=code)
    assert second_factor._use_recovery_code(make.SYSTEM, account, paper)
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        actions.request_code(actor=make.actor(account.person), phone=PHONE)
    assert OneTimeCode.objects.count() == 1


def test_an_invitation_sent_before_is_confirmed_after():
    asked = make.account(make.person(phone=PHONE))
    actions.entrust(actor=make.actor(make.person()), phone=PHONE)
    keyring.add_index_key()
    Account.objects.filter(pk=asked.pk).update(phone_index=bytes(blind_index(PHONE, "phone")))
    asked.refresh_from_db()

    bond = queries.ties_waiting_for(asked).get()

    assert actions.confirm_tie(actor=make.actor(asked.person), public_id=str(bond.public_id)).guardian == asked.person


def test_a_change_cut_off_goes_on_where_it_was(monkeypatch):
    monkeypatch.setattr(reindexing, "BATCH", 2)
    people = [make.person(phone=make.phone_number()) for _number in range(5)]
    told: list[int] = []

    class CutOff(Exception):
        pass

    def cut(_column: str, done: int) -> None:
        told.append(done)
        if done >= 2:
            raise CutOff

    with pytest.raises(CutOff):
        rotate_index(actor=make.SYSTEM, told=cut)
    assert sorted(length(person) for person in people) == [32, 32, 32, 36, 36]

    done = rotate_index(actor=make.SYSTEM, fresh=False)

    assert (done.changed, {length(person) for person in people}) == (3, {36})
    assert rotate_index(actor=make.SYSTEM, fresh=False).changed == 0


def test_a_row_changed_meanwhile_keeps_what_was_written(monkeypatch):
    person = make.person(phone=PHONE)
    real = reindexing.unseal

    def meanwhile(blob, spot):
        Person.objects.filter(pk=person.pk).update(phone=None, phone_index=None)
        return real(blob, spot)

    monkeypatch.setattr(reindexing, "unseal", meanwhile)
    done = rotate_index(actor=make.SYSTEM)

    person.refresh_from_db()
    assert (done.changed, person.phone_index) == (0, None)


def test_two_rows_that_slipped_past_each_other_are_counted_and_stay_unique():
    first = make.person(phone=PHONE, id_number=ID_NUMBER)
    keyring.add_index_key()
    second = make.person()
    second.id_number, second.id_index = ID_NUMBER, blind_index(ID_NUMBER, "id_number")
    second.save()

    done = rotate_index(actor=make.SYSTEM, fresh=False)

    first.refresh_from_db()
    assert (done.clashing, len(bytes(first.id_index))) == (1, 32)
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert retire_index_unused(actor=make.SYSTEM) == ([], {"people_person.id_index": 1})


def test_the_old_key_is_forgotten_only_when_no_row_needs_it():
    account = make.account(make.person(phone=PHONE))
    actions.new_recovery_codes(actor=make.SYSTEM, account=account)
    old = keyring.load().index_keys[0]
    rotate_index(actor=make.SYSTEM)
    with pytest.raises(KeyTooFresh):
        retire_index_unused(actor=make.SYSTEM)

    with clock.frozen(clock.now() + timedelta(minutes=11)):
        held = retire_index_unused(actor=make.SYSTEM)
        assert (held[0], set(held[1])) == ([], {"people_recoverycode.digest"})
        assert retire_index_unused(actor=make.SYSTEM, void=True) == ([old.id.hex()], {})

    assert [key.bare for key in keyring.load().index_keys] == [False]
    assert not RecoveryCode.objects.exists()
    assert signing_in.find_account(PHONE) == account


def test_an_account_with_another_number_than_its_person_is_left_and_said_so():
    account = make.account(make.person(phone=PHONE))
    actions.edit_person(
        actor=make.actor(account.person), person_id=account.person_id, facts=actions.Facts(phone=make.phone_number())
    )

    done = rotate_index(actor=make.SYSTEM)

    assert done.left == 1
    assert signing_in.find_account(PHONE) == account


def test_the_command_changes_resumes_and_retires(capsys):
    make.person(phone=PHONE)
    call_command("rotate_keys", "--index")
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        call_command("rotate_keys", "--index", "--resume", "--retire", "--void-codes")

    out = capsys.readouterr().out
    assert "1 values are found by the current key, 0 left, 0 twice" in out and "forgotten: " in out
    assert len(keyring.load().index_keys) == 1
    assert set(AuditLine.objects.filter(verb__startswith="keys.index").values_list("verb", flat=True)) == {
        "keys.index_add",
        "keys.index_rotated",
        "keys.index_retire",
    }


def test_a_key_file_of_the_first_version_goes_on_finding(own_keys):
    import json

    index = bytes(blind_index(PHONE, "phone"))
    path = own_keys / "keys" / "keyring.json"
    data = json.loads(path.read_text())
    del data["indexes"]
    path.write_text(json.dumps(data))

    assert bytes(blind_index(PHONE, "phone")) == index and len(index) == 32


def test_every_hash_column_is_known_to_the_change():
    from django.apps import apps

    named = {
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name.endswith("_index") or isinstance(field, IndexField)
    }

    assert {(one.table, one.column) for one in reindexing.index_columns()} == named
    assert Guardianship._meta.get_field("contact_index").of == "contact"
