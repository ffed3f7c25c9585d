"""A name goes from every letter that shows it, as if the letter had been written without it; all others stay."""

import shutil
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from passerelle.reports.erasing import ErasedLetter, erase_from_letters
from passerelle.reports.writing import write_edition
from passerelle.settings import Settings
from sample_edition import DUTCH, ENGLISH, MONDAY, PEOPLE, edition, learner_id

CASES = [(DUTCH, 0), (DUTCH, 9), (ENGLISH, 1), (ENGLISH, 6)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(school="ai_school", home=tmp_path)
    write(made)
    (tmp_path / "mailbox" / "new").mkdir(parents=True)
    for mail in made.part("outbox", str(MONDAY)).glob("*.eml"):
        shutil.copy(mail, tmp_path / "mailbox" / "new" / mail.stem)
    return made


def write(settings: Settings, *, without: str = "") -> None:
    people = edition().material.learner_people.copy()
    people.loc[people.index == without, ["first_name", "last_name"]] = None
    folders = {part: settings.part(part, str(MONDAY)) for part in ("reports", "outbox")}
    write_edition(edition(learner_people=people), folder=folders["reports"], outbox=folders["outbox"])


def erase(settings: Settings, owner: str, place: int) -> tuple[ErasedLetter, ...]:
    return erase_from_letters(
        settings,
        learner_id=learner_id(owner, place),
        enrolment_ids={f"E-{owner[-4:]}-{place:02}"},
        names_on=lambda _: {PEOPLE[owner][place], ""},
    )


def contents(settings: Settings) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in settings.state_dir.rglob("*") if path.is_file()}


def bodies(content: bytes) -> list[str]:
    message = message_from_bytes(content, policy=default)
    return [" ".join(part.get_content().split()) for part in message.iter_parts()]


@pytest.mark.parametrize(("owner", "place"), CASES)
def test_letters_read_as_if_they_had_been_written_without_the_name(
    settings: Settings, tmp_path: Path, owner: str, place: int
) -> None:
    assert erase(settings, owner, place) == (ErasedLetter(as_of=MONDAY, owner_id=owner),)
    kept = (tmp_path / "mailbox" / "new" / owner).read_bytes()
    page = (tmp_path / "reports" / str(MONDAY) / f"{owner}.html").read_bytes()
    mail = (tmp_path / "outbox" / str(MONDAY) / f"{owner}.eml").read_bytes()
    write(settings, without=learner_id(owner, place))
    assert page == (tmp_path / "reports" / str(MONDAY) / f"{owner}.html").read_bytes()
    anew = (tmp_path / "outbox" / str(MONDAY) / f"{owner}.eml").read_bytes()
    assert bodies(kept) == bodies(mail) == bodies(anew)
    headers = [message_from_bytes(each, policy=default).items() for each in (mail, anew)]
    assert headers[0] == headers[1]


@pytest.mark.parametrize(("owner", "place"), CASES)
def test_no_other_letter_changes_and_doing_it_again_changes_nothing(
    settings: Settings, owner: str, place: int
) -> None:
    before = contents(settings)
    erase(settings, owner, place)
    after = contents(settings)
    changed = {path for path, content in after.items() if before[path] != content}
    assert {path.stem for path in changed} == {owner}
    assert len(changed) == 3
    assert {path.stat().st_mode & 0o777 for path in changed} == {0o600}
    erase(settings, owner, place)
    assert contents(settings) == after


def test_whoever_is_named_nowhere_changes_nothing(settings: Settings) -> None:
    before = contents(settings)
    found = erase_from_letters(
        settings, learner_id="lrn_0", enrolment_ids={"E-none"}, names_on=lambda _: {"Jan"}
    )
    assert found == ()
    assert contents(settings) == before
