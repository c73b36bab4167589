"""Google Drive: files of text, and folders. Names are not unique, as at Google.

How a file's content travels through Alloy is not documented. Here it is the text under `content` of
the body, beside the metadata that Google's API takes.
"""

from __future__ import annotations

from alloy_sandbox.connectivity.connector import Action, Connector
from alloy_sandbox.connectivity.providers.google_drive import bodies, files
from alloy_sandbox.connectivity.providers.google_drive.errors import failure, refuse

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
    furnish=files.furnish,
    contents=files.contents,
    actions=(
        Action(
            *("listFiles", "List files", "Files", "GET", "/drive/v3/files"),
            run=files.list_files,
            query=bodies.FileQuery,
        ),
        Action(
            *("createFile", "Create a file", "Files", "POST", "/drive/v3/files"),
            run=files.create_file,
            body=bodies.NewFile,
        ),
        Action(*("getFile", "Retrieve a file", "Files", "GET", FILE), run=files.get_file),
        Action(
            *("downloadFile", "Download a file", "Files", "GET", f"{FILE}?alt=media"),
            run=files.download_file,
        ),
        Action(
            *("updateFile", "Change a file", "Files", "PATCH", FILE),
            run=files.update_file,
            body=bodies.FileChanges,
        ),
        Action(*("deleteFile", "Delete a file", "Files", "DELETE", FILE), run=files.delete_file),
    ),
)
