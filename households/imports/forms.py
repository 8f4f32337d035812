from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

MEGABYTE = 1024 * 1024


class UploadForm(forms.Form):
    """Turns away by name and size what need not be opened; what is inside, the check judges."""

    workbook = forms.FileField(
        label=_("Workbook"),
        help_text=_("The template filled in, an .xlsx file."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={
            "required": _("Choose the workbook to upload."),
            "missing": _("Choose the workbook to upload."),
            "empty": _("The file is empty."),
        },
    )

    def clean_workbook(self) -> UploadedFile:
        file: Any = self.cleaned_data["workbook"]
        if not file.name.lower().endswith(".xlsx"):
            raise ValidationError(_("Choose an Excel workbook that ends in .xlsx."), code="not_xlsx")
        if file.size > settings.UPLOAD_MAX_BYTES:
            limit = settings.UPLOAD_MAX_BYTES // MEGABYTE
            sentence = _("The file is larger than %(limit)s MB. Split it and upload the parts one by one.")
            raise ValidationError(sentence, code="too_large", params={"limit": limit})
        return file
