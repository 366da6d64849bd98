"""What came true: by quarter, against the first signed band, corrected, not deleted."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from core.access import Actor
from engine.digests import digest
from projects import services
from projects.models import Decision, RealisedValue, Signature
from projects.selectors.decision import evidence_for
from projects.selectors.realised import (
    quarters_to_enter,
    realised_page,
    signed_band,
    stands,
    today,
)
from projects.services.realised import CorrectedAlready

Q1, Q2, Q3 = (date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1))
ENDS = {Q1: date(2026, 3, 31), Q2: date(2026, 6, 30), Q3: date(2026, 9, 30)}


@pytest.fixture
def enter(project, cast):
    def add(value, start=Q1, quantity=None, **more):
        row = RealisedValue(
            project=project,
            quantity=quantity,
            starts_on=start,
            ends_on=more.pop("ends_on", None) or ENDS[start],
            value=value,
            method=more.pop("method", "books"),
            **more,
        )
        return services.enter_realised(row, actor=Actor(user=cast.contributor))

    return add


def signed(
    project, *, low, mean, high, gate="design", word="approve", when="2026-01-05"
):
    """Return a decision signed on a band of the yearly gain."""
    row = Decision(
        project=project,
        gate=gate,
        question="Go?",
        verdict="go",
        rationale="pays",
        frozen_at=f"{when}T12:00Z",
    )
    content = evidence_for(row)
    annual = content["value_case"]["result"]["annual"]
    annual |= {"p5": low, "mean": mean, "p95": high}
    row.content, row.digest = content, digest(content)
    row.save()
    Signature.objects.create(
        decision=row,
        name="Ingrid",
        capacity="sponsor",
        word=word,
        comment="" if word == "approve" else "because",
        digest=row.digest,
    )
    return row


def address(project, name="realised", *args):
    return reverse(f"projects:{name}", args=[project.slug, *args])


def typed(value="12k", **more):
    return {
        "what": "money",
        "quarter": list(quarters_to_enter(today()))[1][0].isoformat(),
        "value": value,
        "low": "",
        "high": "",
        "method": "books",
        "note": "",
        **more,
    }


# The answer


def test_three_quarters_are_held_against_three_quarters_of_the_signed_year(
    project, enter, browser_of
):
    signed(project, low=-20_000, mean=50_000, high=100_000)
    for start, value in ((Q1, 10_000), (Q2, 13_000), (Q3, 18_000)):
        enter(value, start)
    page = realised_page(project)
    assert page.standing == "inside"
    assert page.so_far.total == 41_000
    assert page.so_far.years == 0.75
    text = browser_of("viewer").get(address(project)).content.decode()
    assert "<b>€41k</b> realised in three quarters: inside the band" in text
    # 0.75 of −20k, 50k and 100k
    assert "about €38k on average, 9 times in 10 between −€15k and €75k" in text


@pytest.mark.parametrize(
    ("value", "standing"), [(-1, "below"), (0, "inside"), (25, "inside"), (26, "above")]
)
def test_one_quarter_is_held_against_a_fourth(project, enter, value, standing):
    signed(project, low=0, mean=50, high=100)
    enter(value)
    assert realised_page(project).standing == standing


def test_without_a_signature_the_page_says_so(project, enter, browser_of):
    enter(41_000)
    text = browser_of("viewer").get(address(project)).content.decode()
    assert "<b>€41k</b> realised in one quarter." in text
    assert "Nothing was signed" in text
    assert "band that was signed" not in text


def test_what_was_signed_first_is_never_replaced_by_what_was_signed_later(project):
    first = signed(project, low=0, mean=50, high=100, when="2026-01-05")
    signed(project, low=-9, mean=1, high=9, gate="model", when="2026-06-05")
    assert signed_band(project).decision == first


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": "no_go"},
        {"frozen_at": None},
        {"gate": "data"},
        {"withdrawn_at": "2026-02-01T00:00Z"},
        {"content": {}},
    ],
)
def test_what_is_no_signed_go_is_no_promise(project, changes):
    row = signed(project, low=0, mean=50, high=100)
    Decision.objects.filter(pk=row.pk).update(**changes)
    assert signed_band(project) is None


def test_rejected_decision_is_no_promise(project):
    signed(project, low=0, mean=50, high=100, word="reject")
    assert signed_band(project) is None


def test_ends_of_a_band_belong_to_it():
    assert [stands(x, 1, 2) for x in (0.9, 1, 2, 2.1)] == [
        "below",
        "inside",
        "inside",
        "above",
    ]


def test_quantity_is_held_against_what_was_believed_when_signed(project, enter):
    signed(project, low=0, mean=50, high=100)
    quantity = project.quantities.get(name="churn_rate")
    enter(0.99, quantity=quantity)
    (line,) = realised_page(project).quantities
    assert line.standing == "above"
    assert line.value == "99 of 100"


# Entering


@pytest.mark.parametrize(
    ("who", "status"),
    [("contributor", 302), ("editor", 302), ("viewer", 404), ("outsider", 404)],
)
def test_contributors_enter_and_others_do_not(project, browser_of, who, status):
    answer = browser_of(who).post(address(project), typed())
    assert answer.status_code == status
    assert RealisedValue.objects.count() == (status == 302)


@pytest.mark.parametrize("who", ["outsider", "nobody"])
def test_outsider_sees_nothing_of_it(project, browser_of, who):
    assert browser_of(who).get(address(project)).status_code in {302, 404}


def test_amount_is_read_as_people_write_it(project, browser_of):
    browser_of("contributor").post(
        address(project), typed("−1.2k", low="−2k", high="−1k", method="experiment")
    )
    row = RealisedValue.objects.get()
    assert (row.value, row.low, row.high) == (-1200, -2000, -1000)
    assert row.entered_by.name == "Contributor Person"


def test_share_is_kept_in_the_unit_of_the_formula(project, browser_of):
    quantity = project.quantities.get(name="churn_rate")
    browser_of("contributor").post(address(project), typed("13", what=quantity.pk))
    assert RealisedValue.objects.get().value == pytest.approx(0.13)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"value": ""}, "This field is required"),
        ({"value": "many"}, "many"),
        ({"value": "10", "low": "11", "high": "12"}, "outside its own band"),
        ({"value": "10", "low": "9"}, "both ends of the band"),
        ({"quarter": "1999-01-01"}, "Select a valid choice"),
        ({"what": "99999"}, "Select a valid choice"),
    ],
)
def test_what_is_no_value_is_refused_with_words(project, browser_of, changes, words):
    answer = browser_of("contributor").post(address(project), typed(**changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not RealisedValue.objects.exists()


def test_quarter_has_one_value(project, browser_of):
    browser = browser_of("contributor")
    browser.post(address(project), typed())
    answer = browser.post(address(project), typed("13k"))
    assert answer.status_code == 422
    assert "has a value already" in answer.content.decode()


def test_period_that_overlaps_another_is_refused(project, enter):
    enter(1, Q1)
    with pytest.raises(ValidationError, match="has a value already"):
        enter(2, date(2026, 3, 1), ends_on=date(2026, 5, 31))


def test_quarters_to_enter_run_back_over_the_year(project):
    quarters = quarters_to_enter(date(2026, 2, 14))
    assert quarters[:2] == [
        (date(2026, 1, 1), date(2026, 3, 31)),
        (date(2025, 10, 1), date(2025, 12, 31)),
    ]


# Correcting


def test_correction_supersedes_and_nothing_is_deleted(project, enter, browser_of):
    row = enter(10_000)
    browser_of("editor").post(
        address(project, "realised_correct", row.pk),
        {"value": "12k", "method": "experiment", "note": "recount"},
    )
    row.refresh_from_db()
    new = RealisedValue.objects.get(superseded_by=None)
    assert row.superseded_by == new
    assert (row.value, new.value, new.starts_on) == (10_000, 12_000, Q1)
    page = realised_page(project)
    assert page.so_far.total == 12_000
    assert [each.value for each in page.corrected] == [10_000]


def test_refused_correction_leaves_the_value_standing(project, enter, cast):
    row = enter(10_000)
    said = {"value": 5.0, "low": 6.0, "high": 7.0, "method": "books", "note": ""}
    with pytest.raises(ValidationError):
        services.correct_realised(row, actor=Actor(user=cast.editor), said=said)
    row.refresh_from_db()
    assert row.superseded_by is None


def test_value_is_corrected_once(project, enter, cast, browser_of):
    row = enter(10_000)
    said = {"value": 5.0, "low": None, "high": None, "method": "books", "note": ""}
    services.correct_realised(row, actor=Actor(user=cast.editor), said=said)
    with pytest.raises(CorrectedAlready):
        services.correct_realised(row, actor=Actor(user=cast.editor), said=said)
    there = address(project, "realised_correct", row.pk)
    assert browser_of("editor").get(there).status_code == 404


# The picture


def test_losses_and_gains_and_what_they_add_up_to(project, enter):
    enter(-5_000, Q1)
    enter(15_000, Q2)
    picture = realised_page(project).picture
    assert [bar.ink for bar in picture.each.bars] == ["c-loss", "c-gain"]
    assert [label.text for label in picture.each.labels] == ["Q1 2026", "Q2 2026"]
    assert picture.each.bands == ()
    # The sum is 0, −5k, then 10k, on a scale of −8k to 12k: from its top 12, 17 and 2
    # of 20.
    levels = [level.text for level in picture.added_up.levels]
    assert levels == ["−€8k", "−€4k", "€0", "€4k", "€8k", "€12k"]
    assert picture.added_up.line == "0.00,60.00 50.00,85.00 100.00,10.00"
