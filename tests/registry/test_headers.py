import pytest
from django.urls import reverse

EXPECTED = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PAGES = [
    "login",
    "household-list",
    "dashboard",
    "import-list",
    "token-list",
    "api-household-list",
    "admin:index",
]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_carries_the_headers_that_browsers_need(client, gus, name):
    client.force_login(gus)
    answer = client.get(reverse(name))
    assert {header: answer.headers[header] for header in EXPECTED} == EXPECTED
    assert "Content-Security-Policy" in answer.headers
    assert "http" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["login", "household-list", "dashboard", "api-household-list"])
def test_our_own_pages_allow_no_inline_code(client, gus, name):
    client.force_login(gus)
    policy = client.get(reverse(name)).headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_an_error_page_carries_them_too(client, gus):
    client.force_login(gus)
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
