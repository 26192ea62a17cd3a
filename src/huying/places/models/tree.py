"""Tables of places: kinds and flags as data, and one tree of divisions, sites and rooms."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Concat, Length, Replace
from django.utils.translation import gettext_lazy as _

from huying.kernel import chance, clock
from huying.kernel.sealed import SealedField
from huying.places.models.offered import Offered
from huying.places.states import BookingState, Crs, FlagGroup, LayerKind, Status

DEEPEST = 16
SLASH = Value("/")
OWN_ID = Cast("id", models.CharField())


class PlaceKind(Offered):
    """What a place can be: a division level, a grid, a site, a room. Rows, not code (S3-5a.1)."""

    code = models.CharField(_("代码"), max_length=30, primary_key=True)
    name = models.CharField(_("名称"), max_length=40)
    name_en = models.CharField(_("英文名称"), max_length=60, blank=True)
    level = models.PositiveSmallIntegerField(_("层级"), null=True, blank=True)
    is_division = models.BooleanField(_("是区划"), default=False)
    is_site = models.BooleanField(_("是阵地"), default=False)
    may_be_top = models.BooleanField(_("可以是最上级"), default=False)
    parents = models.ManyToManyField(
        "self", symmetrical=False, related_name="children", blank=True, verbose_name=_("可以属于")
    )
    icon = models.CharField(max_length=40, default="map-pin-duotone")
    tone = models.CharField(max_length=20, default="ink")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(limited=False), name="placekind_name_once"),
            models.CheckConstraint(condition=Q(code__regex=r"^[a-z][a-z0-9_]*$"), name="placekind_code_shape"),
            models.CheckConstraint(
                condition=Q(is_division=True, level__isnull=False) | Q(is_division=False, level__isnull=True),
                name="placekind_level_of_division",
            ),
            models.CheckConstraint(condition=~Q(is_division=True, is_site=True), name="placekind_division_or_site"),
        ]

    def __str__(self) -> str:
        return self.name


class PlaceFlag(Offered):
    """A mark a place can carry: a grade (示范), a service (助餐), the setting it stands in (公园)."""

    code = models.CharField(max_length=30, primary_key=True)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, blank=True)
    group = models.CharField(max_length=10, choices=FlagGroup.choices)
    tone = models.CharField(max_length=20, default="ink")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(limited=False), name="placeflag_name_once"),
            models.CheckConstraint(condition=Q(code__regex=r"^[a-z][a-z0-9_]*$"), name="placeflag_code_shape"),
            models.CheckConstraint(condition=Q(group__in=FlagGroup.values), name="placeflag_group_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """One node of the tree. ``path`` holds the ids from the top down to this place: ``/1/12/345/``.

    Only ``actions`` write paths. ``flags`` repeats the codes held now; PlaceFlagging is the record.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    kind = models.ForeignKey(PlaceKind, models.PROTECT, related_name="places", verbose_name=_("类型"))
    name = models.CharField(_("名称"), max_length=120)
    name_en = models.CharField(_("英文名称"), max_length=160, blank=True)
    short_name = models.CharField(_("简称"), max_length=40, blank=True)
    code = models.CharField(_("区划代码"), max_length=30, blank=True)
    path = models.CharField(max_length=340, unique=True, editable=False)
    depth = models.PositiveSmallIntegerField(editable=False)

    lon = models.FloatField(_("经度"), null=True, blank=True)
    lat = models.FloatField(_("纬度"), null=True, blank=True)
    crs = models.CharField(_("坐标系"), max_length=10, choices=Crs.choices, default=Crs.WGS84)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    phone = models.CharField(_("公开电话"), max_length=40, blank=True)

    flags = ArrayField(models.CharField(max_length=30), default=list, blank=True, editable=False)
    hours = models.JSONField(_("开放时间"), null=True, blank=True)
    capacity = models.PositiveIntegerField(_("可容纳人数"), null=True, blank=True)
    floor = models.CharField(_("楼层"), max_length=20, blank=True)
    purpose = models.CharField(_("用途"), max_length=120, blank=True)
    age_from = models.PositiveSmallIntegerField(_("最小年龄"), null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(_("最大年龄"), null=True, blank=True)
    host = models.CharField(_("运营单位"), max_length=120, blank=True)

    status = models.CharField(_("状态"), max_length=10, choices=Status.choices, default=Status.OPEN, editable=False)
    opened_date = models.DateField(_("启用日期"), null=True, blank=True)
    closed_date = models.DateField(_("停用日期"), null=True, blank=True, editable=False)
    closed_reason = models.CharField(_("停用原因"), max_length=200, blank=True, editable=False)

    source = models.CharField(_("名称来源"), max_length=120, blank=True)
    as_of_date = models.DateField(_("名称截至日期"), null=True, blank=True)

    sort_key = models.CharField(max_length=200, editable=False)
    search_text = models.TextField(editable=False)
    search_terms = ArrayField(models.CharField(max_length=2), default=list, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    changed_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["parent", "kind"], name="place_parent_kind"),
            models.Index(fields=["kind", "status"], name="place_kind_status"),
            models.Index(fields=["sort_key", "id"], name="place_sort"),
            models.Index(fields=["lat", "lon"], name="place_position"),
            GinIndex(fields=["search_terms"], name="place_search"),
            GinIndex(fields=["flags"], name="place_flags"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "kind", "name"],
                condition=Q(status=Status.OPEN),
                nulls_distinct=False,
                name="place_name_once_open",
                violation_error_message=_("同一上级下已有同名、同类的地方。"),
            ),
            models.UniqueConstraint(
                fields=["code"],
                condition=~Q(code=""),
                name="place_code_once",
                violation_error_message=_("这个区划代码已经有了。"),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="place_name_given"),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(
                    lon__isnull=False,
                    lat__isnull=False,
                    lon__gte=-180,
                    lon__lte=180,
                    lat__gte=-90,
                    lat__lte=90,
                ),
                name="place_position_range",
            ),
            models.CheckConstraint(condition=Q(crs__in=Crs.values), name="place_crs_known"),
            models.CheckConstraint(condition=Q(path__regex=r"^/([1-9][0-9]*/)+$"), name="place_path_shape"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, path__endswith=Concat(SLASH, OWN_ID, SLASH))
                | Q(
                    parent__isnull=False,
                    path__endswith=Concat(SLASH, Cast("parent_id", models.CharField()), SLASH, OWN_ID, SLASH),
                ),
                name="place_path_ends_with_ids",
            ),
            models.CheckConstraint(
                condition=Q(
                    depth=Length("path") - Length(Replace("path", SLASH, Value(""))) - 1,
                    depth__gte=1,
                    depth__lte=DEEPEST,
                ),
                name="place_depth_is_path",
            ),
            models.CheckConstraint(condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="place_not_own_parent"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, depth=1) | Q(parent__isnull=False, depth__gt=1),
                name="place_top_has_depth_one",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.OPEN, closed_date__isnull=True)
                | Q(status=Status.CLOSED, closed_date__isnull=False),
                name="place_closed_has_date",
            ),
            models.CheckConstraint(
                condition=Q(age_from__isnull=True) | Q(age_to__isnull=True) | Q(age_from__lte=F("age_to")),
                name="place_ages_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlaceFlagging(models.Model):
    """That a place holds or held a flag, since when, until when and why (S1-2c.1)."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="flaggings")
    flag = models.ForeignKey(PlaceFlag, models.PROTECT, related_name="flaggings")
    given_date = models.DateField()
    ended_date = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place", "flag"], condition=Q(ended_date__isnull=True), name="placeflagging_held_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_date__isnull=True) | Q(ended_date__gte=F("given_date")),
                name="placeflagging_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.flag_id} {self.given_date}"


class CoverageRule(models.Model):
    """Each open place of kind ``container`` must hold an open site of kind ``site`` below it (S3-1a.3)."""

    container = models.ForeignKey(PlaceKind, models.PROTECT, related_name="+")
    site = models.ForeignKey(PlaceKind, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["container", "site"], name="coveragerule_once")]

    def __str__(self) -> str:
        return f"{self.container_id} > {self.site_id}"


class Contact(models.Model):
    """Whom to ask at a place. A public number is plain text; a private one is sealed."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey(Place, models.CASCADE, related_name="contacts")
    role = models.CharField(_("职务"), max_length=40)
    name = models.CharField(_("姓名"), max_length=60)
    is_public = models.BooleanField(_("对外公开"), default=False)
    public_phone = models.CharField(_("公开电话"), max_length=20, blank=True)
    phone = SealedField(_("电话"), null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["place", "order", "id"], name="placecontact_place")]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_public=True, phone__isnull=True) | Q(is_public=False, public_phone=""),
                name="placecontact_private_is_sealed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.name}"


class MapLayer(models.Model):
    """Borders, water, roads of one place, simplified. Source and 审图号 are mandatory (domain 2.10).

    ``geojson`` is a FeatureCollection in ``crs``; ``properties.place`` holds the id of a feature's place.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey(Place, models.CASCADE, related_name="layers")
    kind = models.CharField(_("图层"), max_length=10, choices=LayerKind.choices)
    geojson = models.JSONField()
    feature_count = models.PositiveIntegerField()
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    source = models.CharField(_("边界来源"), max_length=200)
    approval = models.CharField(_("审图号"), max_length=60)
    as_of_date = models.DateField(_("数据截至日期"))
    crs = models.CharField(_("坐标系"), max_length=10, choices=Crs.choices, default=Crs.WGS84)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "kind"], name="maplayer_one_of_a_kind"),
            models.CheckConstraint(condition=~Q(source=""), name="maplayer_source_given"),
            models.CheckConstraint(condition=~Q(approval=""), name="maplayer_approval_given"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.kind}"


class ImportDraft(models.Model):
    """A table that was read and checked, and waits for a yes: rows as typed, until the next day."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey(Place, models.CASCADE, related_name="+")
    person_id = models.BigIntegerField(null=True)
    file_name = models.CharField(max_length=200)
    rows = models.JSONField()
    created_at = models.DateTimeField(default=clock.now, db_index=True, editable=False)
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.file_name


class Span(Func):
    """The half-open time range of a row."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Booking(models.Model):
    """Somebody uses a site or a room of it, from one moment until before another (S1-6.1, S4-5.1, S4-7.1).

    ``person_id`` is who booked, ``who`` the name as it is to be called; ``subject`` what it is for, if that is a row.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="bookings")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    purpose = models.CharField(max_length=120)
    who = models.CharField(max_length=60)
    headcount = models.PositiveIntegerField(null=True, blank=True)
    person_id = models.BigIntegerField(null=True, db_index=True)
    state = models.CharField(max_length=10, choices=BookingState.choices)
    held_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["state", "held_until"], name="booking_held"),
            models.Index(fields=["subject_type", "subject_id"], name="booking_subject"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="booking_span"),
            models.CheckConstraint(condition=Q(state__in=BookingState.values), name="booking_state_known"),
            models.CheckConstraint(
                condition=~Q(state=BookingState.HELD) | Q(held_until__isnull=False), name="booking_held_until"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.starts_at:%Y-%m-%d %H:%M}"


class BookedSpace(models.Model):
    """What a live booking takes: the place itself ``whole`` (1), and a part (0) of every site around it.

    The database refuses two wholes at once, and a whole beside a part: a house and a room of it are never both booked,
    two rooms of one house may be. No row is needed for the rooms inside, so a room added later is covered too.
    """

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="spaces")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    whole = models.SmallIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(whole__in=[0, 1]), name="bookedspace_whole"),
            ExclusionConstraint(
                name="bookedspace_whole_once",
                expressions=[
                    ("place", RangeOperators.EQUAL),
                    (Span("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(whole=1),
            ),
            ExclusionConstraint(
                name="bookedspace_whole_or_parts",
                expressions=[
                    ("place", RangeOperators.EQUAL),
                    ("whole", RangeOperators.NOT_EQUAL),
                    (Span("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booking_id} {self.place_id} {self.whole}"
