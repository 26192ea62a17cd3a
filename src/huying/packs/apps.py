from django.apps import AppConfig


class PacksConfig(AppConfig):
    name = "huying.packs"
