"""What stands before every page: headers, limits, and proof that a form was sent from the page itself."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit
from uuid import uuid4

from fastapi import Request, Response
from itsdangerous import BadData, URLSafeTimedSerializer
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from passerelle.settings import Settings
from passerelle.vault_keys import VaultKeys

COOKIE = "desk_form"
FORM_VALID_SECONDS = 12 * 3600
LONGEST_BODY_BYTES = 64 * 1024
PAGES_PER_COACH, ANSWERS_PER_COACH = parse("120/minute"), parse("40/minute")
#: A stranger who tries addresses is stopped; a coach who opens an old link a few times is not.
REFUSED_PER_ADDRESS = parse("30/minute")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # With no-referrer a browser would hide the origin of a form that it sends.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
#: A report carries its style in itself, and nothing else.
PAGE_POLICY = HEADERS["Content-Security-Policy"].replace("style-src 'self'", "style-src 'unsafe-inline'")


class Refused(Exception):
    """A request that is not taken; says which text explains it, and the status."""

    def __init__(self, key: str, status: int) -> None:
        super().__init__(key)
        self.key, self.status = key, status


class Guard:
    """The guards of one desk.

    Parameters
    ----------
    settings : Settings
        Names the address of the desk and the school's key.
    """

    def __init__(self, settings: Settings) -> None:
        parts = urlsplit(settings.desk_address)
        self._origin, self._is_secure = f"{parts.scheme}://{parts.netloc}", parts.scheme == "https"
        key = VaultKeys(settings, settings.part("vault")).derived("desk form")
        self._forms = URLSafeTimedSerializer(key)
        self._limits = MovingWindowRateLimiter(MemoryStorage())

    def count_page(self, coach: str) -> None:
        """Stop a coach's link that is opened far too often."""
        if not self._limits.hit(PAGES_PER_COACH, "page", coach):
            raise Refused("too_many", 429)

    def count_answer(self, coach: str) -> None:
        """Stop a coach's link that answers far too often."""
        if not self._limits.hit(ANSWERS_PER_COACH, "answer", coach):
            raise Refused("too_many", 429)

    def refuse_persistent(self, request: Request) -> None:
        """Stop an address from which too many links were refused."""
        if not self._limits.test(REFUSED_PER_ADDRESS, "refused", _address(request)):
            raise Refused("too_many", 429)

    def count_refusal(self, request: Request) -> None:
        """Remember a refused link."""
        self._limits.hit(REFUSED_PER_ADDRESS, "refused", _address(request))

    def form_token(self, request: Request, response: Response, *, token: str) -> str:
        """What a form carries: good for this browser and this link, and for one answer."""
        cookie = request.cookies.get(COOKIE) or secrets.token_urlsafe(24)
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=FORM_VALID_SECONDS,
            httponly=True,
            samesite="strict",
            secure=self._is_secure,
        )
        return self._forms.dumps([cookie, token, uuid4().hex])

    def answer_id(self, request: Request, *, token: str, form: str) -> str:
        """The name of the one answer that a form is good for.

        Raises
        ------
        Refused
            Sent from elsewhere, from another browser, for another link, or too long after it was opened.
        """
        if request.headers.get("origin") != self._origin:
            raise Refused("origin", 403)
        try:
            cookie, of_token, answer_id = self._forms.loads(form, max_age=FORM_VALID_SECONDS)
        except (BadData, ValueError):
            raise Refused("origin", 403) from None
        sent = request.cookies.get(COOKIE, "")
        if not secrets.compare_digest(sent.encode(), cookie.encode()) or of_token != token:
            raise Refused("origin", 403)
        return str(answer_id)

    def refuse_large(self, request: Request) -> None:
        """Stop a body that is too long, or does not say how long it is."""
        length = request.headers.get("content-length", "")
        if request.method == "POST" and not (length.isdigit() and int(length) <= LONGEST_BODY_BYTES):
            raise Refused("missing", 413)


def _address(request: Request) -> str:
    return request.client.host if request.client else "nowhere"
