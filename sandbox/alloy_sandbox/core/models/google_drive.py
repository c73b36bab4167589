from __future__ import annotations

from django.db import models

from alloy_sandbox.core.models.accounts import Account


class DriveFile(models.Model):
    """A file or folder in a Google Drive. Several may bear the same name, as at Google."""

    file_id = models.CharField(primary_key=True, max_length=44)
    account = models.ForeignKey(Account, models.CASCADE, related_name="drive_files")
    name = models.CharField(max_length=1000)
    mime_type = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    parents = models.JSONField(default=list)
    content = models.TextField(blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    trashed = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-modified_at",)

    def __str__(self) -> str:
        return self.name
