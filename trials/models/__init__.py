"""The models."""

from trials.models.arm import Arm
from trials.models.judgement import Judgement
from trials.models.notice import Notice
from trials.models.other_study import OtherStudy
from trials.models.outcome import OutcomeCount
from trials.models.page import GlossaryTerm, Page
from trials.models.preference import Preference
from trials.models.record import Record
from trials.models.registration import Registration
from trials.models.remark import Remark
from trials.models.review import Review
from trials.models.revision import AppendOnly, ContentVersion, FormerSlug, Revision
from trials.models.source import Blank, Citation, Source
from trials.models.trial import Author, Trial

__all__ = [
    "AppendOnly", "Arm", "Author", "Blank", "Citation", "ContentVersion", "FormerSlug", "GlossaryTerm", "Judgement",
    "Notice", "OtherStudy", "OutcomeCount", "Page", "Preference", "Record", "Registration", "Remark", "Review",
    "Revision", "Source", "Trial",
]  # fmt: skip
