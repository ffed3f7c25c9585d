"""What the desk says: the same in each language, nothing dead, and a label for every code that can be chosen."""

import re
from pathlib import Path

import pytest

import passerelle.desk
from passerelle.answer_links import VERDICTS
from passerelle.desk.choices import read_choices
from passerelle.desk.pages import catalogue, preferred_language
from passerelle.errors import DeskError
from passerelle.gates.suites import EXPECTATIONS_DIR, read_suite
from passerelle.reports.playbook import read_playbook

FOLDER = Path(passerelle.desk.__file__).parent
LANGUAGES = ("fr", "nl", "en")


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_language_has_the_same_keys_and_placeholders_as_french(language: str) -> None:
    french, other = catalogue("fr"), catalogue(language)
    assert list(other) == list(french)
    assert {key: placeholders(text) for key, text in other.items()} == {
        key: placeholders(text) for key, text in french.items()
    }


def test_every_text_is_used() -> None:
    files = [*FOLDER.glob("*.py"), *FOLDER.glob("templates/*.j2")]
    used = "\n".join(path.read_text() for path in files)
    keys = {key for key in catalogue("en") if key.partition(".")[0] not in ("problem", "wrong")}
    built = {f"form.{verdict}" for verdict in VERDICTS}
    assert {key for key in keys - built if f'"{key}"' not in used} == set()
    names = {key.partition(".")[2] for key in set(catalogue("en")) - keys}
    assert {name for name in names if f'"{name}"' not in used and f'problem.{name}"' not in used} == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "refused", [r"\bwill fail\b", r"\béchouer", r"\bzal falen", r"\bhigh.risk", r"\d+[.,]\d"]
)
def test_no_text_prophesies_labels_or_has_decimals(language: str, refused: str) -> None:
    assert [text for text in catalogue(language).values() if re.search(refused, text, re.IGNORECASE)] == []


def test_french_keeps_its_punctuation_on_the_line() -> None:
    asked = [each.ask for each in read_playbook("ai_school", "fr").conversations.values()]
    assert [text for text in [*catalogue("fr").values(), *asked] if re.search(r" [:;?!]", text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_school_has_a_label_for_each_code_that_gate_1_knows(language: str) -> None:
    choices = read_choices("ai_school", language)
    suite = read_suite(EXPECTATIONS_DIR / "raw" / "sis__support_action.yml")
    known = {
        each.kwargs["column"]: each.kwargs["value_set"]
        for each in suite.expectations
        if "value_set" in each.kwargs
    }
    assert list(choices.actions) == known["action_code"]
    assert list(choices.channels) == known["channel"]
    assert set(VERDICTS) == set(known["verdict"])


def test_a_language_without_choices_is_refused_with_a_remedy() -> None:
    with pytest.raises(DeskError, match=r"answers/de\.toml"):
        read_choices("ai_school", "de")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("nl-BE,nl;q=0.9,en;q=0.8", "nl"), ("de, FR;q=0.5", "fr"), ("", "en"), ("x" * 9_000, "en"), ("*", "en")],
)
def test_a_page_without_a_coach_speaks_the_readers_language(accepted: str, language: str) -> None:
    assert preferred_language(accepted, LANGUAGES, "en") == language
