"""When a schedule written as cron comes due."""

import re
from datetime import datetime, tzinfo

from celery.exceptions import CeleryError
from celery.schedules import ParseException, crontab
from django.utils.translation import gettext as _


class ScheduleProblem(ValueError):
    """An expression that is no schedule; the message names it and the remedy."""


def next_run(expression: str, *, after: datetime, zone: tzinfo) -> datetime:
    """Return the next moment that a schedule names, in that zone.

    Raises
    ------
    ScheduleProblem
        If the expression is none of five fields, or names a day that never comes.
    """
    fields = expression.split()
    if len(fields) != 5:
        raise ScheduleProblem(_no_schedule(expression))
    # Sunday is 0 and 7 in cron, and 0 alone to Celery.
    fields[4] = re.sub(r"(?<![/\d])7(?!\d)", "0", fields[4])
    local = after.astimezone(zone).replace(second=0, microsecond=0)
    try:
        times = crontab.from_string(" ".join(fields))
        times.tz = zone
        times.nowfun = lambda: local
        last, remaining, _now = times.remaining_delta(local, tz=zone)
    except (ParseException, CeleryError, ValueError, KeyError, RuntimeError) as error:
        raise ScheduleProblem(_no_schedule(expression)) from error
    found: datetime = last + remaining
    return found


def _no_schedule(expression: str) -> str:
    return _(
        "“%(text)s” is no schedule. Write minute, hour, day of the month, month and day "
        "of the week, such as 0 6 * * 1-5 for six in the morning on working days."
    ) % {"text": expression[:100]}
