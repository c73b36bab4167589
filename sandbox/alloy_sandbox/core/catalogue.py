"""The integrations that the imaginary ISV, AcmeCo, has built and released."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

BIGCOMMERCE_INTEGRATION_ID = "63ea758e82c3074141968bb9"
ORDER_CREATED_WORKFLOW_ID = "63ea75a2fcf2e2c72e805ddc"
STATUS_UPDATE_WORKFLOW_ID = "632531cf3beb6c98611abd09"

Json = dict[str, Any]


@dataclass(frozen=True)
class EventEntry:
    name: str
    description: str
    body: Json


@dataclass(frozen=True)
class WorkflowEntry:
    """`blocks` are (name, type) pairs in the order in which they run."""

    name: str
    blocks: tuple[tuple[str, str], ...]
    event: str | None = None
    behaviour: str = ""
    fields: tuple[Json, ...] = ()
    workflow_id: str | None = None


@dataclass(frozen=True)
class IntegrationEntry:
    app: str
    connector: str
    category: str
    description: str
    workflows: tuple[WorkflowEntry, ...]
    credential_fields: tuple[Json, ...] = ()
    integration_id: str | None = None
    is_oauth: bool = False


def credential(name: str, display_name: str, description: str = "") -> Json:
    return {"name": name, "displayName": display_name, "description": description}


def choice(name: str, display_name: str, *options: str, required: bool = True) -> Json:
    """Return a configurable field that is a dropdown; an option's value is its slug."""
    return {
        "name": name,
        "displayName": display_name,
        "type": "string",
        "required": required,
        "options": [
            {"displayName": option, "value": option.lower().replace(" ", "-")} for option in options
        ],
    }


def text(name: str, display_name: str, *, required: bool = True) -> Json:
    return {"name": name, "displayName": display_name, "type": "string", "required": required}


CUSTOM_EVENT = ("Custom Event", "customEvent")
STREAM_DATA = ("Stream Data", "streamData")
FULFILLMENT_UPDATED = "Fulfillment Updated"

EVENTS = (
    EventEntry(
        FULFILLMENT_UPDATED,
        "A fulfillment status was updated in AcmeCo.",
        {"orderId": "String", "status": "String"},
    ),
    EventEntry(
        "Customer Created",
        "A customer bought through AcmeCo for the first time.",
        {"customerEmail": "String", "firstName": "String", "lastName": "String"},
    ),
    EventEntry(
        "Fulfillment Failed",
        "An order could not be fulfilled and somebody should look at it.",
        {"orderId": "String", "reason": "String"},
    ),
)

INTEGRATIONS = (
    IntegrationEntry(
        app="BigCommerce",
        connector="bigcommerce",
        category="Commerce",
        description="Receive the store's orders in AcmeCo and tell the store how they ship.",
        integration_id=BIGCOMMERCE_INTEGRATION_ID,
        credential_fields=(
            credential("storeHash", "Store hash", "The part after stores/ in your API path."),
            credential("accessToken", "Access token", "From Settings, API accounts."),
        ),
        workflows=(
            WorkflowEntry(
                "When a new order is created in BigCommerce, create a new record in AcmeCo",
                (("BigCommerce Trigger", "bigcommerce"), STREAM_DATA),
                behaviour="stream_order",
                workflow_id=ORDER_CREATED_WORKFLOW_ID,
            ),
            WorkflowEntry(
                "When a fulfillment status is updated in AcmeCo, "
                "update the order status in BigCommerce",
                (CUSTOM_EVENT, ("Update an order status", "bigcommerce")),
                event=FULFILLMENT_UPDATED,
                behaviour="update_order_status",
                workflow_id=STATUS_UPDATE_WORKFLOW_ID,
            ),
        ),
    ),
    IntegrationEntry(
        app="Shopify",
        connector="shopify",
        category="Commerce",
        description="Import Shopify orders and add tracking to them when they leave the warehouse.",
        is_oauth=True,
        credential_fields=(credential("shopSubdomain", "Shop name", "yourshop.myshopify.com"),),
        workflows=(
            WorkflowEntry(
                "When an order is paid in Shopify, create a new record in AcmeCo",
                (("Shopify Trigger", "shopify"), STREAM_DATA),
                fields=(choice("location", "Ship from", "Main warehouse", "Shop floor"),),
            ),
            WorkflowEntry(
                "When a fulfillment status is updated in AcmeCo, fulfill the order in Shopify",
                (CUSTOM_EVENT, ("Create a fulfillment", "shopify")),
                event=FULFILLMENT_UPDATED,
            ),
        ),
    ),
    IntegrationEntry(
        app="NetSuite",
        connector="netsuite",
        category="ERP",
        description="Book fulfilled orders as item fulfillments in NetSuite.",
        credential_fields=(
            credential("realm", "Account id"),
            credential("consumerKey", "Consumer key"),
            credential("tokenId", "Token id"),
            credential("tokenSecret", "Token secret"),
        ),
        workflows=(
            WorkflowEntry(
                "When a fulfillment status is updated in AcmeCo, create an item fulfillment",
                (CUSTOM_EVENT, ("Create an item fulfillment", "netsuite")),
                event=FULFILLMENT_UPDATED,
                fields=(
                    choice("subsidiary", "Subsidiary", "Parent company", "Europe", "Asia Pacific"),
                    text("memo", "Memo on each record", required=False),
                ),
            ),
        ),
    ),
    IntegrationEntry(
        app="Klaviyo",
        connector="klaviyo",
        category="Marketing",
        description="Start Klaviyo flows when a customer's parcel is on its way.",
        credential_fields=(credential("apiKey", "Private API key", "Begins with pk_."),),
        workflows=(
            WorkflowEntry(
                "When a customer is created in AcmeCo, add a profile to a Klaviyo list",
                (CUSTOM_EVENT, ("Add a profile to a list", "klaviyo")),
                event="Customer Created",
                fields=(choice("list", "List", "Newsletter", "Customers", "VIP"),),
            ),
            WorkflowEntry(
                "When a fulfillment status is updated in AcmeCo, track an event in Klaviyo",
                (CUSTOM_EVENT, ("Track an event", "klaviyo")),
                event=FULFILLMENT_UPDATED,
            ),
        ),
    ),
    IntegrationEntry(
        app="ShipStation",
        connector="shipstation",
        category="Shipping",
        description="Buy labels in ShipStation and bring the tracking numbers back.",
        credential_fields=(
            credential("apiKey", "API key"),
            credential("apiSecret", "API secret"),
        ),
        workflows=(
            WorkflowEntry(
                "When a shipment is created in ShipStation, update the record in AcmeCo",
                (("ShipStation Trigger", "shipstation"), STREAM_DATA),
            ),
        ),
    ),
    IntegrationEntry(
        app="QuickBooks",
        connector="quickbooks",
        category="Accounting",
        description="Turn fulfilled orders into invoices.",
        is_oauth=True,
        workflows=(
            WorkflowEntry(
                "When a fulfillment status is updated in AcmeCo, create an invoice in QuickBooks",
                (CUSTOM_EVENT, ("Create an invoice", "quickbooks")),
                event=FULFILLMENT_UPDATED,
                fields=(text("incomeAccount", "Income account"),),
            ),
        ),
    ),
    IntegrationEntry(
        app="Slack",
        connector="slack",
        category="Communication",
        description="Tell a channel when a fulfillment fails.",
        is_oauth=True,
        workflows=(
            WorkflowEntry(
                "When a fulfillment fails in AcmeCo, send a message to a Slack channel",
                (CUSTOM_EVENT, ("Send a message", "slack")),
                event="Fulfillment Failed",
                fields=(choice("channel", "Channel", "General", "Fulfillment", "Alerts"),),
            ),
        ),
    ),
    IntegrationEntry(
        app="HubSpot",
        connector="hubspot",
        category="CRM",
        description="Keep contacts and their orders in step with AcmeCo.",
        is_oauth=True,
        workflows=(
            WorkflowEntry(
                "When a customer is created in AcmeCo, create a contact in HubSpot",
                (CUSTOM_EVENT, ("Create a contact", "hubspot")),
                event="Customer Created",
            ),
            WorkflowEntry(
                "When a deal is won in HubSpot, create a new record in AcmeCo",
                (("HubSpot Trigger", "hubspot"), STREAM_DATA),
            ),
        ),
    ),
    IntegrationEntry(
        app="Zendesk",
        connector="zendesk",
        category="Support",
        description="Open a ticket for each order that is stuck.",
        credential_fields=(
            credential("subdomain", "Subdomain", "The part before .zendesk.com."),
            credential("email", "Agent's e-mail address"),
            credential("apiToken", "API token"),
        ),
        workflows=(
            WorkflowEntry(
                "When a fulfillment fails in AcmeCo, create a ticket in Zendesk",
                (CUSTOM_EVENT, ("Create a ticket", "zendesk")),
                event="Fulfillment Failed",
                fields=(choice("priority", "Priority", "Normal", "High", "Urgent"),),
            ),
        ),
    ),
    IntegrationEntry(
        app="Google Sheets",
        connector="googlesheets",
        category="Productivity",
        description="Append each fulfillment to a spreadsheet.",
        is_oauth=True,
        workflows=(
            WorkflowEntry(
                "When a fulfillment status is updated in AcmeCo, add a row to Google Sheets",
                (CUSTOM_EVENT, ("Add a row", "googlesheets")),
                event=FULFILLMENT_UPDATED,
                fields=(text("spreadsheet", "Name of the spreadsheet"),),
            ),
        ),
    ),
)
