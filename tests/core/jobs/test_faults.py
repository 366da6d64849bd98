"""What is killed, frozen, lost, doubled or forged while jobs run."""

import signal
import time

import psutil
import pytest

from tests.core.jobs.plant import family, wait_gone

pytestmark = [pytest.mark.broker, pytest.mark.database]


def one_effect(plant, job) -> bool:
    return plant.effects().get(job) == 1


def test_a_job_runs_to_its_one_effect(plant, worker):
    job = plant.compute("double", x=2)
    plant.wait_for(job, "succeeded", attempt=1)
    assert one_effect(plant, job)


def test_kill_of_the_pool_process_gives_exactly_one_result(plant, worker):
    job = plant.compute("sleep", seconds=1.0, note="under way")
    holder = plant.holder(job)
    below = family(holder.pid)
    assert len(below) == 2  # fork server and child
    holder.kill()
    wait_gone(below)
    row = plant.wait_for(job, "succeeded")
    assert (row["attempt"], row["losses"]) == (2, 1)
    assert one_effect(plant, job)


def test_kill_of_the_worker_ends_its_pool_and_gives_exactly_one_result(plant, worker):
    job = plant.compute("sleep", seconds=1.0, note="under way")
    plant.holder(job)
    below = family(worker.process.pid)
    worker.kill()
    wait_gone(below)
    other = plant.start_worker()
    row = plant.wait_for(job, "succeeded")
    other.kill()
    assert (row["attempt"], row["losses"]) == (2, 1)
    assert one_effect(plant, job)


def test_kill_of_worker_and_pool_together_gives_exactly_one_result(plant, worker):
    job = plant.compute("sleep", seconds=1.0, note="under way")
    plant.holder(job)
    below = family(worker.process.pid)
    for process in worker.pool:
        process.kill()
    worker.kill()
    wait_gone(below)
    other = plant.start_worker()
    plant.wait_for(job, "succeeded", attempt=2)
    other.kill()
    assert one_effect(plant, job)


def test_a_stopped_worker_hands_its_job_back_and_no_try_is_lost(plant, worker):
    job = plant.compute("sleep", seconds=2.0, note="under way")
    plant.holder(job)
    below = family(worker.process.pid)
    worker.stop()
    wait_gone(below)
    row = plant.row(job)
    assert (row["state"], row["losses"]) == ("queued", 0)
    assert "its worker was stopped" in row["log"]
    other = plant.start_worker()
    row = plant.wait_for(job, "succeeded")
    other.kill()
    assert (row["attempt"], row["losses"]) == (2, 0)
    assert one_effect(plant, job)


def test_a_job_that_is_cancelled_while_its_worker_stops_does_not_come_back(
    plant, worker
):
    job = plant.compute("sleep", seconds=600.0, note="under way")
    plant.holder(job)
    plant.ask("cancel", job_id=job)
    worker.stop()
    assert plant.wait_for(job, "cancelled")["losses"] == 0
    assert job not in plant.effects()


def test_an_expired_job_runs_again_without_a_scheduler_once_a_worker_starts(
    plant, worker
):
    """The reconciler at a worker's start sees to it; here nothing else does."""
    job = plant.compute("sleep", seconds=1.0, note="under way")
    plant.holder(job)
    worker.kill()
    scheduler = plant.scheduler
    scheduler.send_signal(signal.SIGSTOP)
    try:
        time.sleep(plant.lease_seconds + 0.5)
        other = plant.start_worker()
        plant.wait_for(job, "succeeded", attempt=2)
        other.kill()
    finally:
        scheduler.send_signal(signal.SIGCONT)


def test_a_poisonous_job_is_quarantined_after_three_tries_with_its_log(plant, worker):
    job = plant.compute("kill_itself")
    row = plant.wait_for(job, "quarantined")
    assert (row["attempt"], row["losses"]) == (3, 3)
    assert row["log"].count("about to die") == 3
    assert row["log"].count("killed by signal 9") == 3
    assert "3 times" in row["error"]
    assert job not in plant.effects()


def test_a_job_that_kills_its_worker_process_is_quarantined_too(plant, worker):
    job = plant.start("plant_careless", way="kill")
    row = plant.wait_for(job, "quarantined")
    assert row["attempt"] == 3
    after = plant.start("plant_quick")
    plant.wait_for(after, "succeeded")


def test_a_memory_bomb_fails_and_its_worker_lives(unattended):
    plant = unattended
    worker = plant.standing_worker()  # a fresh one, whose pool is whole
    before = [process.pid for process in worker.pool]
    row = plant.wait_for(plant.compute("hoard"), "failed")
    assert "memory limit of 1024 MB" in row["error"]
    row = plant.wait_for(plant.start("plant_careless", way="memory"), "failed")
    assert "MemoryError" in row["error"]
    assert [process.pid for process in worker.pool] == before


def test_a_job_beyond_its_time_limit_fails_and_its_child_is_gone(plant, worker):
    job = plant.start("plant_short")
    row = plant.wait_for(job, "failed")
    assert "time limit of 1 s" in row["error"]
    assert not [
        each for each in family(worker.process.pid) if each.status() == "zombie"
    ]


def test_a_task_stuck_outside_its_child_ends_with_its_process(plant, worker):
    job = plant.start("plant_stubborn")
    row = plant.wait_for(job, "running")
    stuck = psutil.Process(int(row["owner"].rpartition(":")[2]))
    wait_gone([stuck])
    plant.ask("cancel", job_id=job)
    plant.wait_for(job, "cancelled")


def test_cancel_of_a_waiting_job(unattended):
    job = unattended.compute("double", x=1)
    unattended.ask("cancel", job_id=job)
    assert unattended.row(job)["state"] == "cancelled"
    worker = unattended.start_worker()
    unattended.wait_for(unattended.start("plant_quick"), "succeeded")
    worker.kill()
    assert unattended.row(job)["attempt"] == 0
    assert job not in unattended.effects()


def test_cancel_of_a_running_job_kills_its_child(plant, worker):
    job = plant.compute("sleep", seconds=600.0, note="under way")
    holder = plant.holder(job)
    (server,) = holder.children()
    (child,) = server.children()
    plant.ask("cancel", job_id=job)
    plant.wait_for(job, "cancelled")
    wait_gone([child])
    assert job not in plant.effects()


def test_a_job_submitted_while_the_broker_is_down_runs_when_it_is_back(plant, worker):
    plant.stop_broker()
    job = plant.compute("double", x=1)
    assert plant.row(job)["state"] == "queued"
    plant.start_broker()
    plant.wait_for(job, "succeeded", attempt=1)
    assert one_effect(plant, job)


def test_jobs_whose_hints_were_wiped_out_run(unattended):
    jobs = [unattended.compute("double", x=x) for x in range(5)]
    unattended.redis.flushall()
    assert unattended.redis.llen("train") == 0
    worker = unattended.start_worker()
    unattended.redis.flushall()
    for job in jobs:
        unattended.wait_for(job, "succeeded", attempt=1)
    worker.kill()
    assert all(one_effect(unattended, job) for job in jobs)


def test_a_frozen_holder_is_overtaken_and_writes_nothing_when_it_thaws(plant, worker):
    job = plant.compute("sleep", seconds=2.0, note="under way")
    frozen = plant.holder(job)
    frozen.suspend()
    try:
        row = plant.wait_for(job, "succeeded", attempt=2)
        assert row["losses"] == 1
    finally:
        frozen.resume()
    # It answers again, so it has seen that its lease is lost.
    for _ in range(4):
        plant.wait_for(plant.compute("sleep", seconds=0.1), "succeeded")
    assert plant.row(job) == row
    assert one_effect(plant, job)


def test_a_frozen_holder_that_thaws_before_anybody_took_over_goes_on(plant, worker):
    job = plant.compute("sleep", seconds=1.0, note="under way")
    frozen = plant.holder(job)
    frozen.suspend()
    time.sleep(0.5)
    frozen.resume()
    plant.wait_for(job, "succeeded", attempt=1)
    assert one_effect(plant, job)


def test_doubled_hints_do_nothing(plant, worker):
    job = plant.compute("sleep", seconds=0.5)
    plant.ask("send", job_id=job, queue="train", times=20)
    plant.wait_for(job, "succeeded", attempt=1)
    plant.ask("send", job_id=job, queue="train", times=20)
    plant.wait_for(plant.compute("double", x=1), "succeeded")
    assert plant.row(job)["attempt"] == 1
    assert one_effect(plant, job)


def test_forged_hints_do_nothing(plant, worker):
    before = plant.ask("states")
    for forged in ("not an id", "00000000-0000-0000-0000-000000000000", ""):
        plant.ask("send", job_id=forged, queue="train")
    job = plant.compute("double", x=1)
    plant.wait_for(job, "succeeded", attempt=1)
    assert plant.ask("states") == before | {"succeeded": before["succeeded"] + 1}


def test_a_right_withdrawn_before_the_claim_refuses_the_job(unattended):
    job = unattended.compute("double", x=1)
    unattended.ask("person", name="dismissed")
    worker = unattended.start_worker()
    try:
        row = unattended.wait_for(job, "failed")
    finally:
        unattended.ask("person", name="Ann")
        worker.kill()
    assert "may not do it any more" in row["error"]
    assert job not in unattended.effects()


def test_a_submission_that_is_rolled_back_leaves_no_job(plant, worker):
    job = plant.ask("start", kind="plant_quick", roll_back=True)
    assert plant.row(job) is None


def test_nothing_is_left_in_the_work_folder(plant, worker):
    plant.wait_for(plant.compute("double", x=1), "succeeded")
    plant.ask("tidy")
    assert not list((plant.folder / "data" / "work").glob("*/*"))
