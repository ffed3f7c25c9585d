"""Everything that a file of the state says, whatever it is packed in."""

import gzip
import html
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import duckdb
import pyarrow.parquet as pq


def texts(path: Path) -> Iterator[str]:
    """Everything that a file says: its bytes, and what its compression hides."""
    content = path.read_bytes()
    yield content.decode("latin-1")
    yield content.decode("utf-8", errors="replace")
    if path.suffix == ".gz":
        yield gzip.decompress(content).decode("utf-8", errors="replace")
    if path.suffix == ".parquet":
        yield str(pq.read_table(path).to_pydict())
    if path.suffix == ".duckdb":
        yield from tables(path)


def tables(path: Path) -> Iterator[str]:
    with duckdb.connect(str(path), read_only=True) as warehouse:
        named = warehouse.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        for schema, table in named:
            yield str(warehouse.execute(f'select * from "{schema}"."{table}"').to_arrow_table().to_pydict())


def read(path: Path) -> str:
    """A page as it is read, or both forms of a mail."""
    if path.suffix != ".eml":
        return html.unescape(path.read_text())
    mail = message_from_bytes(path.read_bytes(), policy=default)
    bodies = [mail.get_body((form,)) for form in ("plain", "html")]
    return str(mail.items()) + "".join(html.unescape(body.get_content()) for body in bodies if body)
