from typing import Literal

import pytest

from projects.forms.estimate import EstimateForm
from projects.forms.triples import sentence, triples
from projects.models import Project
from projects.selectors.value import current_case
from tests.factories import typed

pytestmark = pytest.mark.django_db


def form_of(
    project: Project, decimal: Literal[".", ","] | None = ".", sending=True, **changes
):
    form = EstimateForm(
        list(project.quantities.all()),
        typed(project, **changes),
        decimal=decimal,
        sending=sending,
    )
    form.is_valid()
    return form


def problem_of(form: EstimateForm, field: str) -> str:
    return str(form.errors[field][0])


def test_what_the_template_assumes_can_be_sent_as_it_stands(project):
    form = form_of(project)
    assert not form.errors
    assert form.ranges["customers"].likely == 50_000


def test_per_cent_is_kept_as_a_share(project):
    form = form_of(
        project, churn_rate_low="9", churn_rate_high="17 %", churn_rate_likely="12"
    )
    given = form.ranges["churn_rate"]
    assert (given.low, given.likely, given.high) == (0.09, 0.12, 0.17)


def test_fifty_seven_per_cent_loses_no_digit(project):
    form = form_of(
        project, churn_rate_low="7", churn_rate_high="57", churn_rate_likely="29"
    )
    given = form.ranges["churn_rate"]
    assert (given.low, given.likely, given.high) == (0.07, 0.29, 0.57)


@pytest.mark.parametrize("text", ["1,2k", "1.2k", "1 200", "1\u202f200", "1200"])
def test_thousands_are_read_as_people_write_them(project, text):
    form = form_of(
        project,
        decimal=None,
        margin_low=text,
        margin_high="2000",
        margin_likely="1500",
    )
    assert form.ranges["margin"].low == 1200


@pytest.mark.parametrize(("decimal", "value"), [(".", 1234.0), (",", 1.234)])
def test_a_chosen_format_settles_what_a_comma_means(project, decimal, value):
    form = form_of(
        project,
        decimal=decimal,
        contact_cost_low="1",
        contact_cost_high="5000",
        contact_cost_likely="1,234",
    )
    assert form.ranges["contact_cost"].likely == value


def test_without_a_format_an_unclear_comma_is_refused_with_both_ways_out(project):
    form = form_of(project, decimal=None, margin_likely="1,234", margin_high="2000")
    problem = problem_of(form, "margin_likely")
    assert "'1,234' may mean 1234 or 1.234" in problem
    assert "write 1234" in problem


def test_low_above_high_names_both_and_offers_to_swap(project):
    form = form_of(project, churn_rate_low="19", churn_rate_high="17")
    assert problem_of(form, "churn_rate_low") == (
        "Low (19) is above high (17). Swap them?"
    )
    assert "churn_rate" not in form.ranges


def test_likely_outside_names_the_range(project):
    form = form_of(project, margin_likely="300")
    assert "Likely (300) lies outside 150 to 260" in problem_of(form, "margin_likely")


@pytest.mark.parametrize(
    ("text", "part_of_message"),
    [
        ("NaN", "'NaN' is not a number"),
        ("inf", "'inf' is not a number"),
        ("twelve", "'twelve' is not a number"),
        ("12.3.4", "'12.3.4'"),
        ("−5", "-5 is below 0"),
        ("12 %", "is a share, but a plain number is asked for"),
    ],
)
def test_what_is_no_amount_is_named_with_the_remedy(project, text, part_of_message):
    form = form_of(project, margin_low=text)
    assert part_of_message in problem_of(form, "margin_low")


def test_a_share_above_a_hundred_is_refused_in_per_cent(project):
    form = form_of(project, save_rate_high="240")
    assert problem_of(form, "save_rate_high") == "240 is above 100, the most possible."


def test_an_empty_question_must_be_answered_or_marked_when_sent(project):
    empty = {"margin_low": "", "margin_high": "", "margin_likely": ""}
    assert "tick “I don’t know”" in problem_of(form_of(project, **empty), "margin_low")
    assert not form_of(project, sending=False, **empty).errors
    assert not form_of(project, **empty, margin_unknown="on").errors


def test_one_empty_box_is_named(project):
    form = form_of(project, margin_high="")
    assert "High is empty" in problem_of(form, "margin_high")


def test_not_knowing_stands_for_the_wide_default(project):
    form = form_of(project, margin_unknown="on", margin_low="rubbish")
    given = form.ranges["margin"]
    assert given.is_unknown
    assert (given.low, given.high) == (150, 260)


def test_what_was_kept_comes_back_as_a_person_types_it(project, ruth):
    from projects.models import Estimate

    quantity = project.quantities.get(name="churn_rate")
    row = Estimate(quantity=quantity, stakeholder=ruth, low=0.07, likely=0.12, high=0.2)
    form = EstimateForm([quantity], decimal=",", kept={"churn_rate": row})
    values = [box.value for box in triples(form)["churn_rate"].boxes]
    assert values == ["7", "20", "12"]  # low, high, then likely


def test_the_sentence_fills_itself_with_the_answers(project):
    form = form_of(project, customers_likely="48k", save_rate_low="8")
    parts = sentence(current_case(project).sentence, triples(form))
    said = "".join(part.text for part in parts)
    assert said.startswith("Each year, of our 48\u202f000\u00a0customers, 12\u00a0%")
    assert "keep 8 to 30\u00a0%" in said


def test_a_narrow_guess_is_asked_about_and_a_measured_one_is_not(project):
    narrow = {"margin_low": "198", "margin_high": "202", "margin_likely": "200"}
    guess = triples(form_of(project, **narrow))["margin"]
    measured = triples(form_of(project, **narrow, margin_source="measured"))["margin"]
    assert "narrow for a guess" in guess.echo
    assert "narrow" not in measured.echo
