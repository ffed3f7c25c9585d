"""Real mail servers on this machine, with certificates and passwords, that a test can look into."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from passerelle.reports.post import LOOPBACK, _free_port

USER, PASSWORD = "passerelle", "a school's own word"


@dataclass
class Letterbox:
    """What a server was given; and how it answers a recipient, or everything (``"break"``: it hangs up)."""

    received: list[tuple[str, str, bytes]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    logins: int = 0

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, to: str, _: Any) -> str:  # noqa: N802
        if to in self.answers and self.answers[to][0] in "45":
            return self.answers[to]
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        (to,) = envelope.rcpt_tos
        if self.answers.get(to) == "break":
            server.transport.abort()
            return "250 never heard"
        assert isinstance(envelope.content, bytes)
        self.received.append((str(envelope.mail_from), to, envelope.content))
        return "250 taken"

    def recipients(self) -> list[str]:
        return [to for _, to, _ in self.received]

    def messages(self) -> list[Message]:
        return [message_from_bytes(content) for _, _, content in self.received]


@contextmanager
def mail_server(box: Letterbox, *, security: str = "none", certificate: Path | None = None) -> Iterator[int]:
    """Run a server on a free port while the block does; with TLS it asks for `USER` and `PASSWORD`."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

    def authenticated(server: SMTP, session: Session, envelope: Envelope, kind: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        fits = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        box.logins += fits
        return AuthResult(success=fits, handled=fits)

    controller = Controller(
        box,
        hostname=LOOPBACK,
        port=_free_port(),
        ssl_context=context if security == "tls" else None,
        tls_context=context if security == "starttls" else None,
        require_starttls=security == "starttls",
        authenticator=authenticated if context else None,
        auth_required=security == "starttls",
        auth_require_tls=security == "starttls",
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def certificate_for(name: str, folder: Path) -> Path:
    """A certificate that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    try:
        place: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        place = x509.DNSName(name)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([place]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
