"""The six stations of the loop, and the rooms of a project."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.access import PortalRequest
from dataquality.selectors import data_station
from experiments.selectors import experiments_station
from projects.models import Project
from projects.selectors import stations as design
from projects.selectors.stations import StationFact


@dataclass(frozen=True)
class Station:
    """One of the six stations of the loop, as the strip shows it."""

    key: str
    name: str
    url: str
    fact: str
    state: str
    state_text: str
    loud: bool


def stations(request: PortalRequest, project: Project) -> list[Station]:
    """Return the project's six stations; computed once a request."""
    kept: dict[int, list[Station]] = request.__dict__.setdefault("stations", {})
    if project.pk not in kept:
        kept[project.pk] = _stations(project)
    return kept[project.pk]


def _stations(project: Project) -> list[Station]:
    rows = (
        ("value", _("Value"), "projects:value", design.value_station),
        (
            "requirements",
            _("Requirements"),
            "projects:requirements",
            design.requirements_station,
        ),
        ("metrics", _("Metrics"), "projects:metrics", design.metrics_station),
        ("data", _("Data"), "dataquality:data_sets", data_station),
        (
            "experiments",
            _("Experiments"),
            "experiments:experiments",
            experiments_station,
        ),
        ("decision", _("Decision"), "projects:decisions", design.decision_station),
    )
    return [
        _station(project, key, name, url, fact_of(project))
        for key, name, url, fact_of in rows
    ]


def _station(
    project: Project, key: str, name: str, url: str, fact: StationFact
) -> Station:
    return Station(
        key=key,
        name=name,
        url=project.url(url),
        fact=fact.fact,
        state=fact.state,
        state_text=fact.state_text,
        loud=fact.is_loud,
    )


# Pages that lie in a room of another name; those that lie in none are the overview's.
LIES_IN = {"reports": "experiments"}


@dataclass(frozen=True)
class Room:
    """One entry of a project's sidebar."""

    name: str
    url: str
    current: str  # what `aria-current` says
    loud: bool
    state: str = ""
    state_text: str = ""


def rooms(request: PortalRequest, project: Project) -> list[Room]:
    """Return the project's rooms in the order of the loop."""
    by_key = {each.key: each for each in stations(request, project)}
    plan = (
        ("", _("Overview"), "project_overview"),
        ("value", _("Value"), "projects:value"),
        ("requirements", _("Requirements"), "projects:requirements"),
        ("metrics", _("Metrics"), "projects:metrics"),
        ("data", _("Data"), "dataquality:data_sets"),
        ("experiments", _("Experiments"), "experiments:experiments"),
        ("", _("Runs"), "experiments:runs"),
        ("decision", _("Decisions"), "projects:decisions"),
    )
    here = _room_of(request.path, project, {project.url(each) for *_, each in plan})
    entries = []
    for key, name, url_name in plan:
        url = project.url(url_name)
        station = by_key.get(key)
        entries.append(
            Room(
                name=name,
                url=url,
                current=_mark(request.path, url) if url == here else "",
                loud=bool(station and station.loud),
                state=station.state if station else "",
                state_text=station.state_text if station else "",
            )
        )
    return entries


def _room_of(path: str, project: Project, rooms: set[str]) -> str:
    """Return the address of the room that a page lies in."""
    overview = project.get_absolute_url()
    part = path.removeprefix(overview).partition("/")[0]
    room = f"{overview}{LIES_IN.get(part, part)}/"
    return room if room in rooms else overview


def _mark(path: str, room: str) -> str:
    return "page" if path == room else "true"
