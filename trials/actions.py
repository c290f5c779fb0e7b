"""The only door for writes. The admin, the commands and the tests go through it.

Each action is one transaction: it checks the record, saves it, and brings up to date what is worked out from it.
"""

from django.db import transaction

from trials.models import FormerSlug, Trial
from trials.search import fold


def search_text(trial: Trial) -> str:
    """Everything the search box looks in, folded: title, authors, identifiers, countries, tissue of the cells."""
    parts = [trial.title, trial.acronym, trial.doi, trial.pmid, trial.pmcid, trial.cell_source_wording]
    parts += [author.full for author in trial.author_list]
    parts += [registration.identifier for registration in trial.registrations.all()]
    for country in trial.countries.all():
        parts += [country.name, country.other_names]
    parts += [arm.get_cell_source_display() for arm in trial.arms.all() if arm.cell_source]
    seen: dict[str, None] = {}  # a set that keeps its order
    for part in parts:
        seen.update(dict.fromkeys(fold(part or "").split()))
    return " ".join(seen)


@transaction.atomic
def save_trial(trial: Trial) -> Trial:
    """Check and save the study itself. Call `complete_trial` once its groups and the other rows are saved too.

    Raises ValidationError, with the fields named, if the study is not right; nothing is saved then.
    """
    trial.full_clean()
    before = Trial.objects.filter(pk=trial.pk).values_list("slug", flat=True).first()
    trial.save()
    if before is not None and before != trial.slug:
        FormerSlug.objects.update_or_create(slug=before, defaults={"trial": trial})
    # An address in use is nobody's former address, whoever had it before.
    FormerSlug.objects.filter(slug=trial.slug).delete()
    return trial


@transaction.atomic
def complete_trial(trial: Trial) -> None:
    """Bring up to date what is worked out from the study and its rows, after they have been saved."""
    trial.author_key = fold(trial.lead_author)[:80]
    trial.search_text = search_text(trial)
    trial.save(update_fields=["author_key", "search_text", "updated"])
