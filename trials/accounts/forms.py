from typing import Any

from allauth.account import forms
from django.forms import TextInput


class LoginForm(forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = "User name or e-mail address"
        login.widget = TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"})
        self.fields["password"].widget.attrs.pop("placeholder", None)

    def user_credentials(self) -> dict[str, str]:
        """Return the name once; the backend tries it as an address and as a user name.

        allauth passes an address twice. The password of an existing account would then be hashed twice, and the time
        would show that the account exists.
        """
        return {"username": self.cleaned_data["login"], "password": self.cleaned_data["password"]}
