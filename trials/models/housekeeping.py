"""Small records that the site keeps of itself."""

from django.db import connections, models

from trials.models.trial import Trial

BLOCK = 1000  # keys of studies


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


class ContentVersionManager(models.Manager["ContentVersion"]):
    def lock(self) -> None:
        """Let nobody else write content until this transaction ends.

        Every write of content changes the one row (trials/triggers.py), so two would wait for each other there in any
        case. Whoever waits here before locking anything else is never part of a ring of those who wait.
        """
        if connections[self.db].features.has_select_for_update:  # SQLite has one writer at a time by itself
            self.select_for_update().first()


class ContentVersion(models.Model):
    """One row that names the present state of everything the public can see. See trials/triggers.py.

    A name and not a number: after a restore the site must not meet a number that it has seen with other content.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    token = models.CharField(max_length=36)

    objects = ContentVersionManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="trials_contentversion_one_row")]

    def __str__(self) -> str:
        return self.token


class BlockVersion(models.Model):
    """One row that names the present state of the studies with a thousand keys in a row, from `block` times BLOCK on.

    It may outlive the studies that it names. See trials/catalogue.py.
    """

    block = models.BigIntegerField(primary_key=True)
    token = models.CharField(max_length=36)

    def __str__(self) -> str:
        return f"{self.block}: {self.token}"
