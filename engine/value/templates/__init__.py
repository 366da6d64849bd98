"""The value cases a project may start from, as data."""

from engine.value.templates.churn import CHURN
from engine.value.templates.forecast import FORECAST
from engine.value.templates.fraud import FRAUD
from engine.value.templates.parts import CaseTemplate, Question
from engine.value.templates.plain import PLAIN
from engine.value.templates.time_saved import TIME_SAVED
from engine.value.templates.triage import TRIAGE

__all__ = [
    "CHURN",
    "FORECAST",
    "FRAUD",
    "PLAIN",
    "TEMPLATES",
    "TIME_SAVED",
    "TRIAGE",
    "CaseTemplate",
    "Question",
]

TEMPLATES: dict[str, CaseTemplate] = {
    template.key: template
    for template in (CHURN, FRAUD, FORECAST, TRIAGE, TIME_SAVED, PLAIN)
}
