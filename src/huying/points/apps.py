from django.apps import AppConfig


class PointsConfig(AppConfig):
    name = "huying.points"

    def ready(self) -> None:
        """Tell people what this room keeps about them, and the ledger which points may not end yet."""
        from huying.ledger.actions import guard_lots  # noqa: PLC0415 - models are loaded only now
        from huying.people.actions import register_rights  # noqa: PLC0415 - models are loaded only now
        from huying.points.actions.endings import may_end  # noqa: PLC0415 - the same
        from huying.points.actions.rights import RIGHTS  # noqa: PLC0415 - the same

        register_rights("points", RIGHTS)
        guard_lots("points", may_end)
