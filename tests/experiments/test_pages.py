"""The pages of experiments and runs: who sees them, and what bad input gets."""

import re

import pytest

from core import objects
from core.access import Actor
from experiments import services, tasks
from experiments.models import Experiment, Lifecycle, Report, Run
from experiments.selectors import best_run, candidate, experiments_station, has_runs
from tests.experiments.factories import (
    NOW,
    a_protocol,
    a_run,
    a_version,
    customers,
)
from tests.factories import a_member, a_project, a_user


def pages(project, experiment, run):
    return [
        project.url("experiments:experiments"),
        project.url("experiments:experiment", pk=experiment.pk),
        project.url("experiments:progress", pk=experiment.pk) + "?n=0",
        project.url("experiments:runs"),
        project.url("experiments:runs_export"),
        project.url("experiments:run", pk=run.pk),
        project.url("experiments:compare") + f"?run={run.pk}",
        project.url("experiments:report", pk=experiment.pk),
        project.url("experiments:report_download", pk=experiment.pk),
        project.url("experiments:run_file", pk=run.pk, path="model.skops"),
    ]


def acts(project, experiment, run):
    return [
        (project.url("experiments:experiment_archive", pk=experiment.pk), {}),
        (project.url("experiments:experiment_restore", pk=experiment.pk), {}),
        (
            project.url("experiments:experiment_conclude", pk=experiment.pk),
            {"text": "x"},
        ),
        (project.url("experiments:runs_change"), {"run": run.pk, "verb": "archive"}),
        (project.url("experiments:run_restore", pk=run.pk), {}),
        (project.url("experiments:runs_price"), {}),
        (project.url("experiments:run_nominate", pk=run.pk), {}),
    ]


def test_every_member_sees_every_page(trained, project, experiment, client):
    for role in ("owner", "viewer"):
        client.force_login(a_member(project, role))
        for url in pages(project, experiment, trained[0]):
            assert client.get(url).status_code == 200, (role, url)


def test_outsider_sees_no_page_and_changes_nothing(
    trained, project, experiment, client
):
    client.force_login(a_user("Outsider"))
    for url in pages(project, experiment, trained[0]):
        assert client.get(url).status_code == 404, url
    for url, data in acts(project, experiment, trained[0]):
        assert client.post(url, data).status_code == 404, url
    assert Run.objects.filter(lifecycle_stage=Lifecycle.ACTIVE).count() == 2


@pytest.mark.parametrize("role", ["contributor", "viewer"])
def test_who_may_not_edit_changes_nothing(role, project, experiment, client):
    run = a_run(experiment, status="FINISHED")
    client.force_login(a_member(project, role))
    for url, data in acts(project, experiment, run):
        assert client.post(url, data).status_code == 404, url
    url = project.url("experiments:experiment_create")
    assert client.get(url).status_code == 404
    project.refresh_from_db()
    assert project.candidate_id == ""


@pytest.mark.parametrize("role", ["owner", "editor"])
def test_who_may_edit_does_all_of_it(role, project, experiment, client):
    run = a_run(experiment, status="FINISHED")
    client.force_login(a_member(project, role))
    for url, data in acts(project, experiment, run):
        assert client.post(url, data).status_code == 302, url
    project.refresh_from_db()
    assert project.candidate_id == run.pk


def test_a_run_of_another_project_is_not_found_under_this_one(
    experiment, owner, client
):
    run = a_run(experiment)
    other = a_project(owner, name="Other")
    client.force_login(owner)
    url = other.url("experiments:run", pk=run.pk)
    assert client.get(url).status_code == 404


def test_files_are_keys_sent_as_files_and_never_run(trained, project, owner, client):
    client.force_login(owner)
    url = project.url("experiments:run_file", pk=trained[0].pk, path="model.skops")
    response = client.get(url)
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    ref = objects.references("run", trained[0].pk)["model.skops"]
    assert len(b"".join(response.streaming_content)) == ref.size
    base = url.removesuffix("model.skops")
    for path in ("../../x", "..%2f..%2fx", "%2fetc%2fpasswd", "model.skops%2f", "x"):
        assert client.get(base + path).status_code == 404, path


def asked(**changes):
    return {
        "name": "Spring",
        "hypothesis": "Tenure tells.",
        "motivation": "",
        "positive": "yes",
        "families": ["baseline", "linear"],
        "primary_metric": "average_precision",
        "holdout_percent": "20",
        "folds": "2",
        "repeats": "1",
        "seeds": "1",
        **changes,
    }


def create_url(project, version, target="churn"):
    base = project.url("experiments:experiment_create")
    return f"{base}?version={version.pk}&target={target}"


def test_the_form_freezes_the_rules_and_trains(
    project, version, owner, client, jobs_inline
):
    client.force_login(owner)
    response = client.get(create_url(project, version))
    assert response.context["form"].column.rarest == "yes"
    assert client.post(create_url(project, version), asked()).status_code == 302
    experiment = Experiment.objects.get(name="Spring")
    text = client.get(experiment.get_absolute_url()).content.decode()
    assert "2 models are training" in text
    jobs_inline()
    assert set(experiment.runs.values_list("status", "family")) == {
        ("FINISHED", "baseline"),
        ("FINISHED", "linear"),
    }
    again = client.get(project.url("experiments:progress", pk=experiment.pk) + "?n=2")
    assert again["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seeds": "one"}, "whole numbers"),
        ({"seeds": "1 2 3 4 5 6"}, "one to 5 seeds"),
        ({"holdout_percent": "80"}, "less than or equal to 50"),
        ({"hypothesis": ""}, "required"),
        ({"positive": "maybe"}, "not one of the available choices"),
        ({"families": []}, "required"),
        ({"name": "Autumn"}, "exists already"),
    ],
)
def test_what_the_form_cannot_use_is_said_beside_it(
    changes, said, project, version, experiment, owner, client
):
    client.force_login(owner)
    response = client.post(create_url(project, version), asked(**changes))
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Experiment.objects.filter(name="Spring").exists()


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (["yes"] * 240, "every row holds"),
        ([None] * 240, "no row has a value"),
        (["yes", "no", None, "no"] * 60, "60 of 240 rows have no value"),
        (["a", "b", "c", "d"] * 60, "4 different values"),
    ],
)
def test_a_target_that_cannot_be_predicted_is_refused_with_its_name(
    column, said, project, tmp_path, owner, client
):
    version = a_version(project, tmp_path, customers() | {"target": column})
    client.force_login(owner)
    url = create_url(project, version, "target")
    found = client.get(url).context["form"].column
    positive = found.rarest
    response = client.post(url, asked(positive=positive))
    assert response.status_code == 422
    text = response.content.decode()
    assert said in text or (not positive and "required" in text)
    assert not Experiment.objects.exists()


def test_without_data_the_page_says_what_to_do(project, owner, client):
    client.force_login(owner)
    response = client.get(project.url("experiments:experiment_create"))
    assert "Upload a table" in response.content.decode()


def test_one_more_model_is_trained_with_parameters_of_choice(
    protocol, owner, client, jobs_inline
):
    client.force_login(owner)
    experiment = protocol.experiment
    url = experiment.project.url("experiments:train", pk=experiment.pk)
    assert (
        client.post(f"{url}?family=tree", {"param_max_depth": "99"}).status_code == 422
    )
    good = {
        "param_max_depth": "3",
        "param_min_samples_leaf": "10",
        "param_class_weight": "equal",
        "seed": "1",
    }
    assert client.post(f"{url}?family=tree", good).status_code == 302
    assert experiment.runs.get().spec["max_depth"] == 3


def test_only_a_finished_run_becomes_the_candidate(project, experiment, owner, client):
    run = a_run(experiment)
    client.force_login(owner)
    client.post(project.url("experiments:run_nominate", pk=run.pk))
    project.refresh_from_db()
    assert project.candidate_id == ""


def test_the_candidate_is_the_nominated_run_else_the_best(trained, project, client):
    best, other = sorted(trained, key=lambda run: -run.money_mean)
    assert has_runs(project)
    assert best_run(project) == best
    assert candidate(project).rows[0].label == best.name
    assert candidate(project).rows[1].label == "Act on everybody"
    client.force_login(project.created_by)
    client.post(project.url("experiments:run_nominate", pk=other.pk))
    project.refresh_from_db()
    found = candidate(project)
    assert found.rows[0].label == other.name
    assert "nominated" in found.title
    assert experiments_station(project).state == "met"


def test_runs_under_other_rules_stand_apart_with_what_differs(
    trained, protocol, owner, client, jobs_inline
):
    other = a_protocol(
        protocol.experiment, protocol.data_set_version, holdout_share=0.3
    )
    actor = Actor(user=owner)
    trial = services.TrialAsked("linear", {}, 1)
    _sweep, (run,) = services.plan_sweep(other, [trial], actor=actor, now=NOW)
    tasks.start_training(run, actor=actor)
    jobs_inline()
    client.force_login(owner)
    board = client.get(protocol.experiment.get_absolute_url()).context["board"]
    assert [line.run.pk for line in board.lines] == [run.pk]
    assert board.others[0].fields == "holdout_share"
    url = protocol.experiment.get_absolute_url() + "?protocol=1"
    board = client.get(url).context["board"]
    assert {line.run.pk for line in board.lines} == {r.pk for r in trained}


def test_the_report_is_one_file_without_any_address_to_load(
    trained, project, experiment, owner, client
):
    client.force_login(owner)
    url = project.url("experiments:experiment_conclude", pk=experiment.pk)
    client.post(url, {"text": "It pays </script><b>well</b>."})
    report = Report.objects.get()
    assert len(report.content["runs"]) == 2
    response = client.get(project.url("experiments:report_download", pk=experiment.pk))
    body = response.content.decode()
    assert len(response.content) < 2_000_000
    assert response["Content-Disposition"] == 'attachment; filename="autumn.html"'
    markup = re.sub(r"<script(?: [^>]*)?>.*?</script>", "", body, flags=re.DOTALL)
    assert not re.search(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""", markup)
    assert "<link" not in markup
    assert "@import" not in markup
    assert "It pays &lt;/script&gt;&lt;b&gt;well" in markup
    assert owner.name in markup
    assert report.digest[:12] in markup
    assert body.count("<script>") == 2


def test_a_comparison_says_which_run_earns_most(trained, project, client, owner):
    client.force_login(owner)
    ids = [run.pk for run in trained]
    page = client.get(project.url("experiments:compare"), {"run": ids})
    assert "earns most" in page.content.decode()


def test_a_comparison_tells_numbers_apart_that_look_the_same(
    project, experiment, client, owner
):
    runs = [a_run(experiment, metrics={"recall": x}) for x in (0.7621, 0.7629, 0.7629)]
    client.force_login(owner)
    page = client.get(
        project.url("experiments:compare"), {"run": [run.pk for run in runs]}
    ).content.decode()
    assert "3 runs under different rules" in page
    assert page.count("<b>0.763</b>") == 2, "both that are best"
    assert ">0.762<" in page
