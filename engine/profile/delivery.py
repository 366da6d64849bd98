"""One delivery of a data set, from the uploaded file to its profile and scores."""

import json
from pathlib import Path
from typing import Any

from engine.errors import EngineError
from engine.profile.measure import profile_table
from engine.profile.scores import assess
from engine.progress import Part, Reporter
from engine.reading import ReadError, read_table
from engine.reading.content import content_digest, head

FINDINGS_NAME = "findings.json"


def profile_delivery(
    *,
    source: str,
    filename: str,
    folder: Path,
    report: Reporter,
    options: dict[str, Any] | None = None,
    rules: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Write table, profile and findings of an upload into `folder`.

    Where the reader would go on if a person answered, its question comes back
    instead of an error. Rules that cannot be applied leave the table as it is and
    are told in the findings.

    Parameters
    ----------
    source, filename, options
        As of `read_table`.
    rules : dict, optional
        As of `assess`.

    Returns
    -------
    dict
        Only question (option, proposal, sentence); or table, profile and findings:
        names of files in the folder. Findings hold read (`TableRead`), digest and
        sample of the table, assessment (`Assessment` or None) and problem (why there
        is none, or "").

    Raises
    ------
    EngineError
        If the file cannot be read.
    """
    try:
        read = read_table(
            source=source,
            filename=filename,
            folder=folder,
            report=Part(report, 0.0, 0.5),
            options=options,
        )
    except ReadError as error:
        if not error.option:
            raise
        return {
            "question": {
                "option": error.option,
                "proposal": error.proposal,
                "sentence": str(error),
            }
        }
    table = folder / read["parquet"]
    profile = profile_table(
        source=str(table), folder=folder, report=Part(report, 0.5, 0.9)
    )
    findings = {
        "read": read,
        "digest": content_digest(table),
        "sample": head(table),
        **assess_if_possible(
            source=str(table),
            folder=folder,
            report=Part(report, 0.9, 1.0),
            rules=rules or {},
        ),
    }
    text = json.dumps(findings, allow_nan=False, ensure_ascii=False)
    (folder / FINDINGS_NAME).write_text(text, encoding="utf-8")
    return {
        "table": read["parquet"],
        "profile": profile["profile"],
        "findings": FINDINGS_NAME,
    }


def assess_if_possible(
    *, source: str, folder: Path, report: Reporter, rules: dict[str, Any]
) -> dict[str, Any]:
    """Return the assessment of a table, or None and why its rules do not fit it.

    Returns
    -------
    dict
        assessment (`Assessment` as JSON, or None) and problem (a sentence, or "").
    """
    try:
        found = assess(source=source, folder=folder, report=report, rules=rules)
    except EngineError as error:
        return {"assessment": None, "problem": str(error)}
    return {"assessment": found, "problem": ""}
