"""The notes as a Markdown file in Google Drive."""

from __future__ import annotations

from typing import Any

from integrations.alloy import ProviderError
from integrations.contrib.connectivity.connector import ConnectorClient
from meetings.models import Copy, Meeting
from meetings.services import copy_is_at

File = dict[str, Any]


def write(client: ConnectorClient, copy: Copy) -> list[str]:
    """Change the file we made, or make one. Names are not unique there: ours is known by a mark."""
    content = content_of(copy.meeting)
    file = _known(client, copy.remote_id) or _made_before(client, content)
    if file is None:
        file = client.execute("createFile", body=content)
    else:
        file = client.execute("updateFile", path={"file_id": file["id"]}, body=content)
    copy_is_at(
        copy=copy,
        connection=client.connection,
        remote_id=file["id"],
        url=file.get("webViewLink", ""),
    )
    return []


def content_of(meeting: Meeting) -> File:
    """Return the file's metadata and its text."""
    lines = [f"# {meeting.heading}", meeting.starts_at.isoformat(timespec="minutes")]
    lines += [f"- {person}" for person in meeting.people]
    return {
        "name": f"{meeting.title}.md",
        "mimeType": "text/markdown",
        "description": f"Kept up to date by AcmeCo (meeting {meeting.uid})",
        "content": "\n".join([*lines, "", meeting.notes]),
    }


def _known(client: ConnectorClient, file_id: str) -> File | None:
    if not file_id:
        return None
    try:
        file: File = client.execute("getFile", path={"file_id": file_id})
    except ProviderError as error:
        if error.status == 404:
            return None
        raise
    return None if file.get("trashed") else file


def _made_before(client: ConnectorClient, content: File) -> File | None:
    name = content["name"].replace("\\", "\\\\").replace("'", "\\'")
    found = client.execute("listFiles", query={"q": f"name = '{name}' and trashed = false"})
    ours = (file for file in found["files"] if file.get("description") == content["description"])
    return next(ours, None)
