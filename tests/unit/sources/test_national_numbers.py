"""National numbers are found however they are written, and few other figures are taken for one."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.sources.national_numbers import first_national_number, holds_national_number


@pytest.mark.parametrize(
    "text",
    [
        "85073003328",
        "85.07.30-033.28",
        "85 07 30 033 28",
        "85\u00a007\u00a030 033\u202f28",
        "INSZ 85073003328, dossier 12",
        "(85.07.30-033.28)",
        "85/07/30-033/28",
        "00012556777",
        "85473003317",
        "x85073003328y",
        "+85073003328",
    ],
)
def test_a_national_or_bis_number_is_found(text):
    assert holds_national_number(text)
    assert first_national_number(pa.array(["harmless", None, text])) == 2


@pytest.mark.parametrize(
    "text",
    [
        "85073003329",
        "185073003328",
        "850730033281",
        "2026-11-23 21:00:00",
        "BE 0403.019.261",
        "",
        "+32470123456",
    ],
)
def test_other_figures_are_let_in(text):
    assert not holds_national_number(text)
    assert first_national_number(pa.array([text])) is None


def test_only_a_figure_that_is_nothing_else_counts_in_columns_of_figures():
    texts = pa.array(["0.85073003328", "85073003328"])
    assert first_national_number(texts, anywhere=False) == 1
    assert first_national_number(texts.slice(0, 1), anywhere=False) is None


@pytest.mark.parametrize("text", ["0470 12 34 56", "+32 (0)470/12.34.56", "0032 470 12 34 56", "32470000031"])
def test_a_belgian_phone_number_is_let_in_where_phone_numbers_are_expected(text):
    assert not holds_national_number(text, is_phone=True)


def test_a_national_number_is_no_phone_number():
    assert holds_national_number("85073003328", is_phone=True)
    assert holds_national_number("32470000031"), "the same digits, where no phone number is expected"


@given(
    st.integers(0, 99),
    st.integers(1, 12),
    st.integers(1, 28),
    st.integers(1, 998),
    st.sampled_from(["", " ", ".", "-"]),
)
def test_every_number_that_can_be_given_out_is_found(year, month, day, counter, gap):
    nine = int(f"{year:02}{month:02}{day:02}{counter:03}")
    digits = f"{nine:09}{97 - nine % 97:02}"
    parts = [digits[:2], digits[2:4], digits[4:6], digits[6:9], digits[9:]]
    assert holds_national_number(f"no. {gap.join(parts)}!")
