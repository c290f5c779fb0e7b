"""Small records that the site keeps of itself."""

from django.db import models

from trials.models.trial import Trial


class FormerSlug(models.Model):
    """An address that a study used to have. It leads to the present one for good."""

    slug = models.SlugField(unique=True, max_length=80)
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="former_slugs")

    def __str__(self) -> str:
        return self.slug


class LoadedRecord(models.Model):
    """A record that `load_studies` once added, so that one which staff removed or renamed does not come back."""

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="trials_loadedrecord_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
