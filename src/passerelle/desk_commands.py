"""The command line of the coach's desk: ``passerelle desk ...``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from passerelle.command_options import AsOfOption, JsonOption, SchoolOption, chosen_monday, settings_of
from passerelle.errors import DeskError
from passerelle.school import parse_monday
from passerelle.settings import DEFAULT_SCHOOL, Settings

if TYPE_CHECKING:
    from support_need.effect import Effect

app = typer.Typer(no_args_is_help=True, help="The coach's desk, where a link in a report opens.")


#: Where the published warehouse has everybody whom a command of the desk may name.
KNOWN_IN = {"coach_id": "dim_coach", "learner_id": "fct_enrolment"}


def _refuse_unknown(settings: Settings, **named: str) -> None:
    """Stop at somebody whom the school does not know: a slip of the pen would be kept, and help nobody."""
    from passerelle.warehouse import Warehouse

    for column, who in named.items():
        table = KNOWN_IN[column]
        if who not in set(Warehouse(settings).frame(f"select {column} from {table}")[column]):
            raise DeskError(
                f"nobody is known as '{who}'",
                allowed=f"a {column} of {table}",
                fix=f'passerelle query "select {column} from {table}"',
            )


def _refuse_blank(**said: str) -> None:
    """Stop where nobody is named, or no reason: what is recorded is kept for good."""
    for option, text in said.items():
        if not text.strip():
            raise DeskError(
                f"--{option} says nothing", allowed="a few words", fix=f"--{option}: it is kept for good"
            )


def _told(text: str) -> None:
    typer.echo(text, err=True)


@app.command()
def link(
    coach_id: Annotated[str, typer.Argument(help="The coach, as `list_owner_id` of mart_risk_list.")],
    school: SchoolOption = DEFAULT_SCHOOL,
    as_of: AsOfOption = None,
) -> None:
    """Print the link to one coach's list, for a coach who has lost the mail."""
    from passerelle.answer_links import list_link

    settings = settings_of(school)
    _refuse_unknown(settings, coach_id=coach_id)
    print(list_link(settings, coach_id=coach_id, as_of=chosen_monday(school, as_of)))


@app.command(name="serve")
def serve_desk(school: SchoolOption = DEFAULT_SCHOOL) -> None:
    """Start the coach's desk on this machine, until Ctrl-C."""
    from passerelle.desk import serve

    settings = settings_of(school)
    settings.claim_home()
    _told(f"the coach's desk: {settings.desk_address}")
    serve(settings)


@app.command()
def revoke(
    coach_id: Annotated[str, typer.Argument(help="The coach, as `list_owner_id` of mart_risk_list.")],
    recorded_by: Annotated[str, typer.Option("--by", help="Who takes the links back.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    school: SchoolOption = DEFAULT_SCHOOL,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Only the list of this Monday.", show_default="all lists")
    ] = None,
) -> None:
    """Take back the links of one coach: what was answered stays, nothing more can be."""
    from uuid import uuid4

    from passerelle.answer_book import AnswerBook

    settings, monday = settings_of(school), parse_monday(as_of) if as_of else None
    _refuse_blank(by=recorded_by, reason=reason)
    _refuse_unknown(settings, coach_id=coach_id)
    AnswerBook(settings).prepare().revoke(
        revocation_id=uuid4().hex, coach_id=coach_id, list_date=monday, recorded_by=recorded_by, reason=reason
    )
    _told(f"links of {coach_id} taken back: {monday or 'all lists'}")


@app.command()
def objection(
    learner_id: Annotated[str, typer.Argument(help="The learner, as `learner_id` of the marts.")],
    recorded_by: Annotated[str, typer.Option("--by", help="Who records it, on the learner's request.")],
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="The objection is taken back.")] = False,
    school: SchoolOption = DEFAULT_SCHOOL,
) -> None:
    """Record that a learner objects to being scored: from the next Monday on nobody scores them."""
    from uuid import uuid4

    from passerelle.answer_book import AnswerBook

    settings = settings_of(school)
    _refuse_blank(by=recorded_by)
    _refuse_unknown(settings, learner_id=learner_id)
    AnswerBook(settings).prepare().object_to_profiling(
        objection_id=uuid4().hex, learner_id=learner_id, has_objection=not withdrawn, recorded_by=recorded_by
    )
    _told(f"{learner_id}: {'no longer objects' if withdrawn else 'objects'} to being scored")


@app.command()
def audit(
    school: SchoolOption = DEFAULT_SCHOOL,
    as_json: JsonOption = False,
) -> None:
    """Look through the trail of answers: was anything changed, left out or slipped in outside the desk."""
    from dataclasses import asdict

    from passerelle.answer_book import AnswerBook

    found = AnswerBook(settings_of(school)).prepare().audit()
    print(
        json.dumps(asdict(found), indent=2) if as_json else f"{found.entries} entries, newest {found.digest}"
    )
    if found.faults:
        raise DeskError(
            "the answers were changed outside the desk: " + "; ".join(found.faults[:3]),
            allowed="a trail in which every entry follows the one before it",
            fix="restore the desk's database from a backup, and find out who could write to it",
        )


@app.command()
def effect(
    school: SchoolOption = DEFAULT_SCHOOL,
    as_json: JsonOption = False,
) -> None:
    """Say whether being named on a list helped, as far as the published lists and outcomes can tell."""
    from passerelle.warehouse import Warehouse
    from support_need.effect import effect_at_the_cut, effect_of_the_lottery

    warehouse = Warehouse(settings_of(school))
    found = {"at the cut": effect_at_the_cut(warehouse.frame("select * from fct_listing"))}
    draws = warehouse.frame("select * from fct_list_draw")
    if len(draws):
        found["by lot"] = effect_of_the_lottery(draws)
    if as_json:
        print(json.dumps({design: effect.as_dict() for design, effect in found.items()}, indent=2))
        return
    for design, effect in found.items():
        print("\n".join(_effect_lines(design, effect)))


def _effect_lines(design: str, effect: Effect) -> Iterator[str]:
    yield (
        f"{design}: {effect.verdict.replace('_', ' ')}; outcome known of {effect.offered_count} learners with a place "
        f"and {effect.not_offered_count} without; about {effect.needed_count:,} would show a change of ten points"
    )
    if effect.difference is not None and effect.low is not None and effect.high is not None:
        low, high = 100 * effect.low, 100 * effect.high
        yield f"  difference {100 * effect.difference:+.0f} points (95 %: {low:+.0f} to {high:+.0f})"
