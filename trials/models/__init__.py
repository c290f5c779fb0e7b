"""What the site keeps: one file per thing."""

from trials.models.arm import Arm, OutcomeCount
from trials.models.country import Country
from trials.models.housekeeping import BlockVersion, ContentVersion, FormerSlug, LoadedRecord
from trials.models.importing import ImportFile, ImportOutcome, ImportRecord
from trials.models.page import GlossaryTerm, Page
from trials.models.registration import Registration
from trials.models.revision import AppendOnly, Revision
from trials.models.source import Blank, Source
from trials.models.trial import Author, Trial

__all__ = [
    "AppendOnly",
    "Arm",
    "Author",
    "Blank",
    "BlockVersion",
    "ContentVersion",
    "Country",
    "FormerSlug",
    "GlossaryTerm",
    "ImportFile",
    "ImportOutcome",
    "ImportRecord",
    "LoadedRecord",
    "OutcomeCount",
    "Page",
    "Registration",
    "Revision",
    "Source",
    "Trial",
]
