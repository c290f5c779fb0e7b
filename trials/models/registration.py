"""An entry in a trial registry, and what it says of the study."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from trials import vocabulary as v
from trials.identifiers import wrong_registration
from trials.models.constraints import check, in_vocabulary, unique
from trials.models.fields import CodeListField, PartialDateField
from trials.models.record import OrderedRow
from trials.models.trial import Trial

ADDRESS_HELP = "Only if the identifier alone does not lead there."
COMPARISON_HELP = "What the registry says that the comparison group is given."
INFERRED_HELP = "Tick if the paper does not print this identifier and the match was made from details."


class Registration(OrderedRow):
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="registrations")
    registry = models.CharField(max_length=18, choices=v.Registry.choices)
    identifier = models.CharField(max_length=40, help_text="As the registry writes it, such as NCT04457609.")
    url = models.URLField("address of the record", max_length=300, blank=True, help_text=ADDRESS_HELP)
    link_inferred = models.BooleanField("link to the paper is inferred", default=False, help_text=INFERRED_HELP)
    title = models.CharField("registered title", max_length=600, blank=True)
    sponsor = models.CharField(max_length=200, blank=True)
    investigator = models.CharField("principal investigator or contact", max_length=200, blank=True)
    allocation = models.CharField(max_length=14, choices=v.Allocation.choices, blank=True)
    intervention_model = models.CharField(max_length=12, choices=v.InterventionModel.choices, blank=True)
    comparison = models.CharField(max_length=300, blank=True, help_text=COMPARISON_HELP)
    masking = models.CharField(max_length=12, choices=v.Masking.choices, blank=True)
    who_masked = CodeListField("who was masked", choices_from=v.WhoMasked.choices)
    phase = models.CharField(max_length=12, choices=v.Phase.choices, blank=True)
    enrolment = models.PositiveIntegerField(null=True, blank=True)
    enrolment_type = models.CharField(max_length=9, choices=v.EnrolmentType.choices, blank=True)
    primary_outcome = models.TextField(blank=True)
    registered = PartialDateField("first submitted or registered", blank=True)
    posted = PartialDateField("first posted", blank=True)
    start = PartialDateField("study start", blank=True)
    completion = PartialDateField("study completion", blank=True)
    recruitment_status = models.CharField("status in the registry", max_length=120, blank=True)
    results_posted = models.BooleanField("results posted in the registry", null=True, blank=True)
    looked_up = PartialDateField("registry record as of", blank=True, help_text="The date of the record that was read.")
    note = models.TextField(blank=True)

    class Meta(OrderedRow.Meta):
        constraints = [
            *OrderedRow.Meta.constraints,
            unique("identifier_once", "trial", "registry", "identifier"),
            in_vocabulary("registry", v.Registry),
            in_vocabulary("masking", v.Masking, blank=True),
            check("nct_form", ~Q(registry=v.Registry.CLINICALTRIALS_GOV) | Q(identifier__regex=r"^NCT[0-9]{8}$")),
            check("isrctn_form", ~Q(registry=v.Registry.ISRCTN) | Q(identifier__regex=r"^ISRCTN[0-9]{8}$")),
        ]

    def __str__(self) -> str:
        return self.identifier

    def clean(self) -> None:
        super().clean()
        if problem := wrong_registration(self.registry, self.identifier):
            raise ValidationError({"identifier": problem})

    @property
    def design_in_words(self) -> str:
        """Allocation and groups, such as: Randomised, parallel groups."""
        words = [self.get_allocation_display(), self.get_intervention_model_display().lower()]
        return ", ".join(word for word in words if word)

    @property
    def masking_in_words(self) -> str:
        """Masking and who was masked, such as: Double masked (participant, investigator)."""
        who = ", ".join(v.WhoMasked(code).label.lower() for code in self.who_masked)
        masking = self.get_masking_display()
        return f"{masking} ({who})" if masking and who else masking or who

    @property
    def record_url(self) -> str:
        """The address of the record, or ""."""
        return self.url or v.REGISTRY_RECORD_URLS.get(self.registry, "").format(self.identifier)
