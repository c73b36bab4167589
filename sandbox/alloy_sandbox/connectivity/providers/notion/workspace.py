"""What a new workspace holds, and what people see of one."""

from __future__ import annotations

from alloy_sandbox.connectivity.errors import Json
from alloy_sandbox.connectivity.providers.notion.bodies import NewPage, Parent
from alloy_sandbox.connectivity.providers.notion.pages import create_page
from alloy_sandbox.connectivity.providers.notion.shapes import database_json, page_json
from alloy_sandbox.core.models import Account, NotionBlock, NotionDatabase, NotionPage


def furnish(account: Account) -> None:
    """Put a page and an empty database of meetings into a new workspace."""
    words = "This workspace is made up. Pages that your app writes appear beside this one."
    create_page(
        account,
        body=NewPage(
            parent=Parent(workspace=True),
            properties={"title": [{"text": {"content": "Getting started"}}]},
            children=[{"paragraph": {"rich_text": [{"text": {"content": words}}]}}],
        ),
    )
    NotionDatabase.objects.create(
        account=account,
        title="Meetings",
        properties={
            "Name": _described("title", "Name", "title"),
            "Date": _described("date", "Date", "date"),
            "Attendees": _described("att", "Attendees", "rich_text"),
        },
    )


def contents(account: Account) -> Json:
    """Return everything in the workspace as Notion's JSON; pages with their text besides."""
    pages = account.notion_pages.prefetch_related("blocks")
    return {
        "pages": [
            {**page_json(page), "title": page.title, "text": text_of(page)} for page in pages
        ],
        "databases": [database_json(each) for each in account.notion_databases.all()],
    }


def text_of(page: NotionPage) -> str:
    """Return the words of the page's content, one line for each block."""
    return "\n".join(block.text for block in content_of(page))


def content_of(page: NotionPage) -> list[NotionBlock]:
    """Return the blocks in reading order, each with its `depth`, without those in the trash."""
    inside: dict[object, list[NotionBlock]] = {}
    for block in page.blocks.all():
        if not block.archived:
            inside.setdefault(block.parent_id, []).append(block)
    return _in_reading_order(inside, None)


def _in_reading_order(inside: dict[object, list[NotionBlock]], parent: object) -> list[NotionBlock]:
    ordered = []
    for block in inside.get(parent, []):
        ordered += [block, *_in_reading_order(inside, block.pk)]
    return ordered


def _described(property_id: str, name: str, kind: str) -> Json:
    return {"id": property_id, "name": name, "type": kind, kind: {}}
