"""What a report says about itself: what it lacks, how often it errs, where it comes from."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from passerelle.reports.sources import StaleSource
from passerelle.reports.words import Words
from passerelle.school import School

#: Below this many names "most of them" is no sentence.
FEWEST_FOR_A_SHARE = 3


def stale_lines(sources: Iterable[StaleSource], school: School, words: Words) -> tuple[str, ...]:
    """One sentence per late system: which facts, since when, and that they were not judged."""
    return tuple(_stale_line(source, school, words) for source in sources)


def _stale_line(source: StaleSource, school: School, words: Words) -> str:
    fed = [entity for entity, systems in school.entities.items() if source.system in systems]
    texts = dict.fromkeys(words.say(f"facts.{entity}") for entity in fed)
    facts = words.listing(texts) or source.system
    facts = facts[:1].upper() + facts[1:]
    if source.last_date is None:
        return words.say("source.never", facts=facts, system=source.system)
    return words.say("source.late", facts=facts, system=source.system, date=words.date(source.last_date))


def listed_notice(listed: pd.DataFrame, school: School, words: Words) -> tuple[str, ...]:
    """How many of the listed would be fine anyway, by the model's own count, and who decides."""
    if listed.empty:
        return ()
    return (_expected_fine(listed, school, words), words.say("notice.person_decides"))


def _expected_fine(listed: pd.DataFrame, school: School, words: Words) -> str:
    fine = int((1 - listed["support_need_probability"].astype(float)).sum() + 0.5) if _all_by_model(listed) else 0
    if fine == 0 or len(listed) < FEWEST_FOR_A_SHARE:
        return words.say("notice.unknown")
    how = "mostly" if fine > len(listed) / 2 else "partly"
    return words.say(f"notice.{how}_{school.model.ranked_by}", count=fine, listed=len(listed))


def about_lines(rows: pd.DataFrame, words: Words) -> tuple[str, ...]:
    """Where the list comes from, what it never uses, and what it may never be used for."""
    scored = rows[rows["not_scored_reason"].isna()]
    versions = sorted(scored["model_version"].dropna().unique())
    if scored.empty:
        origin = words.say("about.no_scores")
    elif _all_by_model(scored):
        origin = words.say("about.model", version=", ".join(versions))
    else:
        origin = words.say("about.plain_rule")
    return (origin, *(words.say(f"about.{key}") for key in ("never_used", "no_consequence", "learner")))


def _all_by_model(rows: pd.DataFrame) -> bool:
    return bool((rows["basis"] == "model").all())
