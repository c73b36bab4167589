"""Google Drive: files of text, and folders. Names are not unique, as at Google.

How a file's content travels through Alloy is not documented. Here it is the text under `content` of
the body, beside the metadata that Google's API takes.
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Callable, Iterator

from pydantic import Field

from alloy_sandbox.connectivity.service import (
    Camel,
    Refusal,
    Service,
    action,
    of_kind,
    one_page,
    shown_at,
)
from alloy_sandbox.core.api import Json, moment
from alloy_sandbox.core.models import Account, Item

FILE = "/drive/v3/files/{file_id}"
ALPHABET = string.ascii_letters + string.digits + "_-"
FOLDER = "application/vnd.google-apps.folder"
ABOUT = "This drive is made up. Files that your app writes appear beside this one."
TERM = re.compile(
    r"(?:(?P<field>name|mimeType) (?P<is>=|!=|contains) '(?P<text>(?:[^'\\]|\\.)*)'"
    r"|trashed = (?P<trashed>true|false)"
    r"|'(?P<parent>[\w-]+)' in parents)"
    r"(?: and (?=.)|$)"
)

Condition = Callable[[Item], bool]


class NewFile(Camel):
    name: str = Field("Untitled", max_length=1000)
    mime_type: str = "text/plain"
    description: str = ""
    parents: list[str] = Field(default_factory=lambda: ["root"])
    content: str = ""


class FileChanges(Camel):
    name: str | None = Field(None, max_length=1000)
    mime_type: str | None = None
    description: str | None = None
    content: str | None = None
    trashed: bool | None = None


class FileQuery(Camel):
    """`q`: terms such as `name = 'a' and trashed = false`, joined by "and"."""

    q: str = ""
    page_size: int = Field(100, ge=1, le=1000)
    page_token: str = ""


class GoogleDrive(Service):
    wording = "Invalid value for {where}: {problem}"

    @action("listFiles", "List files", "Files", "GET /drive/v3/files")
    def list_files(self, account: Account, *, query: FileQuery) -> Json:
        """List the files that meet `q`, the last changed first."""
        wanted = [condition(term) for term in terms(query.q.strip())]
        files = of_kind(account, "file")
        found = [file for file in files if all(meets(file) for meets in wanted)]
        page, token = one_page(found, query.page_token, query.page_size)
        listed: Json = {"kind": "drive#fileList", "incompleteSearch": False}
        listed["files"] = [file_json(file) for file in page]
        return listed | ({"nextPageToken": token} if token else {})

    @action("createFile", "Create a file", "Files", "POST /drive/v3/files")
    def create_file(self, account: Account, *, body: NewFile) -> Json:
        for parent in body.parents:
            if parent != "root":
                find_file(account, parent)
        file = Item.objects.create(
            item_id="1" + "".join(secrets.choice(ALPHABET) for _ in range(32)),
            account=account,
            kind="file",
            title=body.name,
            data={**body.model_dump(by_alias=True, exclude={"name"}), "version": 1},
        )
        return file_json(file)

    @action("getFile", "Retrieve a file", "Files", f"GET {FILE}")
    def get_file(self, account: Account, *, file_id: str) -> Json:
        return file_json(find_file(account, file_id))

    @action("downloadFile", "Download a file", "Files", f"GET {FILE}?alt=media")
    def download_file(self, account: Account, *, file_id: str) -> Json:
        """Answer the file with its text under `content`."""
        return with_content(find_file(account, file_id))

    @action("updateFile", "Change a file", "Files", f"PATCH {FILE}")
    def update_file(self, account: Account, *, file_id: str, body: FileChanges) -> Json:
        """Change what is given; new content is a new version of the same file."""
        file = find_file(account, file_id)
        changes = body.model_dump(by_alias=True, exclude_none=True)
        file.title = changes.pop("name", file.title)
        file.archived = changes.pop("trashed", file.archived)
        file.data |= {**changes, "version": file.data["version"] + 1}
        file.save()
        return file_json(file)

    @action("deleteFile", "Delete a file", "Files", f"DELETE {FILE}")
    def delete_file(self, account: Account, *, file_id: str) -> Json:
        """Delete for good, as Google does; to move a file to the trash, update `trashed`."""
        find_file(account, file_id).delete()
        return {}

    def error_body(self, status: int, message: str, reason: str, **more: str) -> Json:
        domain = "usageLimits" if "Limit" in reason else "global"
        place = {"locationType": "parameter", **more} if more else {}
        described = {"message": message, "domain": domain, "reason": reason, **place}
        return {"error": {"code": status, "message": message, "errors": [described]}}

    def furnish(self, account: Account) -> None:
        """Put a folder and a note into a new drive."""
        folder = self.create_file(account, body=NewFile(name="Meeting notes", mimeType=FOLDER))
        note = NewFile(name="About this drive.txt", parents=[folder["id"]], content=ABOUT)
        self.create_file(account, body=note)

    def contents(self, account: Account) -> Json:
        return {"files": [with_content(file) for file in of_kind(account, "file")]}

    def shown(self, account: Account) -> list[Json]:
        return [
            {
                "title": file.title,
                "details": f"{file.data['mimeType']}, version {file.data['version']}",
                "text": file.data["content"],
                "badge": "In the trash" if file.archived else "",
            }
            for file in of_kind(account, "file")
        ]


def find_file(account: Account, file_id: str) -> Item:
    file = account.items.filter(kind="file", pk=file_id).first()
    if file is None:
        raise Refusal(404, f"File not found: {file_id}.", location="fileId")
    return file


def file_json(file: Item) -> Json:
    return {
        "kind": "drive#file",
        "id": file.pk,
        "name": file.title,
        "mimeType": file.data["mimeType"],
        "description": file.data["description"],
        "parents": file.data["parents"],
        "createdTime": moment(file.created_at),
        "modifiedTime": moment(file.edited_at),
        "version": str(file.data["version"]),
        "size": str(len(file.data["content"].encode())),
        "trashed": file.archived,
        "webViewLink": shown_at(file.account_id),
    }


def with_content(file: Item) -> Json:
    return {**file_json(file), "content": file.data["content"]}


def terms(query: str) -> Iterator[re.Match[str]]:
    """Read one term after the other; what is no term is an error of Google's."""
    place = 0
    while place < len(query):
        term = TERM.match(query, place)
        if term is None:
            raise Refusal(400, "Invalid Value", location="q")
        yield term
        place = term.end()


def condition(term: re.Match[str]) -> Condition:
    """Return what a file has to meet."""
    if term["trashed"]:
        return lambda file: file.archived is (term["trashed"] == "true")
    if term["parent"]:
        return lambda file: term["parent"] in file.data["parents"]
    text = re.sub(r"\\(.)", r"\1", term["text"])
    compare: Callable[[str], bool] = {
        "=": lambda value: value == text,
        "!=": lambda value: value != text,
        "contains": lambda value: text.lower() in value.lower(),
    }[term["is"]]
    if term["field"] == "name":
        return lambda file: compare(file.title)
    return lambda file: compare(file.data["mimeType"])
