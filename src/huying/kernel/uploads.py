"""How much one request may carry in files: refused by its length, before a byte is written to disk."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.translation import gettext_lazy as _

from huying.kernel.errors import DomainError


class UploadTooLarge(DomainError, RequestDataTooBig):
    """Both our own refusal (413) and Django's, so that it is answered wherever the body is first read."""

    code = "upload_too_large"
    status = 413
    message = _("这次上传的文件加起来太大了，最多 {megabytes} MB，请分几次上传。")


class TotalLimit(FileUploadHandler):
    """First in FILE_UPLOAD_HANDLERS: passes everything on to the others, or stops the request."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: N803 - Django's own name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        if content_length > settings.HUYING_REQUEST_BYTES:
            raise UploadTooLarge(megabytes=settings.HUYING_REQUEST_BYTES // (1024 * 1024))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
