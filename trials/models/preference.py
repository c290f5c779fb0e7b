"""What a member of staff has chosen for themselves."""

from django.conf import settings
from django.db import models


class Preference(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preference")
    mail = models.BooleanField(
        "tell me by e-mail",
        default=True,
        help_text="When a draft waits for your check, and when yours is sent back, published or discarded.",
    )

    def __str__(self) -> str:
        return f"{self.user}: {'e-mail' if self.mail else 'no e-mail'}"
