"""Every shipped school has a conversation for every reason, in each of its languages."""

from pathlib import Path

import pytest

from passerelle.errors import ReportError
from passerelle.reports.playbook import NO_FACT, read_playbook, topic_of, topics
from passerelle.school import load_school
from support_need.features import FEATURES

SHIPPED = [
    (school, language) for school in ("ai_school", "oulad") for language in load_school(school).languages
]


@pytest.mark.parametrize(("school", "language"), SHIPPED)
def test_the_shipped_playbooks_cover_exactly_the_topics_of_the_reasons(school: str, language: str) -> None:
    playbook = read_playbook(school, language)
    assert set(playbook.conversations) == topics()
    for feature in FEATURES:
        if feature.is_changeable:
            assert playbook.conversation(feature.name).ask.endswith("?")
    assert playbook.conversation(None) == playbook.conversations[NO_FACT]


def test_an_unknown_reason_is_refused_with_a_remedy() -> None:
    with pytest.raises(ReportError, match="'shoe_size'") as error:
        topic_of("shoe_size")
    assert "absence_recent" in error.value.allowed


@pytest.fixture
def own_school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "own"
    (folder / "playbook").mkdir(parents=True)
    (folder / "school.toml").write_text("")
    monkeypatch.setenv("PASSERELLE_SCHOOLS_DIR", str(tmp_path))
    return folder / "playbook"


def test_a_missing_language_names_those_that_are_there(own_school: Path) -> None:
    (own_school / "fr.toml").write_text("")
    with pytest.raises(ReportError, match="'nl'") as error:
        read_playbook("own", "nl")
    assert error.value.allowed == "fr"


@pytest.mark.parametrize("content", ["[absence", "[absence]\nask = 'Hm?'\n", "absence = 'Hm?'\n"])
def test_what_is_not_a_playbook_is_refused(own_school: Path, content: str) -> None:
    (own_school / "en.toml").write_text(content)
    with pytest.raises(ReportError, match="is not a playbook"):
        read_playbook("own", "en")


def test_a_topic_without_conversation_is_refused(own_school: Path) -> None:
    (own_school / "en.toml").write_text("[no_fact]\nask = 'How is it going?'\noffer = 'Listen.'\n")
    with pytest.raises(ReportError, match="'absence'") as error:
        read_playbook("own", "en").conversation("absence_recent")
    assert "[absence]" in error.value.fix
