"""Sign-up, login, password, e-mail address, second factor and sessions: under /accounts/."""

from __future__ import annotations

from django.urls import include, path

from accounts import addresses

urlpatterns = [
    # Before allauth's own, which they take the place of.
    path("signup/", addresses.SignupView.as_view(), name="account_signup"),
    path("email/", addresses.EmailView.as_view(), name="account_email"),
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]
