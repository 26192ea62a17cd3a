"""Five pages as one writes them first: the whole count, OFFSET, a default template, a question for each row that was
forgotten. They stand behind the same middleware on the same server, so the ratio is that of the pages alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.urls import include, path

from huying.activities.models import Activity
from huying.calls.models import Call
from huying.calls.states import COLUMNS
from huying.kernel.models import AuditLine
from huying.people.models import Person

SIZE = 50
ROWS = (
    "<html><body><p>{{{{ page.paginator.count }}}}</p><table>{{% for one in page %}}<tr>{cells}</tr>{{% endfor %}}</table>"
    "<p>{{% for n in page.paginator.page_range %}}{{% if n < 20 %}}<a href='?page={{{{ n }}}}'>{{{{ n }}}}</a>{{% endif %}}"
    "{{% endfor %}}</p></body></html>"
)
CALL = (
    "<td>{{ one.number }}</td><td>{{ one.kind.name }} {{ one.title }}</td><td>{{ one.requester.name }}</td>"
    "<td>{{ one.place.name }}</td><td>{{ one.get_state_display }}</td><td>{{ one.stage_due_at }}</td>"
    "<td>{% for offer in one.offers.all %}{{ offer.volunteer }}{{ offer.team }}{% endfor %}</td>"
)
ACTIVITY = (
    "<td>{{ one.kind.name }} {{ one.title }}</td><td>{{ one.place.name }}</td><td>{{ one.place.parent.name }}</td>"
    "<td>{% for session in one.sessions.all %}{{ session.starts_at }} {{ session.signups.count }}{% endfor %}</td>"
)
PERSON = "<td>{{ one.name }}</td><td>{{ one.birth_date }}</td><td>{{ one.home_place.name }}</td>"
LINE = "<td>{{ one.at }}</td><td>{{ one.person.name }}</td><td>{{ one.verb }}</td><td>{{ one.changes }}</td>"
BOARD = (
    "<html><body>{% for name, count, cards in columns %}<h2>{{ name }} {{ count }}</h2>{% for one in cards %}<div>"
    "{{ one.kind.name }} {{ one.title }} {{ one.requester.name }} {{ one.place.name }} {{ one.stage_due_at }}"
    "{% for offer in one.offers.all %}{{ offer.volunteer }}{{ offer.team }}{% endfor %}</div>{% endfor %}{% endfor %}"
    "</body></html>"
)


def listing(rows: Callable[[], QuerySet[Any]], cells: str) -> Callable[[HttpRequest], HttpResponse]:
    """A view of fifty rows with a count of all."""
    drawn = ROWS.format(cells=cells)

    def view(request: HttpRequest) -> HttpResponse:
        page = Paginator(rows(), SIZE).get_page(request.GET.get("page"))
        return HttpResponse(Template(drawn).render(Context({"page": page})))

    return view


def board(request: HttpRequest) -> HttpResponse:
    columns = []
    for code, (name, _tone, states) in COLUMNS.items():
        rows = Call.objects.filter(state__in=states).order_by("stage_due_at")
        columns.append((name or code, rows.count(), rows[:20]))
    return HttpResponse(Template(BOARD).render(Context({"columns": columns})))


def found(request: HttpRequest) -> HttpResponse:
    """People by a part of their name."""
    rows = Person.objects.filter(name__icontains=request.GET.get("q", "")).order_by("sort_key")
    return listing(lambda: rows, PERSON)(request)


VIEWS: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "board": board,
    "list": listing(lambda: Call.objects.order_by("-id"), CALL),
    "activities": listing(lambda: Activity.objects.order_by("-id"), ACTIVITY),
    "persons": found,
    "trail": listing(lambda: AuditLine.objects.order_by("-at"), LINE),
}
"""By the name of the page that they stand beside."""

urlpatterns = [
    *(path(f"naive/{name}/", view) for name, view in VIEWS.items()),
    path("", include("huying.config.urls")),
]
