"""One catalogue per language: the same keys and placeholders, plain words, no dead text."""

import re
import string
from pathlib import Path

import pytest

from passerelle.answer_links import VERDICTS
from passerelle.errors import ReportError
from passerelle.reports import words as words_module
from passerelle.reports.class_problems import CHECKS
from passerelle.reports.learner_weeks import TABLE
from passerelle.reports.words import Entry, Words, catalogue
from passerelle.school import ENTITIES
from sample_edition import MONDAY
from support_need.refusals import REASONS
from support_need.told_dates import LOCALES

REPORTS_DIR = Path(words_module.__file__).parent


def placeholders(entry: Entry) -> set[str]:
    forms = [entry] if isinstance(entry, str) else entry.values()
    return {name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name}


def texts(language: str) -> str:
    entries = catalogue(language).values()
    return " ".join(entry if isinstance(entry, str) else " ".join(entry.values()) for entry in entries)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_language_has_the_same_keys_and_placeholders_as_french(language: str) -> None:
    french, other = catalogue("fr"), catalogue(language)
    assert list(other) == list(french)
    assert len(french) > 50
    assert {key: placeholders(entry) for key, entry in other.items()} == {
        key: placeholders(entry) for key, entry in french.items()
    }


@pytest.mark.parametrize("language", LOCALES)
def test_a_text_with_plural_forms_has_exactly_one_and_other(language: str) -> None:
    tables = [entry for entry in catalogue(language).values() if not isinstance(entry, str)]
    assert tables
    assert all(set(table) == {"one", "other"} for table in tables)


def test_every_text_is_used_and_every_used_text_exists() -> None:
    used = "\n".join(
        path.read_text() for path in [*REPORTS_DIR.glob("*.py"), *REPORTS_DIR.glob("templates/*")]
    )
    built = {key for key in catalogue("en") if re.search(rf'"{re.escape(key)}"', used)}
    outcomes = ("better", "worse", "same", "not_known", "too_early", "finished", "left")
    families = {
        "last_action": outcomes,
        "facts": ENTITIES,
        "not_scored": ("no_score", *REASONS),
        "reply": VERDICTS,
    }
    built |= {f"{family}.{name}" for family, names in families.items() for name in names}
    built |= {
        f"cohort.{name}" for name in ("active", "attended", "handed_in", "curve_attended", "curve_online")
    }
    built |= {f"problem.{name}" for name in CHECKS}
    built |= {f"watch.{name}" for name in ("outside", "missing", "flagged", "more", "fewer")}
    built |= {f"about.{name}" for name in ("never_used", "no_consequence", "learner")}
    built |= {
        f"notice.{some}_{target}" for some in ("some", "nearly_all") for target in ("completes", "placed")
    }
    built |= {
        f"band.{target}{end}"
        for target in ("completes", "placed")
        for end in ("", "_few", "_nearly_all", "_up_to", "_between")
    }
    built |= {f"weeks.column_{column}" for column in TABLE} | {"weeks.attended", "weeks.online"}
    built |= {f"record.{target}" for target in ("completes", "placed")}
    assert set(catalogue("en")) == built


@pytest.mark.parametrize(
    ("language", "refused"),
    [
        ("en", r"will fail|high.risk|\brisk\b|at-risk|rank|dropout"),
        ("fr", r"va échouer|à risque|risque|rang\b|décrocheu"),
        ("nl", r"zal falen|risico|rangorde|uitval"),
    ],
)
def test_no_text_prophesies_labels_or_ranks(language: str, refused: str) -> None:
    assert not re.search(refused, texts(language), flags=re.IGNORECASE)
    assert not re.search(r"\d[.,]\d", texts(language))


def test_french_keeps_its_punctuation_on_the_line() -> None:
    assert not re.search(r" [:;?!](?=[ ]|$)", texts("fr"))


@pytest.mark.parametrize(
    ("language", "none", "one", "two"),
    [
        ("fr", "La liste ne dit rien de 0 personne", "rien de 1 personne", "rien de 2 personnes"),
        ("nl", "De lijst zegt niets over 0 cursisten", "over 1 cursist", "over 2 cursisten"),
        ("en", "The list says nothing about 0 learners", "about 1 learner", "about 2 learners"),
    ],
)
def test_plurals_follow_the_language(language: str, none: str, one: str, two: str) -> None:
    said = [Words(language).say("not_scored.heading", count=count) for count in (0, 1, 2)]
    assert said[0] == none
    assert said[1].endswith(one)
    assert said[2].endswith(two)


def test_dates_numbers_and_shares_follow_the_language() -> None:
    assert [Words(language).date(MONDAY, form="full") for language in ("fr", "nl", "en")] == [
        "lundi 23 novembre 2026",
        "maandag 23 november 2026",
        "Monday, 23 November 2026",
    ]
    assert Words("en").number(12345) == "12,345"
    assert Words("fr").share(0.876) == "88\u00a0%"


def test_a_language_without_catalogue_is_refused_with_a_remedy() -> None:
    with pytest.raises(ReportError, match="'de'") as error:
        Words("de")
    assert error.value.allowed == "fr, nl, en"
    assert "translations" in error.value.fix


def test_an_unknown_text_is_refused_with_a_remedy() -> None:
    with pytest.raises(ReportError, match=r"not_scored\.too_old") as error:
        Words("nl").say("not_scored.too_old")
    assert error.value.fix.endswith("translations/nl.toml")
