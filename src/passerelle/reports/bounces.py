"""Mails that came back: delivery status notifications (RFC 3464) in the Maildir of the sender's address."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from email import message_from_binary_file, policy
from email.message import Message
from pathlib import Path


def returned(folder: Path) -> Iterator[tuple[str, str]]:
    """Message-ID and status code of every mail that a server says it could not deliver.

    Parameters
    ----------
    folder : pathlib.Path
        A Maildir; it is read and never changed. What is in it and is no such notification is passed over.
    """
    for path in sorted((*folder.glob("new/*"), *folder.glob("cur/*"))):
        with path.open("rb") as file:
            message = message_from_binary_file(file, policy=policy.compat32)
        status, message_id = _status(message), _returned_id(message)
        if status and message_id:
            yield message_id, status


def is_maildir(folder: Path) -> bool:
    """Whether a folder has the shape of a Maildir."""
    return all((folder / part).is_dir() for part in ("new", "cur"))


def _status(message: Message) -> str:
    """Code of the first recipient whose delivery failed for good; empty when none did."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for fields in part.get_payload():
                if isinstance(fields, Message) and fields.get("Action", "").strip().lower() == "failed":
                    return str(fields.get("Status", "5.0.0")).split()[0]
    return ""


def _returned_id(message: Message) -> str:
    """Message-ID of the mail that came back, as its own headers in the notification say it."""
    for part in message.walk():
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload(0)
            return str(inner.get("Message-ID", "")).strip() if isinstance(inner, Message) else ""
        if part.get_content_type() == "text/rfc822-headers":
            headers = str(part.get_payload())
            return str(mailbox.Message(headers).get("Message-ID", "")).strip()
    return ""
