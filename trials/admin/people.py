"""Users and the log. The rights of each group are in `accounts/groups.py`; only a superuser makes superusers.

The log is read-only. A user who has logged in or has log entries is made inactive and never deleted: the account names
who wrote what is in a draft, and a new one for the same person would not be known as its writer.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.forms import EmailField, ModelForm
from django.http import HttpRequest, HttpResponse

from trials.accounts.groups import RIGHTS
from trials.accounts.invitations import invite
from trials.accounts.middleware import SECOND_FACTORS
from trials.accounts.setup import ONE_NAME
from trials.admin.filters import ListedFiltersMixin

for model in (User, Group, Authenticator, EmailAddress):  # the last two hold secrets, or addresses entered elsewhere
    admin.site.unregister(model)


def outranks(other: User, user: Any) -> bool:
    """Return whether the other user may do what this user, who may change users, may not."""
    return other.is_superuser and not user.is_superuser


class UniqueUserMixin:
    """Accept only a name and an e-mail address that no other account has, whatever its capitals."""

    def clean_username(self: Any) -> str:
        self.instance.username = self.cleaned_data["username"]
        ONE_NAME.validate(User, self.instance)
        return str(self.instance.username)

    def clean_email(self: Any) -> str:
        email = str(self.cleaned_data["email"])
        if email and (other := User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).first()):
            raise ValidationError(f"This is the address of {other}.")
        return email


class InvitationForm(UniqueUserMixin, ModelForm):
    """A new colleague, who sets the password by the link of an invitation."""

    email = EmailField(label="E-mail address", help_text="The invitation goes there. The link works for three days.")

    class Meta:
        model = User
        fields = ["username", "email", "groups"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = self.fields["groups"]
        groups.required = True
        groups.help_text = "Editors add and change. Reviewers also publish. Administrators also add users."

    def save(self, commit: bool = True) -> User:
        self.instance.is_staff = True
        self.instance.set_unusable_password()
        user: User = super().save(commit)
        return user


class UserForm(UniqueUserMixin, UserChangeForm):
    """Django's form."""


@admin.register(User)
class UserAdmin(ListedFiltersMixin, DjangoUserAdmin):
    list_display = ["username", "email", "get_full_name", "group_list", "is_staff", "is_active", "factor", "last_login"]
    list_filter = ["is_staff", "is_active", "groups"]
    filter_horizontal = []
    actions = ["send_invitation", "remove_second_factor"]
    form = UserForm
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Personal info", {"fields": ["first_name", "last_name", "email"]}),
        ("Permissions", {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        ("Important dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_form = InvitationForm
    add_fieldsets = [(None, {"fields": ["username", "email", "groups"]})]
    add_form_template = None

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = Group.objects.filter(name__in=RIGHTS)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factor = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS)
        return super().get_queryset(request).prefetch_related("groups").annotate(has_factor=Exists(factor))

    @admin.display(description="groups")
    def group_list(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())

    @admin.display(description="second factor", boolean=True, ordering="has_factor")
    def factor(self, user: Any) -> bool:
        return user.has_factor

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        dates = ["last_login", "date_joined"]
        return dates if request.user.is_superuser else [*dates, "is_superuser"]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and outranks(obj, request.user))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        is_refused = obj and (obj.last_login or obj == request.user or outranks(obj, request.user))
        return not is_refused and super().has_delete_permission(request, obj)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        self._invite(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def _invite(self, request: HttpRequest, user: User) -> None:
        if link := invite(request, user):
            done = f"This site sends no e-mail. Give this link to {user}; it works once, for three days: {link}"
            self.message_user(request, done, messages.WARNING)
        else:
            self.message_user(request, f"An invitation is on its way to {user.email}.", messages.SUCCESS)

    @admin.action(description="Send an invitation again (link to set a password)", permissions=["change"])
    def send_invitation(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            if not self.has_change_permission(request, user):
                self.message_user(request, f"You do not have all the rights of {user}.", messages.ERROR)
            elif user.last_login or not user.email or not user.is_active:
                why = "has logged in before" if user.last_login else "has no e-mail address or is inactive"
                self.message_user(request, f"{user} {why}, so no invitation was sent.", messages.WARNING)
            else:
                self._invite(request, user)
                self.log_change(request, user, "Sent an invitation.")

    @admin.action(description="Remove the second factor (lost app or key)", permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            if not self.has_change_permission(request, user):
                self.message_user(request, f"You do not have all the rights of {user}.", messages.ERROR)
            elif Authenticator.objects.filter(user=user).delete()[0]:
                self.log_change(request, user, "Removed the second factor.")
                self.message_user(request, f"The second factor of {user} is removed; the password is enough to log in.")
            else:
                self.message_user(request, f"The user {user} has no second factor.", messages.WARNING)


@admin.register(LogEntry)
class LogEntryAdmin(ListedFiltersMixin, admin.ModelAdmin):
    list_display = ["action_time", "user", "content_type", "object_repr", "message"]
    list_filter = ["action_time", ("content_type", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["user", "content_type"]
    search_fields = ["user__username", "object_repr", "change_message"]
    show_full_result_count = False

    @admin.display(description="message")
    def message(self, entry: LogEntry) -> str:
        return str(entry.get_change_message() or entry.get_action_flag_display())

    def has_add_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission
