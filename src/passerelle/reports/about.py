"""What a report says about itself: what it lacks, how often it errs, where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from passerelle.reports.material import Row
from passerelle.reports.sources import StaleSource
from passerelle.reports.words import Words
from passerelle.school import School

#: Below this many names "most of them" is no sentence.
FEWEST_FOR_A_SHARE = 3


def stale_lines(sources: Iterable[StaleSource], school: School, words: Words) -> tuple[str, ...]:
    """One sentence per system whose data is incomplete: which facts, and since when."""
    return tuple(_stale_line(source, school, words) for source in sources)


def _stale_line(source: StaleSource, school: School, words: Words) -> str:
    fed = [entity for entity, systems in school.entities.items() if source.system in systems]
    texts = dict.fromkeys(words.say(f"facts.{entity}") for entity in fed)
    facts = words.listing(texts) or source.system
    facts = facts[:1].upper() + facts[1:]
    if source.last_date is None:
        return words.say("source.incomplete", facts=facts, system=source.system)
    return words.say(
        "source.incomplete_since", facts=facts, system=source.system, date=words.date(source.last_date)
    )


def listed_notice(
    listed: Sequence[Row], *, scored: Sequence[Row], school: School, words: Words
) -> tuple[str, ...]:
    """How many of the listed would be fine anyway, by the model's own count, and who decides; else why it is empty."""
    if not scored:
        return (words.say("listed.no_scores"),)
    if not listed:
        return (words.say("listed.nobody"),)
    deciding = (words.say("notice.person_decides"), words.say("listed.order"))
    return (*_expected_fine(listed, school, words), *deciding)


def _expected_fine(listed: Sequence[Row], school: School, words: Words) -> tuple[str, str]:
    fine = (
        int(sum(1 - float(row["support_need_probability"]) for row in listed) + 0.5)
        if _all_by_model(listed)
        else 0
    )
    if fine == 0 or len(listed) < FEWEST_FOR_A_SHARE:
        return words.say("notice.often_wrong"), words.say("notice.some_unknown")
    opening = words.say("notice.mostly_fine" if fine > len(listed) / 2 else "notice.often_wrong")
    some = "nearly_all" if fine == len(listed) else "some"
    return opening, words.say(f"notice.{some}_{school.model.ranked_by}", count=fine, listed=len(listed))


def about_lines(scored: Sequence[Row], words: Words) -> tuple[str, ...]:
    """Where the list comes from, what it never uses, and what it may never be used for."""
    duties = (words.say(f"about.{key}") for key in ("never_used", "no_consequence", "learner"))
    if not scored:
        return tuple(duties)
    versions = sorted({row["model_version"] for row in scored if isinstance(row["model_version"], str)})
    by_model = words.say("about.model", version=", ".join(versions))
    return (by_model if _all_by_model(scored) else words.say("about.plain_rule"), *duties)


def _all_by_model(rows: Sequence[Row]) -> bool:
    return all(row["basis"] == "model" for row in rows)
