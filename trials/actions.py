"""The only door for writes. The admin, the commands and the tests go through it.

Each action is one transaction: it checks the record, saves it, and brings up to date what is worked out from it.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

from trials.models import Country, FormerSlug, GlossaryTerm, Page, Trial
from trials.search import fold

# How the name of a row begins where a source or a blank names one: arm-1, count-2.events …
ROW_KINDS = ("arm-", "count-", "registration-")


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


def check_rows(trial: Trial) -> None:
    """What shows only once the study and all its rows are saved: that they fit each other.

    Raises ValidationError with one sentence for each row that does not.
    """
    wrong: list[str] = []
    there = {f"arm-{position}" for position in trial.arms.values_list("position", flat=True)}
    there |= {f"registration-{position}" for position in trial.registrations.values_list("position", flat=True)}
    for count in trial.counts.select_related("arm"):
        there.add(f"count-{count.position}")
        count.trial = trial
        wrong += _complaints(count, f"Count {count.position}")
    for source in trial.sources.all():
        if source.value.startswith(ROW_KINDS) and source.value.split(".")[0] not in there:
            wrong.append(f"Source {source.position} is a source of “{source.value}”, and there is no such row.")
    for blank in trial.blanks.all():
        if blank.value.startswith(ROW_KINDS) and blank.value.split(".")[0] not in there:
            wrong.append(f"There is a reason for the blank “{blank.value}”, and there is no such row.")
        blank.trial = trial
        wrong += _complaints(blank, f"The reason for the blank “{blank.value}”")
    if wrong:
        raise ValidationError(wrong)


def _complaints(row: Model, name: str) -> list[str]:
    try:
        row.clean()
    except ValidationError as error:
        return [f"{name}: {message}" for message in error.messages]
    return []


@transaction.atomic
def complete_trial(trial: Trial) -> None:
    """Check that the rows fit together, then bring up to date what is worked out from the study and its rows.

    Raises ValidationError if they do not fit. Call it in the transaction that saved the rows, so that they go too.
    """
    check_rows(trial)
    trial.author_key = fold(trial.lead_author)[:80]
    trial.search_text = search_text(trial)
    trial.save(update_fields=["author_key", "search_text", "updated"])


@transaction.atomic
def delete_trial(trial: Trial) -> None:
    """Delete a study with its rows and its former addresses.

    Raises ValidationError if the public sees it: its address may stand in a paper or a letter.
    """
    if trial.is_public:
        raise ValidationError(
            f"{trial.short_name} is published, so its address may be cited: it cannot be deleted. "
            "Set its status to “Archived” instead, which takes it off the public pages."
        )
    trial.delete()


@transaction.atomic
def save_country(country: Country) -> Country:
    """Check and save a country, and its names in what the search box finds its studies by."""
    country.full_clean()
    country.save()
    for trial in country.trials.all():
        Trial.objects.filter(pk=trial.pk).update(search_text=search_text(trial))
    return country


@transaction.atomic
def delete_country(country: Country) -> None:
    """Delete a country. Raises ValidationError while a study names it."""
    number = country.trials.count()
    if number:
        studies = "1 study names" if number == 1 else f"{number} studies name"
        raise ValidationError(f"{country} cannot be deleted: {studies} it.")
    country.delete()


@transaction.atomic
def save_text(text: Page | GlossaryTerm) -> Page | GlossaryTerm:
    """Check and save a page or a glossary term."""
    text.full_clean()
    text.save()
    return text
