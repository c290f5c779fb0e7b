"""The admin's forms as a browser would send them, and what they answer."""

import re
from typing import Any


def typed(response: Any, **changes: Any) -> dict[str, Any]:
    """What a browser would send: the form of this page as it stands, with some of it typed over."""
    forms = [response.context["adminform"].form]
    sent: dict[str, Any] = {}
    for formset in [inline.formset for inline in response.context["inline_admin_formsets"]]:
        forms += [formset.management_form, *formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if bound.field.widget.__class__.__name__ == "CheckboxInput":
                sent |= {bound.html_name: "on"} if value else {}
            elif getattr(bound.field.widget, "allow_multiple_selected", False):
                sent[bound.html_name] = [getattr(item, "pk", item) for item in value or []]
            else:
                sent[bound.html_name] = "" if value is None else bound.field.prepare_value(value)
    for name, value in changes.items():
        if value is None:
            del sent[name]
        else:
            sent[name] = value
    # A browser ends lines its own way.
    return {name: re.sub("\r?\n", "\r\n", str(v)) if not isinstance(v, list) else v for name, v in sent.items()}


def errors(response: Any) -> str:
    """Every error on the page, in words."""
    assert response.status_code == 200, "the form was saved"
    lists = re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', response.content.decode(), re.S)
    return re.sub(r"<[^>]+>|\s+", " ", " ".join(lists)).replace("&#x27;", "'")
