from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "huying.calls"

    def ready(self) -> None:
        """Tell people what this room keeps about them."""
        from huying.calls.actions.rights import RIGHTS  # noqa: PLC0415 - models are loaded only now
        from huying.people.actions import register_rights  # noqa: PLC0415 - the same

        register_rights("calls", RIGHTS)
