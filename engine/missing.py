"""The spellings that mean "no value here"."""

# "None" and "none" stay text: they are often a category (no contract, no pain).
# Compared after trimming spaces, exactly as written.
MISSING_SPELLINGS: tuple[str, ...] = (
    "",
    "NA",
    "N/A",
    "n/a",
    "#N/A",
    "#NA",
    "NaN",
    "nan",
    "NULL",
    "Null",
    "null",
    "-",
    "--",
    "?",
)
