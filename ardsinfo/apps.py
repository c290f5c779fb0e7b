from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "ardsinfo"

    def ready(self) -> None:
        from ardsinfo import checks  # noqa: F401 - it registers itself
