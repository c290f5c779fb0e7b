"""Import of studies: a file, a pasted text or an identifier is read, and drafts are made of what is ticked.

The list of what was read goes to the browser, signed, and comes back with the ticks. Nothing is stored in between, and
no value can be changed on the way.
"""

from dataclasses import asdict
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from trials.admin.base import person
from trials.importers import formats, lookup
from trials.importers.drafts import take
from trials.importers.proposals import NEW, Proposal, propose, summary
from trials.importers.records import MOST_RECORDS, ImportedRecord, Reading, Unreadable
from trials.models import Trial
from trials.workflow.revisions import working_copy

SALT = "trials.admin.importing"
SECONDS_TO_DECIDE = 24 * 60 * 60
LONGEST_LIST = 2 * 1024 * 1024  # characters; Django reads forms of 2.5 MB
MOST_SHOWN = 50  # lines of text outside of records
ROOM = 64 * 1024  # bytes, for the other fields of a form with a file


class ImportForm(forms.Form):
    """Two ways to give records. `reading` and `name` are what was read, and what it is called, of a valid form."""

    text = forms.CharField(
        label="DOI, PubMed ID, NCT number or a whole record",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "class": "vLargeTextField", "spellcheck": "false"}),
        help_text="The record of an identifier is fetched from Crossref, PubMed or ClinicalTrials.gov. Paste one "
        f"record or many as {formats.FORMATS}.",
    )
    file = forms.FileField(
        label="Or choose a file",
        required=False,
        allow_empty_file=True,
        help_text=f"The same formats, in UTF-8: at most {MOST_RECORDS} records and {formats.MEGABYTES} MB.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        text, file = data["text"], data["file"]
        if bool(text.strip()) == bool(file):
            raise ValidationError("Give one of the two: a text or a file.")
        way = "file" if file else "text"
        try:
            self.reading, self.name = self._read(text, file)
        except lookup.LookupFailed as failure:
            raise ValidationError({way: str(failure)}) from failure
        except Unreadable as refusal:
            raise ValidationError({way: f"Refused: {refusal}"}) from refusal
        if not self.reading.records:
            raise ValidationError({way: [f"Refused: {problem}" for problem in self.reading.refused[:20]]})
        return data

    def _read(self, text: str, file: Any) -> tuple[Reading, str]:
        if file:
            return formats.read(file.read()), file.name[:200]
        identifier = lookup.identify(text) if len(text) <= 300 else None
        if identifier is None:
            return formats.read(text), "a pasted text"
        reading = formats.read(lookup.fetch(identifier))
        for record in reading.records:
            record.read_in_copy = False
        return reading, f"{identifier.service}, {identifier.kind} {identifier.value}"


def import_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Refuse a body that is too large before it is parsed, which the check of the CSRF token would do."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    if int(request.META.get("CONTENT_LENGTH") or 0) > formats.MOST_BYTES + ROOM:
        reason = f"Refused: it is larger than {formats.MEGABYTES} MB."
        return _form_page(model_admin, request, ImportForm(), reason, status=413)
    try:
        return csrf_protect(partial(_answer, model_admin))(request)
    except RequestDataTooBig:
        reason = "Refused: so long a text has to be uploaded as a file."
        return _form_page(model_admin, request, ImportForm(), reason, status=413)


def _answer(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Show the form or what was read, or make drafts of what is ticked."""
    if "list" in request.POST:
        return _make_drafts(model_admin, request)
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if not form.is_valid():
        return _form_page(model_admin, request, form)
    read = asdict(form.reading) | {
        "name": form.name,
        "format": form.reading.format,
        "outside": form.reading.outside[:MOST_SHOWN],
        "outside_count": len(form.reading.outside),
    }
    signed = signing.dumps(read, salt=SALT, compress=True)
    if len(signed) > LONGEST_LIST:
        reason = "Refused: its records are too long to be shown at once."
        return _form_page(model_admin, request, form, reason, status=413)
    return _list_page(model_admin, request, read, signed, propose(form.reading.records))


def _make_drafts(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Make drafts of what is ticked, or show the list again with the reasons why not."""
    try:
        read = signing.loads(request.POST["list"], salt=SALT, max_age=SECONDS_TO_DECIDE)
    except signing.BadSignature:
        reason = "Nothing was saved: the list is older than a day, or was changed. Read the file again."
        return _form_page(model_admin, request, ImportForm(), reason, status=400)
    proposals = propose([ImportedRecord.from_json(record) for record in read["records"]])
    for proposal in proposals:
        _choose(model_admin, request, proposal)
    try:
        studies = take(proposals, by=person(request), reason=f"Imported from {read['name']}")
    except ValidationError as error:
        return _list_page(model_admin, request, read, request.POST["list"], proposals, error.messages)
    if len(studies) == 1:
        messages.success(request, f"A draft of {studies[0].short_name} has the values. Complete it here.")
        return redirect("admin:trials_trial_change", working_copy(studies[0]).pk)
    messages.success(request, f"{len(studies)} studies have drafts with the values of the file.")
    return redirect("admin:trials_trial_changelist")


def _choose(model_admin: Any, request: HttpRequest, proposal: Proposal) -> None:
    """Put what was chosen on the form into the proposal."""
    number = proposal.record.number
    proposal.is_ticked = str(number) in request.POST.getlist("take")
    proposal.target = request.POST.get(f"target-{number}", "" if proposal.options else NEW)
    proposal.entered = {name: request.POST.get(f"{name}-{number}", "") for name in proposal.lacks}
    if proposal.is_ticked and proposal.target not in ("", NEW) and not model_admin.has_change_permission(request):
        raise PermissionDenied


def _form_page(
    model_admin: Any, request: HttpRequest, form: ImportForm, refusal: str = "", status: int = 200
) -> HttpResponse:
    return _page(model_admin, request, "form", "Import studies", status, form=form, refusal=refusal)


def _list_page(
    model_admin: Any,
    request: HttpRequest,
    read: dict[str, Any],
    signed: str,
    proposals: list[Proposal],
    errors: Any = (),
) -> HttpResponse:
    may_change = model_admin.has_change_permission(request)
    context = {"read": read, "signed": signed, "proposals": proposals, "errors": errors, "may_change": may_change}
    context |= {"summary": summary(proposals), "NEW": NEW}
    return _page(model_admin, request, "list", f"Import from {read['name']}", **context)


def _page(
    model_admin: Any, request: HttpRequest, template: str, title: str, status: int = 200, **context: Any
) -> HttpResponse:
    context |= {**model_admin.admin_site.each_context(request), "opts": Trial._meta, "title": title}
    return TemplateResponse(request, f"admin/trials/trial/importing/{template}.html", context, status=status)


def urls(model_admin: Any) -> list[URLPattern]:
    """Return the address of the import, for TrialAdmin.get_urls."""
    # The view checks the CSRF token itself, after the size.
    view = csrf_exempt(require_http_methods(["GET", "POST"])(partial(import_view, model_admin)))
    return [path("import/", model_admin.admin_site.admin_view(view), name="trials_trial_import")]
