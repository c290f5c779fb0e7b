from typing import Any

from allauth.account import forms
from django.forms import ModelForm, TextInput
from django.utils.text import capfirst

from trials.models import Preference


class LoginForm(forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = "User name or e-mail address"
        login.widget = TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"})
        self.fields["password"].widget.attrs.pop("placeholder", None)

    def user_credentials(self) -> dict[str, str]:
        """Return the name once. allauth passes an address twice, and the time of two hashes shows that it exists."""
        return {"username": self.cleaned_data["login"], "password": self.cleaned_data["password"]}


class SentenceCaseMixin:
    """Labels in sentence case, as on every other page: “New password”, not “New Password”."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = "E-mail address" if name == "email" else capfirst(str(field.label).lower())
            field.widget.attrs.pop("placeholder", None)


class ResetPasswordForm(SentenceCaseMixin, forms.ResetPasswordForm): ...


class ResetPasswordKeyForm(SentenceCaseMixin, forms.ResetPasswordKeyForm): ...


class ChangePasswordForm(SentenceCaseMixin, forms.ChangePasswordForm): ...


class SetPasswordForm(SentenceCaseMixin, forms.SetPasswordForm): ...


class MailForm(ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Preference
        fields = ["mail"]
