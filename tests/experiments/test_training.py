"""A training job, from the ask to one recorded result."""



from core.jobs.testing import run_now
from core.models import Job, ObjectRef
from experiments.models import Run


def test_a_trial_runs_in_its_child_and_leaves_one_result(start, work_dir):
    (run,) = start("linear")
    job = run_now(run.job)
    run.refresh_from_db()
    assert (job.state, job.error) == (Job.State.SUCCEEDED, "")
    assert run.status == Run.Status.FINISHED
    assert run.is_priced
    assert run.money_low <= run.money_mean <= run.money_high
    assert {ref.path for ref in ObjectRef.objects.filter(owner_id=run.pk)} == {
        "model.skops",
        "oof.parquet",
        "holdout.parquet",
        "environment.json",
        "result.json",
    }
