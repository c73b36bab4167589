"""Google Drive: files of text, and folders. Names are not unique, as at Google.

How a file's content travels through Alloy is not documented. Here it is the text under `content` of
the body, beside the metadata that Google's API takes.
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Callable, Iterator

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from sandbox.connectivity.connector import Action, Connector
from sandbox.connectivity.errors import Json, ProviderError
from sandbox.connectivity.paging import place_of
from sandbox.core.http import moment
from sandbox.core.models import Account, DriveFile

ALPHABET = string.ascii_letters + string.digits + "_-"
FOLDER = "application/vnd.google-apps.folder"
REASONS = {
    400: ("invalid", "Bad Request"),
    401: ("authError", "Invalid Credentials"),
    403: ("insufficientFilePermissions", "The user does not have sufficient permissions."),
    404: ("notFound", "File not found."),
    429: ("rateLimitExceeded", "Rate Limit Exceeded"),
}
TERM = re.compile(
    r"(?:(?P<field>name|mimeType) (?P<is>=|!=|contains) '(?P<text>(?:[^'\\]|\\.)*)'"
    r"|trashed = (?P<trashed>true|false)"
    r"|'(?P<parent>[\w-]+)' in parents)"
    r"(?: and (?=.)|$)"
)


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


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


def create_file(account: Account, *, body: NewFile) -> Json:
    for parent in body.parents:
        if parent != "root":
            find_file(account, parent)
    file_id = "1" + "".join(secrets.choice(ALPHABET) for _ in range(32))
    file = DriveFile.objects.create(file_id=file_id, account=account, **body.model_dump())
    return file_json(file)


def get_file(account: Account, *, file_id: str) -> Json:
    return file_json(find_file(account, file_id))


def download_file(account: Account, *, file_id: str) -> Json:
    """Answer the file with its text under `content`."""
    file = find_file(account, file_id)
    return {**file_json(file), "content": file.content}


def update_file(account: Account, *, file_id: str, body: FileChanges) -> Json:
    """Change what is given; new content is a new version of the same file."""
    file = find_file(account, file_id)
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(file, name, value)
    file.version += 1
    file.save()
    return file_json(file)


def delete_file(account: Account, *, file_id: str) -> Json:
    """Delete for good, as Google does; to move a file to the trash, update `trashed`."""
    find_file(account, file_id).delete()
    return {}


def list_files(account: Account, *, query: FileQuery) -> Json:
    """List the files that meet `q`, the last changed first."""
    conditions = [_condition(term) for term in _terms(query.q.strip())]
    files = account.drive_files.all()
    found = [file for file in files if all(meets(file) for meets in conditions)]
    start = place_of(query.page_token)
    end = start + query.page_size
    listed: Json = {"kind": "drive#fileList", "incompleteSearch": False}
    listed["files"] = [file_json(file) for file in found[start:end]]
    return listed | ({"nextPageToken": str(end)} if end < len(found) else {})


def furnish(account: Account) -> None:
    """Put a folder and a note into a new drive."""
    folder = create_file(account, body=NewFile(name="Meeting notes", mimeType=FOLDER))
    create_file(
        account,
        body=NewFile(
            name="About this drive.txt",
            parents=[folder["id"]],
            content="This drive is made up. Files that your app writes appear beside this one.",
        ),
    )


def contents(account: Account) -> Json:
    files = account.drive_files.all()
    return {"files": [{**file_json(file), "content": file.content} for file in files]}


def file_json(file: DriveFile) -> Json:
    page = f"{settings.SANDBOX_ORIGIN}/dashboard/services/{file.account_id}"
    return {
        "kind": "drive#file",
        "id": file.file_id,
        "name": file.name,
        "mimeType": file.mime_type,
        "description": file.description,
        "parents": file.parents,
        "createdTime": moment(file.created_at),
        "modifiedTime": moment(file.modified_at),
        "version": str(file.version),
        "size": str(len(file.content.encode())),
        "trashed": file.trashed,
        "webViewLink": f"{page}#file-{file.file_id}",
    }


def find_file(account: Account, file_id: str) -> DriveFile:
    file = account.drive_files.filter(pk=file_id).first()
    if file is None:
        raise google_error(404, f"File not found: {file_id}.", location="fileId")
    return file


def google_error(status: int, message: str = "", location: str = "") -> ProviderError:
    """Return Google's error with this status: its usual message, unless another one is given."""
    reason, usual = REASONS.get(status, ("backendError", "Internal Error"))
    described = {"message": message or usual, "domain": "global", "reason": reason}
    if location:
        described |= {"locationType": "parameter", "location": location}
    body = {"error": {"code": status, "message": message or usual, "errors": [described]}}
    return ProviderError(status, message or usual, body)


def failure(status: int) -> ProviderError:
    return google_error(status)


def refuse(error: ValidationError) -> ProviderError:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return google_error(400, f"Invalid value for {where}: {first['msg']}", location=where)


def _terms(query: str) -> Iterator[re.Match[str]]:
    """Read one term after the other; what is no term is an error of Google's."""
    place = 0
    while place < len(query):
        term = TERM.match(query, place)
        if term is None:
            raise google_error(400, "Invalid Value", location="q")
        yield term
        place = term.end()


def _condition(term: re.Match[str]) -> Callable[[DriveFile], bool]:
    if term["trashed"]:
        return lambda file: file.trashed is (term["trashed"] == "true")
    if term["parent"]:
        return lambda file: term["parent"] in file.parents
    field = "name" if term["field"] == "name" else "mime_type"
    text = re.sub(r"\\(.)", r"\1", term["text"])
    comparisons: dict[str, Callable[[str], bool]] = {
        "=": lambda value: value == text,
        "!=": lambda value: value != text,
        "contains": lambda value: text.lower() in value.lower(),
    }
    compare = comparisons[term["is"]]
    return lambda file: compare(getattr(file, field))


FILE = "/drive/v3/files/{file_id}"

CONNECTOR = Connector(
    id="googleDrive",
    name="Google Drive",
    categories=("storage", "productivity"),
    icon="googledrive",
    permissions=(
        "See the files and folders that it made",
        "Make files, change them and delete them",
    ),
    accounts=("office@acme.example", "europe@acme.example", "mia@mail.example"),
    refuse=refuse,
    failure=failure,
    furnish=furnish,
    contents=contents,
    actions=(
        Action(
            *("listFiles", "List files", "Files", "GET", "/drive/v3/files"),
            run=list_files,
            query=FileQuery,
        ),
        Action(
            *("createFile", "Create a file", "Files", "POST", "/drive/v3/files"),
            run=create_file,
            body=NewFile,
        ),
        Action(*("getFile", "Retrieve a file", "Files", "GET", FILE), run=get_file),
        Action(
            *("downloadFile", "Download a file", "Files", "GET", f"{FILE}?alt=media"),
            run=download_file,
        ),
        Action(
            *("updateFile", "Change a file", "Files", "PATCH", FILE),
            run=update_file,
            body=FileChanges,
        ),
        Action(*("deleteFile", "Delete a file", "Files", "DELETE", FILE), run=delete_file),
    ),
)
