from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "huying.activities"

    def ready(self) -> None:
        """Tell people what this room keeps about them."""
        from huying.activities.actions.rights import RIGHTS  # noqa: PLC0415 - models are loaded only now
        from huying.people.actions import register_rights  # noqa: PLC0415 - the same

        register_rights("activities", RIGHTS)
