"""What is in a Notion workspace: pages, databases, and the blocks that pages are made of."""

from __future__ import annotations

import uuid

from django.db import models

from alloy_sandbox.core.models.accounts import Account


class NotionObject(models.Model):
    """What pages, databases and blocks share. `archived`: in the trash."""

    object_id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    archived = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class NotionDatabase(NotionObject):
    """A database. `properties`: {name: {"id", "name", "type", <type>: {...}}}."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="notion_databases")
    title = models.CharField(max_length=2000)
    properties = models.JSONField(default=dict)

    class Meta:
        ordering = ("-edited_at",)

    def __str__(self) -> str:
        return self.title


class NotionPage(NotionObject):
    """A page: in the workspace itself, below another page, or a row of a database.

    `title` repeats what `properties` say, so that the search can find it.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="notion_pages")
    parent_page = models.ForeignKey("self", models.CASCADE, null=True, related_name="pages")
    database = models.ForeignKey(NotionDatabase, models.CASCADE, null=True, related_name="pages")
    title = models.TextField(blank=True, default="")
    properties = models.JSONField(default=dict)
    icon = models.JSONField(null=True)
    cover = models.JSONField(null=True)

    class Meta:
        ordering = ("-edited_at",)

    def __str__(self) -> str:
        return self.title


class NotionBlock(NotionObject):
    """A piece of a page's content. `content` is what stands below the key named `type`."""

    page = models.ForeignKey(NotionPage, models.CASCADE, related_name="blocks")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    position = models.PositiveIntegerField()
    type = models.CharField(max_length=50)
    content = models.JSONField(default=dict)

    class Meta:
        ordering = ("position",)
        indexes = (models.Index(fields=("page", "position"), name="blocks_in_order"),)

    def __str__(self) -> str:
        return f"{self.type} {self.object_id}"

    @property
    def text(self) -> str:
        """The words of the block, without their form."""
        return "".join(piece["plain_text"] for piece in self.content.get("rich_text", []))
