"""The controlled words of the site, and what each is called at ClinicalTrials.gov.

The codes are our own because public addresses hold them (`design=single-arm`). The `*_REGISTRY_*` tables map them one
to one onto the enumerations of the ClinicalTrials.gov API v2 (`/api/v2/studies/enums`).
"""

from django.db.models import IntegerChoices, TextChoices


class Design(TextChoices):
    """What the paper itself reports. A registry may say something else."""

    RANDOMISED = "randomised", "Randomised controlled trial"
    CONTROLLED = "controlled", "Controlled, but not clearly randomised"
    SINGLE_ARM = "single-arm", "Single-arm trial"
    CASE_SERIES = "case-series", "Case series (not a trial)"


class Allocation(TextChoices):
    RANDOMISED = "randomised", "Randomised"
    NOT_RANDOMISED = "not-randomised", "Not randomised"
    NOT_APPLICABLE = "na", "Does not apply (one group)"


class InterventionModel(TextChoices):
    SINGLE_GROUP = "single-group", "Single group"
    PARALLEL = "parallel", "Parallel groups"
    CROSSOVER = "crossover", "Crossover"
    FACTORIAL = "factorial", "Factorial"
    SEQUENTIAL = "sequential", "Sequential"


class Masking(TextChoices):
    OPEN = "open", "Open label"
    SINGLE = "single", "Single masked"
    DOUBLE = "double", "Double masked"
    TRIPLE = "triple", "Triple masked"
    QUADRUPLE = "quadruple", "Quadruple masked"
    NOT_REPORTED = "not-reported", "Not reported"


class WhoMasked(TextChoices):
    PARTICIPANT = "participant", "Participant"
    CARE_PROVIDER = "care-provider", "Care provider"
    INVESTIGATOR = "investigator", "Investigator"
    OUTCOMES_ASSESSOR = "outcomes-assessor", "Outcomes assessor"


class Phase(TextChoices):
    EARLY_1 = "early-1", "Early phase 1"
    ONE = "1", "Phase 1"
    ONE_TWO = "1-2", "Phase 1/2"
    TWO = "2", "Phase 2"
    TWO_THREE = "2-3", "Phase 2/3"
    THREE = "3", "Phase 3"
    FOUR = "4", "Phase 4"
    NOT_APPLICABLE = "na", "Not applicable"
    NOT_REPORTED = "not-reported", "Not reported"


class Cause(TextChoices):
    """What caused the ARDS of the people in the study."""

    COVID_19 = "covid-19", "COVID-19"
    OTHER = "other", "Other causes"
    MIXED = "mixed", "COVID-19 and other causes"


class CellSource(TextChoices):
    """The tissue the cells came from. Wharton's jelly is the connective tissue of the umbilical cord."""

    UMBILICAL_CORD = "umbilical-cord", "Umbilical cord"
    PLACENTA = "placenta", "Placenta"
    BONE_MARROW = "bone-marrow", "Bone marrow"
    ADIPOSE = "adipose", "Fat (adipose) tissue"
    MENSTRUAL_BLOOD = "menstrual-blood", "Menstrual blood"
    OTHER = "other", "Another tissue"


class Donor(TextChoices):
    ALLOGENEIC = "allogeneic", "Another person (allogeneic)"
    AUTOLOGOUS = "autologous", "The person treated (autologous)"


class Preparation(TextChoices):
    FRESH = "fresh", "Fresh"
    THAWED = "thawed", "Frozen, then thawed"


class DoseUnit(TextChoices):
    CELLS = "cells", "cells"
    CELLS_PER_KG = "cells-per-kg", "cells per kg"


class Route(TextChoices):
    INTRAVENOUS = "intravenous", "Into a vein (intravenous)"
    INTRATRACHEAL = "intratracheal", "Into the windpipe (intratracheal)"
    OTHER = "other", "Another route"


class Control(TextChoices):
    """What the comparison group was given."""

    PLACEBO = "placebo", "Placebo"
    STANDARD_CARE = "standard-care", "Standard care alone"
    ACTIVE = "active", "Another treatment"
    NONE = "none", "No comparison group"


class Role(TextChoices):
    """The role of a group. People who were less ill than those given cells are OTHER, never a comparison."""

    CELLS = "cells", "Given cells"
    COMPARISON = "comparison", "Comparison"
    OTHER = "other", "Other group, not a comparison"


class Outcome(TextChoices):
    DEATH = "death", "Death"
    SERIOUS_ADVERSE_EVENT = "sae", "People with a serious adverse event"


class Reason(TextChoices):
    """Why a known study is not on the list."""

    NOT_YET_REVIEWED = "not-yet-reviewed", "Would belong on the list, but not yet added"
    NOT_ARDS = "not-ards", "No ARDS, or it is not clear that people had ARDS"
    NOT_MSC = "not-msc", "Another kind of cell, or no cells"
    REGISTERED_ONLY = "registered-only", "Registered, but we found no publication"
    SAME_PEOPLE = "same-people", "Reports people who are already counted in another entry"
    UNVERIFIED = "unverified", "Mentioned elsewhere, but not checked by us"


class Progress(TextChoices):
    """How far a known study has got."""

    PUBLISHED = "published", "Published"
    UNPUBLISHED = "completed-unpublished", "Finished; we found no article"
    RECRUITING = "recruiting", "Open in the registry record that we read"
    TERMINATED = "terminated", "Stopped early; we found no article"
    UNKNOWN = "unknown", "Not yet checked"


class ReviewKind(TextChoices):
    META_ANALYSIS = "meta-analysis", "Systematic review that combines results"
    LIVING = "living-review", "Review meant to be kept up to date"
    NARRATIVE = "narrative", "Review that does not combine results"


class Status(TextChoices):
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in-review", "In review"
    PUBLISHED = "published", "Published"
    ARCHIVED = "archived", "Archived"


class RecordKind(TextChoices):
    """What has a history."""

    TRIAL = "trial", "Study"
    PAGE = "page", "Page"
    TERM = "term", "Glossary term"
    OTHER = "other", "Other study"
    REVIEW = "review", "Published review"


class Step(TextChoices):
    """What was done to a record. Each is one revision."""

    LOADED = "loaded", "loaded with the site"
    CREATED = "created", "created"
    IMPORTED = "imported", "imported"
    EDITED = "edited", "edited"
    RESTORED = "restored", "restored from an earlier revision"
    SUBMITTED = "submitted", "submitted for a check"
    RETURNED = "returned", "sent back"
    APPROVED = "approved", "approved the changes of others"
    WITHDRAWN = "withdrawn", "draft discarded"
    DELETED = "deleted", "new draft discarded"
    PUBLISHED = "published", "published"
    ARCHIVED = "archived", "archived"


ENDING_STEPS = (Step.WITHDRAWN, Step.DELETED)  # the draft is gone after these


class NoticeKind(TextChoices):
    """What a journal published about a paper afterwards."""

    CORRECTION = "correction", "Correction"
    CONCERN = "concern", "Expression of concern"
    RETRACTION = "retraction", "Retraction"


class Registry(TextChoices):
    CLINICALTRIALS_GOV = "clinicaltrials-gov", "ClinicalTrials.gov"
    EU_CTR = "eu-ctr", "EU Clinical Trials Register"
    IRCT = "irct", "Iranian Registry of Clinical Trials"
    REBEC = "rebec", "Brazilian Registry of Clinical Trials (ReBEC)"
    ISRCTN = "isrctn", "ISRCTN"
    CHICTR = "chictr", "Chinese Clinical Trial Registry"
    OTHER = "other", "Another registry"


class EnrolmentType(TextChoices):
    ACTUAL = "actual", "actual"
    ESTIMATED = "estimated", "planned"


class SourceKind(TextChoices):
    PAPER = "paper", "The paper"
    REGISTRY = "registry", "A registry record"
    REVIEW = "review", "A review"
    PRESS = "press", "A press report"
    INDEX = "index", "A catalogue or data set"
    PUBLISHER = "publisher", "The publisher’s general page"


class Basis(TextChoices):
    """How the value comes out of the source."""

    QUOTED = "quoted", "quoted"
    TRANSCRIBED = "transcribed", "copied from a table"
    STATED = "stated", "stated in the source, not quoted here"
    DERIVED = "derived", "worked out"
    INFERRED = "inferred", "inferred"
    DISPUTED = "disputed", "sources differ"


class Confidence(IntegerChoices):
    LOW = 1, "low"
    MEDIUM = 2, "medium"
    HIGH = 3, "high"


class BlankReason(TextChoices):
    """Why a value is missing. An empty value without a reason reads "not yet checked"."""

    NOT_REPORTED = "not-reported", "not reported"
    NOT_CHECKED = "not-checked", "not yet checked"
    NOT_APPLICABLE = "does-not-apply", "does not apply"


class Difference(TextChoices):
    """What the title, the paper and a registration of a study can differ on."""

    DESIGN = "design", "Design"
    MASKING = "masking", "Masking"
    WHO_MASKED = "who-masked", "Who was masked"
    PHASE = "phase", "Phase"
    CONTROL = "control", "Comparison"
    PEOPLE = "people", "People"
    PRIMARY_OUTCOME = "primary-outcome", "Primary outcome"
    TIMING = "timing", "Registered late"


class Registered(TextChoices):
    """When a study was registered, compared with the day on which it began."""

    BEFORE = "before", "Registered before the start"
    AFTER = "after", "Registered after the start"
    UNCLEAR = "unclear", "Registered, not clear whether before the start"
    NONE = "none", "No registration known"


class JudgementKind(TextChoices):
    BIAS = "bias", "Risk of bias"
    CERTAINTY = "certainty", "Certainty"


class JudgementTool(TextChoices):
    ROB_2 = "rob-2", "RoB 2"
    ROB_1 = "rob-1", "RoB 1"
    ROBINS_I = "robins-i", "ROBINS-I"
    GRADE = "grade", "GRADE"


class Verdict(TextChoices):
    """The words of the tools. One word can mean different things: low risk of bias, low certainty."""

    LOW = "low", "low"
    SOME_CONCERNS = "some-concerns", "some concerns"
    UNCLEAR = "unclear", "unclear"
    MODERATE = "moderate", "moderate"
    HIGH = "high", "high"
    SERIOUS = "serious", "serious"
    CRITICAL = "critical", "critical"
    VERY_LOW = "very-low", "very low"
    NO_INFORMATION = "no-information", "no information"


# The words of each tool. RoB 2: Sterne et al., BMJ 2019;366:l4898. RoB 1: Higgins et al., BMJ 2011;343:d5928.
# ROBINS-I: Sterne et al., BMJ 2016;355:i4919. GRADE: Guyatt et al., BMJ 2008;336:924-926.
VERDICTS: dict[str, tuple[Verdict, ...]] = {
    JudgementTool.ROB_2: (Verdict.LOW, Verdict.SOME_CONCERNS, Verdict.HIGH),
    JudgementTool.ROB_1: (Verdict.LOW, Verdict.UNCLEAR, Verdict.HIGH),
    JudgementTool.ROBINS_I: (
        Verdict.LOW, Verdict.MODERATE, Verdict.SERIOUS, Verdict.CRITICAL, Verdict.NO_INFORMATION,
    ),
    JudgementTool.GRADE: (Verdict.HIGH, Verdict.MODERATE, Verdict.LOW, Verdict.VERY_LOW),
}  # fmt: skip
VERDICTS_WITHOUT_TOOL: dict[str, tuple[Verdict, ...]] = {
    JudgementKind.CERTAINTY: VERDICTS[JudgementTool.GRADE],
    JudgementKind.BIAS: tuple(verdict for verdict in Verdict if verdict != Verdict.VERY_LOW),
}
# The shape around the letter: a disc for the best word of a tool, a triangle for those between, a square for the worst.
VERDICT_SHAPES: dict[str, dict[str, str]] = {
    JudgementKind.BIAS: {
        Verdict.LOW: "disc", Verdict.SOME_CONCERNS: "triangle", Verdict.UNCLEAR: "triangle",
        Verdict.MODERATE: "triangle", Verdict.HIGH: "square", Verdict.SERIOUS: "square", Verdict.CRITICAL: "square",
    },
    JudgementKind.CERTAINTY: {
        Verdict.HIGH: "disc", Verdict.MODERATE: "triangle", Verdict.LOW: "triangle", Verdict.VERY_LOW: "square",
    },
}  # fmt: skip


# --- Codes of ClinicalTrials.gov

ALLOCATION_REGISTRY_CODES = {"randomised": "RANDOMIZED", "not-randomised": "NON_RANDOMIZED", "na": "NA"}
# The members of these are named as there, but for two ways of masking. What is not reported is an absent field there.
MODEL_REGISTRY_CODES = {str(each.value): each.name for each in InterventionModel}
WHO_MASKED_REGISTRY_CODES = {str(each.value): each.name for each in WhoMasked}
MASKING_REGISTRY_CODES: dict[str, str | None] = {str(each.value): each.name for each in Masking}
MASKING_REGISTRY_CODES |= {"open": "NONE", "not-reported": None}
# The registry has a list: phase 1/2 is two members. It has no code for "1/2a", which our wording field holds.
PHASE_REGISTRY_CODES: dict[str, list[str]] = {
    "early-1": ["EARLY_PHASE1"], "1": ["PHASE1"], "1-2": ["PHASE1", "PHASE2"], "2": ["PHASE2"],
    "2-3": ["PHASE2", "PHASE3"], "3": ["PHASE3"], "4": ["PHASE4"], "na": ["NA"], "not-reported": [],
}  # fmt: skip

# The address of a record, with {} for the identifier. Registrations in other registries hold their own address.
REGISTRY_RECORD_URLS: dict[str, str] = {
    Registry.CLINICALTRIALS_GOV: "https://clinicaltrials.gov/study/{}",
    Registry.ISRCTN: "https://www.isrctn.com/{}",
}
