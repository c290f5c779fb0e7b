"""What the titles, papers and registrations of the public studies differ on."""

from trials import vocabulary as v
from trials.models import Trial
from trials.quality.disagreements import COMPARED, Disagreement, disagreements

MOST_STUDIES = 200  # on one page


class Differences:
    """The studies with a difference, by first author. All of it is read at once."""

    def __init__(self) -> None:
        public = Trial.objects.public()
        differing = public.exclude(differences=[]).sorted_by("author")
        found = list(differing.prefetch_related(*COMPARED)[: MOST_STUDIES + 1])
        self.is_cut = len(found) > MOST_STUDIES
        self.all = public.count()
        self.studies: list[tuple[Trial, list[Disagreement]]] = [
            (trial, disagreements(trial)) for trial in found[:MOST_STUDIES]
        ]
        codes = [code for trial in found for code in trial.differences]
        self.kinds = [(kind, codes.count(kind)) for kind in v.Difference if kind in codes]
