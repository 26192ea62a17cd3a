from django.apps import AppConfig


class VolunteersConfig(AppConfig):
    name = "huying.volunteers"

    def ready(self) -> None:
        """Tell people what this room keeps about them."""
        from huying.people.actions import register_rights  # noqa: PLC0415 - models are loaded only now
        from huying.volunteers.actions import RIGHTS  # noqa: PLC0415 - the same

        register_rights("volunteers", RIGHTS)
