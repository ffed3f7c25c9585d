"""The command line on a finished week: what it answers, what it refuses, and with which exit code."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from demo_week import Week, passerelle
from passerelle.cli import app
from passerelle.errors import PasserelleError

pytestmark = pytest.mark.slow
VERBS = [
    "pull",
    "check",
    "build",
    "train",
    "score",
    "report",
    "send",
    "week",
    "run",
    "query",
    "export",
    "demo",
    "backtest",
    "forget",
    "promote",
    "up",
]


def test_help_tells_what_holds_where_nothing_is_said(tmp_path: Path) -> None:
    said = " ".join(passerelle(tmp_path, "week", "--help").stdout.split())
    assert "[default: (the school's current Monday)]" in said


def test_help_names_every_verb(tmp_path: Path) -> None:
    said = passerelle(tmp_path, "--help").stdout
    assert [verb for verb in VERBS if f" {verb} " not in said] == []


def test_a_query_answers_with_row_objects(demo_week: Week) -> None:
    asked = passerelle(demo_week.home, "query", "select count(*) as cohort_count from dim_cohort", "--json")
    assert asked.returncode == 0, asked.stderr
    (row,) = json.loads(asked.stdout)
    assert row["cohort_count"] > 40


def test_rows_too_wide_for_the_terminal_are_shown_one_by_one(demo_week: Week) -> None:
    asked = passerelle(demo_week.home, "query", "select * from dim_cohort order by cohort_id limit 2")
    lines = [line.split() for line in asked.stdout.splitlines()]
    assert [line[:2] for line in lines if line[:1] == ["row"]] == [["row", "1"], ["row", "2"]]
    assert [line[0] for line in lines].count("training_end_date") == 2


def test_no_value_can_move_or_colour_the_terminal(demo_week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_HOME", str(demo_week.home))
    shown = CliRunner().invoke(app, ["query", "select chr(27) || '[31m' || chr(233) as partner_name"]).stdout
    assert "\\x1b[31mé" in shown
    assert chr(27) not in shown


def test_json_of_a_query_has_null_where_json_has_no_number(demo_week: Week) -> None:
    numbers = "select 'nan'::double as mean, ['-inf'::float, 1.5] as limits, {'high': 'inf'::double} as band"
    asked = passerelle(demo_week.home, "query", numbers, "--json")
    assert json.loads(asked.stdout, parse_constant=pytest.fail) == [
        {"mean": None, "limits": [None, 1.5], "band": {"high": None}}
    ]


@pytest.mark.parametrize("options", [[], ["--json"]])
@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("select 1 as week, 2 as week", "more than one column is called week"),
        ("select 'infinity'::date as never", "a value that cannot be told"),
    ],
)
def test_a_query_loses_no_column_and_falls_over_no_value(
    demo_week: Week, monkeypatch: pytest.MonkeyPatch, sql: str, named: str, options: list[str]
) -> None:
    monkeypatch.setenv("PASSERELLE_HOME", str(demo_week.home))
    refused = CliRunner().invoke(app, ["query", sql, *options]).exception
    assert isinstance(refused, PasserelleError)
    assert named in str(refused)
    assert refused.fix


@pytest.mark.parametrize(
    "sql",
    [
        "delete from marts.dim_cohort",
        "select * from read_csv('/etc/passwd')",
        "select 1; drop table marts.dim_cohort",
        "select no_such_column from dim_cohort",
    ],
)
def test_a_query_cannot_write_or_reach_out(demo_week: Week, sql: str) -> None:
    asked = passerelle(demo_week.home, "query", sql)
    assert asked.returncode != 0
    assert "✗" in asked.stderr
    assert "Traceback" not in asked.stderr


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (("query", "select 1"), 5, "warehouse"),
        (("pull", "--as-of", "2026-11-24"), 2, "Tuesday"),
        (("query", "select 1", "--school", "hogwarts"), 2, "ai_school"),
        (("demo", "--now", "yesterday"), 2, "yesterday"),
        (("pull",), 3, "passerelle demo"),
        (("score",), 6, "passerelle train"),
    ],
)
def test_a_mistake_gets_a_message_and_an_exit_code(
    tmp_path: Path, arguments: tuple[str, ...], exit_code: int, said: str
) -> None:
    tried = passerelle(tmp_path, *arguments)
    assert (tried.returncode, "Traceback" in tried.stderr) == (exit_code, False), tried.stderr
    assert said in tried.stderr


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (("query", "select 1", "--school", "oulad"), 2, "holds the state of the school 'ai_school'"),
        (("desk", "audit", "--school", "oulad"), 2, "holds the state of the school 'ai_school'"),
        (("forecast", "--as-of", "2020-01-06"), 6, "2020-01-06 has no scores"),
        (("desk", "link", "cch_0"), 10, "nobody is known as 'cch_0'"),
        (("desk", "revoke", "cch_0", "--by", "A. Person", "--reason", "left"), 10, "known as 'cch_0'"),
        (("desk", "objection", "lrn_0", "--by", "A. Person"), 10, "nobody is known as 'lrn_0'"),
        (("desk", "objection", "lrn_0", "--by", " "), 10, "--by says nothing"),
        (("desk", "revoke", "cch_0", "--by", "A. Person", "--reason", ""), 10, "--reason says nothing"),
    ],
)
def test_nothing_is_told_or_kept_of_another_school_of_nobody_or_by_nobody(
    demo_week: Week, monkeypatch: pytest.MonkeyPatch, arguments: list[str], exit_code: int, said: str
) -> None:
    monkeypatch.setenv("PASSERELLE_HOME", str(demo_week.home))
    refused = CliRunner().invoke(app, arguments).exception
    assert isinstance(refused, PasserelleError)
    assert refused.exit_code == exit_code
    assert said in str(refused)
