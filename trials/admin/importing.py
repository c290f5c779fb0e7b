"""“Add a study from a record”: a pasted text, a file or an identifier becomes a draft, or goes into a study we have.

Three pages. What was read is kept on the server (models.importing) between them: the browser sends back which values to
take, never the values or their sources.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import capfirst
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from trials import actions, history, importers
from trials.admin.record import whole_number
from trials.importers import files, lookup, merging
from trials.importers.found import Found
from trials.importers.matching import Known
from trials.models import ImportFile, ImportOutcome, ImportRecord, Trial

TEMPLATES = "admin/trials/trial/importing"
ROOM = 64 * 1024  # for the other fields of the form around a file
PER_PAGE = 100
SHOWN_CHANGES = 20


class RecordForm(forms.Form):
    """One of three ways in. `reading` and `name` are what was read and what to call it, once the form is valid."""

    identifier = forms.CharField(
        label="DOI, PubMed ID or NCT number",
        required=False,
        max_length=300,
        help_text="The record is fetched from Crossref, PubMed or ClinicalTrials.gov.",
    )
    text = forms.CharField(
        label="Or paste the record",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "class": "vLargeTextField", "spellcheck": "false"}),
        help_text=f"{importers.FORMATS}. One record or many.",
    )
    file = forms.FileField(
        label="Or choose a file",
        required=False,
        allow_empty_file=True,
        help_text=f"The same formats, in UTF-8, at most {importers.MAX_BYTES // 1024 // 1024} MB.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        given = [name for name in ("identifier", "text", "file") if data.get(name) and str(data[name]).strip()]
        if self.errors:
            return data
        if len(given) != 1:
            raise ValidationError(
                "Use one of the three: an identifier, a pasted text or a file."
                if given
                else "Give an identifier, paste a record or choose a file."
            )
        way = given[0]
        try:
            raw, self.name, fetched = self._raw(way, data[way])
            self.reading = importers.read(raw)
        except lookup.LookupFailed as failure:
            raise ValidationError({way: str(failure)}) from failure
        except importers.Unreadable as refusal:
            raise ValidationError({way: f"Refused: {refusal}"}) from refusal
        for found in self.reading.found:
            found.read_in_copy = not fetched
        if not self.reading.found:
            raise ValidationError({way: [f"Refused: {each}" for each in self.reading.refused[:20]]})
        return data

    def _raw(self, way: str, given: Any) -> tuple[bytes | str, str, bool]:
        if way == "file":
            if given.size > importers.MAX_BYTES:
                raise importers.Unreadable(f"it is larger than {importers.MAX_BYTES // 1024 // 1024} MB.")
            return given.read(), given.name, False
        identifier = lookup.identify(given if way == "identifier" or len(given) < 300 else "")
        if identifier:
            return lookup.fetch(identifier), f"{identifier.where}, {identifier.kind} {identifier.value}", True
        if way == "identifier":
            raise lookup.LookupFailed(
                f"“{given}” is not a DOI (10.1002/…), a PubMed ID (a number) or an NCT number (NCT and eight digits)."
            )
        return given, "a pasted text", False


class Importing:
    """The three views, for the admin of the studies."""

    def __init__(self, model_admin: Any) -> None:
        self.admin = model_admin

    def urls(self) -> list[URLPattern]:
        wrap = self.admin.admin_site.admin_view
        return [
            path("from-record/", wrap(self.start_view()), name="trials_trial_from_record"),
            path("from-record/<uuid:pk>/", wrap(self.file_view), name="trials_trial_import"),
            path("from-record/<uuid:pk>/<int:number>/", wrap(self.record_view), name="trials_trial_import_record"),
        ]

    def page(self, request: HttpRequest, template: str, title: str, status: int = 200, **context: Any) -> HttpResponse:
        context |= {**self.admin.admin_site.each_context(request), "opts": Trial._meta, "title": title}
        return TemplateResponse(request, f"{TEMPLATES}/{template}.html", context, status=status)

    def may_import(self, request: HttpRequest) -> None:
        if not (self.admin.has_add_permission(request) or self.admin.has_change_permission(request)):
            raise PermissionDenied

    def file_of(self, request: HttpRequest, pk: UUID) -> ImportFile:
        """Nobody else's file: it may hold what its owner has not decided on yet."""
        self.may_import(request)
        return get_object_or_404(ImportFile, pk=pk, made_by=_person(request).get_username())

    # --- 1. The record comes in

    def start_view(self) -> Any:
        """Refuses a body that is too large before any of it is parsed, which is before the CSRF check reads it."""

        @csrf_exempt
        def view(request: HttpRequest) -> HttpResponse:
            self.may_import(request)
            too_large = (
                f"Refused: it is larger than {importers.MAX_BYTES // 1024 // 1024} MB. Cut it into smaller files."
            )
            if int(request.META.get("CONTENT_LENGTH") or 0) > importers.MAX_BYTES + ROOM:
                _read_away(request)
                return self.start_page(request, RecordForm(), too_large)
            try:
                return csrf_protect(self.start)(request)
            except RequestDataTooBig:
                return self.start_page(request, RecordForm(), "Refused: so long a text has to be uploaded as a file.")

        return require_http_methods(["GET", "POST"])(view)

    def start(self, request: HttpRequest) -> HttpResponse:
        form = RecordForm(request.POST, request.FILES) if request.method == "POST" else RecordForm()
        if not form.is_valid():
            return self.start_page(request, form)
        file = files.keep(form.reading, form.name, _person(request))
        if form.reading.seen == 1:
            return redirect("admin:trials_trial_import_record", file.pk, 1)
        return redirect("admin:trials_trial_import", file.pk)

    def start_page(self, request: HttpRequest, form: RecordForm, refusal: str = "") -> HttpResponse:
        title = "Add a study from a record"
        return self.page(request, "start", title, 413 if refusal else 200, form=form, refusal=refusal)

    # --- 2. A file of many

    def file_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        file = self.file_of(request, pk)
        if request.method == "POST":
            if not self.admin.has_add_permission(request):
                raise PermissionDenied
            files.work_on(file, _person(request))
            return redirect(f"{request.path}?going" if file.records.filter(outcome="").exists() else request.path)
        counts = dict(file.records.order_by().values_list("outcome").annotate(Count("pk")))
        seen, waiting = sum(counts.values()), counts.get(ImportOutcome.WAITING, 0)
        unreadable = file.records.filter(data__isnull=True).count()
        show = request.GET.get("show", "")
        records = file.records.select_related("trial").defer("data").order_by("number")
        if show in ImportOutcome.values and show:
            records = records.filter(outcome=show)
        outcomes = [
            (each.value, capfirst(each.label), counts.get(each.value, 0)) for each in ImportOutcome if each.value
        ]
        return self.page(
            request,
            "file",
            f"{seen - waiting:,} of {seen:,} records done" if waiting else f"{seen:,} records: report",
            file=file,
            seen=seen,
            waiting=waiting,
            done=seen - waiting,
            unreadable=unreadable,
            readable=seen - unreadable,
            outcomes=outcomes,
            show=show,
            goes_on="going" in request.GET and waiting,
            begun=any(counts.get(each) for each in ("added", "skipped", "changed")),
            may_add=self.admin.has_add_permission(request),
            records=Paginator(records, PER_PAGE).get_page(request.GET.get("page")),
        )

    # --- 3. One record

    def record_view(self, request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
        file = self.file_of(request, pk)
        record = get_object_or_404(file.records.select_related("trial"), number=number, data__isnull=False)
        if record.outcome in (ImportOutcome.ADDED, ImportOutcome.CHANGED) and record.trial:
            messages.info(request, f"This record was {record.get_outcome_display()} already.")
            return redirect("admin:trials_trial_change", record.trial.pk)
        found = Found.from_json(record.data or {})
        matches = Known([found]).matches(found)
        chosen = request.POST.get("with") or request.GET.get("with") or (str(matches[0].trial_id) if matches else "new")
        trial = None
        if chosen != "new":
            if whole_number(chosen) not in [match.trial_id for match in matches]:
                chosen, trial = "new", None
            else:
                trial = Trial.objects.get(pk=int(chosen))
        allowed = self.admin.has_change_permission(request, trial) if trial else self.admin.has_add_permission(request)
        errors: list[str] = []
        conflict: actions.Conflict | None = None
        if request.method == "POST":
            if not allowed:
                raise PermissionDenied
            try:
                return self.save(request, file, record, found, trial)
            except ValidationError as error:
                errors = [merging.why_refused(error)]
            except actions.Conflict as error:
                conflict = error
            except IntegrityError:
                errors = ["Nothing was saved: two values do not go together, or a study with this DOI or ID is here."]
        document = actions.working_document(trial) if trial else None
        proposals = merging.proposals(found, document)
        if request.method == "POST":
            ticked = set(request.POST.getlist("take"))
            for proposal in proposals:
                proposal.ticked = proposal.key in ticked
        needed = [] if trial else [(name, label) for name, label in NEEDED_LABELS if not _offered(proposals, name)]
        return self.page(
            request,
            "record",
            f"{'Values for ' + trial.short_name if trial else 'A new study'} from a record",
            file=file,
            record=record,
            found=found,
            matches=matches,
            trial=trial,
            chosen=chosen,
            allowed=allowed,
            base=actions.newest_revision(trial).number if trial else "",
            proposals=sorted(proposals, key=lambda each: each.same),
            needed=[(name, label, request.POST.get(name, "")) for name, label in needed],
            reason=request.POST.get("reason", f"Values taken from the {found.label}." if trial else ""),
            errors=errors,
            conflict=conflict,
            changes=history.changes(Trial, conflict.base.data, conflict.newest.data)[:SHOWN_CHANGES]
            if conflict
            else [],
        )

    @actions.one_at_a_time
    def save(
        self, request: HttpRequest, file: ImportFile, record: ImportRecord, found: Found, trial: Trial | None
    ) -> HttpResponse:
        """Take what is ticked. Raises ValidationError, Conflict or IntegrityError, and then nothing is saved."""
        record = ImportRecord.objects.get(pk=record.pk)
        if record.outcome in (ImportOutcome.ADDED, ImportOutcome.CHANGED):  # the button was pressed twice
            return redirect(request.path)
        keys, reason = set(request.POST.getlist("take")), request.POST.get("reason", "")
        if trial:
            base = request.POST.get("base", "")
            document = merging.take(found, actions.working_document(trial), keys)
            revision = actions.edit(
                trial,
                document,
                by=_person(request),
                base=whole_number(base) or 0,
                reason=reason,
                step=actions.Step.IMPORTED,
            )
            if revision is None:
                raise ValidationError("Nothing was saved: nothing that is ticked differs from what is there.")
            outcome = ImportOutcome.CHANGED
            said = f"What you ticked is in {trial.short_name} now, with its sources."
        else:
            typed = {name: request.POST.get(name, "") for name in merging.NEEDED}
            document = merging.of_new_study(found, typed, keys)
            trial, _ = actions.import_trial(
                document, by=_person(request), reason=reason or files.reason_for(file, record.number)
            )
            outcome = ImportOutcome.ADDED
            said = f"A draft of {trial.short_name} was made. Complete it here."
        files.settle(record, outcome, "", trial)
        messages.success(request, said)
        return redirect("admin:trials_trial_change", trial.pk)


NEEDED_LABELS = [(name, capfirst(label)) for name, label in merging.NEEDED.items()]


def _person(request: HttpRequest) -> Any:
    return request.user  # somebody: the admin lets nobody else in


def _offered(proposals: list[merging.Proposal], name: str) -> bool:
    return any(each.key == f"fields.{name}" and not each.problem for each in proposals)


def _read_away(request: HttpRequest) -> None:
    """Read and forget the body: a browser that is cut off while it sends never shows the answer."""
    for _ in range(64 * 16):  # 64 MB, and no more
        if not request.read(64 * 1024):
            return
