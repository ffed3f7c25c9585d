"""The only importer of Great Expectations: the three gates, where data changes hands.

A gate holds each table that is about to pass against its suite in ``expectations/``. A critical failure raises and
nothing passes; a warning is carried into the summary. Either way the data docs say what was looked at:
``gates/<gate>/index.html`` in the state folder, readable without a network.
"""

from __future__ import annotations

import datetime as dt
import html
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from passerelle.errors import GateFailure
from passerelle.gates.findings import CheckedTable, Finding, GateResult, finding_of
from passerelle.gates.suites import EXPECTATIONS_DIR, Expectation, Gate, Suite, suite_of, suites_of
from passerelle.school import ENTITIES, School, load_school
from passerelle.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

DATA_DOCS_DIR = Path(__file__).parent / "data_docs"
RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": 200}
SCRIPT_OR_REMOTE = re.compile(
    r"<script\b.*?</script>|<(?:link|img)\b[^>]*https?://[^>]*>|url\(['\"]?https?://[^)]*\)|<footer\b.*?</footer>",
    re.DOTALL,
)
LOADS_NOTHING = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
)
LONG_AGO = dt.datetime.combine(dt.date(1900, 1, 1), dt.time())
LINK_TO_SITE = re.compile(r'href="\.\./[^"]*"')


class Landed(NamedTuple):
    """What had landed of a table before a load.

    Attributes
    ----------
    row_count : int
        Its rows, of the newest delivery only where each delivery is whole; a suite knows it as ``landed_row_count``.
    newest : datetime.datetime or None
        Its newest known-at date (UTC, naive).
    """

    row_count: int = 0
    newest: dt.datetime | None = None


def suite_tables(gate: Gate, *, folder: Path = EXPECTATIONS_DIR) -> list[str]:
    """Tables that a gate has a suite for."""
    return [suite.table for suite in suites_of(gate, folder)]


def check(
    gate: Gate,
    *,
    school: str,
    settings: Settings,
    frames: Mapping[str, pd.DataFrame],
    landed: Mapping[str, Landed] | None = None,
    day: dt.date | None = None,
    folder: Path = EXPECTATIONS_DIR,
) -> GateResult:
    """Hold every table against its suite, and write the data docs.

    A table without rows (nothing new tonight) is not asked about its values: only whether its newest known-at date
    is too old and, when nothing of it ever landed, whether it may be empty.

    Parameters
    ----------
    gate : {"raw", "marts", "scores"}
        Which suites.
    school : str
        Folder name under ``schools/``.
    settings : Settings
        Where the data docs go.
    frames : mapping
        Table (``sis.learner``, ``fct_enrolment_week``) to its rows.
    landed : mapping, optional
        Table to what had landed of it before this load; nothing where it is not given.
    day : datetime.date, optional
        Freshness is judged from here, and nothing may lie after it; a suite knows it as ``day``. The school's today
        by default.
    folder : pathlib.Path, optional
        Where the suites are.

    Returns
    -------
    GateResult
        Warnings, counts and where the data docs are.

    Raises
    ------
    GateFailure
        A critical expectation failed; the message tells all that failed.
    """
    found = {name: suite_of(gate, name, folder) for name in frames}
    suites = {name: suite for name, suite in found.items() if suite}
    judge = _Judge(_parameters(gate, load_school(school), day))
    before = landed or {}
    result = GateResult(
        gate=gate,
        tables=tuple(
            judge(suite, frames[name], before.get(name, Landed())) for name, suite in suites.items()
        ),
        unpromised=tuple(name for name in frames if name not in suites),
        docs_path=settings.part("gates", gate) / "index.html",
    )
    _write_data_docs(result)
    if not result.passed:
        raise _failure(result)
    return result


class _Judge:
    """One throw-away context of Great Expectations: a suite and rows in, findings and a page out."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        import great_expectations as gx
        from great_expectations.data_context.types.base import (
            DataContextConfig,
            InMemoryStoreBackendDefaults,
            ProgressBarsConfig,
        )
        from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
        from great_expectations.render.view import DefaultJinjaPageView

        config = DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),
        )
        self._gx, self._parameters = gx, parameters
        self._source = gx.get_context(project_config=config, mode="ephemeral").data_sources.add_pandas(
            "tables"
        )
        self._document = ValidationResultsPageRenderer().render
        self._page = DefaultJinjaPageView(custom_styles_directory=str(DATA_DOCS_DIR)).render

    def __call__(self, suite: Suite, frame: pd.DataFrame, landed: Landed) -> CheckedTable:
        """Findings of one table, and its page of the data docs."""
        asked, rows = _open_questions(suite, frame, landed)
        findings, page = self._judged(asked, rows, landed)
        return CheckedTable(suite=asked, row_count=len(frame), findings=findings, page=page)

    def _judged(self, suite: Suite, rows: pd.DataFrame, landed: Landed) -> tuple[tuple[Finding, ...], str]:
        promised = [expectation.model_dump() for expectation in suite.expectations]
        asset = self._source.add_dataframe_asset(suite.name)
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch(
            {"dataframe": _fit_to_judge(rows, suite)}
        )
        result = batch.validate(
            self._gx.ExpectationSuite(name=suite.name, expectations=promised, notes=suite.why),
            result_format=RESULT_FORMAT,
            expectation_parameters={**self._parameters, "landed_row_count": landed.row_count},
        )
        failed = (each.to_json_dict() for each in result.results if not each.success)
        findings = tuple(finding_of(each, table=suite.table, fix=suite.fix) for each in failed)
        for each in result.results:
            each.result, each.exception_info = _harmless(each.result), _harmless(each.exception_info)
        return findings, _self_contained(self._page(self._document(result)))


def _harmless(told: Any) -> Any:
    """The same in plain numbers and escaped texts: Great Expectations prints texts as they are, NumPy not at all."""
    if isinstance(told, dict):
        return {key: _harmless(value) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return [_harmless(value) for value in told]
    if isinstance(told, str):
        return html.escape(told)
    return told.item() if hasattr(told, "item") else told


def _self_contained(page: str) -> str:
    """A page of Great Expectations without what it would load from elsewhere; its links lead to our first page."""
    alone = LINK_TO_SITE.sub('href="index.html"', SCRIPT_OR_REMOTE.sub("", page))
    return alone.replace("<head>", f"<head>{LOADS_NOTHING}", 1)


def _parameters(gate: Gate, school: School, day: dt.date | None) -> dict[str, Any]:
    """What suites may refer to as ``$PARAMETER``, besides ``landed_row_count``."""
    day = day or school.today()
    parameters: dict[str, Any] = {"day": dt.datetime.combine(day, dt.time())}
    for entity in ENTITIES:
        fresh_from = school.freshness.fresh_from(entity, day)
        parameters[f"fresh_from_{entity}"] = school.midnight_utc(fresh_from) if fresh_from else LONG_AGO
    if gate == "scores":
        from support_need.features import FEATURE_NAMES

        parameters["reason_codes"] = list(FEATURE_NAMES)
    return parameters


def _open_questions(suite: Suite, frame: pd.DataFrame, landed: Landed) -> tuple[Suite, pd.DataFrame]:
    """The expectations that can be judged on this load, and the rows to judge them on."""
    if len(frame):
        asked = tuple(each for each in suite.expectations if not _is_mean_of_nothing(each, frame))
        return suite.model_copy(update={"expectations": asked}), frame
    kept = tuple(
        each
        for each in suite.expectations
        if (each.is_about_freshness and landed.newest) or (each.is_about_volume and not landed.row_count)
    )
    rows = frame.reindex([0]).assign(_known_at=landed.newest) if landed.newest else frame
    return suite.model_copy(update={"expectations": kept}), rows


def _is_mean_of_nothing(expectation: Expectation, frame: pd.DataFrame) -> bool:
    """Whether a mean is asked of a column without a single value, as a school without such an entity has."""
    column = expectation.kwargs.get("column")
    is_mean = expectation.type == "expect_column_mean_to_be_between"
    return is_mean and column in frame.columns and bool(frame[column].isna().all())


def _fit_to_judge(frame: pd.DataFrame, suite: Suite) -> pd.DataFrame:
    """The columns that the suite speaks about, for others cost time; Python dates as timestamps, which compare."""
    import pandas as pd

    asked = suite.columns
    kept = (
        frame
        if suite.is_about_all_columns
        else frame[[column for column in frame.columns if column in asked]]
    )
    objects = [column for column in kept.columns if kept[column].dtype == object]
    dates = [column for column in objects if pd.api.types.infer_dtype(kept[column], skipna=True) == "date"]
    return kept.assign(**{column: pd.to_datetime(kept[column]) for column in dates})


def _write_data_docs(result: GateResult) -> None:
    """Replace a gate's pages: one per table, and a first page that leads to them."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = result.docs_path.parent
    aside = folder.with_name(f".{folder.name}")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    pages = Environment(loader=FileSystemLoader(DATA_DOCS_DIR), autoescape=True, undefined=StrictUndefined)
    index = pages.get_template("index.html.j2").render(result=result)
    (aside / "index.html").write_text(index, encoding="utf-8")
    for table in result.tables:
        (aside / f"{table.suite.name}.html").write_text(table.page, encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)


def _failure(result: GateResult) -> GateFailure:
    places = len({finding.table for finding in result.failures})
    count = len(result.failures)
    head = f"gate {result.gate}: {count} critical expectation(s) failed in {places} table(s); nothing passes"
    return GateFailure(
        "\n".join([head, *(f"  {finding.paragraph}" for finding in result.failures)]),
        fix=f"each 'do' line above; what was looked at: {result.docs_path}",
    )
