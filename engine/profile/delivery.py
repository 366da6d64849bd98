"""One delivery of a data set, from the uploaded file to its profile and scores."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.checks.failing import columns_to_mask
from engine.checks.run import run_checks
from engine.profile.measure import profile_table
from engine.progress import Part, Reporter
from engine.reading import Proposed, ReadError, read_as_proposed
from engine.reading.content import content_digest, head
from engine.words import kept

FINDINGS_NAME = "findings.json"
PREVIEW_NAME = "preview.json"


def profile_delivery(
    *,
    source: str,
    filename: str,
    folder: Path,
    report: Reporter,
    options: dict[str, Any] | None = None,
    plan: dict[str, Any] | None = None,
    checks: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Write table, profile and findings of an upload into `folder`.

    Where something is in doubt, or the options ask for it, a preview of the table
    comes back and no more; where there is nothing to preview before a person answered,
    the question. What breaks the checks is left in the folder too.

    Parameters
    ----------
    source, filename, options
        As of `read_table`.
    plan : dict, optional
        As of `profile_table`; a target that the table lacks is left out.
    checks : dict, optional
        As `asked` of `run_checks`; personal columns are those that are found here.

    Returns
    -------
    dict
        Only question (option, proposal, sentence), only preview (a file in the
        folder), or table, profile and findings: names of files in the folder. A
        preview holds read (`TableRead`), sample, doubts and the options as taken;
        sentences in it and in findings are as `engine.words.kept`. Findings hold read (`TableRead`), digest and
        sample of the table, and assessment (`Assessment`).

    Raises
    ------
    EngineError
        If the file cannot be read.
    """
    try:
        proposed = read_as_proposed(
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
            "question": kept(
                {
                    "option": error.option,
                    "proposal": error.proposal,
                    "sentence": error.sentence,
                }
            )
        }
    read = proposed.read
    table = folder / read["parquet"]
    wish = proposed.options.get("preview")
    if wish or (wish is None and proposed.doubts):
        return {"preview": _preview(proposed, table, folder)}
    profile = profile_table(
        source=str(table),
        folder=folder,
        report=Part(report, 0.5, 0.9),
        plan=_plan_for(read["columns"], plan or {}),
    )
    findings = {
        "read": kept(read),
        "digest": content_digest(table),
        "sample": head(table),
        "assessment": run_checks(
            source=str(table),
            folder=folder,
            report=Part(report, 0.9, 1.0),
            asked={
                **(checks or {}),
                "personal": _personal(folder / profile["profile"]),
            },
        ),
    }
    _keep(findings, folder / FINDINGS_NAME)
    return {
        "table": read["parquet"],
        "profile": profile["profile"],
        "findings": FINDINGS_NAME,
    }


def _plan_for(columns: list[dict[str, Any]], plan: dict[str, Any]) -> dict[str, Any]:
    """Return the plan without a target that the table lacks."""
    has_target = plan.get("target") in {each["name"] for each in columns}
    return plan if has_target else {**plan, "target": None}


def _personal(profile: Path) -> list[str]:
    """Return the columns of a profile whose values are masked."""
    content = json.loads(profile.read_bytes())
    return columns_to_mask(content["personal"] or ())


def _preview(proposed: Proposed, table: Path, folder: Path) -> str:
    """Write what a person looks at before the table counts; return the file's name."""
    told = {
        "read": proposed.read,
        "sample": head(table),
        "doubts": [asdict(each) for each in proposed.doubts],
        "options": proposed.options,
    }
    _keep(kept(told), folder / PREVIEW_NAME)
    return PREVIEW_NAME


def _keep(told: dict[str, Any], path: Path) -> None:
    text = json.dumps(told, allow_nan=False, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
