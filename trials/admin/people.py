"""Users, groups and the audit log. Nobody can give a right here that they do not have themselves."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as StockGroupAdmin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from trials import audit, groups
from trials.admin.lists import OwnFiltersMixin
from trials.login.middleware import SECOND_FACTORS
from trials.models import AuditEvent, AuditKind

for model in (User, Group, Authenticator, EmailAddress):  # the last two show secrets, or are no use to anybody
    admin.site.unregister(model)


def beyond(user: Any) -> QuerySet[Permission]:
    """The rights that this user does not have."""
    if user.is_superuser:
        return Permission.objects.none()
    return Permission.objects.exclude(Q(user=user) | Q(group__user=user))


def outranks(other: User, user: Any) -> bool:
    """Whether the other, even one who is switched off, has a right that this user does not have."""
    if user.is_superuser:
        return False
    more = beyond(user).filter(Q(user=other) | Q(group__user=other))
    return other.is_superuser or more.exists()


class NothingBeyondMixin:
    """Of the rights and groups to choose from, only those that whoever chooses has themselves."""

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request=request, **kwargs)  # type: ignore[misc]
        if request and db_field.name == "groups":
            field.queryset = Group.objects.exclude(permissions__in=beyond(request.user))
        elif request and db_field.name in ("permissions", "user_permissions"):
            field.queryset = field.queryset.exclude(pk__in=beyond(request.user))
        return field


@admin.register(User)
class UserAdmin(OwnFiltersMixin, NothingBeyondMixin, StockUserAdmin):
    list_display = ["username", "email", "full_name", "group_names", "is_staff", "is_active", "factor", "last_login"]
    list_filter = ["is_staff", "is_active", "groups"]
    filter_horizontal = []
    actions = ["remove_second_factor"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factor = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS)
        return super().get_queryset(request).prefetch_related("groups").annotate(has_factor=Exists(factor))

    @admin.display(description="name", ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description="groups")
    def group_names(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())

    @admin.display(description="second factor", boolean=True, ordering="has_factor")
    def factor(self, user: Any) -> bool:
        return user.has_factor

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        stamps = ["last_login", "date_joined"]
        return stamps if request.user.is_superuser else [*stamps, "is_superuser", "user_permissions"]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and outranks(obj, request.user))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj and (obj == request.user or outranks(obj, request.user)):
            return False
        return super().has_delete_permission(request, obj)

    @admin.action(description="Remove the second factor (of somebody who has lost it)", permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            if not self.has_change_permission(request, user):
                self.message_user(request, f"Nothing was done: {user} has rights that you do not have.", messages.ERROR)
            elif Authenticator.objects.filter(user=user).delete()[0]:
                audit.record(AuditKind.FACTOR_REMOVED, whom=user.get_username(), what="all", request=request)
                self.message_user(
                    request,
                    f"The second factor of {user} is removed. Until they set up another, the password is enough.",
                )
            else:
                self.message_user(request, f"There is no second factor of {user}.", messages.WARNING)


@admin.register(Group)
class GroupAdmin(OwnFiltersMixin, NothingBeyondMixin, StockGroupAdmin):
    filter_horizontal = []

    def may_touch(self, request: HttpRequest, group: Group | None) -> bool:
        if group is None:
            return True
        # Those made in code are made anew with every update: whatever somebody changed would be gone.
        return group.name not in groups.RIGHTS and not beyond(request.user).filter(group=group).exists()

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_change_permission(request, obj) and self.may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self.may_touch(request, obj)


@admin.register(AuditEvent)
class AuditEventAdmin(OwnFiltersMixin, admin.ModelAdmin):
    list_display = ["at", "kind", "who", "whom", "what", "address"]
    list_filter = ["kind", "at"]
    search_fields = ["who", "whom", "what", "address"]
    show_full_result_count = False
    list_per_page = 100

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False
