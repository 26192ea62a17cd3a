from django.apps import AppConfig


class PointsConfig(AppConfig):
    name = "huying.points"

    def ready(self) -> None:
        """Tell people what this room keeps about them."""
        from huying.people.actions import register_rights  # noqa: PLC0415 - models are loaded only now
        from huying.points.actions.rights import RIGHTS  # noqa: PLC0415 - the same

        register_rights("points", RIGHTS)
