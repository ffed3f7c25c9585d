"""From a real warehouse file and a real vault to the written reports."""

import datetime as dt
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from passerelle.errors import BuildError, ReportError
from passerelle.landing import Landing
from passerelle.reports import ReportResult, write_reports
from passerelle.reports.gathering import gather
from passerelle.said import CHECKS
from passerelle.school import load_school
from passerelle.settings import Settings
from passerelle.vault import Vault
from passerelle.warehouse import Warehouse
from sample_edition import (
    COACHES,
    COHORT_ONLY,
    DUTCH,
    ENGLISH,
    FRENCH,
    MONDAY,
    PEOPLE,
    cohort_weeks,
    edition,
    forecasts,
    learner_id,
    stale,
)

MARRIED_LATER = learner_id(FRENCH, 0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(school="ai_school", home=tmp_path)
    build_warehouse(Warehouse(made).version(MONDAY), edition().material.risk_list)
    fill_vault(Vault(made))
    return made


def build_warehouse(path: Path, risk_list: pd.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    cohorts = pd.DataFrame({"cohort_id": cohort_weeks()["cohort_id"].unique(), "training_id": "DS"})
    coaches = pd.DataFrame({"coach_id": list(COACHES), "language": [coach[0] for coach in COACHES.values()]})
    marts = {
        "mart_risk_list": risk_list.drop(columns="is_just_outside").assign(
            listed_probability=drawn(risk_list)
        ),
        "fct_support_action": pd.DataFrame(
            {
                "support_action_id": ["a1"],
                "enrolment_id": [risk_list["enrolment_id"].iloc[0]],
                "action_code": ["talk"],
                "action_date": [dt.date(2026, 11, 3)],
                "outcome_code": ["better"],
                "list_date": [dt.date(2026, 11, 2)],
            }
        ),
        "mart_cohort_week": cohort_weeks(),
        "fct_enrolment_week": enrolment_weeks(risk_list["enrolment_id"].iloc[0]),
        "dim_coach": coaches,
        "dim_cohort": cohorts,
        "mart_cohort_forecast": forecasts().assign(as_of_date=MONDAY),
        "fct_shown_name": pd.DataFrame(
            {
                "enrolment_id": ["E"],
                "list_owner_id": [FRENCH],
                "as_of_date": [MONDAY - dt.timedelta(days=7)],
                "is_also_check_in": [False],
            }
        ),
        "fct_enrolment_target": pd.DataFrame(
            {"enrolment_id": ["E"], "target": ["completes"], "is_mature": [True], "is_positive": [False]}
        ),
        "mart_source_freshness": stale(
            ("attendance", "lms", "Ghent", "2026-11-12 17:00"), ("attendance", "lms", "Antwerp", None)
        ).assign(is_stale=[True, False]),
        "dim_training": pd.DataFrame({"training_id": ["DS"], "title": ["Junior Data Scientist"]}),
    }
    with duckdb.connect(str(path)) as connection:
        for schema in ("marts", "conformed", "intermediate"):
            connection.execute(f"create schema {schema}")
        for name, rows in marts.items():
            connection.register("rows", rows)
            connection.execute(f"create table marts.{name} as select * from rows")


def drawn(risk_list: pd.DataFrame) -> pd.Series:
    """The French coach's last places are drawn: the chance of the one who drew one, and of the one who drew none."""
    is_in_band = (risk_list["list_owner_id"] == FRENCH) & risk_list["list_place"].isin([6, 7])
    return pd.Series(0.5, index=risk_list.index).where(is_in_band)


def enrolment_weeks(enrolment_id: str) -> pd.DataFrame:
    """Sums of ten Mondays: ten half-days a week, one missed in each; no work is due before the ninth."""
    return pd.DataFrame(
        {
            "enrolment_id": enrolment_id,
            "as_of_date": [MONDAY - dt.timedelta(weeks=10 - week) for week in range(1, 11)],
            "planned_half_days_count": [10 * week for week in range(1, 11)],
            "attended_half_days_count": [9 * week for week in range(1, 11)],
            "due_count": [None] * 8 + [2, 3],
            "handed_in_of_due_count": [None] * 8 + [0, 2],
            "active_days_count_1w": range(10),
        }
    )


def fill_vault(vault: Vault) -> None:
    learners = [
        (learner_id(owner, place), *name.split(" ", 1), dt.datetime(2026, 9, 1))
        for owner, names in PEOPLE.items()
        for place, name in enumerate(names)
    ]
    learners.append((MARRIED_LATER, "Amélie", "Later-Known", dt.datetime(2026, 11, 23, 8)))
    coaches = [(coach, *person[1:], dt.datetime(2026, 9, 1)) for coach, person in COACHES.items()]
    store(vault, "learner", learners, ["person_id", "first_name", "last_name", "known_at"])
    store(vault, "coach", coaches, ["person_id", "first_name", "last_name", "email", "known_at"])
    for waiting, place in vault.waiting_moves():
        waiting.rename(place)


def store(vault: Vault, kind: str, people: list[tuple[object, ...]], columns: list[str]) -> None:
    table = pa.Table.from_pylist([dict(zip(columns, person, strict=True)) for person in people])
    known_at = table.column("known_at").cast(pa.timestamp("us"))
    vault.store(kind, table.set_column(columns.index("known_at"), "known_at", known_at), source=f"sis.{kind}")


def test_the_last_weeks_of_the_listed_are_differences_of_what_was_known_each_monday(
    settings: Settings,
) -> None:
    (weeks,) = gather(settings, as_of=MONDAY).learner_weeks.to_dict("records")
    assert weeks["week_first_days"][0] == "2026-09-28"
    assert weeks["week_first_days"][-1] == "2026-11-16"
    assert list(weeks["planned_half_days"]) == [10] * 8
    assert list(weeks["attended_half_days"]) == [9] * 8
    assert list(weeks["open_assignments"][-2:]) == [2, 1]
    assert weeks["open_assignments"][0] < 0
    assert list(weeks["active_days"]) == list(range(2, 10))


def written(settings: Settings) -> ReportResult:
    return write_reports("ai_school", settings, as_of=MONDAY)


def test_every_coach_of_that_mondays_list_gets_a_page_with_names_from_the_vault(settings: Settings) -> None:
    result = written(settings)
    assert (result.count, result.listed, result.not_scored) == (4, 24, 4)
    assert result.folder == settings.state_dir / "reports" / "2026-11-23"
    page = (result.folder / f"{DUTCH}.html").read_text()
    assert "Bart Mertens" in page
    assert "Maaike Van den Broeck" in page
    assert "Junior Data Scientist" in page
    assert page.count("(systeem lms)") == 1


def test_the_mail_goes_to_the_address_in_the_vault_or_is_marked(settings: Settings) -> None:
    outbox = written(settings).outbox
    to = {
        path.stem: message_from_bytes(path.read_bytes(), policy=SMTP)["To"] for path in outbox.glob("*.eml")
    }
    assert to == {
        FRENCH: "sophie.lambert@school.test",
        DUTCH: "bart.mertens@school.test",
        ENGLISH: f"{ENGLISH}@invalid",
        COHORT_ONLY: f"{COHORT_ONLY}@invalid",
        **{reader.id: reader.address for reader in load_school("ai_school").overviews},
    }


def test_a_name_that_became_known_after_the_monday_is_not_yet_used(settings: Settings) -> None:
    page = (written(settings).folder / f"{FRENCH}.html").read_text()
    assert "Amélie Dupont" in page
    assert "Later-Known" not in page


def test_only_names_that_will_be_shown_leave_the_vault(settings: Settings) -> None:
    people = gather(settings, as_of=MONDAY).learner_people
    shown = edition().material.risk_list.query(
        "is_listed or is_also_check_in or is_just_outside or list_change == 'off' or not_scored_reason.notna()"
    )
    assert set(people.index) == set(shown["learner_id"])
    assert list(people.columns) == ["first_name", "last_name"]


def test_the_name_of_who_is_just_outside_leaves_the_vault_unless_a_lot_decided_it(settings: Settings) -> None:
    rows = edition().material.risk_list
    rows.loc[rows["list_change"] == "off", "list_change"] = None
    build_warehouse(Warehouse(settings).version(MONDAY), rows)
    result = written(settings)
    pages = {owner: (result.folder / f"{owner}.html").read_text() for owner in (FRENCH, DUTCH)}
    mail = message_from_bytes((result.outbox / f"{DUTCH}.eml").read_bytes(), policy=SMTP)
    shown = [pages[DUTCH], *(part.get_content() for part in mail.iter_parts())]
    assert [text.count(PEOPLE[DUTCH][6]) for text in shown] == [1, 1, 1]
    assert PEOPLE[FRENCH][6] not in pages[FRENCH]
    assert "c&#39;était limite" in pages[FRENCH]
    assert learner_id(FRENCH, 6) not in gather(settings, as_of=MONDAY).learner_people.index


def test_the_director_reads_what_the_watch_found_a_week_before(settings: Settings) -> None:
    said = {"check": "flagged", "subject": "logistic", "model_version": "v", "is_alarm": True}
    for monday in (MONDAY - dt.timedelta(weeks=1), MONDAY):
        rows = pd.DataFrame([dict.fromkeys(CHECKS.names) | said | {"as_of_date": monday}])
        Landing(settings).land_said("checks", rows, as_of=monday, model_version="v")
        said["check"] = "missing"
    page = (written(settings).folder / "director.html").read_text()
    assert "an unusual number of high scores" in page
    assert "more often than ever" not in page


def test_the_same_monday_twice_gives_the_same_bytes(settings: Settings) -> None:
    first = {path.name: path.read_bytes() for path in written(settings).folder.iterdir()}
    assert {path.name: path.read_bytes() for path in written(settings).folder.iterdir()} == first


def test_another_mondays_list_is_refused_with_a_remedy(settings: Settings) -> None:
    earlier = edition().material.risk_list.assign(as_of_date=dt.date(2026, 11, 16))
    build_warehouse(Warehouse(settings).version(MONDAY), earlier)
    with pytest.raises(ReportError, match="is of 2026-11-16") as error:
        written(settings)
    assert "2026-11-23" in error.value.allowed
    assert not (settings.state_dir / "reports" / "2026-11-23").exists()


def test_a_monday_that_was_never_built_is_refused(settings: Settings) -> None:
    with pytest.raises(BuildError, match="no warehouse"):
        write_reports("ai_school", settings, as_of=dt.date(2026, 11, 30))
