"""How tests fill in and send the staff's forms."""

from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from registry.models import User


def sign_in(user: User) -> Client:
    """Reads English, so that the tests can quote the source strings."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


def fields_of(response: HttpResponse) -> dict[str, str]:
    """What a browser would send if nothing were typed."""
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    values = {bound.html_name: bound.value() for form in forms for bound in form}
    return {
        name: "on" if value is True else str(value)
        for name, value in values.items()
        if value is not None and value is not False
    }


def send(client: Client, url: str, **typed: Any) -> HttpResponse:
    """Opens the form, types and saves."""
    return client.post(url, fields_of(client.get(url)) | {name: str(value) for name, value in typed.items()})


def offered(response: HttpResponse) -> set[str]:
    """What the form offers to do with parts of its row: "add criteria", "change criteria"."""
    return {
        f"{deed} {inline.formset.prefix}"
        for inline in response.context["inline_admin_formsets"]
        for deed in ("add", "change", "delete")
        if getattr(inline, f"has_{deed}_permission")
    }


def errors_of(response: HttpResponse) -> str:
    return " ".join(str(error) for error in response.context["errors"])


def shown(response: HttpResponse) -> list[Any]:
    return list(response.context["cl"].result_list)
