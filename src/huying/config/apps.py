import gc

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "huying.config"
    verbose_name = "config"

    def ready(self) -> None:
        from huying.config import (  # noqa: PLC0415 - needs the models of every room
            lists,
            owners,
            provenance,
            reactions,
            recounting,
            rights,
        )

        lists.register()
        owners.register()
        provenance.register()
        reactions.register()
        recounting.register()
        rights.register()
        gc.freeze()  # what is loaded now stays to the end and is never searched
        gc.enable()
