import gc

from django.apps import AppConfig

LOOKED_THROUGH = (20_000, 20, 50)
"""New objects before the youngest are searched for garbage in circles, and how seldom the older ones are. A page makes some
twenty thousand objects, nearly all freed by count; Python's own 700 spent a twentieth of its time on looking.
"""


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
        gc.set_threshold(*LOOKED_THROUGH)
        gc.enable()
