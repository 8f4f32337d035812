import re
from datetime import date

import pytest
from django.urls import reverse

from households.models import Family, Household, Member, PovertyStatus, Scheme
from households.questionnaire.codes import Relationship
from households.services import record_assessment
from registry.models import AccessLog, AuditEvent, Job
from registry.roles import Role
from tests import factories
from tests.admin_pages import errors_of, fields_of, offered, page, send, shown, sign_in

DAY = date(2026, 11, 1)
HOUSEHOLDS = "households_household_changelist"
HOUSEHOLD = "households_household_change"
PEOPLE = ("household", "family", "member")


@pytest.fixture
def next_household(next_village):
    return factories.household(next_village)


@pytest.fixture
def new_member():
    return {
        "members-TOTAL_FORMS": 1,
        "members-0-name": "Sampel Satu",
        "members-0-nik": factories.nik(),
        "members-0-family_number": 1,
        "members-0-household_relationship": Relationship.HEAD,
        "members-0-family_relationship": Relationship.HEAD,
    }


@pytest.fixture
def judged(household, ana, bps14):
    head = household.members.get()
    record_assessment(
        household=household,
        assessed_on=DAY,
        answers=factories.POOR_ANSWERS,
        member_answers={head.pk: factories.POOR_HEAD | {"documents": 3}},
        by=ana,
    )
    return household


def test_an_operator_lists_her_own_village_only(ana, household, next_household):
    assert shown(sign_in(ana).get(page(HOUSEHOLDS))) == [household]


def test_an_auditor_lists_all_and_changes_nothing(chi, household, next_household):
    client = sign_in(chi)
    assert len(shown(client.get(page(HOUSEHOLDS)))) == 2
    url = page(HOUSEHOLD, household.pk)
    answer = client.get(url)
    assert answer.status_code == 200
    assert offered(answer) == set()
    assert client.post(url, {"number": "2"}).status_code == 403
    assert client.get(page("households_household_add")).status_code == 403


def test_a_tkpk_member_may_not_enter(dee):
    assert sign_in(dee).get(page(HOUSEHOLDS), follow=True).status_code == 403


@pytest.mark.parametrize("model", [*PEOPLE, "assessment", "povertystatus"])
def test_what_lies_in_the_next_village_is_not_there(model, ben, judged):
    row = {
        "household": judged,
        "family": judged.families.get(),
        "member": judged.members.get(),
        "assessment": judged.assessments.get(),
        "povertystatus": judged.statuses.get(),
    }[model]
    client = sign_in(ben)
    foreign = client.get(page(f"households_{model}_change", row.pk))
    missing = client.get(page(f"households_{model}_change", 999_999))
    assert foreign.status_code == missing.status_code == 404
    assert shown(client.get(page(f"households_{model}_changelist"))) == []


@pytest.mark.parametrize("view", ["history", "delete"])
def test_neither_history_nor_deletion_has_a_page(view, ana, household):
    answer = sign_in(ana).get(page(f"households_household_{view}", household.pk))
    assert answer.status_code in (403, 404)


def test_a_list_is_recorded_with_the_households_on_it(ana, household, next_household):
    sign_in(ana).get(page(HOUSEHOLDS))
    reading = AccessLog.objects.get()
    assert (reading.household_ids, reading.record_count, reading.is_full) == ([household.pk], 1, False)
    assert reading.route == "admin:households_household_changelist"


@pytest.mark.parametrize("model", PEOPLE)
def test_a_form_is_recorded_and_shows_nobody_a_full_number(model, ana, chi, household):
    row = {"household": household, "family": household.families.get(), "member": household.members.get()}[
        model
    ]
    for user in (ana, chi):
        sign_in(user).get(page(f"households_{model}_change", row.pk))
        reading = AccessLog.objects.first()
        assert (reading.user, reading.household_ids, reading.is_full) == (user, [household.pk], False)


@pytest.mark.parametrize("model", PEOPLE)
def test_nobody_sees_a_full_number_whoever_may_change_it(model, ana, chi, gus, household):
    person, family = household.members.get(), household.families.get()
    family.card_number = "9902061705800001"
    family.save()
    row = {"household": household, "family": family, "member": person}[model]
    for user in (ana, chi, gus):
        client = sign_in(user)
        for url in (page(f"households_{model}_changelist"), page(f"households_{model}_change", row.pk)):
            text = client.get(url).content.decode()
            assert not re.search(r"(?<!\d)99\d{14}(?!\d)", text)
        number = family.card_number if model == "family" else person.nik
        assert str(number) in text


@pytest.mark.parametrize("model", ["household", "member"])
def test_an_empty_field_keeps_the_nik_and_a_reason_takes_it_away(model, ana, household):
    person = household.members.get()
    before, client = person.nik.reveal(), sign_in(ana)
    row, prefix = (household, "members-0-") if model == "household" else (person, "")
    url = page(f"households_{model}_change", row.pk)
    assert send(client, url, **{f"{prefix}birth_place": "Tenggarong"}).status_code == 302
    person.refresh_from_db()
    assert (person.nik, person.nik_missing, person.birth_place) == (before, "", "Tenggarong")
    assert send(client, url, **{f"{prefix}nik_missing": "card_lost"}).status_code == 302
    person.refresh_from_db()
    assert (bool(person.nik), person.nik_sealed, person.nik_missing) == (False, None, "card_lost")


def test_a_family_card_is_kept_by_an_empty_field_and_replaced_by_a_typed_one(ana, household):
    family = household.families.get()
    family.card_number = "9902061705800001"
    family.save()
    client, url = sign_in(ana), page("households_family_change", family.pk)
    assert send(client, url).status_code == 302
    assert Family.objects.get().card_number == "9902061705800001"
    assert send(client, url, card_number="9902061705800002").status_code == 302
    assert Family.objects.get().card_number == "9902061705800002"


def test_a_list_masks_the_numbers_even_of_who_may_change_them(ana, household):
    person = household.members.get()
    text = sign_in(ana).get(page("households_member_changelist")).content.decode()
    number = person.nik.reveal()
    assert number not in text
    assert f"{number[:6]}******{number[-4:]}" in text


def test_people_are_found_by_name_and_never_by_nik(ana, household):
    person = household.members.get()
    client = sign_in(ana)
    for name in ("member", "household"):
        url = page(f"households_{name}_changelist")
        assert len(shown(client.get(url, {"q": person.name}))) == 1
        assert shown(client.get(url, {"q": person.nik.reveal()})) == []


@pytest.mark.parametrize(
    "question", ["nik__startswith", "nik", "household__families__card_number", "area__code"]
)
def test_the_address_bar_cannot_probe_columns(question, ana, household):
    assert sign_in(ana).get(page("households_member_changelist"), {question: "99"}).status_code == 400


def test_autocompletes_name_nobody(ana, gus, household):
    for user in (ana, gus):
        for model, field in (("memberassessment", "member"), ("member", "household"), ("member", "family")):
            answer = sign_in(user).get(
                page("autocomplete"),
                {"app_label": "households", "model_name": model, "field_name": field, "term": ""},
            )
            assert answer.json()["results"] == []


def test_a_household_is_added_with_its_first_family_and_head(ana, village, new_member):
    answer = send(
        sign_in(ana),
        page("households_household_add"),
        number="7",
        rt="3",
        **{"families-0-card_number": "9902 0617 0580 0001"},
        **new_member,
    )
    assert answer.status_code == 302
    home = Household.objects.get()
    assert (home.area, home.number, home.rt) == (village, "7", "003")
    assert home.families.get().card_number == "9902061705800001"
    assert home.members.get().family == home.families.get()
    assert {(event.verb, event.by) for event in AuditEvent.objects.all()} == {
        ("register_household", ana),
        ("add_family", ana),
        ("add_member", ana),
    }


def test_a_new_household_has_a_family_even_without_a_card(ana):
    send(sign_in(ana), page("households_household_add"), number="7")
    assert Family.objects.get().card_number == ""


def test_an_operator_is_offered_her_own_village_only(ana, village, next_village):
    client = sign_in(ana)
    form = client.get(page("households_household_add")).context["adminform"].form
    assert list(form.fields["area"].queryset) == [village]
    answer = send(client, page("households_household_add"), number="7", area=next_village.code)
    assert "area" in answer.context["adminform"].form.errors
    assert not Household.objects.exists()


def test_a_household_cannot_be_moved_by_what_the_form_sends(gus, household, next_village):
    send(sign_in(gus), page(HOUSEHOLD, household.pk), area=next_village.code, address="Jalan Mawar 3")
    household.refresh_from_db()
    assert (household.address, household.area_id == next_village.code) == ("Jalan Mawar 3", False)


def test_one_change_is_one_audit_row(ana, household):
    answer = send(sign_in(ana), page(HOUSEHOLD, household.pk), address="Jalan Mawar 3")
    assert answer.status_code == 302
    event = AuditEvent.objects.get()
    assert (event.verb, event.subject) == ("change_household", f"household:{household.pk}")


def test_saving_what_did_not_change_records_nothing(ana, household):
    client = sign_in(ana)
    for url in (
        page(HOUSEHOLD, household.pk),
        page("households_family_change", household.families.get().pk),
        page("households_member_change", household.members.get().pk),
    ):
        assert send(client, url).status_code == 302
    assert not AuditEvent.objects.exists()


def test_members_and_families_are_changed_in_the_household(ana, household):
    url = page(HOUSEHOLD, household.pk)
    typed = {"members-0-birth_date": "17 Agustus 1979", "families-0-card_number": "9902061705800001"}
    assert send(sign_in(ana), url, **typed).status_code == 302
    assert household.members.get().birth_date == date(1979, 8, 17)
    assert set(AuditEvent.objects.values_list("verb", flat=True)) == {"change_member", "change_family"}


def test_a_taken_number_is_a_sentence_on_the_form(ana, household):
    other = factories.household(household.area)
    client = sign_in(ana)
    taken = send(client, page("households_household_add"), number=household.number, area=household.area_id)
    assert "already in use" in errors_of(taken)
    changed = send(client, page(HOUSEHOLD, other.pk), number=household.number)
    assert "already in use" in errors_of(changed)


def test_a_taken_nik_is_shown_at_its_row_and_nothing_is_written(ana, household, new_member):
    typed = {"number": "7", **new_member, "members-0-nik": household.members.get().nik.reveal()}
    answer = send(sign_in(ana), page("households_household_add"), **typed)
    assert answer.status_code == 200
    rows = answer.context["inline_admin_formsets"][1].formset.forms
    assert "already registered" in str(rows[0].errors["nik"])
    assert not Household.objects.filter(number="7").exists()
    owner = AccessLog.objects.get(purpose="number already registered")
    assert (owner.household_ids, owner.member_ids) == ([household.pk], [household.members.get().pk])
    assert not AuditEvent.objects.exists()


def test_a_second_head_is_refused_but_heads_may_change_places(ana, household):
    old = household.members.get()
    new = factories.member(household)
    client, url = sign_in(ana), page(HOUSEHOLD, household.pk)
    refused = send(client, url, **{"members-1-household_relationship": Relationship.HEAD})
    assert "already has a head" in errors_of(refused)
    swapped = {
        "members-0-household_relationship": Relationship.PARENT,
        "members-1-household_relationship": Relationship.HEAD,
    }
    assert send(client, url, **swapped).status_code == 302
    assert household.members.heads().get() == new != old


def test_a_member_needs_a_family_of_this_household(ana, household):
    person = household.members.get()
    url = page("households_member_change", person.pk)
    refused = send(sign_in(ana), url, family_number=2)
    assert "This household has 1 family." in errors_of(refused)
    second = factories.family(household)
    assert send(sign_in(ana), url, family_number=2).status_code == 302
    assert Member.objects.get(pk=person.pk).family == second


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"nik": "123"}, "nik"),
        ({"closed_on": "1/11/2026"}, "closed_on"),
        ({"birth_date": "31/02/1980"}, "birth_date"),
    ],
)
def test_what_is_ill_formed_is_named_at_its_field(typed, field, ana, household):
    url = page("households_member_change", household.members.get().pk)
    assert field in send(sign_in(ana), url, **typed).context["adminform"].form.errors


@pytest.mark.parametrize("model", ["assessment", "povertystatus"])
def test_records_are_read_only_for_everybody(model, gus, judged):
    row = judged.assessments.get() if model == "assessment" else judged.statuses.get()
    client = sign_in(gus)
    assert client.get(page(f"households_{model}_add")).status_code == 403
    assert client.post(page(f"households_{model}_change", row.pk), {}).status_code == 403
    answer = client.get(page(f"households_{model}_change", row.pk))
    assert answer.status_code == 200
    assert offered(answer) == set()
    assert AccessLog.objects.get().household_ids == [judged.pk]


def test_an_assessment_shows_ticked_boxes_in_words(ana, judged):
    text = (
        sign_in(ana).get(page("households_assessment_change", judged.assessments.get().pk)).content.decode()
    )
    assert "Birth certificate" in text


def test_a_verdict_shows_its_reasons(ana, judged):
    text = (
        sign_in(ana).get(page("households_povertystatus_change", judged.statuses.get().pk)).content.decode()
    )
    assert "Floor area is 28" in text


def test_the_household_form_offers_no_assessment_to_write(ana, judged):
    answer = sign_in(ana).get(page(HOUSEHOLD, judged.pk))
    prefixes = {inline.formset.prefix for inline in answer.context["inline_admin_formsets"]}
    assert "assessments" in prefixes
    assert {each.partition(" ")[2] for each in offered(answer)} == {"families", "members"}


def test_the_household_form_leads_to_the_household_page(ana, household):
    text = sign_in(ana).get(page(HOUSEHOLD, household.pk)).content.decode()
    assert reverse("household-detail", args=[household.pk]) in text


def test_a_scheme_names_its_parameters_and_refuses_unknown_ones(fia):
    client, url = sign_in(fia), page("households_scheme_add")
    assert "farm_land_limit = 500" in client.get(url).content.decode()
    typed = {
        "code": "poor",
        "name": "Poor",
        "legal_reference": "x",
        "valid_from": "1/1/2026",
        "method": "bps14",
    }
    refused = send(client, url, **typed, parameters='{"floor": 3}')
    assert "parameters" in refused.context["adminform"].form.errors
    assert send(client, url, **typed, parameters='{"near_poor_at": 7}').status_code == 302
    assert AuditEvent.objects.get().verb == "add_scheme"


def test_a_version_with_verdicts_may_only_end(fia, judged, bps14):
    url = page("households_scheme_change", bps14.pk)
    assert set(sign_in(fia).get(url).context["adminform"].form.fields) == {"valid_to", "sets_status"}


def test_a_new_version_takes_over_in_one_audit_row(fia, judged, bps14):
    client = sign_in(fia)
    begun = client.get(page("households_scheme_new_version", bps14.pk))
    sent = fields_of(client.get(begun.url)) | {"valid_from": "1/6/2026", "sets_status": "on"}
    assert sent["parameters"] == '{"near_poor_at": 7, "very_poor_at": 12}'
    assert client.post(begun.url, sent).status_code == 302
    new = Scheme.objects.get(version=2)
    bps14.refresh_from_db()
    assert (new.sets_status, bps14.sets_status, bps14.valid_to) == (True, False, date(2026, 5, 31))
    assert AuditEvent.objects.filter(by=fia).count() == 1


def test_a_scheme_sets_the_status_only_when_in_force(fia, bps14):
    sent = {
        "valid_from": "1/1/2999",
        "sets_status": "on",
        "name": "Later",
        "code": "later",
        "legal_reference": "x",
    }
    answer = send(sign_in(fia), page("households_scheme_add"), method="bps14", parameters="{}", **sent)
    assert "not in force yet" in errors_of(answer)


def test_a_changed_scheme_is_judged_anew(fia, bps14, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        send(
            sign_in(fia),
            page("households_scheme_change", bps14.pk),
            legal_reference="Keputusan Bupati 1/2026",
        )
    assert Job.objects.get().name == "rejudge"


def test_operators_read_schemes_only(ana, bps14):
    client = sign_in(ana)
    assert client.get(page("households_scheme_change", bps14.pk)).status_code == 200
    assert client.get(page("households_scheme_add")).status_code == 403
    assert client.get(page("households_scheme_new_version", bps14.pk)).status_code == 403


@pytest.mark.parametrize(
    ("model", "queries"),
    [("household", 7), ("family", 6), ("member", 6), ("assessment", 6), ("povertystatus", 7)],
)
def test_a_list_of_ten_costs_as_much_as_a_list_of_one(
    model, queries, ana, bps14, village, django_assert_num_queries
):
    for _each in range(10):
        home = factories.household(village)
        seen = factories.assessment(home, ana)
        PovertyStatus.objects.create(
            household=home, area=village, scheme=bps14, assessment=seen, status="unknown", judged_on=DAY
        )
    client = sign_in(ana)
    with django_assert_num_queries(queries):
        assert len(shown(client.get(page(f"households_{model}_changelist")))) == 10


def test_a_household_form_of_ten_members_costs_as_much_as_of_one(
    ana, household, django_assert_max_num_queries
):
    for _each in range(9):
        factories.member(household)
    client = sign_in(ana)
    with django_assert_max_num_queries(8):
        client.get(page(HOUSEHOLD, household.pk))


def test_the_social_office_sees_every_district_as_a_filter(household, far_village, village):
    client = sign_in(factories.user("hana", Role.SOCIAL_OFFICE))
    factories.household(far_village)
    found = shown(client.get(page(HOUSEHOLDS), {"district": far_village.district_code}))
    assert [home.area for home in found] == [far_village]
