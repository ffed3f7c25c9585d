"""What the three employment services send: monthly files of those in work, each in its own dialect.

A spell of work is sent in the first monthly file after the service knew it, again when it has ended, and
again when what was said about it was wrong.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from passerelle.demo_school.careers import OCCUPATIONS, SUBSIDISED, Careers
from passerelle.demo_school.chance import NEVER, unless
from passerelle.demo_school.enrolments import Enrolments
from passerelle.demo_school.people import plain_letters
from passerelle.demo_school.play import Play

TABLES = {"vdab": "tewerkstelling", "forem": "insertion", "actiris": "sorties_uitstroom"}
FILE_DAY = 5  # of the month
REPORTING_LAG_DAYS = 9.0
LATE_DAYS = (25, 90)
LABELS = {
    "vdab": ("onbepaalde duur", "bepaalde duur", "interim", "IBO", "zelfstandige"),
    "forem": ("CDI", "CDD", "intérim", "PFI", "indépendant"),
    "actiris": (
        "CDI/onbepaalde duur",
        "CDD/bepaalde duur",
        "intérim/uitzendarbeid",
        "FPI/FPI",
        "indépendant/zelfstandige",
    ),
}
SCHEMES = {"vdab": "IBO", "forem": "PFI", "actiris": "FPI"}
YES_NO = {"vdab": ("ja", "nee"), "forem": ("oui", "non"), "actiris": ("oui_ja", "non_nee")}
COLUMNS = {
    "vdab": (
        "referentie naam voornaam datum_in_dienst datum_uit_dienst contracttype arbeidsregime_pct maatregel "
        "beroepscode_isco werkgever_is_partner"
    ),
    "forem": (
        "reference_stagiaire nom prenom date_debut date_fin type_contrat temps_travail_pct mesure "
        "code_profession_isco employeur_partenaire"
    ),
    "actiris": (
        "reference_referentie nom_naam prenom_voornaam date_debut_begindatum date_fin_einddatum "
        "contrat_contract temps_travail_arbeidstijd_pct mesure_maatregel isco08 partenaire_partner "
        "type_sortie_uitstroomtype"
    ),
}


def first_file(days: np.ndarray, file_day: int = FILE_DAY) -> np.ndarray:
    """Day of the first monthly file on or after each day."""
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    this = months.astype("datetime64[D]").astype(np.int64) + file_day - 1
    following = (months + 1).astype("datetime64[D]").astype(np.int64) + file_day - 1
    return np.where(this >= days, this, following)


def spells_known(enrolments: Enrolments, careers: Careers, *, play: Play) -> pd.DataFrame:
    """One row per spell and version that a register sends.

    Returns
    -------
    pandas.DataFrame
        ``person`` (row of people), ``campus``, ``start``, ``end`` (NEVER while it lasts), ``kind``,
        ``hours_pct``, ``occupation``, ``is_partner``, ``is_study`` and ``file_day`` (days since 1970).
    """
    generator, records = play.dice.stream("registers"), play.assumed.records
    truth = _true_spells(enrolments, careers)
    truth = truth[generator.random(len(truth)) < records.register_coverage].reset_index(drop=True)
    start, end = truth["start"].to_numpy(), truth["end"].to_numpy()
    begun = first_file(start + _lag(len(truth), records.late_share, generator))
    over = first_file(np.where(end < NEVER, end, start) + _lag(len(truth), records.late_share, generator))
    over = np.maximum(over, begun)
    both = over == begun
    is_wrong = (generator.random(len(truth)) < records.corrected_share) & ~truth["is_study"].to_numpy()
    said = np.where(is_wrong, np.where(truth["hours_pct"] == 100, 50, 100), truth["hours_pct"])
    corrected = first_file(np.where(end < NEVER, over, begun) + generator.integers(1, 80, size=len(truth)))
    ended = (end < NEVER) & ~both
    parts = [
        truth.assign(file_day=begun, hours_pct=said, end=np.where(both, end, NEVER)),
        truth.assign(file_day=over, hours_pct=said)[ended],
        truth.assign(file_day=corrected)[is_wrong],
    ]
    return pd.concat(parts, ignore_index=True).sort_values("file_day", kind="stable", ignore_index=True)


def service_file(
    service: str, known: pd.DataFrame, *, enrolments: Enrolments, campuses: np.ndarray
) -> pd.DataFrame:
    """Rows of one service in its own labels, with ``file_day``; only actiris tells who went on studying."""
    ours = known[np.isin(known["campus"], campuses) & (~known["is_study"] | (service == "actiris"))]
    people = enrolments.people.iloc[ours["person"]].reset_index(drop=True)
    ours = ours.reset_index(drop=True)
    study = ours["is_study"].to_numpy()
    labels = np.array(LABELS[service], dtype=object)[ours["kind"]]
    yes, no = YES_NO[service]
    values = [
        people["learner_no"],
        people["last_name"],
        people["first_name"],
        ours["start"],
        ours["end"],
        unless(study, labels),
        unless(study, ours["hours_pct"]),
        unless(study | (ours["kind"] != SUBSIDISED).to_numpy(), SCHEMES[service]),
        unless(study, np.array(OCCUPATIONS, dtype=object)[ours["occupation"]]),
        np.where(ours["is_partner"], yes, no),
        np.where(study, "formation/opleiding", "emploi/werk"),
    ]
    frame = pd.DataFrame(dict(zip(COLUMNS[service].split(), values, strict=False)))
    if service == "forem":
        frame["nom"], frame["prenom"] = plain_letters(frame["nom"]), plain_letters(frame["prenom"])
    return frame.assign(file_day=ours["file_day"])


def _lag(count: int, late_share: float, generator: np.random.Generator) -> np.ndarray:
    lag = generator.exponential(REPORTING_LAG_DAYS, size=count).astype(np.int64)
    return lag + np.where(generator.random(count) < late_share, generator.integers(*LATE_DAYS, size=count), 0)


def _true_spells(enrolments: Enrolments, careers: Careers) -> pd.DataFrame:
    who, spell = np.nonzero(careers.start < NEVER)
    parts = {
        name: getattr(careers, name)[who, spell]
        for name in ("start", "end", "kind", "hours_pct", "occupation", "is_partner")
    }
    work = pd.DataFrame({"enrolment": who, **parts, "is_study": False})
    studies = np.flatnonzero(careers.study_start < NEVER)
    study = pd.DataFrame({"enrolment": studies, "start": careers.study_start[studies], "end": NEVER})
    study = study.assign(kind=0, hours_pct=100, occupation=0, is_partner=False, is_study=True)
    spells = pd.concat([work, study], ignore_index=True)
    spells["person"] = enrolments.person[spells["enrolment"]]
    spells["campus"] = enrolments.cohorts.campus[enrolments.cohort[spells["enrolment"]]]
    return spells.drop_duplicates(["person", "start"], ignore_index=True)
