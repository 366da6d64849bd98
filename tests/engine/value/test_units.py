"""Units of formulas come out, or the message says what to mend."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.value.case import Category, Driver, Forecast, Per, Quantity, ValueCase
from engine.value.distributions import Fixed
from engine.value.templates import TEMPLATES
from engine.value.units import PLAIN, Unit, UnitError, check_units, parse_unit

CHURN_UNITS = {
    "customers": "customers / year",
    "churn_rate": "share",
    "save_rate": "%",
    "margin": "EUR / customer",
    "contact_cost": "€ per customer",
    "running_cost": "EUR per year",
    "build_cost": "EUR",
    "tpr": "share of leavers",
    "fpr": "share",
}


def unit(text, currency="EUR"):
    return str(parse_unit(text, currency=currency))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("EUR / customer", "EUR / customer"),
        ("€ per customer per year", "EUR / customer / year"),
        ("money per kept customer", "EUR / kept customer"),
        ("eur/Customers", "EUR / customer"),
        ("customers per year", "customer / year"),
        ("per year", "1 / year"),
        ("1 / yr", "1 / year"),
        ("hours * people", "hour · people"),
        ("EUR · year / year", "EUR"),
        ("companies / boxes", "company / box"),
        ("minutes / business address", "minute / business address"),
        ("%", "no unit"),
        ("Share of customers", "no unit"),
        ("per cent", "no unit"),
        ("1", "no unit"),
        ("USD / EUR", "USD / EUR"),
        ("$", "USD"),
        ("客户 / year", "客户 / year"),
    ],
)
def test_unit_is_read_as_people_write_it(text, read):
    assert unit(text) == read


def test_unit_is_read_in_the_projects_currency():
    assert unit("money / customer", "SEK") == "SEK / customer"
    assert unit("{currency}", "SEK") == "SEK"
    assert parse_unit("  ", currency="SEK") is None


@pytest.mark.parametrize("text", ["EUR // customer", "/", "EUR /", "5 EUR", "a + b"])
def test_text_that_is_no_unit_says_how_to_write_one(text):
    with pytest.raises(UnitError, match="write words with / between, as EUR / cust"):
        parse_unit(text, currency="EUR")


def test_long_unit_is_refused():
    with pytest.raises(UnitError, match="unit of 10000 characters: shorten it to 60"):
        parse_unit("e" * 10_000, currency="EUR")


units = st.dictionaries(
    st.sampled_from(["EUR", "customer", "year"]), st.integers(-2, 2)
).map(Unit.of)


@given(units, units)
def test_what_is_multiplied_can_be_divided_again(one, other):
    assert one * other == other * one
    assert one * other / other == one
    assert one / one == PLAIN
    assert one**2 == one * one


@given(units)
def test_unit_is_read_back_as_it_is_shown(one):
    if one != PLAIN:
        assert parse_unit(str(one), currency="EUR") == one


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=list(TEMPLATES))
def test_formulas_of_every_template_come_out(template):
    case = template.case({})
    written = {each.name: each.formula_unit for each in template.questions}
    assert all(written.values())
    assert check_units(case, written, "EUR") == []
    # An amount in another currency never does.
    for name, text in written.items():
        if "money" in text:
            wrong = written | {name: text.replace("money", "USD")}
            assert check_units(case, wrong, "EUR") != []


def test_volume_may_be_said_without_its_year():
    """Then a worth per customer and year comes out as well."""
    more = {"customers": "customers", "margin": "EUR / customer / year"}
    assert check_units(TEMPLATES["churn"].case({}), CHURN_UNITS | more, "EUR") == []


def test_quantity_without_a_unit_is_not_checked():
    for name in CHURN_UNITS:
        some = CHURN_UNITS | {name: ""}
        assert check_units(TEMPLATES["churn"].case({}), some, "EUR") == []
    assert check_units(TEMPLATES["churn"].case({}), {}, "EUR") == []


@pytest.mark.parametrize(
    ("change", "messages"),
    [
        (
            {"margin": "EUR"},
            r"kept_margin: 'save_rate \* margin' is in EUR, where EUR / customer is "
            "wanted: multiply by a quantity in 1 / customer, or mend",
        ),
        (
            {"margin": "USD / customer"},
            r"kept_margin: 'save_rate \* margin' is in USD / customer, where EUR / "
            "customer is wanted: multiply by an exchange rate in EUR / USD",
        ),
        (
            {"margin": "EUR / customer / year"},
            "kept_margin: .* where EUR / customer is wanted: it is counted per year "
            "already: drop a year",
        ),
        (
            {"running_cost": "EUR / month"},
            "running: 'running_cost' is in EUR / month, where EUR / year is wanted: "
            "put in how many months make one year, or state it per year",
        ),
        (
            {"build_cost": "EUR / year"},
            "building: 'build_cost' is in EUR / year, where EUR is wanted: count it "
            "per year, or multiply it by a number of years",
        ),
        (
            {"customers": "customers / month"},
            "volume: 'customers' is in customer / month, where customer / year is "
            "wanted: put in how many months make one year",
        ),
        (
            {"churn_rate": "customers"},
            "prevalence: 'churn_rate' is in customer, where no unit is wanted",
        ),
        ({"tpr": "customers"}, "tpr: 'tpr' is in customer, where no unit"),
        (
            {"margin": "EUR //"},
            "margin: 'EUR //' is in no readable unit, .* write words with",
        ),
    ],
)
def test_unit_that_does_not_come_out_names_both_and_the_remedy(change, messages):
    (problem,) = check_units(TEMPLATES["churn"].case({}), CHURN_UNITS | change, "EUR")
    with pytest.raises(ValueError, match=messages):
        raise ValueError(problem.message)


def test_number_turns_a_monthly_volume_into_a_yearly_one():
    case = replace(TEMPLATES["churn"].case({}), volume="customers * 12")
    units = CHURN_UNITS | {"customers": "customers / month"}
    assert check_units(case, units, "EUR") == []


def amounts(expression, per=Per.YEAR, **more):
    """A case of one driver over a few quantities with units."""
    names = ("fee", "cost", "staff", "months", "rate", "size")
    return replace(
        ValueCase(
            quantities=tuple(Quantity(name, Fixed(1)) for name in names),
            drivers=(Driver("gain", "", Category.REVENUE, per, expression),),
            volume=None,
            prevalence=None,
            horizon_years=1,
            discount_rate=0.0,
        ),
        **more,
    )


UNITS = {
    "fee": "EUR / month",
    "cost": "EUR / year",
    "staff": "people",
    "months": "months / year",
    "rate": "share",
    "size": "m",
}


@pytest.mark.parametrize(
    "expression",
    [
        "fee * months",
        "12 * fee",
        "cost - fee * 12",
        "cost * (1 - rate)",
        "cost + 100",
        "max(0, cost - fee * months)",
        "-cost * rate ** 2",
        "cost * rate ** 0.5",
        "cost * size ** 2 / size / size",
        "cost * size ** -1 * size",
        "12",
        "2 * (3 + 4)",
    ],
)
def test_formula_that_comes_out_has_no_problem(expression):
    assert check_units(amounts(expression), UNITS, "EUR") == []


@pytest.mark.parametrize(
    ("expression", "messages"),
    [
        (
            "cost + staff",
            "gain: 'staff' is in people, where EUR / year, as of 'cost' beside it, is "
            "wanted: multiply by a quantity in EUR / people / year, or mend",
        ),
        (
            "cost - fee",
            "'fee' is in EUR / month, where EUR / year, as of 'cost' beside it, is "
            "wanted: put in how many months make one year",
        ),
        ("min(cost, rate)", "'rate' is in no unit, where EUR / year, as of"),
        ("cost * (rate + staff * 2)", r"'staff \* 2' is in people, where no unit"),
        ("size ** 0.5 * cost", r"'size \*\* 0\.5' is in a power of m, where no unit"),
        ("cost ** rate", r"divide by a quantity in EUR / year first"),
        ("cost * staff", "multiply by a quantity in 1 / people, or mend"),
        ("rate", "is in no unit, .*: multiply by a quantity in EUR / year"),
    ],
)
def test_sum_of_unlike_units_names_both_and_the_remedy(expression, messages):
    (problem,) = check_units(amounts(expression), UNITS, "EUR")
    with pytest.raises(ValueError, match=messages):
        raise ValueError(problem.message)


def test_what_is_not_in_money_need_not_come_out_in_money():
    case = amounts("staff")
    joy = Driver("joy", "", Category.EXPERIENCE, Per.YEAR, "staff", "not_in_money")
    assert check_units(replace(case, drivers=(joy,)), UNITS, "EUR") == []


FORECAST_UNITS = {
    "orders": "forecasts / year",
    "short": "pieces / forecast",
    "long": "pieces",
    "lost_sale": "EUR / piece",
    "storage": "EUR / piece",
    "later": "pieces / forecast",
}


def forecasts(**units):
    case = ValueCase(
        quantities=tuple(Quantity(name, Fixed(1)) for name in FORECAST_UNITS),
        drivers=(
            Driver("lost", "", Category.SAVINGS, Per.UNDER, "lost_sale"),
            Driver("stored", "", Category.SAVINGS, Per.OVER, "storage"),
        ),
        volume="orders",
        prevalence=None,
        horizon_years=1,
        discount_rate=0.0,
        forecast=Forecast("short", "long", "later", "long / 2"),
    )
    return check_units(case, FORECAST_UNITS | units, "EUR")


def test_forecast_is_priced_per_unit_of_error():
    """An error may be said per forecast or not: pieces either way."""
    assert forecasts() == []
    (problem,) = forecasts(lost_sale="EUR / forecast")
    assert (problem.driver, problem.wanted) == ("lost", "EUR / piece")
    (problem,) = forecasts(later="hours")
    assert (problem.driver, problem.found) == ("forecast, under", "hour")
    assert problem.wanted == "piece / forecast"
