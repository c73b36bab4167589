"""Notion: pages, blocks, databases and search, as its API of 2022-06-28 has them.

The ids of the actions are the operation ids of Notion's own API description.
"""

from __future__ import annotations

from alloy_sandbox.connectivity.connector import Action, Connector
from alloy_sandbox.connectivity.providers.notion import blocks, bodies, databases, pages, search
from alloy_sandbox.connectivity.providers.notion.errors import failure, refuse
from alloy_sandbox.connectivity.providers.notion.limits import check_size
from alloy_sandbox.connectivity.providers.notion.workspace import contents, furnish

PAGE = "/v1/pages/{page_id}"
BLOCK = "/v1/blocks/{block_id}"
CHILDREN = f"{BLOCK}/children"
DATABASE = "/v1/databases/{database_id}"

CONNECTOR = Connector(
    id="notion",
    name="Notion",
    categories=("productivity", "knowledge"),
    icon="notion",
    permissions=(
        "Read the pages and databases of the workspace",
        "Write pages, change them and move them to the trash",
        "Search by title",
    ),
    accounts=("Acme HQ", "Acme Europe", "Private notes"),
    refuse=refuse,
    failure=failure,
    check=check_size,
    headers={"Notion-Version": "The version of Notion's API, such as 2022-06-28"},
    furnish=furnish,
    contents=contents,
    actions=(
        Action(
            *("post-search", "Search by title", "Search", "POST", "/v1/search"),
            run=search.search,
            body=bodies.Search,
        ),
        Action(
            *("post-page", "Create a page", "Pages", "POST", "/v1/pages"),
            run=pages.create_page,
            body=bodies.NewPage,
        ),
        Action(
            *("retrieve-a-page", "Retrieve a page", "Pages", "GET", PAGE),
            run=pages.retrieve_page,
        ),
        Action(
            *("patch-page", "Update page properties", "Pages", "PATCH", PAGE),
            run=pages.update_page,
            body=bodies.PageChanges,
        ),
        Action(
            *("get-block-children", "Retrieve block children", "Blocks", "GET", CHILDREN),
            run=blocks.list_children,
            query=bodies.Paging,
        ),
        Action(
            *("patch-block-children", "Append block children", "Blocks", "PATCH", CHILDREN),
            run=blocks.append_children,
            body=bodies.NewBlocks,
        ),
        Action(
            *("retrieve-a-block", "Retrieve a block", "Blocks", "GET", BLOCK),
            run=blocks.retrieve_block,
        ),
        Action(
            *("delete-a-block", "Delete a block", "Blocks", "DELETE", BLOCK),
            run=blocks.delete_block,
        ),
        Action(
            *("retrieve-a-database", "Retrieve a database", "Databases", "GET", DATABASE),
            run=databases.retrieve_database,
        ),
        Action(
            *("post-database-query", "Query a database", "Databases", "POST", f"{DATABASE}/query"),
            run=databases.query_database,
            body=bodies.RowQuery,
        ),
    ),
)
