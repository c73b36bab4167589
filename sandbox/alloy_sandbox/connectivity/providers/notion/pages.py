"""Creating, reading and changing pages."""

from __future__ import annotations

from alloy_sandbox.connectivity.errors import Json
from alloy_sandbox.connectivity.providers.notion.blocks import add_blocks, read_blocks
from alloy_sandbox.connectivity.providers.notion.bodies import NewPage, PageChanges, Parent
from alloy_sandbox.connectivity.providers.notion.errors import IN_TRASH, invalid_body, notion_error
from alloy_sandbox.connectivity.providers.notion.finding import find_database, find_page
from alloy_sandbox.connectivity.providers.notion.properties import (
    empty_properties,
    read_properties,
    title_of,
)
from alloy_sandbox.connectivity.providers.notion.shapes import page_json
from alloy_sandbox.core.models import Account, NotionDatabase, NotionPage


def create_page(account: Account, *, body: NewPage) -> Json:
    """Create a page, with its content if there is any. The same title twice makes two pages."""
    parent_page, database = _find_parent(account, body.parent)
    given = read_properties(body.properties, database)
    blocks = read_blocks(body.children)
    properties = {**empty_properties(database), **given}
    page = NotionPage.objects.create(
        account=account,
        parent_page=parent_page,
        database=database,
        title=title_of(properties),
        properties=properties,
        icon=body.icon,
        cover=body.cover,
    )
    add_blocks(page, blocks)
    return page_json(page)


def retrieve_page(account: Account, *, page_id: str) -> Json:
    """Answer the page. One in the trash is answered too, marked `archived`; a deleted one is not
    found.
    """
    return page_json(find_page(account, page_id))


def update_page(account: Account, *, page_id: str, body: PageChanges) -> Json:
    """Change properties, icon or cover, move to the trash, or restore.

    A page in the trash can only be restored: anything else is refused.
    """
    page = find_page(account, page_id)
    trash = body.archived if body.archived is not None else body.in_trash
    if page.archived and trash is not False:
        raise notion_error(400, IN_TRASH)
    if trash is not None:
        page.archived = trash
    page.properties = {**page.properties, **read_properties(body.properties, page.database)}
    page.title = title_of(page.properties)
    for name in body.model_fields_set & {"icon", "cover"}:
        setattr(page, name, getattr(body, name))
    page.save()
    return page_json(page)


def _find_parent(
    account: Account, parent: Parent
) -> tuple[NotionPage | None, NotionDatabase | None]:
    """Return the page or the database in which the new page is to be; neither: the workspace."""
    if parent.database_id:
        return None, find_database(account, parent.database_id)
    if parent.page_id:
        page = find_page(account, parent.page_id)
        if page.archived:
            raise notion_error(400, IN_TRASH)
        return page, None
    if parent.workspace or parent.type == "workspace":
        return None, None
    raise invalid_body("parent.page_id", "should be defined, instead was `undefined`.")
