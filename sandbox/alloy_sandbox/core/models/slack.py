"""What is in a Slack workspace: channels and the messages in them."""

from __future__ import annotations

from django.db import models

from alloy_sandbox.core.models.accounts import Account


class SlackChannel(models.Model):
    """A channel; only where the app is a member may it post."""

    channel_id = models.CharField(primary_key=True, max_length=20)
    account = models.ForeignKey(Account, models.CASCADE, related_name="slack_channels")
    name = models.CharField(max_length=80)
    topic = models.CharField(max_length=250, blank=True, default="")
    is_member = models.BooleanField(default=True)
    is_archived = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return f"#{self.name}"


class SlackMessage(models.Model):
    """A message; `ts` is its id within the channel, and its time: "1700000000.000100"."""

    channel = models.ForeignKey(SlackChannel, models.CASCADE, related_name="messages")
    ts = models.CharField(max_length=30)
    thread_ts = models.CharField(max_length=30, blank=True, default="")
    text = models.TextField(blank=True, default="")
    blocks = models.JSONField(default=list)
    edited = models.BooleanField(default=False)
    posted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("channel", "ts"), name="one_message_per_ts"),
        )

    def __str__(self) -> str:
        return self.text

    @property
    def words(self) -> str:
        """The text as people see it: Slack's senders write these three characters as entities."""
        return self.text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
