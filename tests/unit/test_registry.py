from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import pickle
import re
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from habit_school import make_school
from passerelle import steps
from passerelle.cli import app
from passerelle.errors import ModelError
from passerelle.model_inputs import in_force_on
from passerelle.promotions import (
    FIRST_RUN,
    Decision,
    Promotion,
    PromotionRecord,
    first_open_monday,
    proposal,
)
from passerelle.registry import CHALLENGER, CHAMPION, NAME, Registry, artifacts_dir, store_uri
from passerelle.settings import Settings
from support_need.fairness import AUDIT_COLUMNS, VIOLATION
from support_need.pipeline import FittedModel
from support_need.spec import CANDIDATES, PLAIN_RULE, Choices
from support_need.train import Training, train

# MLflow 3.17 still maps with a loader that SQLAlchemy 2.1 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")

MONDAY = dt.date(2021, 9, 6)
WEEK = dt.timedelta(weeks=1)


def decision(reason: str = "better", **others: str) -> Decision:
    """What the head of training says."""
    return Decision(
        by="head of training", reason=reason, at="2021-09-07T09:00:00+00:00", via="command line", **others
    )


@pytest.fixture(scope="module")
def training() -> Training:
    choices = Choices(
        as_of=MONDAY,
        targets=("completes",),
        ranked_by="completes",
        days=(28,),
        min_mature_enrolments=80,
        capacity=6,
    )
    return train(*make_school(), choices=choices)


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    return Settings(school="ai_school", home=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def version(settings, training) -> str:
    registry = Registry(settings)
    version = registry.log(training)
    registry.promote_first(version, as_of=MONDAY)
    return version


@pytest.fixture(scope="module")
def later(settings, training, version) -> str:
    """A second version, promoted by a person two weeks later."""
    registry = Registry(settings)
    second = registry.log(replace(training, choices=replace(training.choices, as_of=MONDAY + WEEK)))
    registry.promote(second, decision("knows one cohort more"), as_of=MONDAY + 2 * WEEK)
    return second


def test_a_version_names_its_monday_and_its_digest(version, training):
    assert version == f"2021-09-06-{training.digest()[:8]}"


def test_the_same_training_twice_is_kept_once(settings, training, version):
    registry = Registry(settings)
    before = registry.versions()
    assert registry.log(training) == version
    assert registry.versions() == before
    assert before.count(version) == 1


def test_the_stored_model_is_the_trained_one(settings, training, version):
    in_force = Registry(settings).in_force(MONDAY)
    assert in_force.version == version
    assert in_force.model == training.model


def test_the_first_model_is_recorded_as_what_it_is_and_only_the_first(settings, version, later):
    registry = Registry(settings)
    assert registry.promotions()[0]["decision"]["by"] == FIRST_RUN
    assert registry.promote_first(later, as_of=MONDAY + WEEK) is None
    assert len(registry.promotions()) == 2


def test_a_past_monday_is_scored_by_the_model_in_force_then(settings, version, later):
    registry = Registry(settings)
    assert registry.in_force(MONDAY - WEEK) is None
    assert registry.in_force(MONDAY + WEEK).version == version
    assert registry.in_force(MONDAY + 2 * WEEK).version == later
    assert registry.in_force(MONDAY + 9 * WEEK).version == later


def test_a_promotion_is_recorded_with_who_when_and_why(settings, later):
    last = Registry(settings).promotions()[-1]
    assert (last["version"], last["is_approved"]) == (later, True)
    assert last["decision"] == {
        "by": "head of training",
        "reason": "knows one cohort more",
        "sign_off": "",
        "at": "2021-09-07T09:00:00+00:00",
        "via": "command line",
    }
    assert re.fullmatch(r"[0-9a-f]{64}", last["digest"])


def test_the_same_decision_again_is_recorded_once(settings, later):
    registry = Registry(settings)
    before = registry.promotions()
    again = replace(decision("knows one cohort more"), at="2021-09-08T09:00:00+00:00")
    registry.promote(later, again, as_of=MONDAY + 2 * WEEK)
    assert registry.promotions() == before


def test_a_rejection_is_recorded_and_the_model_in_force_stays(training, tmp_path):
    registry = Registry(Settings(school="ai_school", home=tmp_path))
    first = registry.log(training)
    registry.promote_first(first, as_of=MONDAY)
    second = registry.log(replace(training, code="another"))
    assert registry.decision_on(second) is None
    registry.reject(second, decision("knows too little of Ghent"))
    assert not registry.decision_on(second).is_approved
    assert registry.in_force(MONDAY + 9 * WEEK).version == first
    tags = {
        version.tags["model_version"]: version.tags
        for version in registry._client.search_model_versions(f"name='{NAME}'")
    }
    assert tags[second]["decision.verdict"] == "rejected"
    assert tags[second]["decision.reason"] == "knows too little of Ghent"
    assert tags[second]["decision.by"] == "head of training"
    assert tags[first]["decision.verdict"] == "approved"


@pytest.mark.parametrize(("who", "why"), [("", "better"), ("head of training", " ")])
def test_a_decision_needs_a_person_and_a_reason(who, why):
    with pytest.raises(ModelError, match="without a name or a reason"):
        Decision(by=who, reason=why)


def test_a_decision_holds_from_the_first_monday_that_is_not_scored_yet(tmp_path):
    settings = Settings(school="ai_school", home=tmp_path)
    assert first_open_monday(settings, MONDAY) == MONDAY
    for weeks in (-3, 2):
        scores = settings.part("landing", "outlook", "scores", f"{MONDAY + weeks * WEEK}__any.parquet")
        scores.touch()
    assert first_open_monday(settings, MONDAY) == MONDAY + 3 * WEEK
    assert first_open_monday(settings, MONDAY + 5 * WEEK) == MONDAY + 5 * WEEK
    assert PromotionRecord(settings).lines() == []


def test_an_unknown_version_is_refused_and_the_known_ones_are_named(settings, version):
    with pytest.raises(ModelError, match=version):
        Registry(settings).promote("2020-01-06-00000000", decision(), as_of=MONDAY)


def test_aliases_say_who_is_in_force_and_who_waits(settings, training, later):
    registry = Registry(settings)
    waiting = registry.log(replace(training, code="another"))
    client = registry._client
    tags = {alias: client.get_model_version_by_alias(NAME, alias).tags for alias in (CHAMPION, CHALLENGER)}
    assert tags[CHAMPION]["model_version"] == later
    assert tags[CHAMPION]["decision.by"] == "head of training"
    assert tags[CHALLENGER]["model_version"] == waiting


def test_a_run_has_a_nested_run_with_figures_per_candidate(settings, training, version):
    registry = Registry(settings)
    parent = registry._run(version)
    nested = registry._client.search_runs(
        [registry._experiment_id], f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
    )
    assert {run.info.run_name for run in nested} == {f"completes: {name}" for name in CANDIDATES}
    assert [run.info.run_name for run in nested if run.data.tags["is_shipped"] == "true"] == [
        "completes: small_logistic"
    ]
    assert all(0 < run.data.metrics["auc"] < 1 for run in nested)
    assert parent.data.params["completes.data.digest"] == training.data["completes"].digest
    assert parent.data.params["as_of"] == "2021-09-06"
    assert parent.data.params["completes.recalibration.is_kept"] == "False"
    assert registry.figures(version) == training.figures


def test_a_model_that_changed_on_disk_is_refused(settings, training, tmp_path):
    elsewhere = Settings(school="ai_school", home=tmp_path)
    registry = Registry(elsewhere)
    registry.promote_first(registry.log(training), as_of=MONDAY)
    (stored,) = artifacts_dir(elsewhere).rglob("support_need.json")
    stored.write_text(stored.read_text().replace('"intercept": ', '"intercept": 1'))
    with pytest.raises(ModelError, match="not the one that was promoted"):
        registry.in_force(MONDAY)
    stored.unlink()
    with pytest.raises(ModelError, match="is gone"):
        registry.in_force(MONDAY)


@pytest.fixture(scope="module")
def promoted_home(training, tmp_path_factory) -> tuple[Settings, Promotion]:
    """A home with one model in force, to be tampered with, and the line that put it in force."""
    settings = Settings(school="ai_school", home=tmp_path_factory.mktemp("tampered"))
    registry = Registry(settings)
    registry.promote_first(registry.log(training), as_of=MONDAY)
    (line,) = PromotionRecord(settings).lines()
    return settings, line


class Bomb:
    """What a pickle can do: run whatever it likes while it is being read."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.marker,)


def foreign(**changed: object) -> bytes:
    """A stored model in our own form, but for one thing."""
    effect = {"kind": "linear", "mean": 0.0, "spread": 1.0, "weight": 0.5} | changed.pop("effect", {})
    stage = {"intercept": 0.0, "environment": None, "effects": {"work_missing": effect}}
    target = {"candidate": "logistic", "why": "", "stages": {"0": stage}, "refits": []} | changed
    return json.dumps({"ranked_by": "completes", "targets": {"completes": target}}).encode()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("pickle", "holds what no model of ours holds"),
        (foreign(effect={"kind": "sklearn.pipeline.Pipeline"}), "unknown effect 'sklearn.pipeline.Pipeline'"),
        (
            foreign(effect={"weight": "__import__('os')"}),
            "a str in an effect of a stored model; allowed: numbers",
        ),
        (foreign(effect={"hook": 1.0}), "unexpected keyword argument 'hook'"),
        (foreign(candidate="tabpfn"), "unknown candidate 'tabpfn'"),
        (b"{}", "holds what no model of ours holds"),
    ],
    ids=["pickle", "foreign type", "code for a number", "another field", "foreign candidate", "nothing"],
)
def test_a_planted_model_is_refused_by_its_digest_and_by_its_types_and_none_of_it_runs(
    promoted_home, tmp_path, content, why
):
    settings, line = promoted_home
    registry, marker = Registry(settings), tmp_path / "ran"
    planted = pickle.dumps(Bomb(marker)) if content == "pickle" else content
    (stored,) = artifacts_dir(settings).rglob("support_need.json")
    stored.write_bytes(planted)
    record = settings.part("mlflow", "promotions.jsonl")
    record.write_text(json.dumps(asdict(line)) + "\n")
    with pytest.raises(ModelError, match="not the one that was promoted"):
        registry.in_force(MONDAY)
    record.write_text(json.dumps(asdict(replace(line, digest=hashlib.sha256(planted).hexdigest()))) + "\n")
    with pytest.raises(ModelError, match=re.escape(why)):
        registry.in_force(MONDAY)
    assert not marker.exists()


def test_a_well_formed_model_of_ours_is_loaded():
    assert FittedModel.from_dict(json.loads(foreign())).by_target["completes"].candidate == "logistic"


def test_nothing_of_a_learner_reaches_mlflow(settings, version, later):
    files = [path for path in settings.part("mlflow").rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        assert b"lrn_" not in path.read_bytes(), path
        assert b"enr_" not in path.read_bytes(), path


def test_pickle_and_telemetry_are_off(settings, version):
    Registry(settings).versions()
    assert os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] == "false"
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"


def test_everything_lies_in_the_state_folder(settings, version):
    assert Path(store_uri(settings).removeprefix("sqlite:///")).is_file()
    assert settings.state_dir in artifacts_dir(settings).parents


@pytest.fixture
def unfair(training, tmp_path) -> tuple[Registry, str]:
    """An empty home whose first training lists women twice as often for nothing."""
    audit = pd.DataFrame([dict.fromkeys(AUDIT_COLUMNS, 0.5)])
    audit = audit.assign(
        attribute="gender",
        group="F",
        measure="false_positive_rate",
        count=90,
        low=0.48,
        high=0.52,
        rest_value=0.2,
        difference=0.3,
        difference_low=0.2,
        difference_high=0.4,
        ratio=2.5,
        ratio_low=1.4,
        ratio_high=4.5,
        verdict=VIOLATION,
    )
    registry = Registry(Settings(school="ai_school", home=tmp_path))
    return registry, registry.log(training, {"completes": audit})


def test_a_violation_blocks_a_first_model_too_and_the_plain_rule_ranks_meanwhile(unfair):
    registry, version = unfair
    assert registry.promote_first(version, as_of=MONDAY) is None
    assert registry.promotions() == []
    told, model = in_force_on(registry._settings, MONDAY)
    assert told == PLAIN_RULE
    assert model.basis == "plain_rule"


def test_a_violation_needs_a_sign_off_which_is_recorded(unfair):
    registry, version = unfair
    with pytest.raises(
        ModelError, match=r"false_positive_rate of gender F: 0\.50, rest 0\.20.*(?s:.*)--sign-off"
    ):
        registry.promote(version, decision(), as_of=MONDAY)
    registry.promote(version, decision(sign_off="support is welcome"), as_of=MONDAY)
    assert registry.promotions()[-1]["decision"]["sign_off"] == "support is welcome"
    assert registry.in_force(MONDAY).version == version


def test_neither_airflows_task_nor_the_command_line_puts_an_unfair_model_in_force_unsigned(
    unfair, monkeypatch, tmp_path
):
    registry, version = unfair
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    trained = {
        "model_version": version,
        "violations": registry.violations(version),
        "chosen": {},
        "figures": {},
    }
    kept = Settings(school="ai_school").part("runs", MONDAY.isoformat(), "train.json")
    kept.write_text(json.dumps(trained | {"card": str(registry.card(version))}))
    told = steps.propose("ai_school", MONDAY)
    assert "to be signed off: false_positive_rate of gender F: 0.50, rest 0.20" in told["question"]
    assert told["waits_for"].endswith("--sign-off WHY")
    by_hand = ["promote", version, "--by", "Ines Peeters", "--reason", "better"]
    with pytest.raises(ModelError, match="clear differences among protected groups"):
        steps.decide("ai_school", MONDAY, decision=decision(), is_approved=True)
    assert isinstance(CliRunner().invoke(app, by_hand).exception, ModelError)
    assert registry.promotions() == []
    assert CliRunner().invoke(app, [*by_hand, "--sign-off", "support is welcome"]).exit_code == 0
    assert registry.promotions()[-1]["decision"]["sign_off"] == "support is welcome"


def test_an_airflow_answer_with_a_sign_off_puts_it_in_force(unfair, monkeypatch, tmp_path):
    registry, version = unfair
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    Settings(school="ai_school").part("runs", MONDAY.isoformat(), "propose.json").write_text(
        json.dumps({"proposed": version})
    )
    signed = decision(sign_off="support is welcome")
    told = steps.decide("ai_school", MONDAY, decision=signed, is_approved=True)
    assert (told["is_approved"], told["decision"]["sign_off"]) == (True, "support is welcome")
    assert registry.in_force(MONDAY).version == version


def test_whoever_decides_reads_each_figure_with_its_interval(training):
    trained = {"model_version": "v", "chosen": {"completes": "logistic"}, "card": "model_card.md"}
    told = proposal(trained | {"figures": training.figures}, in_force=None)
    row = training.figures["completes"]["logistic"][0]
    for name in ("auc", "ap", "brier"):
        low, high = row["intervals"][name]
        assert f"| {row[name]:.3f} ({low:.3f} to {high:.3f}) |" in told


def test_the_card_of_a_run_tells_its_figures_its_groups_and_its_limits(unfair, training):
    registry, version = unfair
    card = registry.card(version).read_text()
    assert f"# Model card: {version}" in card
    assert f"{training.data['completes'].enrolments_count} enrolments" in card
    assert f"| logistic | 28 | {training.figures['completes']['logistic'][0]['n_test']} |" in card
    group = next(line for line in card.splitlines() if "| F | false_positive_rate | 90 |" in line)
    told = (
        "0.500 (0.480 to 0.520)",
        "0.300 (0.200 to 0.400)",
        "2.500 (1.400 to 4.500)",
        "0.500",
        "violation",
    )
    assert group.endswith(f"| {' | '.join(told)} |")
    at_capacity = training.tables["completes"]["at_capacity"][0]
    low, high = at_capacity["intervals"]["precision"]
    assert f"| {at_capacity['precision']:.3f} ({low:.3f} to {high:.3f}) |" in card
    assert "| small_logistic | " in card.split("### Who may compete")[1].split("###")[0]
    auc = training.figures["completes"]["logistic"][0]["intervals"]["auc"]
    assert f"({auc[0]:.3f} to {auc[1]:.3f})" in card.split("### Later cohorts")[1].split("###")[0]
    assert "| False | 0.000 |" in card.split("### The level")[1].split("###")[0]
    drawn = card.split("### How sure a score is")[1].split("###")[0]
    shipped = [one.candidate for one in training.model.by_target["completes"].refits]
    assert len(shipped) == 10
    assert all(f"`{name}` {shipped.count(name)}" in drawn for name in shipped)
    for heading in ("In scope", "Out of scope", "Limits"):
        assert heading in card
