"""Learners and coaches: who they are, and what of it weighs on their way through training."""

from __future__ import annotations

import unicodedata

import numpy as np
import pandas as pd

from passerelle.demo_school import names
from passerelle.demo_school.chance import Dice, numbered, picked, standardised
from passerelle.demo_school.config import KnownSchool

PEOPLE_PER_CHUNK = 100_000
MOST_LEAD_DAYS = 120
COACH_FIELDS = ("coach_no", "first_name", "last_name", "email", "campus", "language")


def draw_learners(school: KnownSchool, *, campus: np.ndarray, start: np.ndarray, dice: Dice) -> pd.DataFrame:
    """Draw one person per place in a cohort.

    Parameters
    ----------
    school : KnownSchool
        Campuses.
    campus, start : numpy.ndarray
        Campus position and first day of each place.
    dice : Dice
        Randomness.

    Returns
    -------
    pandas.DataFrame
        One row per person: the student information system's columns, and ``risk`` (hidden, standard normal),
        ``intake`` (standardised distance to work at intake) and ``lead_days`` (enrolled before the start).
    """
    generator = dice.stream("learners")
    count = len(campus)
    people = pd.DataFrame(index=range(count))
    people["learner_no"] = numbered("L", dice.chunk * PEOPLE_PER_CHUNK + np.arange(count) + 1).to_pandas()
    people["gender"] = picked(generator, ["F", "M", "X"], [0.42, 0.57, 0.01], count)
    regions = np.array([place.region for place in school.campuses])[campus]
    _add_languages(people, regions, generator)
    _add_names(people, generator)
    _add_contact(people, regions, np.array([place.name for place in school.campuses])[campus], generator)
    _add_intake(people, start, generator)
    people["risk"] = generator.standard_normal(count)
    return people


def draw_coaches(school: KnownSchool, *, pairs: int, dice: Dice) -> pd.DataFrame:
    """Draw the coaches, two per campus and ``pairs``; one row per coach, campus by campus."""
    generator = dice.stream("coaches")
    per_campus = 2 * pairs
    campus = np.repeat(np.arange(len(school.campuses)), per_campus)
    coaches = pd.DataFrame(
        {"campus": np.array([place.name for place in school.campuses], dtype=object)[campus]}
    )
    coaches["coach_no"] = numbered("K", dice.chunk * 10_000 + np.arange(len(campus)) + 1, width=4).to_pandas()
    coaches["language"] = [
        place.coach_languages[number % len(place.coach_languages)]
        for place in school.campuses
        for number in range(per_campus)
    ]
    coaches["home_language"] = coaches["language"]
    coaches["gender"] = picked(generator, ["F", "M"], [0.6, 0.4], len(coaches))
    _add_names(coaches, generator)
    coaches["email"] = _mail(coaches, coaches["coach_no"], "school.example")
    return coaches[list(COACH_FIELDS)]


def plain_letters(texts: pd.Series) -> pd.Series:
    """The same texts in Latin-1 at most: letters that it lacks lose their marks."""
    kept = {text: "".join(map(_latin_1, text)) for text in texts.unique()}
    return texts.map(kept)


def _latin_1(letter: str) -> str:
    if ord(letter) < 256:
        return letter
    bare = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return bare or {"ł": "l", "Ł": "L", "ı": "i", "’": "'"}.get(letter, "?")


def _add_languages(people: pd.DataFrame, regions: np.ndarray, generator: np.random.Generator) -> None:
    people["home_language"] = ""
    people["preferred_language"] = ""
    for region in names.LANGUAGES:
        here = regions == region
        for column, table in (("home_language", names.LANGUAGES), ("preferred_language", names.PREFERRED)):
            labels, weights = list(table[region]), list(table[region].values())
            people.loc[here, column] = picked(generator, labels, weights, int(here.sum()))
    foreign = people["home_language"].isin(["ar", "tr", "en", "uk"]).to_numpy()
    luck = generator.random(len(people))
    groups = np.where(luck < np.where(foreign, 0.45, 0.90), "BE", np.where(luck < 0.95, "EU", "non_EU"))
    people["nationality_group"] = np.where(foreign & (groups == "EU") & (luck < 0.80), "non_EU", groups)
    people["has_migration_background"] = generator.random(len(people)) < np.where(foreign, 0.93, 0.12)


def _add_names(people: pd.DataFrame, generator: np.random.Generator) -> None:
    people["first_name"] = ""
    people["last_name"] = ""
    either = np.where(generator.random(len(people)) < 0.5, "F", "M")
    shown = np.where(people["gender"] == "X", either, people["gender"])
    for language, first_names in names.FIRST_NAMES.items():
        spoken = (people["home_language"] == language).to_numpy()
        last = np.array(names.LAST_NAMES[language].split("|"), dtype=object)
        people.loc[spoken, "last_name"] = generator.choice(last, size=int(spoken.sum()))
        for gender, text in first_names.items():
            them = spoken & (shown == gender)
            first = np.array(text.split(), dtype=object)
            people.loc[them, "first_name"] = generator.choice(first, size=int(them.sum()))


def _add_contact(
    people: pd.DataFrame, regions: np.ndarray, cities: np.ndarray, generator: np.random.Generator
) -> None:
    count = len(people)
    people["email"] = _mail(people, people["learner_no"], "learner.example")
    digits = pd.Series(generator.integers(0, 10**6, size=count)).astype(str).str.zfill(6)
    operator = pd.Series(generator.integers(70, 100, size=count)).astype(str)
    people["phone"] = "+32 4" + operator + " " + digits.str[:2] + " " + digits.str[2:4] + " " + digits.str[4:]
    people["street"] = _one_of(names.STREETS, regions, generator)
    people["street"] += " " + pd.Series(generator.integers(1, 240, size=count)).astype(str)
    people["municipality"] = _one_of(names.MUNICIPALITIES, cities, generator)


def _one_of(lists: dict[str, str], kinds: np.ndarray, generator: np.random.Generator) -> pd.Series:
    chosen = pd.Series([""] * len(kinds), dtype=object)
    for kind, text in lists.items():
        here = kinds == kind
        chosen[here] = generator.choice(np.array(text.split("|"), dtype=object), size=int(here.sum()))
    return chosen.astype(str)


def _mail(people: pd.DataFrame, numbers: pd.Series, domain: str) -> pd.Series:
    letters = {
        text: "".join(part for part in _ascii(text) if part.isalnum() or part == "-").lower()
        for text in pd.concat([people["first_name"], people["last_name"]]).unique()
    }
    first, last = people["first_name"].map(letters), people["last_name"].map(letters)
    return first + "." + last + "." + numbers.str.lower() + "@" + domain


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", "".join(map(_latin_1, text))).encode("ascii", "ignore").decode()


def _add_intake(people: pd.DataFrame, start: np.ndarray, generator: np.random.Generator) -> None:
    """Schooling, time without work, age and how late they enrolled, and their sum: distance to work."""
    count = len(people)
    age_days = 365.25 * (18 + 36 * generator.beta(1.6, 2.6, size=count))
    born = (start - age_days).astype(np.int64).astype("datetime64[D]")
    people["birth_date"] = born.astype("datetime64[s]")
    people["birth_year"] = born.astype("datetime64[Y]").astype(np.int64) + 1970
    levels = picked(generator, list("12345678"), [0.07, 0.20, 0.34, 0.04, 0.08, 0.16, 0.10, 0.01], count)
    people["education_isced"] = levels.astype(np.int64)
    people["unemployment_months"] = np.minimum(generator.gamma(1.1, 11.0, size=count), 120).astype(np.int64)
    luck = generator.random(count)
    people["has_disability"] = pd.array(np.where(luck < 0.06, 1, 0), dtype="Int64").astype("boolean")
    people.loc[luck > 0.85, "has_disability"] = pd.NA  # not everybody says so
    people["lead_days"] = np.minimum(3 + generator.gamma(2.2, 16.0, size=count), MOST_LEAD_DAYS).astype(
        np.int64
    )
    distance = (
        0.45 * standardised(-people["education_isced"].to_numpy(float))
        + 0.55 * standardised(np.log1p(people["unemployment_months"].to_numpy(float)))
        - 0.40 * standardised(np.log(people["lead_days"].to_numpy(float)))
        + 0.25 * people["has_migration_background"].to_numpy(float)
        + 0.20 * standardised(age_days)
    )
    people["intake"] = standardised(distance)
