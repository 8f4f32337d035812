"""What a browser itself refuses: no page breaks its own content security policy, and no stored text runs."""

import pytest
from django.contrib import admin
from django.urls import reverse

from households.models import Household
from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser

HOSTILE = "\u202e<script>alert(1)</script>\"onmouseover='alert(2)' {{7*7}}"
OWN_PAGES = [
    "/dashboard/",
    "/households/",
    "/households/new/",
    "/members/",
    "/imports/",
    "/programs/",
    "/reports/coordination/",
    "/no-such-page/",
    "/households/?no_such_parameter=1",
]


@pytest.fixture
def complaints(page):
    """What the browser says about the policy, and dialogs, which only a script that ran could open."""
    heard: list[str] = []
    page.on(
        "console", lambda line: heard.append(line.text) if "Content Security Policy" in line.text else None
    )
    page.on("dialog", lambda dialog: (heard.append(f"dialog {dialog.message}"), dialog.dismiss()))
    return heard


def addresses_of_admin() -> list[str]:
    found = [reverse("admin:index"), reverse("admin:password_change")]
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        found.append(reverse(f"admin:{name}_changelist"))
        if (row := model._default_manager.first()) is not None:
            found.append(reverse(f"admin:{name}_change", args=[row.pk]))
    return [*found, reverse("admin:households_household_add"), reverse("admin:registry_user_add")]


@pytest.fixture
def hostile(demo, django_db_blocker):
    """A household that is called like a script, and the addresses of the staff's forms."""
    with django_db_blocker.unblock():
        home = Household.objects.first()
        kept = Household.objects.filter(pk=home.pk).values("address", "hamlet").get()
        Household.objects.filter(pk=home.pk).update(address=HOSTILE, hamlet=HOSTILE[:60])
        member, name = home.members.first(), home.members.first().name
        home.members.filter(pk=member.pk).update(name=HOSTILE)
        own = [f"/households/{home.pk}/", f"/households/{home.pk}/change/", f"/members/{member.pk}/change/"]
        yield [*OWN_PAGES, *own, *addresses_of_admin()]
        Household.objects.filter(pk=home.pk).update(**kept)
        home.members.filter(pk=member.pk).update(name=name)


@pytest.mark.parametrize("username", ["admin", "auditor"])  # one writes in the staff's forms, one only reads
def test_no_page_breaks_its_policy_and_no_stored_text_runs(page, complaints, hostile, username):
    sign_in(page, username)
    shown = 0
    for address in hostile:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        shown += "<script>alert(1)" in page.locator("body").inner_text()
        assert complaints == [], address
    assert shown >= 2


def test_the_api_s_own_page_works_under_the_policy_of_ours(page, complaints):
    sign_in(page, "admin")
    page.goto("/api/")
    page.wait_for_selector(".opblock-summary")
    page.locator(".opblock-summary-control").first.click()
    page.get_by_role("button", name="Try it out").first.click()
    page.get_by_role("button", name="Execute").first.click()
    page.wait_for_selector(".live-responses-table")
    assert complaints == []


def test_the_staff_s_pickers_and_filters_work_under_their_policy(page, complaints):
    sign_in(page, "admin")
    page.goto("/admin/registry/user/add/")
    page.locator(".select2-selection").first.click()
    page.locator(".select2-search__field").last.fill("Tenggarong")
    page.locator(".select2-results__option", has_text="Tenggarong").first.click()
    page.wait_for_function(
        "document.querySelector('.select2-selection__rendered').innerText.includes('Tenggarong')"
    )
    page.goto("/admin/households/household/")
    page.get_by_text("Filter").first.click()
    assert complaints == []
