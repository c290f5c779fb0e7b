"""Which site Django's admin makes: ours, with the editors' desk."""

from django.contrib.admin.apps import AdminConfig


class EditorsAdminConfig(AdminConfig):
    default_site = "ardsinfo.editors.EditorsSite"
