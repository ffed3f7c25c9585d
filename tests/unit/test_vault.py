"""Names are kept encrypted, for their owner only; pseudonyms are keyed and stable."""

import datetime as dt

import pyarrow as pa
import pytest

from passerelle.errors import VaultError
from passerelle.settings import Settings
from passerelle.vault import Vault

KEY = "a key made at random, long enough to be one"


@pytest.fixture
def vault(tmp_path, tiny_school):
    return Vault(Settings(school="tiny", home=tmp_path / "state"))


def versions(person_id, known_at, **names):
    columns = {"person_id": [person_id], "known_at": pa.array([known_at], pa.timestamp("us"))}
    return pa.table(columns | {name: [value] for name, value in names.items()})


def keep(vault, kind, table, source="office.learner"):
    vault.store(kind, table, source=source)
    for old, new in vault.waiting_moves():
        old.rename(new)


def test_a_pseudonym_depends_on_the_kind_and_the_key_but_not_on_the_run(tmp_path, tiny_school):
    numbers = pa.array(["L1", None, "L2", "L1"])
    first = (
        Vault(Settings(school="tiny", home=tmp_path / "a", key=KEY))
        .pseudonyms("learner", numbers)
        .to_pylist()
    )
    again = (
        Vault(Settings(school="tiny", home=tmp_path / "b", key=KEY))
        .pseudonyms("learner", numbers)
        .to_pylist()
    )
    other = Vault(Settings(school="tiny", home=tmp_path / "c", key=KEY + "!")).pseudonyms("learner", numbers)
    coach = (
        Vault(Settings(school="tiny", home=tmp_path / "a", key=KEY)).pseudonyms("coach", numbers).to_pylist()
    )
    assert first == again
    assert first[1] is None
    assert first[0] == first[3] != first[2]
    assert len(first[0]) == len("lrn_") + 16
    assert coach[0].startswith("cch_")
    assert len({first[0][4:], other[0].as_py()[4:], coach[0][4:]}) == 3


def test_a_dictionary_of_numbers_stays_a_dictionary(vault):
    plain = pa.array(["L1", "L2", "L1", None])
    coded = vault.pseudonyms("learner", plain.dictionary_encode())
    assert pa.types.is_dictionary(coded.type)
    assert coded.dictionary_decode().equals(vault.pseudonyms("learner", plain))


def test_the_latest_version_known_before_a_monday_counts(vault):
    keep(vault, "learner", versions("lrn_1", dt.datetime(2026, 1, 5), first_name="Aya", phone="1"))
    keep(vault, "learner", versions("lrn_1", dt.datetime(2026, 3, 1, 22, 30), first_name="Aya", phone=None))
    keep(
        vault,
        "learner",
        versions("lrn_1", dt.datetime(2026, 1, 9), surname="Peeters"),
        source="service.placement",
    )
    latest = vault.people("learner", ["lrn_2", "lrn_1"])
    assert list(latest.index) == ["lrn_2", "lrn_1"]
    assert latest.loc["lrn_2"].isna().all()
    assert latest.loc["lrn_1", ["first_name", "surname"]].to_list() == ["Aya", "Peeters"]
    assert latest["phone"].isna().all(), "a number that was withdrawn must not come back"
    before = vault.people("learner", ["lrn_1"], as_of=dt.date(2026, 3, 2))
    assert before.loc["lrn_1", "phone"] is None or before["phone"].isna().all(), (
        "23:30 in Brussels is before Monday"
    )
    assert vault.people("learner", ["lrn_1"], as_of=dt.date(2026, 3, 1)).loc["lrn_1", "phone"] == "1"
    assert vault.people("learner", ["lrn_1"], as_of=dt.date(2026, 1, 5))["first_name"].isna().all()


def test_an_empty_vault_answers_with_the_declared_columns(vault):
    people = vault.people("learner", ["lrn_1"])
    assert list(people.columns) == ["first_name", "phone", "birth_date", "surname"]
    assert people.isna().all(axis=None)


def test_the_same_batch_twice_is_one_batch(vault):
    for _ in range(2):
        keep(
            vault,
            "coach",
            versions("cch_1", dt.datetime(2026, 1, 1), first_name="Chloé"),
            source="office.coach",
        )
    assert len(list((vault.folder / "coach").iterdir())) == 1


def test_the_vault_is_for_its_owner_only_and_unreadable(vault):
    keep(
        vault, "coach", versions("cch_1", dt.datetime(2026, 1, 1), first_name="Chloé"), source="office.coach"
    )
    files = [path for path in vault.folder.rglob("*") if path.is_file()]
    assert len(files) == 3
    assert vault.folder.stat().st_mode & 0o777 == 0o700
    for path in files:
        assert path.stat().st_mode & 0o777 == 0o600
        assert "Chloé".encode() not in path.read_bytes()


def test_a_wrong_key_is_refused_before_it_gives_other_pseudonyms(tmp_path, tiny_school):
    home = tmp_path / "state"
    Vault(Settings(school="tiny", home=home, key=KEY)).pseudonyms("learner", pa.array(["L1"]))
    with pytest.raises(VaultError, match="does not open"):
        Vault(Settings(school="tiny", home=home, key=KEY[::-1])).pseudonyms("learner", pa.array(["L1"]))


def test_a_short_key_is_refused_without_being_shown(tmp_path):
    with pytest.raises(VaultError, match="has 6 characters") as caught:
        Vault(Settings(school="tiny", home=tmp_path, key="secret")).pseudonyms("learner", pa.array(["L1"]))
    assert "secret" not in str(caught.value).replace("secrets", "")


def test_a_lost_key_is_not_replaced_by_a_new_one(vault):
    vault.pseudonyms("learner", pa.array(["L1"]))
    (vault.folder / "key").unlink()
    with pytest.raises(VaultError, match="missing"):
        Vault(vault._settings).pseudonyms("learner", pa.array(["L1"]))


def test_a_batch_that_was_changed_is_told_by_its_file(vault):
    keep(
        vault, "coach", versions("cch_1", dt.datetime(2026, 1, 1), first_name="Chloé"), source="office.coach"
    )
    [batch] = (vault.folder / "coach").iterdir()
    batch.write_bytes(batch.read_bytes()[:-10])
    with pytest.raises(VaultError, match="changed or cut"):
        vault.people("coach", ["cch_1"])


def test_whoever_is_forgotten_is_in_no_batch_any_more_and_comes_back_with_none(vault):
    two = pa.concat_tables(
        [
            versions("lrn_1", dt.datetime(2026, 1, 5), first_name="Aya", phone="1"),
            versions("lrn_2", dt.datetime(2026, 1, 5), first_name="Ben", phone="2"),
        ]
    )
    keep(vault, "learner", two)
    keep(
        vault,
        "learner",
        versions("lrn_1", dt.datetime(2026, 1, 9), surname="Peeters"),
        source="service.placement",
    )
    vault.store(
        "learner", versions("lrn_1", dt.datetime(2026, 2, 9), first_name="Aya"), source="office.learner"
    )
    vault.tombstones.add("lrn_1", by="the data officer", reason="asked for", day=dt.date(2026, 3, 1))
    assert vault.forget("learner", "lrn_1") == 3
    assert vault.forget("learner", "lrn_1") == 0
    keep(vault, "learner", versions("lrn_1", dt.datetime(2026, 4, 5), first_name="Aya", phone="1"))
    keep(vault, "learner", two)
    people = vault.people("learner", ["lrn_1", "lrn_2"])
    assert people.loc["lrn_1"].isna().all()
    assert people.loc["lrn_2", "first_name"] == "Ben"


def test_the_record_of_the_forgotten_says_who_decided_and_why_and_names_nobody(vault):
    assert vault.tombstones.decided_on("lrn_1") is None
    vault.store(
        "learner", versions("lrn_1", dt.datetime(2026, 1, 5), first_name="Aya"), source="office.learner"
    )
    vault.tombstones.add("lrn_1", by="the data officer", reason="asked for", day=dt.date(2026, 3, 1))
    kept = (vault.folder / "forgotten.jsonl").read_text()
    assert '"by": "the data officer", "reason": "asked for", "decided_on": "2026-03-01"' in kept
    assert "lrn_1" not in kept
    assert (vault.folder / "forgotten.jsonl").stat().st_mode & 0o777 == 0o600
    assert vault.tombstones.decided_on("lrn_1") == dt.date(2026, 3, 1)
    assert vault.tombstones.decided_on("lrn_2") is None
