"""The command line of a learner's rights: ``passerelle forget``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from passerelle.command_options import JsonOption, SchoolOption, settings_of
from passerelle.settings import DEFAULT_SCHOOL

app = typer.Typer()


@app.command()
def forget(
    learner: Annotated[
        str, typer.Option(help="learner_id, enrolment_id, or the number in the school's system.")
    ],
    by: Annotated[str, typer.Option(help="Who decided.")],
    reason: Annotated[str, typer.Option(help="Why, without the name.")],
    school: SchoolOption = DEFAULT_SCHOOL,
    as_json: JsonOption = False,
) -> None:
    """Forget a learner: the name leaves the vault, the reports and the coaches' notes; facts stay without it."""
    from passerelle.forgetting import forget as forget_learner

    settings = settings_of(school)
    settings.claim_home()
    done = forget_learner(settings, learner, by=by, reason=reason)
    if as_json:
        print(json.dumps(done.as_dict(), default=str, indent=2))
        return
    print(
        f"{done.learner_id} forgotten, as decided on {done.decided_on}: {done.batches} batches of the vault, "
        f"{done.notes} notes, {len(done.letters)} letters"
    )
    for letter in done.letters:
        print(f"  {letter.as_of} {letter.owner_id}: a mail that has left has to be deleted by its reader")
