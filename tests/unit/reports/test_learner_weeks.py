"""A listed learner's last weeks: the strip draws what the table says, and what is not known is not drawn as zero."""

from typing import Any

import pytest

from passerelle.reports.learner_weeks import BAR_HEIGHT, BAR_STEP, LearnerWeeks, learner_weeks
from passerelle.reports.words import Words

THREE_WEEKS = {
    "week_first_days": ["2026-11-02", "2026-11-09", "2026-11-16"],
    "planned_half_days": [10, 0, 8],
    "attended_half_days": [10, 0, 4],
    "open_assignments": [0, 1, 2],
    "active_days": [-1, 7, 3],
}


def weeks(language: str = "en", **changes: Any) -> LearnerWeeks | None:
    return learner_weeks(THREE_WEEKS | changes, Words(language))


def test_the_strip_fills_each_bar_by_its_share_and_writes_what_is_open_below() -> None:
    drawn = weeks()
    assert drawn is not None
    assert [(bar.height, bar.y, bar.below) for bar in drawn.bars] == [
        (BAR_HEIGHT, 0, "0"),
        (0, BAR_HEIGHT, "1"),
        (BAR_HEIGHT / 2, BAR_HEIGHT / 2, "2"),
    ]
    assert [later.x - bar.x for bar, later in zip(drawn.bars, drawn.bars[1:], strict=False)] == [BAR_STEP] * 2


def test_the_table_says_the_same_newest_first_and_a_dash_where_nothing_is_known() -> None:
    drawn = weeks()
    assert drawn is not None
    assert drawn.headings == ("Half-days attended", "Open work", "Days online")
    assert drawn.rows == (
        ("16 Nov", ("4 of 8", "2", "3 of 7")),
        ("9 Nov", ("–", "1", "7 of 7")),
        ("2 Nov", ("10 of 10", "0", "–")),
    )


@pytest.mark.parametrize(
    ("language", "caption", "spoken"),
    [
        ("en", "Attendance per week from Monday 2 to Sunday 22 November.", "10 of 10, – and 4 of 8"),
        (
            "nl",
            "Aanwezigheid per week van maandag 2 tot en met zondag 22 november.",
            "10 van 10, – en 4 van 8",
        ),
        ("fr", "Présence par semaine du lundi 2 au dimanche 22 novembre.", "10 sur 10, – et 4 sur 8"),
    ],
)
def test_whoever_does_not_see_the_strip_hears_it(language: str, caption: str, spoken: str) -> None:
    drawn = weeks(language)
    assert drawn is not None
    assert drawn.caption.startswith(caption)
    assert drawn.spoken.endswith(spoken)


def test_a_school_without_attendance_sees_days_online_and_no_work_where_none_is_known() -> None:
    unknown = [-1, -1, -1]
    drawn = weeks(planned_half_days=unknown, attended_half_days=unknown, open_assignments=unknown)
    assert drawn is not None
    assert drawn.headings == ("Days online",)
    assert drawn.caption == "Days seen online per week from Monday 2 to Sunday 22 November; a full bar is 7."
    assert {bar.below for bar in drawn.bars} == {""}


def test_a_week_whose_count_a_correction_made_senseless_is_not_drawn_beyond_its_bar() -> None:
    drawn = weeks(planned_half_days=[10, 10, 2], attended_half_days=[9, -3, 5])
    assert drawn is not None
    assert [row.cells[0] for row in drawn.rows] == ["2 of 2", "–", "9 of 10"]
    assert max(bar.height for bar in drawn.bars) == BAR_HEIGHT


def test_where_no_week_is_known_there_is_nothing() -> None:
    assert learner_weeks({}, Words("en")) is None
    assert learner_weeks({"week_first_days": float("nan")}, Words("en")) is None
    unknown = [-1, -1, -1]
    assert weeks(planned_half_days=unknown, active_days=unknown) is None
