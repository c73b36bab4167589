"""Finding things in a workspace by their ids, with or without dashes."""

from __future__ import annotations

import uuid

from alloy_sandbox.connectivity.providers.notion.errors import not_found, notion_error
from alloy_sandbox.core.models import Account, NotionBlock, NotionDatabase, NotionPage


def find_page(account: Account, page_id: str) -> NotionPage:
    """Return the page, also one in the trash; raises object_not_found."""
    page = account.notion_pages.filter(pk=read_id(page_id, "page_id")).first()
    if page is None:
        raise not_found("page", page_id)
    return page


def find_database(account: Account, database_id: str) -> NotionDatabase:
    found = account.notion_databases.filter(pk=read_id(database_id, "database_id")).first()
    if found is None:
        raise not_found("database", database_id)
    return found


def find_page_or_block(account: Account, block_id: str) -> NotionPage | NotionBlock:
    """Return what the id is of: to Notion a page is a block like any other."""
    key = read_id(block_id, "block_id")
    page = account.notion_pages.filter(pk=key).first()
    found = page or NotionBlock.objects.filter(pk=key, page__account=account).first()
    if found is None:
        raise not_found("block", block_id)
    return found


def read_id(given: str, name: str) -> uuid.UUID:
    try:
        return uuid.UUID(given)
    except ValueError:
        raise notion_error(
            400,
            f'path failed validation: path.{name} should be a valid uuid, instead was `"{given}"`.',
        ) from None
