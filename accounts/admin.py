"""Users in the admin, found by e-mail address or name."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db import IntegrityError
from django.db.models import QuerySet
from django.forms import Field, ModelForm
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.selectors import with_proof


class UserCreationForm(AdminUserCreationForm):  # type: ignore[type-arg]
    """Asks for an e-mail address where Django's own form asks for a user name."""

    class Meta:
        model = User
        fields = ("email", "name")
        field_classes: ClassVar[dict[str, type[Field]]] = {}  # Django's names the removed field


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    """A user with their permissions; other apps add their own links to it."""

    add_form = UserCreationForm
    ordering = ("email",)
    list_display = ("email", "is_proved", "name", "is_active", "is_staff", "date_joined")
    list_filter = ("is_active", "is_staff", "date_joined")
    search_fields = ("email", "name")
    date_hierarchy = "date_joined"
    readonly_fields = ("addresses", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "addresses", "name", "password")}),
        (
            "May",
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("email", "name", "usable_password", "password1", "password2"),
            },
        ),
    )

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Let who may delete a user delete what belongs to them, read-only history included."""
        deleted, counts, _, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, set(), protected

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return with_proof(super().get_queryset(request))

    @admin.display(boolean=True, description="address proved")
    def is_proved(self, user: User) -> bool:
        return bool(getattr(user, "is_proved", False))

    @admin.display(description="proof")
    def addresses(self, user: User) -> str:
        """Return the addresses, each with whether its owner proved it by a letter sent there."""
        known = EmailAddress.objects.filter(user=user).values_list("email", "verified")
        said = [f"{email}: {'proved' if verified else 'not proved'}" for email, verified in known]
        return ", ".join(said) or "not asked for yet: at the first login"

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form again, which then says so, if somebody took the address meanwhile."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            return super().changeform_view(request, *args, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool
    ) -> None:
        """Save; whoever is given another address has to prove it, and the old one is not theirs."""
        super().save_model(request, obj, form, change)
        EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()


# What allauth registers shows secrets, searches for user names, or lets staff say what is proved.
for model in (EmailAddress, Authenticator, UserSession):
    admin.site.unregister(model)


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Second factors. Who lost theirs logs in by password alone once it is deleted."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    search_fields = ("user__email",)
    fields = readonly_fields = ("user", "type", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
