from django.apps import AppConfig


class CockpitConfig(AppConfig):
    name = "huying.cockpit"
