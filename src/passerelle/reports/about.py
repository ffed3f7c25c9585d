"""What a report says about itself: what it lacks, how often it errs, where it comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import pandas as pd

from passerelle.reports.material import Row
from passerelle.reports.names import shown_name
from passerelle.reports.words import Words
from passerelle.school import School

#: Below this many names "most of them" is no sentence.
FEWEST_FOR_A_SHARE = 3


def stale_lines(stale: Iterable[Row], words: Words) -> tuple[str, ...]:
    """One sentence per systems and kinds of fact that have stopped coming, with the campuses and since when."""
    by_campus: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in stale:
        by_campus[row["systems"], row["campus"]].append(row)
    by_facts: dict[tuple[str, tuple[str, ...]], list[Row]] = defaultdict(list)
    for (systems, _), rows in by_campus.items():
        by_facts[systems, tuple(row["entity"] for row in rows)] += rows
    return tuple(
        _stale_line(systems, entities, rows, words) for (systems, entities), rows in by_facts.items()
    )


def _stale_line(systems: str, entities: Iterable[str], rows: Sequence[Row], words: Words) -> str:
    campuses = words.listing(dict.fromkeys(shown_name(row["campus"]) for row in rows))
    facts = words.listing(words.say(f"facts.{entity}") for entity in entities)
    known = [row["last_known_at"] for row in rows if not pd.isna(row["last_known_at"])]
    if not known:
        return words.say("source.silent", campuses=campuses, facts=facts, system=systems)
    since = words.date(max(known).date())
    return words.say("source.silent_since", campuses=campuses, facts=facts, system=systems, date=since)


def watch_line(checks: pd.DataFrame, words: Words) -> str:
    """What the watch over the model found that does not look like the past; empty where nothing."""
    loud = checks[checks["is_alarm"].astype(bool)]
    kinds = loud["check"].where(loud["check"] != "outcomes", loud["subject"])
    told = [words.say(f"watch.{kind}") for kind in dict.fromkeys(kinds)]
    return words.say("watch.found", what=words.listing(told)) if told else ""


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
