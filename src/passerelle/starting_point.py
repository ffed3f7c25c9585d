"""What a build starts from: the published warehouse where carrying on is exact, else nothing.

Exact means: the same SQL and choices, a Monday not before the published one, and no newly landed fact that was
known before it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from passerelle.errors import BuildError
from passerelle.school import School, load_school, load_system
from passerelle.settings import PROJECT_DIR, Settings
from passerelle.warehouse import BuildInfo, Warehouse

DBT_DIR = PROJECT_DIR / "dbt"


def variables(school: str, settings: Settings, *, as_of: dt.date, model_version: str = "") -> dict[str, Any]:
    """What dbt is told of the school; there are no other defaults."""
    chosen = load_school(school)
    return {
        "school": school,
        "as_of": as_of.isoformat(),
        "time_zone": chosen.time_zone,
        "clock_changes": clock_changes(ZoneInfo(chosen.time_zone), as_of),
        "landing": str(settings.part("landing", "_").parent),
        "enrolments_at_once": settings.enrolments_at_once,
        "systems": list(chosen.systems),
        "entities": {entity: list(systems) for entity, systems in chosen.entities.items()},
        "known_lag_days": chosen.known_lag_days,
        "fresh_from": {
            entity: str(chosen.freshness.fresh_from(entity, as_of))
            for entity in chosen.freshness.stale_after_days
        },
        "definition_id": chosen.outcome.definition_id,
        "target_rate": chosen.target_rate,
        "capacity": chosen.coaching.capacity,
        "lottery_places": chosen.coaching.lottery.places if chosen.coaching.lottery else 0,
        "lottery_seed": chosen.coaching.lottery.seed if chosen.coaching.lottery else "",
        "ranked_by": chosen.model.ranked_by,
        "model_version": model_version,
    }


def clock_changes(zone: ZoneInfo, as_of: dt.date) -> list[dict[str, Any]]:
    """When a window of ten years opens and each change of the clocks in it, in UTC, with the offset from there on.

    No zone changes its clocks twice in a day, so only the minutes of a day whose two ends differ are looked at.
    """
    minute = dt.timedelta(minutes=1)
    end = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time(), dt.UTC)
    days = [end - dt.timedelta(days=days) for days in range(3654, -1, -1)]
    moments = [days[0]]
    for low, high in itertools.pairwise(days):
        if _offset(zone, low) != _offset(zone, high):
            minutes = [low + number * minute for number in range(1, (high - low) // minute + 1)]
            before = _offset(zone, low)
            moments.append(next(moment for moment in minutes if _offset(zone, moment) != before))
    return [
        {"at": moment.strftime("%Y-%m-%d %H:%M:%S"), "offset_microseconds": _offset(zone, moment)}
        for moment in moments
    ]


def _offset(zone: ZoneInfo, moment: dt.datetime) -> int:
    """Microseconds that the zone's clocks are ahead of UTC at that moment."""
    return (moment.astimezone(zone).utcoffset() or dt.timedelta()) // dt.timedelta(microseconds=1)


def _fingerprint(told: dict[str, Any]) -> str:
    """Digest of all that decides what is carried on, but for the Monday and the landing; lists are made anew."""
    anew = (
        "as_of",
        "clock_changes",
        "enrolments_at_once",
        "fresh_from",
        "landing",
        "lottery_places",
        "lottery_seed",
        "model_version",
    )
    choices = {key: value for key, value in told.items() if key not in anew}
    digest = hashlib.sha256(json.dumps(choices, sort_keys=True).encode())
    sources = [path for part in ("models", "macros", "seeds") for path in (DBT_DIR / part).rglob("*")]
    for path in sorted(path for path in sources if path.suffix in (".sql", ".csv")):
        digest.update(path.relative_to(DBT_DIR).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def starting_point(
    school: str,
    settings: Settings,
    *,
    as_of: dt.date,
    select: str | None = None,
    full_refresh: bool = False,
) -> tuple[Path | None, str]:
    """The file that a build would carry on from, None for nothing, and why.

    Raises
    ------
    BuildError
        A part is asked for of a Monday that has no warehouse.
    """
    warehouse = Warehouse(settings)
    if select:
        if not warehouse.stands(as_of):
            raise BuildError(
                f"no warehouse of {as_of} to build the part '{select}' on",
                allowed=f"one of {', '.join(warehouse.kept()) or 'none yet'}",
                fix=f"run `passerelle build --as-of {as_of}` and publish it first",
            )
        return warehouse.version(as_of), f"only the part '{select}'"
    if full_refresh:
        return None, "asked for"
    published = warehouse.info(warehouse.published)
    if published is None:
        return None, "nothing is published yet"
    if published.as_of > as_of:
        return None, f"the published warehouse is of {published.as_of}, later than this Monday"
    info = build_info(school, settings, as_of)
    if published.fingerprint != info.fingerprint:
        return None, "the SQL or the school's choices have changed"
    reason = _reach_back(school, settings, published, info.landed)
    return (None, reason) if reason else (warehouse.published, f"carried on from {published.as_of}")


def build_info(school: str, settings: Settings, as_of: dt.date) -> BuildInfo:
    """What a build as of that Monday would be made from."""
    told = variables(school, settings, as_of=as_of)
    return BuildInfo(
        as_of=as_of, fingerprint=_fingerprint(told), landed=_landed_files(load_school(school), settings)
    )


def _reach_back(school: str, settings: Settings, published: BuildInfo, landed: dict[str, int]) -> str:
    """Why the landing no longer agrees with what was built from it; empty when it does."""
    changed = [name for name, size in published.landed.items() if landed.get(name) != size]
    if changed:
        return f"{changed[0]} is gone or has changed"
    midnight = load_school(school).midnight_utc(published.as_of)
    for name in landed.keys() - published.landed.keys():
        system, table, _ = Path(name).parts
        earliest = _earliest_known_at(settings.part("landing", name))
        is_dated = load_system(school, system).tables[table].known_at != "landed_at"
        if earliest is not None and (earliest < midnight or not is_dated):
            return f"{name} holds facts known before {published.as_of}"
    return ""


def _earliest_known_at(path: Path) -> dt.datetime | None:
    """When the first fact of a landed file was known, in UTC; None when it has no rows."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    known_at = pq.read_table(path, columns=["_known_at"]).column("_known_at")
    return pc.min(known_at).as_py()


def _landed_files(school: School, settings: Settings) -> dict[str, int]:
    landing = settings.part("landing", "_").parent
    return {
        path.relative_to(landing).as_posix(): path.stat().st_size
        for system in school.systems
        for path in sorted(landing.glob(f"{system}/*/*.parquet"))
    }
