"""Texts of django-allauth that AcmeCo says in its own words.

A catalogue of the project comes before those of packages, also the English one: so
`locale/en/` changes these texts, without a form or a view of our own for each.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop

TEXTS = (
    # Labels and placeholders
    gettext_noop("Email"),
    gettext_noop("Email address"),
    gettext_noop("Password"),
    gettext_noop("Remember Me"),
    gettext_noop("Forgot your password?"),
    gettext_noop("Current Password"),
    gettext_noop("New Password"),
    gettext_noop("New Password (again)"),
    gettext_noop("Password (again)"),
    gettext_noop("Code"),
    gettext_noop("Authenticator code"),
    # Ways to show once more who you are
    gettext_noop("Use your password"),
    gettext_noop("Use authenticator app or code"),
    # What is wrong
    gettext_noop("The email address and/or password you specified are not correct."),
    gettext_noop("A user is already registered with this email address."),
    gettext_noop("This email address is already associated with this account."),
    gettext_noop("Incorrect password."),
    gettext_noop("Incorrect code."),
    gettext_noop("Please type your current password."),
    gettext_noop("You must type the same password each time."),
    gettext_noop("The new value must be different from the current one."),
    gettext_noop("Be patient, you are sending too many requests."),
    gettext_noop("This account is currently inactive."),
)
