"""Addresses of every page; each room brings its own."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from huying.api.root import api
from huying.config import days, leading, views
from huying.config.trail import views as trail
from huying.figures.views import cited
from huying.kernel import files

system = [
    path("", views.state, name="state"),
    path("jobs/", views.stuck_jobs, name="jobs"),
    path("jobs/<int:job_id>/retry/", views.retry_job, name="retry_job"),
    path("days/", days.listing, name="days"),
    path("days/<int:override_id>/drop/", days.drop, name="drop_day"),
    path("audit/", trail.trail, name="trail"),
    path("audit/export/<str:form>/", trail.export, name="trail_export"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("people/", include("huying.people.urls")),
    path("places/", include("huying.places.urls")),
    path("ledger/", include("huying.ledger.urls")),
    path("n/<str:code>/", cited, name="cited"),
    path("figures/", include("huying.figures.urls")),
    path("cockpit/", include("huying.cockpit.urls")),
    path("activities/", include("huying.activities.urls")),
    path("packs/", include("huying.packs.urls")),
    path("points/", include("huying.points.urls")),
    path("health/", views.health, name="health"),
    path("system/", include((system, "system"))),
    path("ui/", include("huying.ui.urls")),
    path("volunteers/desk/", leading.desk, name="leading"),
    path("volunteers/", include("huying.volunteers.urls")),
    path("files/<uuid:public_id>/<str:token>", files.serve, name="file"),
    path("", include("huying.calls.urls")),
]

handler400 = "huying.kernel.errors.handler400"
handler403 = "huying.kernel.errors.handler403"
handler404 = "huying.kernel.errors.handler404"
handler500 = "huying.kernel.errors.handler500"
