"""Connectors that are there by name only, so that a list looks like a list.

They can be connected to. Their actions are not imitated.
"""

from __future__ import annotations

from alloy_sandbox.connectivity.connector import Connector


def listed(connector_id: str, name: str, *categories: str, icon: str = "") -> Connector:
    return Connector(
        id=connector_id, name=name, categories=categories, icon=icon or connector_id.lower()
    )


CONNECTORS = (
    listed("airtable", "Airtable", "productivity", "database"),
    listed("asana", "Asana", "project management"),
    listed("dropbox", "Dropbox", "storage"),
    listed("gmail", "Gmail", "communication"),
    listed("googleCalendar", "Google Calendar", "calendar", "productivity"),
    listed("googlesheets", "Google Sheets", "productivity", "database"),
    Connector(
        id="jira",
        name="Jira",
        categories=("project management",),
        icon="jira",
        authentication="basic",
        data_fields={
            "domain": "The part of the site's address before .atlassian.net",
            "username": "The e-mail address of whoever made the token",
            "password": "An API token of theirs",
        },
        account_field="domain",
    ),
    Connector(
        id="klaviyo",
        name="Klaviyo",
        categories=("marketing",),
        icon="klaviyo",
        authentication="apiKey",
        data_fields={"apiKey": "A private API key of the Klaviyo account"},
    ),
    listed("mailchimp", "Mailchimp", "marketing"),
    Connector(
        id="microsoftTeams",
        name="Microsoft Teams",
        categories=("communication",),
        icon="microsoftteams",
        auth_config_required=True,
    ),
    listed("quickbooks", "QuickBooks", "accounting"),
    listed("salesforce", "Salesforce", "crm"),
    Connector(
        id="shippo",
        name="Shippo",
        categories=("shipping",),
        icon="shippo",
        authentication="bearer",
        data_fields={"token": "A private API token of the Shippo account"},
    ),
    listed("stripe", "Stripe", "payments", "accounting"),
    listed("zendesk", "Zendesk", "support"),
    listed("zohoCRM", "Zoho CRM", "crm"),
)
