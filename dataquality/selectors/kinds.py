"""What kinds of checks are called, and what they are for."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# By kind: its name, and one line on what it finds. In the order they are offered.
KIND_TITLES: dict[str, tuple[str | Promise, str | Promise]] = {
    "not_null": (_("Filled"), _("every row has a value")),
    "not_missing": (_("Known"), _("no value is empty or a word for unknown")),
    "row_count": (_("Number of rows"), _("as many as there should be")),
    "expected_keys": (_("Expected records"), _("every key of another table is there")),
    "no_gaps": (_("No gaps in time"), _("every day, week or month has rows")),
    "unique": (_("Unique"), _("no two rows have the same key")),
    "no_duplicate_rows": (_("No row twice"), _("no row equals an earlier one")),
    "in_set": (_("One of a list"), _("only these values")),
    "in_range": (_("Between bounds"), _("numbers not too small or large")),
    "matches": (_("Matches a pattern"), _("a regular expression")),
    "length": (_("Length of text"), _("not too short or long")),
    "type_is": (_("Type of values"), _("every value can be read as it")),
    "schema": (_("Columns"), _("names and types of the table")),
    "aggregate": (_("Aggregate"), _("a mean, sum or other number of a column")),
    "outliers": (_("Outliers"), _("numbers far from all others")),
    "compare_columns": (_("Compare columns"), _("one is less than the other")),
    "product_close": (_("Product"), _("a total is what its factors give")),
    "foreign_key": (_("Refers to a table"), _("every value occurs there")),
    "format_uniform": (_("One format"), _("all values have the same shape")),
    "reconcile_aggregate": (_("Same total"), _("a number is that of another table")),
    "reconcile_rows": (_("Same rows"), _("two tables tell the same")),
    "authority_match": (_("As an authority says"), _("cells agree with what is right")),
    "freshness": (_("Age"), _("rows or the delivery are not too old")),
    "arrival": (_("Arrival"), _("deliveries come as often as they should")),
    "drift": (_("Drift"), _("a column is as it was in the version before")),
    "custom_sql": (_("SQL"), _("a SELECT on the table data finds nothing wrong")),
}
