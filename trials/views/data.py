"""The page on the data: what there is, for whom, under which licence, and how to cite it."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.exports import dataset, json_ld
from trials.exports.formats import content_date
from trials.exports.pages import LIST, LIST_TITLE, cite_page, list_files, list_query, of_page
from trials.exports.reference import DATA
from trials.listing.filters import TrialFilter
from trials.models import Page
from trials.views.pages import page_response


@cached_page(*TrialFilter.base_filters)
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """Show the page. With the parameters of the list it says how to cite the list that they choose."""
    page = get_object_or_404(Page.objects.public(), slug="data")
    releases, files, changed = dataset.releases(), list_files(), content_date()
    cites = [
        cite_page("Cite the data", "data", dataset.TITLE, request.path, changed, kind=DATA),
        cite_page("Cite the list of studies", "trials", LIST_TITLE, LIST + list_query(request.GET), changed),
    ]
    described = json_ld.dataset(dataset.TITLE, page.description, files, releases)
    exports = of_page("data", page.title, request.path, page.last_reviewed, described, files=files, cites=cites)
    context = {"exports": exports, "releases": releases, "tables": dataset.COLUMNS.items()}
    return page_response(request, "trials/exports/data.html", page, context)


@require_safe
def release(request: HttpRequest, name: str) -> HttpResponseBase:
    """Return a data set that `export_dataset` wrote."""
    found = next((each for each in dataset.releases() if each.name == name), None)
    if found is None:
        raise Http404("There is no data set with this name.")
    response = FileResponse(found.path.open("rb"), as_attachment=True, content_type="application/zip")
    response["Cache-Control"] = "public, max-age=86400"
    return response
