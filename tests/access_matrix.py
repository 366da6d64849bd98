"""Every route × method × role, and the status each gets: the walk and its table.

`python -m tests.access_matrix` adds what is new to access_matrix.tsv, for review;
with `--all` it writes every row anew. Read the difference before it is committed: the
table says who may do what.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.urls import URLPattern

    from tests.worlds import World

ROLES = (
    "anonymous",
    "guest",
    "outsider",
    "viewer",
    "contributor",
    "editor",
    "owner",
    "admin",
)
TABLE = Path(__file__).with_name("access_matrix.tsv")
WRITE = "ACCESS_MATRIX_WRITE"  # in the environment: "new" or "all"
OF_THE_PORTAL = "api/v1/rates/"  # nobody's: everybody reads them, admins write
PLACE = re.compile(r"<(\w+)>")
CONVERTER = re.compile(r"<\w+:(\w+)>")
GROUP = re.compile(r"\(\?P(<\w+>)(?:[^()]|\([^()]*\))*\)")


@dataclass(frozen=True, order=True)
class Call:
    """One route and one method."""

    route: str
    method: str

    def path(self, world: "World") -> str:
        """Return the address of the route in this world."""
        values = world.values(self.route)
        return "/" + PLACE.sub(lambda found: str(values[found[1]]), self.route)

    @property
    def in_project(self) -> bool:
        """Whether the address is that of something in a project."""
        is_resource = self.route.startswith("api/") and "<pk>" in self.route
        return self.has_ids and (is_resource or "<slug>" in self.route)

    @property
    def has_ids(self) -> bool:
        """Whether the address names something that belongs to somebody."""
        return "<" in self.route and not self.route.startswith(OF_THE_PORTAL)


def plain_routes() -> Iterator[tuple[str, "URLPattern"]]:
    """Yield every route as people write one, `p/<slug>/`, with its pattern."""
    from core.checks import routes

    for route, pattern in routes():
        plain = GROUP.sub(r"\1", CONVERTER.sub(r"<\1>", route))
        yield re.sub(r"\\Z|[\^$?\\]", "", plain), pattern


def calls() -> Iterator[Call]:
    """Yield each route with each method that means something there."""
    for route, pattern in plain_routes():
        view = pattern.callback
        if actions := getattr(view, "actions", None):
            methods = {method.upper() for method in actions}
        elif cls := getattr(view, "cls", None) or getattr(view, "view_class", None):
            offered = ("get", "post", "put", "patch", "delete")
            methods = {each.upper() for each in offered if hasattr(cls, each)}
        else:
            methods = {"GET", "POST"}
        # A viewset that has answered once lists HEAD among its actions too.
        for method in sorted(methods - {"HEAD", "OPTIONS"}):
            yield Call(route, method)


Row = dict[str, int]  # role -> status


def read_table() -> dict[Call, Row]:
    """Return the expected statuses."""
    if not TABLE.exists():
        return {}
    lines = TABLE.read_text().splitlines()[1:]
    rows = {}
    for line in lines:
        route, method, *statuses = line.split("\t")
        rows[Call(route, method)] = dict(zip(ROLES, map(int, statuses), strict=True))
    return rows


def write_table(found: dict[Call, Row], *, only_new: bool) -> None:
    """Write the table: rows of routes that are gone go, new ones are added.

    A route that breaks gets no row: it has to be mended first.
    """
    kept = read_table() if only_new else {}
    rows = {call: kept.get(call, found[call]) for call in sorted(found)}
    rows = {call: row for call, row in rows.items() if max(row.values()) < 500}
    head = "\t".join(("route", "method", *ROLES))
    body = [
        "\t".join((call.route, call.method, *(str(row[role]) for role in ROLES)))
        for call, row in rows.items()
    ]
    TABLE.write_text("\n".join([head, *body]) + "\n")


if __name__ == "__main__":
    mode = "all" if "--all" in sys.argv else "new"
    sys.exit(
        subprocess.run(
            [sys.executable, "-m", "pytest", "tests/test_access_matrix.py", "-q"],
            cwd=TABLE.parent.parent,
            env={**os.environ, WRITE: mode},
        ).returncode
    )
