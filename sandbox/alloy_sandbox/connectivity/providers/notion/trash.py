"""What people do to pages inside Notion, behind the app's back."""

from __future__ import annotations

from django.db import transaction

from alloy_sandbox.core.models import NotionPage


def set_archived(*, page: NotionPage, archived: bool) -> None:
    """Move a page to the trash, or back."""
    page.archived = archived
    page.save(update_fields=["archived", "edited_at"])


@transaction.atomic
def delete_for_good(*, page: NotionPage) -> None:
    """Delete a page with everything below it: from now on it is not found."""
    page.delete()
