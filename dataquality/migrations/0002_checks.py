"""The declared rules of a data set become rows, and keep their results."""

from collections.abc import Iterator
from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

SEVERITIES = [("error", "error"), ("warning", "warning"), ("info", "information")]


def checks_of(rules: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """Yield (kind, dimension, parameters, the words that results had)."""
    for column in rules.get("required") or []:
        yield "not_null", "completeness", {"column": column}, f"{column} is present"
    key = rules.get("key") or []
    if key:
        yield "unique", "uniqueness", {"of": key}, f"{' + '.join(key)} is unique"
    if expected := rules.get("expected_keys"):
        keys = dict(zip(key, expected["key"], strict=False))
        params = {"table": expected["path"], "keys": keys}
        yield "expected_keys", "completeness", params, ""
    if authority := rules.get("authority"):
        for column, slack in authority["tolerances"].items():
            params = {
                "table": authority["path"],
                "keys": authority["key"],
                "tolerances": {column: slack},
            }
            yield "authority_match", "accuracy", params, f"{column} "
    for rule in rules.get("consistency") or []:
        params = {k: v for k, v in rule.items() if k not in ("rule", "path")}
        if "path" in rule:
            params["table"] = rule["path"]
        yield rule["rule"], "consistency", params, _words(rule)
    if timeliness := rules.get("timeliness"):
        params = {"max_age_days": timeliness["target_days"]}
        if column := timeliness.get("column"):
            params["column"] = column
        if rules.get("as_of"):
            params["at"] = rules["as_of"]
        what = column or "delivered at"
        yield "freshness", "timeliness", params, f"{what} at most "
    for rule in rules.get("validity") or []:
        params = {k: v for k, v in rule.items() if k not in ("rule", "kind")}
        if "kind" in rule:
            params["type"] = rule["kind"]
        yield rule["rule"], "validity", params, _words(rule)


def _words(rule: dict[str, Any]) -> str:
    """Return how the words of the rule's results began."""
    name = rule["rule"]
    if name == "compare_columns":
        return f"{rule['left']} {rule['op']} {rule['right']}"
    if name == "product_close":
        return f"{rule['total']} ≈ {' × '.join(rule['factors'])}"
    column = rule["column"]
    return {
        "foreign_key": f"{column} occurs in ",
        "format_uniform": f"{column} has one format",
        "in_set": f"{column} is one of ",
        "in_range": f"{column} between ",
        "type_is": f"{column} is {rule.get('kind')}",
    }[name]


def rules_become_checks(apps: Any, schema_editor: Any) -> None:
    """Make a check of each rule; results of rules that are no more go."""
    if schema_editor.connection.vendor == "postgresql":
        # Or the columns below cannot be altered while rows wait to be looked at.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    data_sets = apps.get_model("dataquality", "DataSet")
    checks = apps.get_model("dataquality", "Check")
    results = apps.get_model("dataquality", "CheckResult")
    checks.objects.all().update(kind="")
    old = list(checks.objects.all())
    for data_set in data_sets.objects.exclude(rules={}):
        given = (data_set.rules.get("timeliness") or {}).get("delivered_at", "")
        for kind, dimension, params, words in checks_of(data_set.rules):
            new = checks.objects.create(
                data_set=data_set,
                kind=kind,
                dimension=dimension,
                severity="warning" if kind == "format_uniform" else "error",
                params=params,
                note=f"Delivered at {given}." if given and kind == "freshness" else "",
            )
            _move_results(results, old, new, words)
    checks.objects.filter(kind="").delete()
    results.objects.filter(violating__gt=0).update(state="failed")


def _move_results(results: Any, old: list[Any], new: Any, words: str) -> None:
    for each in old:
        alike = each.data_set_id == new.data_set_id and each.dimension == new.dimension
        if words and alike and each.words.startswith(words):
            taken = results.objects.filter(rule=new).values("profile")
            rows = results.objects.filter(rule=each).exclude(profile__in=taken)
            rows.update(
                rule=new,
                words=each.words,
                dimension=new.dimension,
                severity=new.severity,
            )


class Migration(migrations.Migration):
    dependencies = [
        ("dataquality", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="check", name="check_once"),
        migrations.AddField(
            model_name="check",
            name="kind",
            field=models.CharField(default="", max_length=40, verbose_name="kind"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="check",
            name="params",
            field=models.JSONField(blank=True, default=dict, verbose_name="parameters"),
        ),
        migrations.AlterField(
            model_name="check",
            name="dimension",
            field=models.CharField(
                blank=True, max_length=20, verbose_name="dimension"
            ),
        ),
        migrations.AlterField(
            model_name="check",
            name="words",
            field=models.CharField(default="", max_length=500),
        ),
        migrations.AddField(
            model_name="check",
            name="severity",
            field=models.CharField(
                blank=True, choices=SEVERITIES, default="", max_length=10,
                verbose_name="severity",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="check",
            name="where",
            field=models.TextField(
                blank=True, default="", max_length=5000, verbose_name="only rows where"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="check",
            name="owner",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL,
                related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="owner",
            ),
        ),
        migrations.AddField(
            model_name="check",
            name="origin",
            field=models.CharField(
                choices=[
                    ("declared", "declared"),
                    ("suggested", "suggested by a profile"),
                    ("imported", "imported"),
                    ("required", "asked for by a requirement"),
                ],
                default="declared", editable=False, max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="check",
            name="note",
            field=models.TextField(
                blank=True, default="", max_length=2000, verbose_name="note"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="check",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False
            ),
        ),
        migrations.AddField(
            model_name="check",
            name="deleted_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="check",
            name="deleted_by",
            field=models.ForeignKey(
                blank=True, editable=False, null=True,
                on_delete=django.db.models.deletion.SET_NULL, related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="checkresult",
            name="state",
            field=models.CharField(
                choices=[
                    ("kept", "kept"),
                    ("failed", "broken"),
                    ("error", "could not be run"),
                ],
                default="kept", max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="checkresult",
            name="dimension",
            field=models.CharField(default="", max_length=20),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="checkresult",
            name="severity",
            field=models.CharField(choices=SEVERITIES, default="error", max_length=10),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="checkresult",
            name="value",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="checkresult",
            name="words",
            field=models.JSONField(default=str),
        ),
        migrations.AddField(
            model_name="checkresult",
            name="note",
            field=models.JSONField(default=str),
        ),
        migrations.AddField(
            model_name="checkresult",
            name="failing_rows",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="checkresult",
            name="tested",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="checkresult",
            name="violating",
            field=models.BigIntegerField(default=0),
        ),
        migrations.RunPython(rules_become_checks, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="checkresult", name="check_result_once"),
        migrations.RenameField(
            model_name="checkresult", old_name="rule", new_name="declared_check"
        ),
        migrations.AddConstraint(
            model_name="checkresult",
            constraint=models.UniqueConstraint(
                fields=["profile", "declared_check"], name="check_result_once"
            ),
        ),
        migrations.RemoveField(model_name="check", name="words"),
        migrations.AlterModelOptions(
            name="check", options={"ordering": ["pk"], "verbose_name": "check"}
        ),
        migrations.RemoveField(model_name="dataset", name="rules"),
        migrations.RemoveField(model_name="profile", name="rules"),
        migrations.RemoveField(model_name="profile", name="assessment_problem"),
    ]
