"""How a job can end other than well."""


class JobFailed(Exception):
    """The job cannot be done; the message tells people why, word for word."""


class LostLease(Exception):
    """Another attempt may hold the job by now: stop, and write nothing."""


class Cancelled(Exception):
    """Somebody asked to cancel the job."""


class WorkerStops(Exception):
    """The worker is asked to end: the job goes back to the queue as it was."""


class NoVerdict(Exception):
    """The attempt died: nothing is known of the job, only that one try is lost."""
