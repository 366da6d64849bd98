"""Our files read by the real tools of others: what `make test-clients` runs.

Each tool lives in an environment of its own under `.venv-clients`, made once by pip:
what they need is no part of ours. Says for each whether it took our file.
"""

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ROOT / ".venv-clients"
sys.path.insert(0, str(ROOT))
ROWS = ROOT / "examples" / "churn" / "customers_2.csv"
# By the name of its folder: what pip installs.
TOOLS = {
    "datacontract": "datacontract-cli[duckdb]>=0.10,<2",
    "gx": "great_expectations>=1.5,<2",
}
SUITE = """
import json, sys
import great_expectations as gx
import pandas as pd

suite, rows = sys.argv[1:]
context = gx.get_context(mode="ephemeral")
asked = json.load(open(suite))
made = gx.ExpectationSuite(**asked)
batch = (
    context.data_sources.add_pandas("here")
    .add_dataframe_asset("customers")
    .add_batch_definition_whole_dataframe("all")
    .get_batch({"dataframe": pd.read_csv(rows)})
)
found = batch.validate(made)
broken = {
    each.expectation_config.type + ":" + str(each.expectation_config.kwargs.get("column", "")):
        (each.result or {}).get("unexpected_count")
    for each in found.results
    if not each.success
}
errors = [each.exception_info for each in found.results if each.exception_info.get("raised_exception")]
print(json.dumps({"asked": len(asked["expectations"]), "run": len(found.results), "broken": broken, "errors": len(errors)}))
"""


def python_of(tool: str) -> Path:
    """Return the Python of a tool's environment, made where it is missing."""
    folder = CLIENTS / tool
    python = folder / "bin" / "python"
    stamp = folder / "installed.txt"
    if not stamp.exists() or stamp.read_text() != TOOLS[tool]:
        venv.create(folder, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", TOOLS[tool]]
        subprocess.run(install, check=True)
        stamp.write_text(TOOLS[tool])
    return python


def example(folder: Path) -> tuple[Path, Path]:
    """Write the example's checks as a contract and as a suite; return both."""
    from engine.checks import Declared
    from engine.checks.documents import About, read_document, write_document

    text = (ROOT / "examples" / "churn" / "checks.yaml").read_text()
    checks = list(read_document(text).checks)
    # A row condition of its own: no other count tells whether it was heeded.
    spent = {"column": "total_charges", "maximum": 0}
    checks.append(Declared("", "in_range", spent, where="tenure < 0"))
    columns = {"tenure": "integer", "as_of": "date"}
    about = About("customers", "customers", columns, retention_days=730)
    paths = (folder / "contract.odcs.yaml", folder / "suite.json")
    paths[0].write_text(write_document(checks, about, "odcs").text)
    paths[1].write_text(write_document(checks, about, "gx").text)
    return paths


def a_contract_is_valid(contract: Path, _suite: Path) -> str:
    """Have datacontract-cli hold our contract against the standard's schema."""
    tool = python_of("datacontract").with_name("datacontract")
    done = subprocess.run(
        [tool, "lint", contract], capture_output=True, text=True, cwd=contract.parent
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def a_suite_finds_what_we_find(_contract: Path, suite: Path) -> str:
    """Have Great Expectations run our suite; it has to count as we count."""
    done = subprocess.run(
        [python_of("gx"), "-c", SUITE, suite, ROWS],
        capture_output=True,
        text=True,
        cwd=suite.parent,
    )
    if done.returncode:
        return done.stdout + done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    broken = {key: n for key, n in found["broken"].items() if n}
    known = {
        "expect_column_values_to_not_be_null:monthly_charges": 212,
        "expect_column_values_to_be_in_set:contract": 90,
        "expect_column_values_to_be_between:tenure": 12,
        "expect_column_values_to_be_between:total_charges": 12,
        # It counts both rows of a pair, we count the second one.
        "expect_column_values_to_be_unique:customer_id": 80,
    }
    if found["errors"] or found["asked"] != found["run"] or broken != known:
        return json.dumps(found, indent=2)
    return ""


TESTS: tuple[Callable[[Path, Path], str], ...] = (
    a_contract_is_valid,
    a_suite_finds_what_we_find,
)


def main() -> int:
    """Run all; return how many failed."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        files = example(Path(folder))
        for test in TESTS:
            problem = test(*files)
            failed += bool(problem)
            print(f"{test.__name__:<30} {problem or 'ok'}", flush=True)  # noqa: T201
    return failed


if __name__ == "__main__":
    sys.exit(main())
