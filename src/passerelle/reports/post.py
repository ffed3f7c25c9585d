"""Who carries the mails: the school's mail server, or a server of this machine's own that keeps them in a mailbox."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from passerelle.errors import ConfigError, UnreachableMailServer
from passerelle.reports.sent_log import State
from passerelle.settings import Settings

LOOPBACK = "127.0.0.1"
LOCAL_MAILBOX = "local mailbox"
TIMEOUT_SECONDS = 60
_ACCEPTED = 250
_READY_FOR_CONTENT = 354
_PERMANENT = 500


@dataclass(frozen=True, kw_only=True)
class Post:
    """How to reach one mail server.

    Attributes
    ----------
    name : str
        What the log calls it: the server's host, or `LOCAL_MAILBOX`.
    host, port : str, int
    security : {"starttls", "tls", "none"}
    user, password : str
        Empty where the server asks for none.
    ca_file : pathlib.Path or None
        Certificates to trust; the machine's own when not given.
    """

    name: str
    host: str
    port: int
    security: str = "none"
    user: str = ""
    password: str = ""
    ca_file: Path | None = None


@contextmanager
def post_of(settings: Settings) -> Iterator[Post]:
    """The school's mail server where the environment names one, else a local one that runs while the block does.

    Raises
    ------
    ConfigError
        The mails would come from nowhere, or a password would go over the network without TLS.
    """
    if settings.smtp_host is None:
        with local_post(settings.part("mailbox")) as post:
            yield post
        return
    if settings.mail_from is None:
        raise ConfigError(
            "PASSERELLE_SMTP_HOST is set, and PASSERELLE_MAIL_FROM is not",
            allowed="the address that the school's mails come from, and to which they come back",
            fix="PASSERELLE_MAIL_FROM in the environment or .env",
        )
    if settings.smtp_password and settings.smtp_security == "none" and settings.smtp_host != LOOPBACK:
        raise ConfigError(
            "PASSERELLE_SMTP_SECURITY is 'none' and a password is set: it would be readable on the network",
            allowed="starttls, tls",
            fix="PASSERELLE_SMTP_SECURITY in the environment or .env",
        )
    yield Post(
        name=settings.smtp_host,
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user or "",
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else "",
        ca_file=settings.smtp_ca_file,
    )


@contextmanager
def local_post(folder: Path) -> Iterator[Post]:
    """A mail server on this machine alone that puts what it gets in a Maildir: nothing leaves the machine."""
    from aiosmtpd.controller import Controller
    from aiosmtpd.handlers import Mailbox

    controller = Controller(Mailbox(folder), hostname=LOOPBACK, port=_free_port())
    folder.chmod(0o700)
    controller.start()
    try:
        yield Post(name=LOCAL_MAILBOX, host=LOOPBACK, port=controller.port)
    finally:
        controller.stop()


class Carrier:
    """One connection to a mail server, made when it is needed and made again when it breaks.

    Parameters
    ----------
    post : Post
    """

    def __init__(self, post: Post) -> None:
        self._post = post
        self._connection: smtplib.SMTP | None = None

    def carry(self, content: bytes, *, sender: str, recipient: str) -> tuple[State, str]:
        """Hand over one mail.

        Returns
        -------
        tuple
            ``sent``; ``refused`` or ``deferred`` with the server's code; ``sending`` when the connection broke
            while the content was on its way, so that nobody knows.

        Raises
        ------
        UnreachableMailServer
            It does not answer, or broke off before it was given the content.
        ConfigError
            It does not take the user and password.
        """
        connection = self._connected()
        try:
            answers = (lambda: connection.mail(sender), lambda: connection.rcpt(recipient))
            for code, _ in (answer() for answer in answers):
                if code not in (_ACCEPTED, 251):
                    connection.rset()
                    return _refusal(code)
            connection.putcmd("data")
            code, _ = connection.getreply()
        except OSError as error:
            self.close()
            raise self._unreachable(error) from error
        if code != _READY_FOR_CONTENT:
            return _refusal(code)
        return self._handed_over(connection, content)

    def _handed_over(self, connection: smtplib.SMTP, content: bytes) -> tuple[State, str]:
        stuffed = (b"\r\n" + content.removesuffix(b"\r\n")).replace(b"\r\n.", b"\r\n..")[2:]
        try:
            connection.send(stuffed + b"\r\n.\r\n")
            code, _ = connection.getreply()
        except OSError:
            self.close()
            return "sending", "the connection broke while the mail was on its way"
        return ("sent", "") if code == _ACCEPTED else _refusal(code)

    def close(self) -> None:
        """Say goodbye, if anybody is still there."""
        if self._connection is not None:
            with suppress(OSError):
                self._connection.quit()
            self._connection.close()
            self._connection = None

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            try:
                self._connection = self._open()
            except smtplib.SMTPAuthenticationError as error:
                raise ConfigError(
                    f"{self._post.name} does not take the user and password (code {error.smtp_code})",
                    fix="PASSERELLE_SMTP_USER and PASSERELLE_SMTP_PASSWORD",
                ) from error
            except OSError as error:
                raise self._unreachable(error) from error
        return self._connection

    def _open(self) -> smtplib.SMTP:
        post = self._post
        trust = ssl.create_default_context(cafile=post.ca_file) if post.security != "none" else None
        if post.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                post.host, post.port, timeout=TIMEOUT_SECONDS, context=trust
            )
        else:
            connection = smtplib.SMTP(post.host, post.port, timeout=TIMEOUT_SECONDS)
        with ExitStack() as if_refused:
            if_refused.callback(connection.close)
            if post.security == "starttls":
                connection.starttls(context=trust)
            connection.ehlo_or_helo_if_needed()
            if post.user:
                connection.login(post.user, post.password)
            if_refused.pop_all()
        return connection

    def _unreachable(self, error: Exception) -> UnreachableMailServer:
        return UnreachableMailServer(
            f"the mail server {self._post.name} ({self._post.security}) cannot be used: {type(error).__name__}",
            allowed="a server that answers, with a certificate of its own name that this machine trusts",
            fix="PASSERELLE_SMTP_HOST, _PORT, _SECURITY and _CA_FILE; mails that have left are not sent again",
        )


def _refusal(code: int) -> tuple[State, str]:
    """The server's code alone: its words often repeat the address."""
    return ("refused" if code >= _PERMANENT else "deferred"), f"the server answered {code}"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        port: int = free.getsockname()[1]
    return port
