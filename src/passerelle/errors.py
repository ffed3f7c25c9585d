"""Every error that Passerelle raises on purpose, in one tree.

Each one says what was found, what is allowed and where to fix it, and carries the exit code of the
command line::

    PasserelleError                     1
    ├── ConfigError                     2   school.toml, systems/*.toml, the environment, an as-of date
    ├── SourceError                     3   what a school's system sent us
    │   ├── UnreachableSource               no answer, no folder, no permission
    │   ├── SchemaMismatch                  a missing, extra or retyped column
    │   ├── BadFile                         cut in half, empty, wrong encoding
    │   ├── BadValue                        a value that does not fit its declared type
    │   ├── DuplicateKey                    one key and one known-at, two contents
    │   └── NationalNumberFound             never let in, never repeated in a message
    ├── GateFailure                     4   a critical expectation failed: the line stops
    ├── BuildError                      5   dbt failed: nothing was published
    ├── ModelError                      6   training or scoring could not be done
    ├── VaultError                      7   a wrong or missing key
    ├── ReportError                     8   a report could not be written, or not sent
    │   └── UnreachableMailServer           no answer, or not the server that it should be
    ├── QueryError                      9   a question that the warehouse cannot answer
    └── DeskError                       10  an answer that cannot be taken at the coach's desk
        ├── LinkAltered                     cut, changed, or of another school
        ├── LinkExpired                     its last day is over
        ├── LinkRevoked                     taken back by the school
        └── LinkElsewhere                   of another coach, learner or week
"""

from __future__ import annotations


class PasserelleError(Exception):
    """An error with a remedy.

    Parameters
    ----------
    found : str
        What was found, with the offending value; never a name or a national number.
    allowed : str, optional
        What would have been accepted.
    fix : str, optional
        Where to fix it: a file, a setting or a person.
    """

    exit_code = 1

    def __init__(self, found: str, *, allowed: str = "", fix: str = "") -> None:
        self.found, self.allowed, self.fix = found, allowed, fix
        lines = [found]
        if allowed:
            lines.append(f"  allowed: {allowed}")
        if fix:
            lines.append(f"  fix:     {fix}")
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.found, self.allowed, self.fix))


def _rebuild(kind: type[PasserelleError], found: str, allowed: str, fix: str) -> PasserelleError:
    """Rebuild an error on the other side of a process boundary."""
    return kind(found, allowed=allowed, fix=fix)


class ConfigError(PasserelleError):
    """A setting, a school.toml or an argument cannot be used."""

    exit_code = 2


class SourceError(PasserelleError):
    """A school's system sent something that cannot be taken in."""

    exit_code = 3


class UnreachableSource(SourceError):
    """A system does not answer."""


class SchemaMismatch(SourceError):
    """A table has a missing, an extra or a retyped column."""


class BadFile(SourceError):
    """A file is cut in half, empty or in the wrong encoding."""


class BadValue(SourceError):
    """A value does not fit the declared type of its column."""


class DuplicateKey(SourceError):
    """One key and one known-at date carry two different contents."""


class NationalNumberFound(SourceError):
    """A text column holds a Belgian national number; the value is never repeated."""


class GateFailure(PasserelleError):
    """A critical expectation failed."""

    exit_code = 4


class BuildError(PasserelleError):
    """dbt could not build or test the warehouse."""

    exit_code = 5


class ModelError(PasserelleError):
    """Training or scoring could not be done."""

    exit_code = 6


class VaultError(PasserelleError):
    """The vault cannot be opened."""

    exit_code = 7


class ReportError(PasserelleError):
    """A report could not be written, or not sent."""

    exit_code = 8


class UnreachableMailServer(ReportError):
    """The mail server does not answer, or is not the one that it should be."""


class QueryError(PasserelleError):
    """A query is not one select, or cannot be answered."""

    exit_code = 9


class DeskError(PasserelleError):
    """An answer cannot be taken at the coach's desk."""

    exit_code = 10


class LinkAltered(DeskError):
    """A link was cut or changed, or was signed with another key."""


class LinkExpired(DeskError):
    """The last day of a link is over."""


class LinkRevoked(DeskError):
    """The school has taken a link back."""


class LinkElsewhere(DeskError):
    """A link belongs to another coach, learner or week than it is used for."""
