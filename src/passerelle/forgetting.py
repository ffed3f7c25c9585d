"""A learner forgotten: the name leaves the vault, the letters and the coaches' notes; facts stay, and are nobody's.

Who decided and why is written down first, without the name; from then on the vault takes no name of that person. Every
part can be done again, so that whatever stopped half-way is finished by the same command.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from passerelle.answer_book import SYSTEM as DESK
from passerelle.answer_book import AnswerBook
from passerelle.errors import VaultError
from passerelle.reports.erasing import ErasedLetter, erase_from_letters
from passerelle.reports.names import shown_name
from passerelle.school import load_school
from passerelle.settings import Settings
from passerelle.vault import PREFIXES, Vault
from passerelle.warehouse import Warehouse

LEARNER = "learner"
_ENROLMENTS = "select enrolment_id, learner_id from fct_enrolment"


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """What was done; no name.

    Attributes
    ----------
    learner_id : str
        The pseudonym, which stands for nobody any more.
    decided_on : datetime.date
    batches : int
        Encrypted batches of the vault that were written again without the person.
    notes : int
        Coaches' free notes that were deleted.
    letters : tuple of ErasedLetter
        Reports that named the learner.
    """

    learner_id: str
    decided_on: dt.date
    batches: int
    notes: int
    letters: tuple[ErasedLetter, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)


def forget(settings: Settings, who: str, *, by: str, reason: str) -> Forgotten:
    """Forget one learner.

    Parameters
    ----------
    settings : Settings
    who : str
        The learner's pseudonym, one of the learner's enrolments, or the number in the school's own system.
    by, reason : str
        Who decided, and why; kept for good, and so without the learner's name.

    Raises
    ------
    VaultError
        Nobody is known by that, nobody decided, or the reason would keep the name.
    """
    vault = Vault(settings)
    known = Warehouse(settings).frame(_ENROLMENTS)
    learner_id = _learner(vault, who, dict(known[["enrolment_id", "learner_id"]].itertuples(index=False)))
    parts = _parts(vault, learner_id)
    enrolments = set(known.loc[known["learner_id"] == learner_id, "enrolment_id"])
    decided_on = vault.tombstones.decided_on(learner_id)
    if not (enrolments or any(parts) or decided_on):
        raise VaultError(
            f"no learner is known as '{who}'",
            allowed="a learner_id or enrolment_id of the marts, or the number in the school's own system",
            fix='passerelle query "select learner_id, enrolment_id from fct_enrolment"',
        )
    _refuse_unfit(by, reason, parts)
    if decided_on is None:
        decided_on = load_school(settings.school).today()
        vault.tombstones.add(learner_id, by=by, reason=reason, day=decided_on)
    letters = erase_from_letters(
        settings,
        learner_id=learner_id,
        enrolment_ids=enrolments,
        names_on=lambda monday: {shown_name(*parts), shown_name(*_parts(vault, learner_id, monday))},
    )
    has_desk = DESK in load_school(settings.school).systems
    return Forgotten(
        learner_id=learner_id,
        decided_on=decided_on,
        letters=letters,
        notes=AnswerBook(settings).prepare().forget_notes(enrolments) if has_desk else 0,
        batches=vault.forget(LEARNER, learner_id),
    )


def _learner(vault: Vault, who: str, learner_of: dict[str, str]) -> str:
    if who.startswith(PREFIXES[LEARNER]):
        return who
    return learner_of.get(who) or str(vault.pseudonyms(LEARNER, pa.array([who]))[0].as_py())


def _parts(vault: Vault, learner_id: str, monday: dt.date | None = None) -> list[str | None]:
    people = vault.people(LEARNER, [learner_id], as_of=monday).reindex(columns=["first_name", "last_name"])
    return [part if isinstance(part, str) else None for part in people.iloc[0]]


def _refuse_unfit(by: str, reason: str, parts: list[str | None]) -> None:
    if not by.strip() or not reason.strip():
        raise VaultError(
            "nobody decided, or for no reason",
            allowed="both",
            fix="--by NAME --reason WHY: they are kept for good",
        )
    if any(part and re.search(rf"\b{re.escape(part)}\b", f"{by} {reason}") for part in parts):
        raise VaultError(
            "the reason, or who decided, holds a part of the learner's name",
            allowed="a reason without the name: it is kept for good",
            fix="--reason, for example 'asked by the learner on 3 May'",
        )
