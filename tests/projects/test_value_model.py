"""The model's editor in depth: kinds, proxies, units, what moves together, undo."""

import pytest
from django.urls import reverse

from core.access import Actor
from projects import services
from projects.models import Calculation, Estimate, Quantity, ValueCase
from projects.selectors.analysis import DRAWS
from projects.selectors.value import belief_of, case_result, current_case
from tests import factories
from tests.projects.test_value_pages import form_of

pytestmark = pytest.mark.django_db


def url(project, name, *args):
    return reverse(f"projects:{name}", args=[project.slug, *args])


def a_row(at=5, **fields):
    """Return a new driver as it is typed."""
    base = {"category": "customer_experience", "per": "year", "counted": "proxy"}
    return {f"driver-{at}-{name}": text for name, text in {**base, **fields}.items()}


PROXY = {
    "label": "Fewer complaints",
    "kind": "customer_experience",
    "proxy_quantity": "customers * churn_rate",
    "proxy_money": "12",
    "proxy_reach": "0.5",
    "proxy_source": "Contact centre, 2025",
}


def drivers_of(project):
    return {each["name"]: each for each in current_case(project).drivers}


def test_a_proxy_is_quantity_times_money_times_reach_with_its_source(
    project, browser_of
):
    before = case_result(current_case(project)).annual.mean
    form = form_of(current_case(project), **a_row(**PROXY))
    browser_of("editor").post(url(project, "value_edit"), form)
    row = drivers_of(project)["fewer_complaints"]
    assert row["expression"] == "(customers * churn_rate) * 12 * 0.5"
    assert row["proxy"]["source"] == "Contact centre, 2025"
    assert case_result(current_case(project)).annual.mean > before
    page = browser_of("viewer").get(url(project, "value")).content.decode()
    assert "proxy, by Contact centre, 2025" in page


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        ("proxy_quantity", "Name what is counted"),
        ("proxy_money", "Say what one of them is worth."),
        ("proxy_source", "Say where the worth of one comes from."),
    ],
)
def test_a_proxy_without_a_part_is_not_kept(project, browser_of, left_out, message):
    form = form_of(current_case(project), **a_row(**{**PROXY, left_out: ""}))
    answer = browser_of("editor").post(url(project, "value_edit"), form)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert "fewer_complaints" not in drivers_of(project)


def test_what_is_not_in_money_stands_beside_and_adds_nothing(project, browser_of):
    before = case_result(current_case(project)).annual.mean
    learning = a_row(
        label="We learn to run models",
        counted="not_in_money",
        kind="learning",
        note="The second project starts with a platform.",
        expression="",
    )
    form = form_of(current_case(project), **learning)
    browser_of("editor").post(url(project, "value_edit"), form)
    assert case_result(current_case(project)).annual.mean == before
    page = browser_of("viewer").get(url(project, "value")).content.decode()
    assert "Beside the money" in page
    assert "The second project starts with a platform." in page


def test_what_is_not_in_money_is_one_of_six_kinds(project, browser_of):
    form = form_of(
        current_case(project), **a_row(label="Nice", counted="not_in_money", kind="")
    )
    answer = browser_of("editor").post(url(project, "value_edit"), form)
    assert "Say which kind of value it is" in answer.content.decode()


def test_a_kind_of_cost_belongs_to_costs(project, browser_of):
    form = form_of(current_case(project), **{"driver-0-kind": "people"})
    answer = browser_of("editor").post(url(project, "value_edit"), form)
    assert "That is a kind of cost" in answer.content.decode()
    form = form_of(current_case(project), **{"driver-3-kind": "run"})
    browser_of("editor").post(url(project, "value_edit"), form)
    assert drivers_of(project)["running"]["kind"] == "run"


def pair(at=0, **fields):
    count = {"pair-TOTAL_FORMS": str(at + 1), "pair-INITIAL_FORMS": "0"}
    return count | {f"pair-{at}-{name}": text for name, text in fields.items()}


def test_quantities_that_move_together_widen_the_range(project, browser_of):
    before = case_result(current_case(project)).annual
    together = pair(one="save_rate", other="margin", how="0.8")
    form = form_of(current_case(project), **together)
    browser_of("editor").post(url(project, "value_edit"), form)
    case = current_case(project)
    assert case.correlations == [{"one": "save_rate", "other": "margin", "rho": 0.8}]
    assert case.content["correlations"]
    after = case_result(case).annual
    assert after.p95 - after.p5 > before.p95 - before.p5
    page = browser_of("editor").get(url(project, "value_edit")).content.decode()
    assert '<option value="0.8" selected>move together strongly (0.8)' in page


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"one": "margin", "other": "margin", "how": "0.3"}, "it moves with itself"),
        ({"one": "margin", "other": "", "how": "0.3"}, "Choose one."),
        ({"one": "margin", "other": "customers", "how": "number"}, "-0.99 to 0.99"),
        (
            {"one": "margin", "other": "customers", "how": "number", "rho": "1"},
            "1 is above 0.99",
        ),
    ],
)
def test_a_pair_that_says_nothing_is_refused(project, browser_of, fields, message):
    form = form_of(current_case(project), **pair(**fields))
    answer = browser_of("editor").post(url(project, "value_edit"), form)
    assert answer.status_code == 422
    assert message in answer.content.decode()


UNITS = {
    "customers": "customers / year",
    "churn_rate": "share",
    "save_rate": "share",
    "margin": "EUR / customer",
    "contact_cost": "EUR / customer",
    "running_cost": "EUR / year",
    "build_cost": "EUR",
}


def with_units(project, **changes):
    for name, unit in {**UNITS, **changes}.items():
        project.quantities.filter(name=name).update(formula_unit=unit)


def test_units_that_come_out_are_no_problem(project, browser_of):
    with_units(project)
    form = form_of(current_case(project), discount_rate="9")
    answer = browser_of("editor").post(url(project, "value_edit"), form)
    assert answer.url == url(project, "value")


def test_units_that_do_not_add_are_said_beside_the_driver(project, browser_of):
    with_units(project)
    case = current_case(project)
    form = form_of(case, **{"driver-0-expression": "save_rate * margin + churn_rate"})
    answer = browser_of("editor").post(url(project, "value_edit"), form)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'aria-invalid="true"' in text
    assert "EUR / customer" in text
    assert current_case(project).digest == case.digest
    drawn = browser_of("editor").post(url(project, "value_edit_preview"), form)
    assert "EUR / customer" in drawn.content.decode()


def test_money_of_another_currency_is_refused_without_a_rate(project, browser_of):
    with_units(project, margin="USD / customer")
    form = form_of(current_case(project), discount_rate="9")
    answer = browser_of("editor").post(url(project, "value_edit"), form)
    assert answer.status_code == 422
    assert "USD" in answer.content.decode()


def test_a_unit_that_breaks_a_formula_is_not_kept(project, browser_of):
    with_units(project)
    margin = project.quantities.get(name="margin")
    typed = {
        "name": "margin",
        "label": "Worth",
        "kind": "money",
        "suffix": "per year",
        "default_low": "150",
        "default_likely": "200",
        "default_high": "260",
        "shape": "pert",
        "formula_unit": "hours / customer",
    }
    page = url(project, "quantity_edit", margin.pk)
    refused = browser_of("editor").post(page, typed)
    assert refused.status_code == 422
    assert "hour / customer" in refused.content.decode()
    margin.refresh_from_db()
    assert margin.formula_unit == "EUR / customer"


def test_a_shape_that_holds_positive_numbers_refuses_a_range_from_zero(
    project, ruth, browser_of
):
    margin = project.quantities.get(name="margin")
    factories.an_answer(ruth)
    Estimate.objects.filter(quantity=margin).update(low=0)
    margin.shape = "lognormal"
    with pytest.raises(Exception, match="a range begins at 0"):
        margin.full_clean()
    Estimate.objects.filter(quantity=margin).update(low=100)
    margin.full_clean()


def test_a_lognormal_has_the_published_mean():
    # VALUE.md, vector 1c: 90 % of 10 to 90 has the mean 37.4965337.
    quantity = Quantity(shape="lognormal")
    assert belief_of(quantity, 10, 30, 90).mean == pytest.approx(37.4965337, rel=1e-6)


def test_an_earlier_model_comes_back_as_a_new_version(project, browser_of):
    first = current_case(project)
    editor = browser_of("editor")
    changed = form_of(first, discount_rate="12", horizon_years="7")
    editor.post(url(project, "value_edit"), changed)
    assert current_case(project).version == 2
    restore = url(project, "value_restore", first.pk)
    assert browser_of("contributor").post(restore).status_code == 404
    assert browser_of("outsider").post(restore).status_code == 404
    editor.post(restore)
    project.refresh_from_db()
    case = current_case(project)
    assert case.version == 3
    assert (case.discount_rate, project.horizon_years) == (0.08, 3)
    assert case.digest == first.digest
    assert ValueCase.objects.filter(project=project).count() == 3


def test_a_model_whose_quantity_is_gone_does_not_come_back(project, browser_of):
    services.save_quantity(
        Quantity(
            project=project,
            name="bonus",
            label="Bonus",
            default_low=1,
            default_likely=2,
            default_high=3,
        ),
        actor=Actor(),
    )
    editor = browser_of("editor")
    with_bonus = form_of(
        current_case(project), **{"driver-0-expression": "save_rate * (margin + bonus)"}
    )
    editor.post(url(project, "value_edit"), with_bonus)
    old = current_case(project)
    without = form_of(old, **{"driver-0-expression": "save_rate * margin"})
    editor.post(url(project, "value_edit"), without)
    services.remove_quantity(project.quantities.get(name="bonus"), actor=Actor())
    answer = editor.post(url(project, "value_restore", old.pk), follow=True)
    assert "cannot be computed any more" in answer.content.decode()
    assert current_case(project).version == 3


def test_an_analysis_is_computed_once_and_kept_with_all_that_repeats_it(
    project, browser_of
):
    page = url(project, "value_analysis")
    shown = browser_of("viewer").get(page).content.decode()
    assert "Computed just now, not kept." in shown
    assert not Calculation.objects.exists()
    analyse = url(project, "value_analyse")
    assert browser_of("viewer").post(analyse).status_code == 404
    assert browser_of("outsider").get(page).status_code == 404
    browser_of("contributor").post(analyse)
    browser_of("editor").post(analyse)
    kept = Calculation.objects.get()
    case = current_case(project)
    assert kept.inputs == {
        "value_case": case.version,
        "case": case.content,
        "draws": DRAWS,
    }
    assert (kept.seed, kept.digest) == (case.seed, kept.result["digest"])
    assert "Kept for" in browser_of("viewer").get(page).content.decode()


def test_the_analysis_names_break_evens_returns_and_the_worth_of_knowing(
    project, browser_of
):
    text = browser_of("viewer").get(url(project, "value_analysis")).content.decode()
    assert "If one number turns out low or high" in text
    assert "Where the uncertainty comes from" in text
    assert "Internal rate of return" in text
    assert "Payback, later money discounted" in text
    assert "Worth to know" in text


def test_finding_two_numbers_out_is_worked_out_on_demand_and_kept_by_who_may(
    project, browser_of
):
    page = url(project, "value_together")
    assert browser_of("outsider").get(page).status_code == 404
    both = {"one": "save_rate", "other": "margin"}
    seen = browser_of("viewer").get(page, both).content.decode()
    assert "is worth at most" in seen
    assert "one by one" in seen
    assert browser_of("viewer").post(page, both).status_code == 404
    assert not Calculation.objects.exists()
    assert browser_of("contributor").post(page, both).status_code == 200
    browser_of("editor").post(page, {"one": "margin", "other": "save_rate"})
    kept = Calculation.objects.get()
    assert kept.inputs["together"] == ["margin", "save_rate"]
    assert kept.digest == kept.result["digest"]
    assert kept.result["evppi"] >= max(kept.result["alone"].values())
    assert "Kept for" in browser_of("viewer").get(page, both).content.decode()
    same = browser_of("viewer").get(page, {"one": "margin", "other": "margin"})
    assert "Choose another one." in same.content.decode()
