"""Background jobs. The database row is the job; a message is only a hint.

An app's `tasks` declares `@background_job(...)` functions that load, compute (in a
limited child) and record (in one transaction); a view or the API starts them.
"""

from core.jobs.declare import BackgroundJob, ask_cancel, background_job
from core.jobs.errors import JobFailed, LostLease
from core.jobs.running import RunningJob

__all__ = [
    "BackgroundJob",
    "JobFailed",
    "LostLease",
    "RunningJob",
    "ask_cancel",
    "background_job",
]
