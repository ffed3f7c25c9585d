"""Real men of a job-training trial, in nothing but contract files, through the real pull, gates, dbt and backtest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from job_training_trial import read_trial, write_files
from passerelle.backtest import run_backtest
from passerelle.school import load_school
from passerelle.settings import Settings
from passerelle.warehouse import Warehouse
from support_need.choose import NOT_BETTER
from support_need.spec import CANDIDATES, PLAIN_RULE

SCHOOL = "job_training_trial"
Judged = tuple[Settings, dict[str, Any]]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judged]:
    """The school's state, and its backtest."""
    home = tmp_path_factory.mktemp("trial")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.delenv("PASSERELLE_CONTRACT_FILES_DIR", raising=False)
        monkeypatch.setenv("PASSERELLE_HOME", str(home))
        write_files(home / "contract_files")
        settings = Settings(school=SCHOOL)
        yield settings, run_backtest(settings, as_of=None, progress=lambda *_: None)


def test_the_placement_of_each_arm_is_that_of_the_trial(judged: Judged) -> None:
    settings, _ = judged
    trial = read_trial()
    placed = Warehouse(settings).frame(
        "select training_id, count(*) as men, avg(is_positive::int) as share "
        "from fct_enrolment_target inner join fct_enrolment using (enrolment_id) "
        "where target = 'placed' and is_mature group by training_id",
        as_of=load_school(SCHOOL).current_monday(),
    )
    found = placed.set_index("training_id")
    for training, treat in (("supported_work", 1), ("no_training", 0)):
        arm = trial[trial["treat"] == treat]
        assert found.loc[training, "men"] == len(arm) > 0
        assert found.loc[training, "share"] == pytest.approx((arm["re78"] > 0).mean())


def test_every_candidate_is_judged_with_intervals_and_nothing_beats_the_plain_rule(judged: Judged) -> None:
    _, result = judged
    assert (result["target"], result["shipped"], result["why"]) == ("placed", PLAIN_RULE, NOT_BETTER)
    assert set(result["candidates"]) == set(CANDIDATES)
    for (row,) in result["candidates"].values():
        low, high = row["intervals"]["auc"]
        assert row["n_test"] > 100
        assert low < 0.5 < high, "schooling and arm tell next to nothing of who finds work"


def test_age_is_known_to_the_audit_alone(judged: Judged) -> None:
    settings, _ = judged
    holders = Warehouse(settings).frame(
        "select table_name from information_schema.columns "
        "where table_schema = 'marts' and column_name = 'birth_year'",
        as_of=load_school(SCHOOL).current_monday(),
    )
    assert holders["table_name"].tolist() == ["dim_learner_protected"]
