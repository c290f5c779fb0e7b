"""What a person or a group judged of a study: the risk of bias of a result, or the certainty of an outcome."""

from django.core.exceptions import ValidationError
from django.db import models

from trials import vocabulary as v
from trials.models.constraints import in_vocabulary
from trials.models.fields import PartialDateField, show_partial_date
from trials.models.record import OrderedRow
from trials.models.trial import Trial

JUDGED_BY_HELP = "The review or group that published it, or the roles of the members of staff who judged."
ABOUT_HELP = "Such as: overall, or death at day 28. For a domain of a tool, the domain in the tool’s own words."


class Judgement(OrderedRow):
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="judgements")
    kind = models.CharField(max_length=9, choices=v.JudgementKind.choices)
    about = models.CharField("what was judged", max_length=200, help_text=ABOUT_HELP)
    tool = models.CharField(max_length=9, choices=v.JudgementTool.choices, blank=True, help_text="Empty if not seen.")
    verdict = models.CharField("judgement", max_length=14, choices=v.Verdict.choices)
    reasons = models.TextField(blank=True, help_text="For certainty, one line for each step down.")
    judged_by = models.CharField(max_length=200, help_text=JUDGED_BY_HELP)
    address = models.URLField("where it is published", max_length=600, blank=True, help_text="Empty for our own.")
    judged_on = PartialDateField("date of the judgement", blank=True)

    class Meta(OrderedRow.Meta):
        constraints = [
            *OrderedRow.Meta.constraints,
            in_vocabulary("kind", v.JudgementKind),
            in_vocabulary("tool", v.JudgementTool, blank=True),
            in_vocabulary("verdict", v.Verdict),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.about}, {self.judged_by}"

    def clean(self) -> None:
        super().clean()
        allowed = v.VERDICTS.get(self.tool) or v.VERDICTS_WITHOUT_TOOL.get(self.kind, ())
        if self.verdict and allowed and self.verdict not in allowed:
            words = ", ".join(v.Verdict(code).label for code in allowed)
            raise ValidationError({"verdict": f"“{self.get_verdict_display()}” is not a word of this tool: {words}."})

    @property
    def is_ours(self) -> bool:
        """Whether members of our staff judged: what others judged is published somewhere."""
        return not self.address

    @property
    def is_overall(self) -> bool:
        return self.about.casefold().startswith("overall")

    @property
    def tool_in_words(self) -> str:
        return self.get_tool_display() or "tool not seen"

    @property
    def date_in_words(self) -> str:
        return show_partial_date(self.judged_on) or "date not seen"

    @property
    def shape(self) -> str:
        """The shape around the letter, as a code of the tools' own three steps; "" for no step."""
        return v.VERDICT_SHAPES[self.kind].get(self.verdict, "")

    @property
    def letter(self) -> str:
        """One letter for a narrow column. It is never shown without the words."""
        return str(self.get_verdict_display())[0].upper()
