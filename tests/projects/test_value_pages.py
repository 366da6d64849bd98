"""The answer, people side by side, settling, and the model behind it."""

import pytest
from django.test import Client
from django.urls import reverse

from core.access import Actor
from projects import services
from projects.models import Estimate, Quantity, Reconciliation, ValueCase
from projects.selectors.value import current_case
from tests import factories
from tests.factories import typed

pytestmark = pytest.mark.django_db


def url(project, name, *args):
    return reverse(f"projects:{name}", args=[project.slug, *args])


def test_every_member_reads_the_answer_and_an_outsider_finds_nothing(
    project, browser_of
):
    for who in ("owner", "editor", "contributor", "viewer"):
        page = browser_of(who).get(url(project, "value"))
        assert page.status_code == 200
        assert "9 times in 10 between" in page.content.decode()
    assert browser_of("outsider").get(url(project, "value")).status_code == 404
    assert browser_of("nobody").get(url(project, "value")).status_code == 302


def test_the_page_shows_how_to_compute_it_again(project, browser_of):
    page = browser_of("viewer").get(url(project, "value")).content.decode()
    case = current_case(project)
    assert case.digest in page
    assert str(case.seed) in page
    assert case.engine_version in page


def test_numbers_stay_blind_until_all_who_were_asked_have_answered(
    project, ruth, browser_of
):
    factories.an_answer(ruth, factor=1.1)  # 55 000 customers
    jonas = factories.a_stakeholder(project, "Jonas Weber")
    factories.an_invitation(jonas)
    page = browser_of("owner").get(url(project, "value")).content.decode()
    assert "Blind until everybody" in page
    assert "belief-row" not in page
    factories.an_answer(jonas, factor=0.5)
    page = browser_of("viewer").get(url(project, "value")).content.decode()
    assert "People side by side" in page
    assert "of the spread is disagreement" in page
    assert "Together" in page


def test_the_value_tells_nothing_of_answers_that_are_blind(project, ruth, browser_of):
    editor = project.created_by
    mine = factories.a_stakeholder(project, "Ana Ferreira", user=editor)
    factories.an_answer(mine, factor=1.2)  # nobody was asked: it counts at once
    before = current_case(project).digest
    jonas = factories.a_stakeholder(project, "Jonas Weber")
    factories.an_invitation(jonas)
    factories.an_answer(ruth, factor=0.2)
    assert current_case(project).digest == before
    page = browser_of("owner").get(url(project, "value")).content.decode()
    note = "What people say counts once everybody who was asked has answered."
    assert note in page
    overview = browser_of("owner").get(project.get_absolute_url()).content.decode()
    assert note in overview
    factories.an_answer(jonas, factor=0.5)
    assert current_case(project).digest != before


def test_an_answer_no_formula_can_take_is_kept_and_the_page_says_why(
    project, ruth, browser_of
):
    person = Actor(user=project.created_by)
    loss = Quantity(project=project, name="loss", label="Loss", position=9)
    loss.default_low, loss.default_likely, loss.default_high = 1, 2, 3
    services.save_quantity(loss, actor=person)
    ratio = {"name": "ratio", "label": "Ratio", "category": "revenue", "per": "year"}
    ratio |= {"expression": "1000 / loss", "counted": "money"}
    drivers = [*current_case(project).drivers, ratio]
    services.edit_case(project, actor=person, changes={"drivers": drivers})
    before = current_case(project)
    _row, secret = factories.an_invitation(ruth)
    answer = typed(project, loss_low="-1", loss_high="1", loss_likely="0.5")
    sent = Client().post(reverse("projects:guest_estimate", args=[secret]), answer)
    assert sent.url == reverse("projects:guest_receipt", args=[secret])
    assert Estimate.objects.get(quantity=loss).low == -1
    assert current_case(project).digest == before.digest
    page = browser_of("viewer").get(url(project, "value")).content.decode()
    assert "is kept and not counted" in page
    assert "its quantiles are undefined" in page
    settled = {"loss_low": "1", "loss_high": "2", "loss_likely": "1.5", "reason": "x"}
    browser_of("editor").post(url(project, "range_settle", loss.pk), settled)
    page = browser_of("viewer").get(url(project, "value")).content.decode()
    assert "is kept and not counted" not in page


def test_only_an_owner_shows_the_answers_early(project, ruth, browser_of):
    factories.an_answer(ruth)
    factories.an_invitation(factories.a_stakeholder(project, "Jonas Weber"))
    reveal = url(project, "value_reveal")
    assert browser_of("editor").post(reveal).status_code == 404
    browser_of("owner").post(reveal)
    page = browser_of("viewer").get(url(project, "value")).content.decode()
    assert "belief-row" in page


def test_two_who_differ_wholly_hardly_overlap(project, browser_of):
    factories.an_answer(factories.a_stakeholder(project, "Ruth Adler"), factor=0.2)
    factories.an_answer(factories.a_stakeholder(project, "Mei Tanaka"), factor=1.0)
    page = browser_of("viewer").get(url(project, "value")).content.decode()
    assert "Ruth and Mei hardly overlap" in page


SETTLED = {"margin_low": "180", "margin_high": "220", "margin_likely": "200"}


def test_an_editor_settles_a_range_with_a_reason(project, ruth, browser_of):
    factories.an_answer(ruth)
    margin = project.quantities.get(name="margin")
    page = url(project, "range_settle", margin.pk)
    assert browser_of("contributor").get(page).status_code == 404
    assert browser_of("outsider").post(page, SETTLED).status_code == 404
    refused = browser_of("editor").post(page, SETTLED)
    assert refused.status_code == 422
    assert b"Say why: people read it" in refused.content
    before = current_case(project).digest
    browser_of("editor").post(page, {**SETTLED, "reason": "Finance checked 2025."})
    row = Reconciliation.objects.get()
    assert (row.low, row.likely, row.high) == (180, 200, 220)
    assert current_case(project).digest != before
    shown = browser_of("viewer").get(url(project, "value")).content.decode()
    assert "Finance checked 2025." in shown


def form_of(case, **changes):
    """Return the edit form as it stands, with changes."""
    data = {
        "volume": case.volume,
        "prevalence": case.prevalence,
        "horizon_years": "3",
        "discount_rate": "8",
        "ramp_up": "",
        "success_probability": "100",
        "driver-TOTAL_FORMS": str(len(case.drivers) + 1),
        "driver-INITIAL_FORMS": str(len(case.drivers)),
    }
    for at, driver in enumerate(case.drivers):
        data |= {f"driver-{at}-{key}": value for key, value in driver.items()}
    empty = {"category": "revenue", "per": "tp", "counted": "money"}
    row = f"driver-{len(case.drivers)}"
    data |= {f"{row}-label": "", f"{row}-expression": ""}
    data |= {f"{row}-{key}": value for key, value in empty.items()}
    return {**data, **changes}


def test_the_empty_row_becomes_a_driver_and_a_ticked_one_goes(project, browser_of):
    case = current_case(project)
    browser_of("editor").post(
        url(project, "value_edit"),
        form_of(
            case,
            **{
                "driver-5-label": "Fewer complaints",
                "driver-5-category": "customer_experience",
                "driver-5-expression": "12000",
                "driver-5-per": "year",
                "driver-1-DELETE": "on",
            },
        ),
    )
    drivers = {each["name"]: each for each in current_case(project).drivers}
    assert "contacts_leavers" not in drivers
    assert drivers["fewer_complaints"]["expression"] == "12000"
    page = browser_of("viewer").get(url(project, "value")).content.decode()
    assert "€12k in a full year" in page


def test_an_editor_changes_the_model_and_it_is_computed_again(project, browser_of):
    case = current_case(project)
    page = url(project, "value_edit")
    answer = browser_of("editor").post(
        page, form_of(case, ramp_up="50 80", discount_rate="10 %", horizon_years="5")
    )
    assert answer.url == url(project, "value")
    after = current_case(project)
    assert after.ramp_up == [0.5, 0.8]
    assert after.discount_rate == 0.1
    assert after.content["horizon_years"] == 5
    assert after.digest != case.digest


def test_others_may_not_change_the_model(project, browser_of):
    page = url(project, "value_edit")
    for who in ("contributor", "viewer", "outsider"):
        assert browser_of(who).get(page).status_code == 404
        assert browser_of(who).post(page, {}).status_code == 404


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"driver-0-expression": "save_rate * marjin"}, "marjin"),
        ({"driver-0-expression": "save_rate *"}, "save_rate *"),
        ({"discount_rate": "eight"}, "&#x27;eight&#x27; is not a number"),
        ({"discount_rate": "108"}, "108 is above 100"),
        ({"ramp_up": "50 x"}, "&#x27;x&#x27; is not a number"),
        ({"prevalence": ""}, "name the share of them that is positive"),
        ({"volume": "", "prevalence": ""}, "has no volume"),
        ({"driver-0-expression": "margin / (save_rate - save_rate)"}, "divides by"),
        ({"driver-0-expression": "tpr * margin"}, "multiplied in already"),
    ],
)
def test_what_cannot_be_computed_is_said_and_nothing_changes(
    project, browser_of, changes, message
):
    case = current_case(project)
    answer = browser_of("editor").post(
        url(project, "value_edit"), form_of(case, horizon_years="7", **changes)
    )
    assert answer.status_code == 422
    assert message in answer.content.decode()
    project.refresh_from_db()
    assert project.horizon_years == 3
    assert current_case(project).digest == case.digest


def test_a_cited_version_stays_and_the_next_is_made(project, browser_of):
    from projects.services.value import cite_case

    first = current_case(project)
    cite_case(first)
    browser_of("editor").post(
        url(project, "value_edit"), form_of(first, discount_rate="12")
    )
    versions = ValueCase.objects.filter(project=project)
    assert [each.version for each in versions] == [2, 1]
    assert versions.get(version=1).digest == first.digest


def test_the_preview_of_the_model_writes_nothing(project, browser_of):
    case = current_case(project)
    preview = url(project, "value_edit_preview")
    drawn = browser_of("editor").post(preview, form_of(case, success_probability="1"))
    assert "Not worth it." in drawn.content.decode()
    assert current_case(project).digest == case.digest
    wrong = browser_of("editor").post(
        preview, form_of(case, **{"driver-0-expression": "marjin"})
    )
    assert "From your last valid numbers." in wrong.content.decode()
    assert browser_of("viewer").post(preview, {}).status_code == 404


QUANTITY = {
    "name": "hours_saved",
    "label": "Hours saved",
    "why": "",
    "kind": "count",
    "suffix": "hours per year",
    "default_low": "100",
    "default_high": "400",
    "default_likely": "1,2k",
    "is_refinement": "",
}


def test_a_quantity_is_added_and_used(project, browser_of):
    page = url(project, "quantity_add")
    outside = browser_of("editor").post(page, QUANTITY)
    assert outside.status_code == 422
    assert b"Likely (1200) lies outside 100 to 400." in outside.content
    browser_of("editor").post(page, {**QUANTITY, "default_likely": "200"})
    row = project.quantities.get(name="hours_saved")
    assert row.default_likely == 200
    again = browser_of("editor").post(page, {**QUANTITY, "default_likely": "200"})
    assert b"A quantity of this name exists already." in again.content
    assert browser_of("viewer").post(page, QUANTITY).status_code == 404


def test_a_share_is_typed_in_per_cent_and_kept_as_a_share(project, browser_of):
    browser_of("editor").post(
        url(project, "quantity_add"),
        {
            **QUANTITY,
            "kind": "share",
            "default_low": "5",
            "default_high": "20 %",
            "default_likely": "7",
        },
    )
    row = project.quantities.get(name="hours_saved")
    assert (row.default_low, row.default_likely, row.default_high) == (0.05, 0.07, 0.2)
    assert (row.suffix, row.scale, row.upper) == ("%", 0.01, 1.0)


def test_a_quantity_in_use_is_not_removed(project, browser_of):
    margin = project.quantities.get(name="margin")
    answer = browser_of("editor").post(
        url(project, "quantity_remove", margin.pk), follow=True
    )
    assert "It is still used" in answer.content.decode()
    assert project.quantities.filter(name="margin").exists()
