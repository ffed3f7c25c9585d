"""How dlt is run: a frozen schema, bookmarks from the last acceptance, and errors that name a table, never a row."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from passerelle.errors import BadValue, PasserelleError, SchemaMismatch, SourceError, UnreachableSource
from passerelle.landing import ROW_GROUP_ROWS
from passerelle.sources.door import Place, landing_schema

if TYPE_CHECKING:
    from dlt import Schema
    from dlt.common.schema.typing import TColumnSchema
    from dlt.sources import DltResource

SOURCE = "school"
RAW = "__raw"
_DLT_TYPES = {"string": "text", "int64": "bigint", "double": "double", "bool": "bool", "date32[day]": "date"}
_SETTINGS = {
    "extract.next_item_mode": "fifo",
    "data_writer.row_group_size": ROW_GROUP_ROWS,
    "load.delete_completed_jobs": True,
}


def prepare_dlt() -> None:
    """Set dlt up for this process; to be called before anything else of dlt.

    What dlt reads as soon as it is touched must be in the environment by then: through ``dlt.config``, its telemetry
    would be on already. Without the last one it asks Airflow's database for each of its hundreds of settings.
    """
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"
    os.environ["PROVIDERS__ENABLE_AIRFLOW_SECRETS"] = "false"
    import dlt

    for name, value in _SETTINGS.items():
        dlt.config[name] = value


class TableTrouble(Exception):
    """A table that must be left out of a pull, by its name, and why."""

    def __init__(self, name: str, error: SourceError) -> None:
        super().__init__(name)
        self.name, self.error = name, error


def resource_name(place: Place) -> str:
    """Name of a table in dlt, which knows no dots."""
    return f"{place.system_name}__{place.table_name}"


def extracted_files(place: Place, folder: Path) -> list[Path]:
    """Parquet files of a table that dlt wrote under a folder."""
    return sorted((folder / "tables" / resource_name(place)).glob("*.parquet"))


def extract(resources: list[DltResource], *, places: list[Place], folder: Path, bookmarks: str) -> str:
    """Run dlt once over some tables.

    Parameters
    ----------
    resources : list of dlt.sources.DltResource
        One per place, named by :func:`resource_name`.
    places : list of Place
    folder : pathlib.Path
        An empty folder, for dlt's files and its working state.
    bookmarks : str
        How far each table was read before; empty the first time.

    Returns
    -------
    str
        How far each table is read now.

    Raises
    ------
    TableTrouble
        One table stopped the run; nothing of it counts.
    """
    import dlt
    from dlt.common import json
    from dlt.pipeline.exceptions import PipelineStepFailed

    pipeline = dlt.pipeline(
        pipeline_name=SOURCE,
        pipelines_dir=str(folder / "working"),
        destination=dlt.destinations.filesystem(bucket_url=folder.as_uri()),
        dataset_name="tables",
    )
    if bookmarks:
        with pipeline.managed_state() as state:
            state["sources"] = json.typed_loads(bookmarks)
    source = dlt.source(lambda: resources, section=SOURCE, schema=_frozen_schema(places))()
    try:
        pipeline.run(source, loader_file_format="parquet")
    except PipelineStepFailed as error:
        shutil.rmtree(folder, ignore_errors=True)  # dlt's trace of the failure may repeat a row
        raise _explained(error, places) from None
    return str(json.typed_dumps(pipeline.state.get("sources", {})))


def _frozen_schema(places: list[Place]) -> Schema:
    """What the school declares: dlt refuses any other column or type."""
    from dlt import Schema
    from dlt.common.schema.utils import new_table

    schema = Schema(SOURCE)
    for place in places:
        columns = [_column(field) for field in landing_schema(place.table)]
        schema.update_table(new_table(resource_name(place), write_disposition="append", columns=columns))
    schema.set_schema_contract({"tables": "freeze", "columns": "freeze", "data_type": "freeze"})
    return schema


def _column(field: pa.Field) -> TColumnSchema:
    if pa.types.is_timestamp(field.type):
        return {"name": field.name, "data_type": "timestamp", "timezone": False, "nullable": True}
    return {"name": field.name, "data_type": _DLT_TYPES[str(field.type)], "nullable": True}  # type: ignore[typeddict-item]


def _explained(failure: Exception, places: list[Place]) -> Exception:
    """Our own error for one of dlt's: its messages may repeat rows, so nothing of them is passed on."""
    from dlt.common.schema.exceptions import DataValidationError
    from sqlalchemy.exc import DBAPIError

    chain = _causes(failure)
    for error in chain:
        if isinstance(error, PasserelleError) and not isinstance(error, SourceError):
            return error
    pipe = next((str(error.pipe_name) for error in chain if hasattr(error, "pipe_name")), "").removesuffix(
        RAW
    )
    place = next((place for place in places if resource_name(place) == pipe), None)
    if place is None:
        return PasserelleError(f"dlt stopped: {', '.join(type(error).__name__ for error in chain)}")
    for error in chain:
        match error:
            case SourceError():
                return TableTrouble(place.name, error)
            case DBAPIError():
                return TableTrouble(
                    place.name, UnreachableSource(f"{place.name}: the database stopped answering")
                )
            case DataValidationError():
                return TableTrouble(
                    place.name, SchemaMismatch(f"{place.name}: dlt refuses an undeclared column or type")
                )
    return TableTrouble(place.name, _unreadable(place, chain))


def _unreadable(place: Place, chain: list[BaseException]) -> BadValue:
    column = next((f" in column '{error.field_name}'" for error in chain if hasattr(error, "field_name")), "")
    return BadValue(
        f"{place.name}: a value{column} does not fit the type that the database gives it ({type(chain[-1]).__name__})",
        allowed="; ".join(f"{name}: {kind}" for name, kind in place.table.columns.items()),
        fix="the database",
    )


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
