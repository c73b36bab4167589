"""Files of text, and folders. Names are not unique."""

from __future__ import annotations

import secrets
import string

from django.conf import settings

from alloy_sandbox.connectivity.errors import Json
from alloy_sandbox.connectivity.paging import place_of
from alloy_sandbox.connectivity.providers.google_drive.bodies import FileChanges, FileQuery, NewFile
from alloy_sandbox.connectivity.providers.google_drive.errors import google_error
from alloy_sandbox.connectivity.providers.google_drive.queries import conditions
from alloy_sandbox.core.http import moment
from alloy_sandbox.core.models import Account, DriveFile

ALPHABET = string.ascii_letters + string.digits + "_-"
FOLDER = "application/vnd.google-apps.folder"


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
    wanted = conditions(query.q)
    found = [file for file in account.drive_files.all() if all(meets(file) for meets in wanted)]
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
