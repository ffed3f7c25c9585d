"""The addresses of the coach's desk, and what each of them does.

``GET`` shows and never records, so that a mail scanner that opens every link does no harm; only a ``POST`` that was
sent from the page itself, by the button, is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException

from passerelle.answer_book import Answer, AnswerBook
from passerelle.answer_links import VERDICTS, AnswerLink, answer_link, list_link, read_token, report_link
from passerelle.desk.choices import Choices, read_choices
from passerelle.desk.forms import LONGEST_NOTE, Sent, Wrong, checked
from passerelle.desk.guard import HEADERS, PAGE_POLICY, Guard, Refused
from passerelle.desk.pages import Pages, Phrases, preferred_language
from passerelle.desk.week import Learner, OwnList, Weeks
from passerelle.errors import (
    DeskError,
    LinkAltered,
    LinkElsewhere,
    LinkExpired,
    LinkRevoked,
    PasserelleError,
)
from passerelle.reports.index import entry_of
from passerelle.school import load_school
from passerelle.settings import Settings
from support_need.explain import sentence

REASONS = ("reason_1_code", "reason_2_code", "reason_3_code")
PROBLEMS: dict[type[DeskError], tuple[str, int]] = {
    LinkAltered: ("altered", 403),
    LinkExpired: ("expired", 410),
    LinkRevoked: ("revoked", 410),
    LinkElsewhere: ("elsewhere", 403),
}
Next = Callable[[Request], Awaitable[Response]]


def create_app(settings: Settings) -> FastAPI:
    """The web application of one school's desk.

    Raises
    ------
    ConfigError
        The school does not connect the system ``desk``.
    """
    desk = _Desk(settings)
    app = FastAPI(title="Passerelle", docs_url=None, redoc_url=None, openapi_url=None)
    app.middleware("http")(desk.guarded)
    app.add_api_route("/answer/{token}", desk.show, methods=["GET", "HEAD"])
    app.add_api_route("/answer/{token}", desk.take, methods=["POST"])
    app.add_api_route("/report/{token}", desk.show_report, methods=["GET", "HEAD"])
    app.add_api_route("/learner/{token}", desk.show_learner, methods=["GET", "HEAD"])
    app.add_api_route("/objection/{token}", desk.take_objection, methods=["POST"])
    app.add_api_route("/desk.css", desk.style, methods=["GET"])
    app.add_api_route("/health", desk.health, methods=["GET"])
    app.add_exception_handler(Refused, desk.refused)
    app.add_exception_handler(PasserelleError, desk.trouble)
    app.add_exception_handler(HTTPException, desk.missing)
    return app


class _Desk:
    """What one desk needs: its book of answers, the lists, the guards and the pages."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._school = load_school(settings.school)
        self._book = AnswerBook(settings).prepare()
        self._weeks, self._guard, self._pages = Weeks(settings), Guard(settings), Pages(settings)
        self._choices: dict[str, Choices] = {
            language: read_choices(settings.school, language) for language in self._school.languages
        }

    async def guarded(self, request: Request, proceed: Next) -> Response:
        """Check the size, let the request through, and give every answer its headers."""
        try:
            self._guard.refuse_large(request)
            response = await proceed(request)
        except Refused as problem:
            response = self.refused(request, problem)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def show(self, request: Request, token: str, verdict: str = "", saved: str = "") -> Response:
        """The coach's list, and the answer that the link is for; records nothing."""
        link, own = self._opened(request, token)
        proposed = Sent(verdict=verdict if verdict in VERDICTS else "")
        return self._answer_page(request, token, link, own, sent=proposed, is_saved=bool(saved))

    def take(
        self,
        request: Request,
        token: str,
        form: Annotated[str, Form()] = "",
        verdict: Annotated[str, Form()] = "",
        action: Annotated[str, Form()] = "",
        channel: Annotated[str, Form()] = "",
        follow_up: Annotated[str, Form()] = "",
        note: Annotated[str, Form()] = "",
    ) -> Response:
        """Keep an answer, once."""
        link, own = self._opened(request, token)
        self._guard.count_answer(link.coach)
        answer_id = self._guard.answer_id(request, token=token, form=form)
        sent = Sent(verdict=verdict, action=action, channel=channel, follow_up=follow_up, note=note)
        try:
            answer = checked(
                sent,
                answer_id=answer_id,
                enrolment_id=self._weeks.learner(own, link).enrolment_id,
                coach_id=own.coach_id,
                list_date=own.as_of,
                choices=self._choices[own.language],
                today=self._school.today(),
            )
        except Wrong as wrong:
            return self._answer_page(request, token, link, own, sent=sent, wrong=str(wrong), status=422)
        self._book.record(answer)
        return self._back_to(token)

    def show_report(self, request: Request, token: str) -> Response:
        """The page of the coach's report while everybody whom it names is still the coach's, else today's list."""
        _, own = self._opened(request, token)
        folder = self._settings.part("reports", own.as_of.isoformat())
        entry = entry_of(folder, own.coach_id)
        if entry is None or not own.learners.keys() >= set(entry.enrolments):
            return RedirectResponse(self._path("answer", token), status_code=303)
        return HTMLResponse(
            (folder / entry.page).read_bytes(), headers={"Content-Security-Policy": PAGE_POLICY}
        )

    def show_learner(self, request: Request, token: str, language: str = "") -> Response:
        """What the learner would see: the same facts, how to have them corrected, how to object."""
        link, own = self._opened(request, token)
        learner = self._weeks.learner(own, link)
        reader = language if language in self._school.languages else own.language
        page = self._pages.page(
            "learner",
            reader,
            name=self._name(learner, reader),
            facts=_facts(learner, reader),
            strength=_strength(learner, reader),
            as_of=own.as_of,
            school=self._school.name,
            languages=self._school.languages,
            back=self._path("answer", token),
        )
        return HTMLResponse(page)

    def take_objection(
        self,
        request: Request,
        token: str,
        form: Annotated[str, Form()] = "",
        objects: Annotated[str, Form()] = "",
    ) -> Response:
        """Keep that a learner objects to being scored, or no longer does."""
        link, own = self._opened(request, token)
        self._guard.count_answer(link.coach)
        objection_id = self._guard.answer_id(request, token=token, form=form)
        learner = self._weeks.learner(own, link)
        if objects not in ("yes", "no"):
            raise Refused("origin", 422)
        self._book.object_to_profiling(
            objection_id=objection_id,
            learner_id=learner.learner_id,
            has_objection=objects == "yes",
            recorded_by=own.coach_id,
        )
        return self._back_to(token)

    def style(self) -> Response:
        """The one stylesheet."""
        return Response(self._pages.style(), media_type="text/css")

    def health(self) -> Response:
        """Whether the desk answers."""
        return PlainTextResponse("ok")

    def refused(self, request: Request, problem: Exception) -> Response:
        """A page that says what to do, for a request that is not taken."""
        key, status = (problem.key, problem.status) if isinstance(problem, Refused) else ("missing", 404)
        accepted = request.headers.get("accept-language", "")
        language = preferred_language(
            accepted, self._school.languages, self._school.coaching.default_language
        )
        response = HTMLResponse(self._pages.page("problem", language, key=key), status_code=status)
        if status == 429:
            response.headers["Retry-After"] = "60"
        return response

    def trouble(self, request: Request, error: Exception) -> Response:
        """The same for a link that is not taken, and for a list that cannot be read."""
        key, status = (
            PROBLEMS.get(type(error), ("later", 503)) if isinstance(error, DeskError) else ("later", 503)
        )
        return self.refused(request, Refused(key, status))

    def missing(self, request: Request, error: Exception) -> Response:
        """The same for an address where nothing is."""
        return self.refused(
            request, Refused("missing", error.status_code if isinstance(error, HTTPException) else 404)
        )

    def _opened(self, request: Request, token: str) -> tuple[AnswerLink, OwnList]:
        """The link and the coach's list, if the link may be used here and now."""
        self._guard.refuse_persistent(request)
        try:
            link = read_token(self._settings, token, today=self._school.today())
            own = self._weeks.own_list(link)
            self._book.refuse_revoked(own.coach_id, own.as_of)
            if link.enrolment:
                self._weeks.learner(own, link)
        except DeskError:
            self._guard.count_refusal(request)
            raise
        self._guard.count_page(link.coach)
        return link, own

    def _answer_page(
        self,
        request: Request,
        token: str,
        link: AnswerLink,
        own: OwnList,
        *,
        sent: Sent,
        wrong: str = "",
        is_saved: bool = False,
        status: int = 200,
    ) -> Response:
        response = HTMLResponse(status_code=status)
        learner = self._weeks.learner(own, link) if link.enrolment else None
        answers = self._book.answers(coach_id=own.coach_id, enrolment_ids=set(own.learners))
        page = self._pages.page(
            "answer",
            own.language,
            school=self._school.name,
            own=own,
            last_day=link.last_day,
            learner=learner,
            **(self._known_of(learner, answers, own.language) if learner else {}),
            others=self._links(own, own.listed, answers, besides=learner),
            also=self._links(own, own.also, answers, besides=learner),
            sent=sent,
            wrong=wrong,
            is_saved=is_saved and bool(answers),
            choices=self._choices[own.language],
            verdicts=VERDICTS,
            form=self._guard.form_token(request, response, token=token),
            token=token,
            report=self._own_path(report_link(self._settings, coach_id=own.coach_id, as_of=own.as_of)),
            whole_list=self._own_path(list_link(self._settings, coach_id=own.coach_id, as_of=own.as_of)),
            today=self._school.today(),
            longest_note=LONGEST_NOTE,
        )
        response.body = page.encode()
        response.headers["content-length"] = str(len(response.body))
        return response

    def _known_of(self, learner: Learner, answers: list[Answer], language: str) -> dict[str, object]:
        """What the page says of the learner whom the link is about."""
        earlier = [answer for answer in answers if answer.enrolment_id == learner.enrolment_id]
        return {
            "name": self._name(learner, language),
            "facts": _facts(learner, language),
            "strength": _strength(learner, language),
            "before": [self._told(answer, language) for answer in earlier],
            "objects": self._book.objects(learner.learner_id),
        }

    def _links(
        self, own: OwnList, learners: list[Learner], answers: list[Answer], *, besides: Learner | None
    ) -> list[tuple[str, str, bool]]:
        """Name, address and whether it was answered, of everybody besides the learner of the page."""
        answered = {answer.enrolment_id for answer in answers if answer.list_date == own.as_of}
        return [
            (
                self._name(one, own.language),
                self._own_path(
                    answer_link(
                        self._settings, coach_id=own.coach_id, enrolment_id=one.enrolment_id, as_of=own.as_of
                    )
                ),
                one.enrolment_id in answered,
            )
            for one in learners
            if one is not besides
        ]

    def _told(self, answer: Answer, language: str) -> dict[str, object]:
        """An earlier answer in words."""
        choices = self._choices[language]
        parts = [
            choices.actions.get(answer.action_code or "", ""),
            choices.channels.get(answer.channel or "", ""),
            Phrases(language).date(answer.follow_up_date) if answer.follow_up_date else "",
        ]
        return {
            "date": answer.action_date or dt.date.min,
            "verdict": answer.verdict,
            "details": " · ".join(part for part in parts if part),
            "note": answer.note,
        }

    def _name(self, learner: Learner, language: str) -> str:
        return learner.name or Phrases(language).say("desk.pseudonym", short=learner.short)

    def _path(self, page: str, token: str) -> str:
        return f"{urlsplit(self._settings.desk_address).path}/{page}/{token}"

    def _own_path(self, address: str) -> str:
        return urlsplit(address).path

    def _back_to(self, token: str) -> Response:
        return RedirectResponse(f"{self._path('answer', token)}?saved=yes", status_code=303)


def _facts(learner: Learner, language: str) -> tuple[str, ...]:
    codes = (learner.row[name] for name in REASONS)
    return tuple(sentence(code, language, learner.row) for code in codes if isinstance(code, str))


def _strength(learner: Learner, language: str) -> str:
    code = learner.row["strength_1_code"]
    return sentence(code, language, learner.row, strength=True) if isinstance(code, str) else ""
