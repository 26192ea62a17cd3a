from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "huying.ui"
    verbose_name = "ui"

    def ready(self) -> None:
        from huying.ui import checks  # noqa: F401, PLC0415 - registers the system check of the navigation
