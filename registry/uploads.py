"""What a request may bring along, before any form looks at it."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

from registry.upload_guard import LIMITS


class SizeLimit(FileUploadHandler):
    """Ends a request whose files outgrow what any workbook may be, before they fill the disk: 400.

    Forms word what lies between their own limit and this one.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.bytes = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.bytes += len(raw_data)
        if self.bytes > LIMITS.file_bytes:
            raise RequestDataTooBig
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler keeps the file."""
