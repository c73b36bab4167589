"""Files that an ISV hands to actions: announced, uploaded to an address of ours, listed, deleted.

The uploading goes past the API, as to a presigned address of S3's: it needs no key.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from pydantic import Field

from alloy_sandbox.connectivity import api
from alloy_sandbox.core.access import environment
from alloy_sandbox.core.api import Body, Json, moment
from alloy_sandbox.core.errors import BadRequest, NotFound
from alloy_sandbox.core.models import UploadedFile
from alloy_sandbox.core.selectors import find


class NewFile(Body):
    """`md5` of the content, in Base64 as S3 wants it, or in hex."""

    filename: str = Field(min_length=1, max_length=255)
    mime_type: str = Field(min_length=1, max_length=255)
    md5: str = Field(min_length=1, max_length=64)


@api.post("connectors/files/upload/request")
def request_upload(body: NewFile) -> Json:
    """Announce a file; answers the address to PUT it to."""
    file = UploadedFile.objects.create(
        s3_key=f"uploads/{secrets.token_hex(12)}/{body.filename}",
        environment=environment(),
        filename=body.filename,
        mime_type=body.mime_type,
        md5=body.md5,
        signature=secrets.token_hex(16),
    )
    path = f"/connectors/files/content/{quote(file.s3_key)}?X-Amz-Signature={file.signature}"
    return {
        "presignedUrl": {
            "md5": file.md5,
            "presignedUrl": f"{settings.SANDBOX_ORIGIN}{path}",
            "type": file.mime_type,
            "s3Key": file.s3_key,
        }
    }


@api.put("connectors/files/content/<path:s3_key>", who="anybody")
def upload(request: HttpRequest, s3_key: str) -> HttpResponse:
    """Take a file's content, if it is the content that was announced."""
    signature = request.GET.get("X-Amz-Signature", "")
    file = find("File", UploadedFile.objects.all(), s3_key=s3_key, signature=signature)
    digest = hashlib.md5(request.body, usedforsecurity=False)
    if file.md5 not in (digest.hexdigest(), base64.b64encode(digest.digest()).decode()):
        raise BadRequest("The content is not the one that md5 was given for", "md5")
    file.size = len(request.body)
    file.save(update_fields=["size"])
    return HttpResponse(headers={"ETag": f'"{digest.hexdigest()}"'})


@api.get("connectors/files/list")
def list_files() -> Json:
    """The files that were uploaded, the newest first."""
    found = UploadedFile.objects.filter(environment=environment(), size__isnull=False)
    data = [
        {
            "s3Key": file.s3_key,
            "filename": file.filename,
            "mimeType": file.mime_type,
            "md5": file.md5,
            "size": file.size,
            "createdAt": moment(file.created_at),
        }
        for file in found.order_by("-created_at")
    ]
    return {"files": data}


@api.delete("connectors/files/<path:s3_key>")
def delete_file(s3_key: str) -> Json:
    deleted, _ = UploadedFile.objects.filter(environment=environment(), s3_key=s3_key).delete()
    if not deleted:
        raise NotFound("File")
    return {"success": True}
