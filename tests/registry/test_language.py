import pytest
from django.urls import reverse

PAGES = ["household-list", "import-list", "program-list", "dashboard", "token-list", "member-list"]


def _switch(client, language):
    return client.post(reverse("set_language"), {"language": language, "next": "/login/"})


def test_the_sign_in_page_can_be_read_in_english_before_signing_in(client, db):
    assert "Masuk" in client.get(reverse("login")).content.decode()
    assert _switch(client, "en").url == "/login/"
    assert "Sign in" in client.get(reverse("login")).content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_every_main_page_is_english_when_asked_and_indonesian_otherwise(client, gus, household, name):
    client.force_login(gus)
    indonesian = client.get(reverse(name)).content.decode()
    assert '<html lang="id">' in indonesian
    assert "Rumah tangga" in indonesian
    _switch(client, "en")
    english = client.get(reverse(name)).content.decode()
    assert '<html lang="en">' in english
    assert "Households" in english
    assert "Rumah tangga" not in english
