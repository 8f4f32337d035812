"""A workbook's way into the registry: upload, check, confirm, and the rejected rows back as a workbook."""

from households.imports.batches import check, confirm, request_confirm, upload
from households.imports.template import fill_template, template_workbook

__all__ = ["check", "confirm", "fill_template", "request_confirm", "template_workbook", "upload"]
