from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "huying.config"
    verbose_name = "config"

    def ready(self) -> None:
        from huying.config import reactions, rights  # noqa: PLC0415 - needs the models of every room

        reactions.register()
        rights.register()
