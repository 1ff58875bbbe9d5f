"""The catalogue out and in as CSV, with a dry run that says of each bad row what is wrong."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV
from import_export.forms import ImportForm
from import_export.results import Result
from import_export.tmp_storages import CacheStorage

from classes.resources import CatalogueResource

MAX_IMPORT_BYTES = 2_000_000


class CatalogueImportForm(ImportForm):
    import_file = forms.FileField(label=_("CSV file"))

    def clean_import_file(self) -> UploadedFile:
        upload = self.cleaned_data["import_file"]
        if upload.size > MAX_IMPORT_BYTES:
            raise ValidationError(_("A file of at most 2 MB, please."))
        return upload


class CatalogueExchange(ImportExportMixin):
    """Adds import and export to the class admin."""

    resource_classes = [CatalogueResource]
    formats = [CSV]
    import_form_class = CatalogueImportForm
    import_template_name = "admin/classes/workoutclass/import.html"
    import_export_change_list_template = "admin/classes/workoutclass/change_list.html"
    # Shared between processes and gone after a day: the confirmation may reach another worker.
    tmp_storage_class = CacheStorage
    skip_export_form = True

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        # All or nothing: between the dry run and the import somebody may have taken an address.
        return {**super().get_import_data_kwargs(**kwargs), "rollback_on_validation_errors": True}

    def process_result(self, result: Result, request: HttpRequest) -> HttpResponse:
        if result.has_errors() or result.has_validation_errors():
            sentence = gettext(
                "Nothing was imported: the catalogue has changed since the file was tried. "
                "Please try it again."
            )
            messages.error(request, sentence)
            return self._back_to_import()
        return super().process_result(result, request)

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        confirmed = self.create_confirm_form(request)
        if request.method == "POST" and confirmed.is_valid():
            kept = CacheStorage(name=confirmed.cleaned_data["import_file_name"])
            if kept.read() is None:  # sent twice, or a day later
                messages.error(
                    request, gettext("That file is no longer kept. Please try it again.")
                )
                return self._back_to_import()
        return super().process_import(request, **kwargs)

    def _back_to_import(self) -> HttpResponse:
        return redirect("admin:classes_workoutclass_import")
