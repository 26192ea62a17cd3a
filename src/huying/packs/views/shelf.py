"""The library of packs, one pack, what differs between versions, loading, files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huying.kernel import exports, paging
from huying.kernel.errors import DomainError, NotFound
from huying.kernel.exports import Column
from huying.kernel.requests import Request
from huying.packs import actions, queries, rules
from huying.packs.actions import Loaded
from huying.packs.forms import FindForm, LoadForm
from huying.packs.models import PackVersion, Switch
from huying.packs.queries import exporting
from huying.packs.rules.reading import PackWrong, schema
from huying.packs.rules.shipping import seal_of, shipped_packs, shipped_text
from huying.packs.rules.writing import to_yaml
from huying.packs.states import SWITCHES, Seal, Status
from huying.packs.views import shown
from huying.packs.views.ours import TONES, names_of, node_plain
from huying.packs.views.pages import need, ours_at, show
from huying.places import rules as place_rules
from huying.places.queries import home_of

PAGE = 30
SEALS = {Seal.SIGNED: "pine", Seal.CHANGED: "mei", Seal.UNSIGNED: "ink"}
COLUMNS: tuple[Column[PackVersion], ...] = (
    Column(gettext_lazy("编号"), "pack.key", "key"),
    Column(gettext_lazy("名称"), "name"),
    Column(gettext_lazy("英文名称"), "name_en"),
    Column(gettext_lazy("版本"), "version"),
    Column(gettext_lazy("给出多少"), lambda row: str(Status(row.status).label), "status"),
    Column(gettext_lazy("启用的地方"), "places"),
    Column(gettext_lazy("校验和"), "checksum"),
    Column(gettext_lazy("文件来源"), lambda row: str(sealed(row)[0]), "seal"),
)


@require_safe
@never_cache
def library(request: Request) -> HttpResponse:
    """Every pack that was loaded, by name; for everybody."""
    form = FindForm(request.GET, namespaces=queries.namespaces())
    rows = queries.shelf(**form.asked())
    page = paging.page(rows, ("name", "id"), request.GET.get("cursor"), PAGE)
    home = home_of(request.actor)
    staff = place_rules.works_here(request.actor)
    context = {
        "form": form,
        "page": page,
        "rows": [(one, Status(one.status).label, TONES[Status(one.status)], sealed(one)) for one in page.rows],
        "narrowed": any(form.asked().values()),
        "loads": rules.can_load(request.actor),
        "home": ours_at(home) if home else "",
        "shipped": not_loaded() if rules.can_load(request.actor) and not page.next and page.is_first else [],
        "files": exports.addresses("packs:library_file", query=request.GET.urlencode()) if staff else [],
    }
    return show(request, "library", context)


def sealed(one: PackVersion) -> tuple[Any, str]:
    """What is known of where the file comes from, and its tone."""
    seal = seal_of(one.pack.key, one.version, one.checksum, one.signed)
    return seal.label, SEALS[seal]


def not_loaded() -> list[dict[str, Any]]:
    """Packs that came with the platform and were never loaded, by name."""
    held = queries.all_keys()
    return [
        {
            "name": shown.in_language(one.name),
            "key": one.key,
            "status": Status(one.status).label,
            "tone": TONES[Status(one.status)],
        }
        for one in shipped_packs()
        if one.key not in held
    ]


@require_safe
@never_cache
def library_file(request: Request, form: str) -> HttpResponseBase:
    """The library as a file."""
    need(request, place_rules.works_here(request.actor))
    asked = FindForm(request.GET, namespaces=queries.namespaces()).asked()
    rows = queries.shelf(**asked).order_by("name", "id")
    return exports.respond(
        actor=request.actor, name=_("机制包"), kind=exports.kind_of(form), columns=COLUMNS, rows=rows
    )


@require_safe
@never_cache
def pack(request: Request, namespace: str, code: str) -> HttpResponse:
    """One pack: what it says and holds, its versions, where it is on."""
    row = queries.pack_by_key(f"{namespace}.{code}")
    versions = list(queries.versions(row))
    if not versions:
        raise NotFound
    number = request.GET.get("version", "")
    found = (
        queries.version(row, int(number)) if number.isascii() and number.isdigit() and len(number) < 7 else versions[0]
    )
    file = queries.file_of(found)
    names = names_of(file)
    where = list(queries.switches(row)[:100])
    home = home_of(request.actor)
    context = {
        "pack": row,
        "version": found,
        "newest": found.pk == versions[0].pk,
        "file": file,
        "title": shown.in_language(file.name),
        "lead": shown.in_language(file.summary),
        "status": Status(file.status).label,
        "tone": TONES[Status(file.status)],
        "parts": [node_plain(part, names) for part in file.components],
        "things": shown.things(file),
        "words": shown.words(file),
        "functions": [SWITCHES[name] for name in file.switches],
        "versions": [version_line(one, versions) for one in versions],
        "version_heads": VERSIONS,
        "on": [one for one in where if one.off_at is None],
        "was_on": [one for one in where if one.off_at is not None] if place_rules.works_here(request.actor) else [],
        "on_heads": ON,
        "put_on": put_on(request, home, where),
    }
    return show(request, "pack", context)


VERSIONS = (gettext_lazy("版本"), gettext_lazy("载入时间"), gettext_lazy("校验和"), gettext_lazy("和上一版比"))
ON = (gettext_lazy("地方"), gettext_lazy("版本"), gettext_lazy("从什么时候"), gettext_lazy("到什么时候"))


def version_line(one: PackVersion, versions: list[PackVersion]) -> dict[str, Any]:
    before = [other.version for other in versions if other.version < one.version]
    return {"row": one, "short": one.checksum[7:19], "seal": sealed(one), "before": max(before) if before else 0}


def put_on(request: Request, home: Any, where: list[Switch]) -> str:
    """Where the reader can switch it on, if he can and has not yet."""
    if home is None or not rules.can_switch(request.actor, home):
        return ""
    return "" if any(one.place_id == home.pk and one.off_at is None for one in where) else home.public_id


@require_safe
@never_cache
def difference(request: Request, namespace: str, code: str) -> HttpResponse:
    """What one version changed against another, or the rows against the version in force (``?from=2&to=now``)."""
    row = queries.pack_by_key(f"{namespace}.{code}")
    last = queries.newest(row)
    if last is None:
        raise NotFound
    first, second = request.GET.get("from", ""), request.GET.get("to", "now")
    before = body_of(row, first or str(last.version))
    after = body_of(row, second)
    rows = queries.compare(before, after)
    context = {
        "pack": row,
        "title": _("%(key)s 的差异") % {"key": row.key},
        "lines": shown.lines(rows),
        "heads": DIFFERENCE,
        "from": first or last.version,
        "to": "" if second == "now" else second,
    }
    return show(request, "difference", context)


DIFFERENCE = (gettext_lazy("哪里"), gettext_lazy("名称"), gettext_lazy("变化"), gettext_lazy("改了什么"))


def body_of(row: Any, asked: str) -> dict[str, Any]:
    """The body of a version, or as it runs; NotFound."""
    if asked == "now":
        return queries.running(row)
    if not (asked.isascii() and asked.isdigit() and len(asked) < 7):
        raise NotFound
    body: dict[str, Any] = queries.version(row, int(asked)).body
    return body


@require_safe
def file(request: Request, namespace: str, code: str) -> HttpResponse:
    """The pack as a file, as it runs now; ``?version=2`` as it was loaded. For everybody: a mechanism is public."""
    row = queries.pack_by_key(f"{namespace}.{code}")
    number = request.GET.get("version", "")
    if number.isascii() and number.isdigit() and len(number) < 7:
        found = queries.file_of(queries.version(row, int(number)))
    else:
        found = exporting.as_running(row)
    return yaml_file(to_yaml(found), f"{row.key}.yaml")


def yaml_file(text: str, name: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_safe
@cache_control(public=True, max_age=3600)
def schema_file(request: HttpRequest) -> HttpResponse:
    """The JSON Schema of pack files, for editors and programs."""
    return JsonResponse(schema(), json_dumps_params={"ensure_ascii": False, "indent": 1})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def load(request: Request) -> HttpResponse:
    """Try a file, look at the difference, load it. What was typed stays."""
    need(request, rules.can_load(request.actor))
    form = LoadForm(request.POST if request.method == "POST" else None, request.FILES or None)
    found: Loaded | None = None
    problems: list[str] = []
    if form.is_bound and form.is_valid():
        text, name = form.cleaned_data["text"], form.cleaned_data.get("name", "pack.yaml")
        act = actions.load_pack if "load" in request.POST else actions.try_pack
        try:
            found = act(actor=request.actor, text=text, file=name)
        except PackWrong as wrong:
            problems = wrong.told()
        except DomainError as refusal:
            if refusal.status not in {409, 422}:
                raise
            problems = [str(refusal), *map(str, refusal.fields.values())]
        else:
            if "load" in request.POST:
                messages.success(request, _("已载入 %(key)s 第 %(n)d 版。") % {"key": found.key, "n": found.number})
                namespace, _dot, code = found.key.partition(".")
                return HttpResponseRedirect(reverse("packs:pack", args=[namespace, code]), status=303)
        form = LoadForm({"text": text} if problems else None, initial={"text": text})
        if problems:
            form.add_error("text", _("有几处要改，已写在上面。"))
    elif not form.is_bound and (text := shipped_text(request.GET.get("shipped", ""))):
        form = LoadForm(initial={"text": text})
    context = {
        "form": form,
        "found": found,
        "problems": problems,
        "lines": shown.lines(found.lines) if found else [],
        "heads": DIFFERENCE,
        "seal": (found.seal.label, SEALS[found.seal]) if found else None,
        "title": _("载入机制包"),
    }
    return show(request, "load", context, status=422 if problems or form.errors else 200)
