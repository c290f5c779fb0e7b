"""What the models have in common whose texts people type."""

import re
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import models

# What no text has, XML cannot hold, and a word processor may leave: U+000B stands in Word for a new line.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
AROUND = 20  # characters on either side of it, to find it by


def control_character(text: str, name: str) -> str:
    """A sentence that says where in this text a control character stands; empty if there is none."""
    if not (found := CONTROL.search(text)):
        return ""
    around = CONTROL.sub("\ufffd", text[max(0, found.start() - AROUND) : found.end() + AROUND])
    return (
        f"In {name}, “{around}” holds a control character (U+{ord(found[0]):04X}, shown here as �). Delete it, or type "
        "a space or a new line."
    )


class Typed(models.Model):
    """Its texts hold no control characters."""

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        wrong = {}
        for field in self._meta.concrete_fields:
            if field.name in (exclude or ()) or not isinstance(field, (models.CharField, models.TextField)):
                continue
            value = str(getattr(self, field.attname) or "")
            if sentence := control_character(value, str(field.verbose_name)):
                wrong[field.name] = sentence
        if wrong:
            raise ValidationError(wrong)
        super().clean_fields(exclude)
