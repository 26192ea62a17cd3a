"""One person written down twice becomes one again. It cannot be undone, so it asks for proof and a reason.

Everything that refers to the double moves to the person kept: the foreign keys are read from the models, so no room
can be forgotten. Rows that history or the database forbids to move stay with the double, which becomes a number
without facts of its own that leads to the person kept (``Person.merged_into``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, InvalidInput, NotFound
from huying.kernel.sealed import blind_index
from huying.kernel.transactions import begin
from huying.people import rules
from huying.people.actions.notices import send_notice
from huying.people.actions.persons import write_name
from huying.people.actions.rights import apart, one_each, untangle
from huying.people.models import Consent, Guardianship, Person, Role
from huying.people.states import STAFF, PersonMoved

CHOOSABLE = ("name", "sex", "birth_date", "phone", "id_number", "address", "home_place")
INDEXED = {"phone": ("phone_index", "phone"), "id_number": ("id_index", "id_number")}
REASON_LEAST, REASON_MOST = 4, 200
Reference = models.ForeignKey[Any, Any]


class CannotMerge(Conflict):
    code = "cannot_merge"
    message = _("这两份资料不能合并：{why}")


def references() -> list[Reference]:
    """Every foreign key of the product to a person that may be moved, in the declared order of locks."""
    order: list[str] = settings.HUYING_LOCK_ORDER
    found = [
        field
        for model in apps.get_models(include_auto_created=True)
        if not (getattr(model, "APPEND_ONLY", False) or getattr(model, "REMOVE_ONLY", False))
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is Person
    ]

    def rank(field: Reference) -> tuple[int, str]:
        label = field.model._meta.label
        return (order.index(label) if label in order else len(order), f"{label}.{field.name}")

    return sorted(found, key=rank)


def merge_obstacles(actor: Actor, kept: Person, double: Person) -> list[str]:
    """Why these two cannot become one just now, in words to act on; empty when nothing stands in the way."""
    found: list[str | Promise] = []
    if kept.pk == double.pk or kept.erased_at or double.erased_at:
        return [str(_("请选择两份不同的、还在用的资料。"))]
    if actor.person_id in {kept.pk, double.pk}:
        found.append(_("不能合并自己的资料，请同事办理。"))
    now = clock.now()
    holding = Role.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), person__in=[kept, double])
    if holding.filter(kind__in=STAFF).exists():
        found.append(_("其中一人担任工作人员角色，请先结束角色再合并。"))
    if kept.id_number and double.id_number:
        found.append(_("两份资料有不同的证件号码，不是同一个人。"))
    elif not alike(kept, double):
        found.append(_("两份资料的电话不同，姓名和出生日期也不全相同，看不出是同一个人。请先核对、改正资料。"))
    for field in references():
        if isinstance(field, models.OneToOneField) and _both(field, kept, double):
            found.append(one_each(field.model._meta.label))
    found += apart(kept, double)
    return [str(reason) for reason in found if reason]


def alike(kept: Person, double: Person) -> bool:
    """The same telephone number, or the same name and day of birth."""
    if kept.phone and blind_index(kept.phone.open(), "phone").fits(double.phone_index):
        return True
    return kept.birth_date is not None and (kept.name, kept.birth_date) == (double.name, double.birth_date)


def merge_persons(*, actor: Actor, kept_id: int, double_id: int, take: Collection[str], reason: str) -> Person:
    """Make ``double`` part of ``kept``, which takes the facts named in ``take`` (of ``CHOOSABLE``) from it.

    Whoever may edit both, as care staff. Raises CannotMerge with the reasons, NotFound, InvalidInput. Doing it again
    changes nothing.
    """
    why = reason.strip()
    if not REASON_LEAST <= len(why) <= REASON_MOST:
        raise InvalidInput(fields={"reason": _("请写明怎么知道是同一个人（4 到 200 个字）。")})
    with begin(actor):
        kept, double = _both_locked(kept_id, double_id)
        if double.merged_into_id == kept.pk:
            return kept
        if not (rules.can_merge(actor, kept) and rules.can_merge(actor, double)):
            raise NotFound
        problems = merge_obstacles(actor, kept, double)
        if problems:
            raise CannotMerge(why=" ".join(problems))
        for name in {kept.name, double.name}:
            why = why.replace(name, "[姓名]")
        taken = _facts(double, take)
        _untangle(actor, kept, double)
        untangle(kept, double)
        moved, left = _move_all(kept, double)
        if kept.household_id is None and double.household_id is not None:
            taken["household"] = double.household
        _empty(double)
        _give(kept, taken)
        _lead_on(kept, double)
        changes = {"double": double.pk, "took": sorted(set(taken) & set(take)), "moved": moved, "left": left}
        path = kept.home_place.path if kept.home_place else ""
        audit.record(actor, "person.merged", kept, place_path=path, changes=changes, reason=why)
        audit.record(actor, "person.merged_away", double, place_path=path, changes={"into": kept.pk}, reason=why)
        send_notice(
            actor=actor,
            person=kept,
            title=gettext("您的两份资料已合并成一份"),
            body=gettext("工作人员发现您登记了两次，已合并。请看看资料对不对，不对请告诉我们。"),
            url=reverse("people:my_data"),
        )
        return kept


def _both_locked(kept_id: int, double_id: int) -> tuple[Person, Person]:
    """The two rows, and those that refer to the double, locked in the order of their keys."""
    related = Q(pk__in=[kept_id, double_id]) | Q(created_by=double_id) | Q(merged_into=double_id)
    rows = {row.pk: row for row in locks.many(Person.objects.filter(related))}
    if kept_id not in rows or double_id not in rows:
        raise NotFound
    return rows[kept_id], rows[double_id]


def _both(field: Reference, kept: Person, double: Person) -> bool:
    return field.model._base_manager.filter(**{f"{field.name}__in": [kept, double]}).count() > 1


def _facts(double: Person, take: Collection[str]) -> dict[str, Any]:
    """The chosen facts of the double, sealed ones opened; what it does not have is not taken."""
    found = {}
    for name in CHOOSABLE:
        value = getattr(double, name)
        if name in take and value:
            found[name] = value.open() if name in {"phone", "id_number", "address"} else value
    return found


def _untangle(actor: Actor, kept: Person, double: Person) -> None:
    """End what would be there twice, and what would tie somebody to himself."""
    now = clock.now()
    pair = [kept.pk, double.pk]
    Guardianship.objects.filter(ward__in=pair, guardian__in=pair).delete()
    standing = Q(ends_at__isnull=True)
    mine = Guardianship.objects.filter(standing, ward=kept, guardian__isnull=False).values("guardian_id")
    wards = Guardianship.objects.filter(standing, guardian=kept).values("ward_id")
    twice = Q(ward=double, guardian__in=mine) | Q(guardian=double, ward__in=wards)
    ids = list(Guardianship.objects.filter(standing, twice).values_list("pk", flat=True))
    Guardianship.objects.filter(pk__in=ids).update(ends_at=Greatest(F("starts_at"), now))
    given = Consent.objects.filter(withdrawn_at__isnull=True)
    both = given.filter(person=double, purpose__in=given.filter(person=kept).values("purpose_id"))
    ids = list(both.values_list("pk", flat=True))
    given.filter(pk__in=ids).update(withdrawn_at=Greatest(F("given_at"), now), withdrawn_by=actor.person_id)


def _move_all(kept: Person, double: Person) -> tuple[dict[str, int], dict[str, int]]:
    """Point every reference at the person kept; what was moved and what had to stay, by model and field."""
    moved: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for field, pks in _referring(double):
        name = f"{field.model._meta.label}.{field.name}"
        done = _move(field, pks, kept) or sum(_move(field, [pk], kept) for pk in pks)
        moved[name] += done
        left[name] += len(pks) - done  # the person kept has the same already
    return dict(+moved), dict(+left)


def _move(field: Reference, pks: list[int], kept: Person) -> int:
    """Point these rows at the person kept: how many; none when the database forbids one of them."""
    try:
        with transaction.atomic():
            return int(field.model._base_manager.filter(pk__in=pks).update(**{field.name: kept}))
    except IntegrityError:
        return 0


def _referring(double: Person) -> Iterator[tuple[Reference, list[int]]]:
    """Each reference with the keys of its rows, locked where the order of locks knows them."""
    for field in references():
        rows = field.model._base_manager.filter(**{field.name: double})
        if field.model is not Person and field.model._meta.label in settings.HUYING_LOCK_ORDER:
            pks = [row.pk for row in locks.many(rows)]
        else:
            pks = list(rows.order_by("pk").values_list("pk", flat=True))
        if pks:
            yield field, pks


def _empty(double: Person) -> None:
    """No fact of its own is left in the double; its numbers are free for the person kept."""
    double.name, double.sex, double.search_text, double.sort_key, double.search_terms = "", "", "", "", []
    double.birth_date = double.lon = double.lat = double.household = double.home_place = None
    double.phone = double.phone_index = double.id_number = double.id_index = double.address = None
    double.preferences, double.erased_at = {}, clock.now()
    double.save()


def _give(kept: Person, taken: dict[str, Any]) -> None:
    written = set(taken)
    for name, value in taken.items():
        setattr(kept, name, value)
        if name in INDEXED:
            column, purpose = INDEXED[name]
            setattr(kept, column, blind_index(value, purpose))
            written.add(column)
    if "name" in taken:
        write_name(kept, kept.name)
        written |= {"search_text", "search_terms", "sort_key"}
        Person.objects.filter(merged_into=kept).update(name=kept.name)
    kept.save(update_fields=sorted(written))
    if "home_place" in taken:
        events.publish(PersonMoved(person_id=kept.pk))


def _lead_on(kept: Person, double: Person) -> None:
    """The double leads to the person kept and bears his name, for old lines of history are read under it."""
    double.name, double.merged_into = kept.name, kept
    double.save(update_fields=["name", "merged_into"])
