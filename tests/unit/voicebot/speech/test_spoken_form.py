import pytest

from voicebot.speech.spoken_form import spoken_form


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Do you use CI/CD?", "Do you use C I, C D?"),
        ("Node.js, C# and PostgreSQL.", "Node J S, C sharp and post gress Q L."),
        ("Call 555 01 00.", "Call 5 5 5, 0 1, 0 0."),
        ("Call 5 5 5, 0 1, 0 0.", "Call 5 5 5, 0 1, 0 0."),
        ("Call (415) 555-0199 again.", "Call 4 1 5, 5 5 5, 0 1 9 9 again."),
        ("Call +14155550123, please.", "Call plus 1 4 1 5 5 5 5 0 1 2 3, please."),
    ],
)
def test_respelled(written: str, spoken: str) -> None:
    assert spoken_form(written) == spoken


@pytest.mark.parametrize(
    "text",
    [
        "About ten to 15 minutes.",
        "It pays $120,000 a year from May 3rd, 2027.",
        "Between 5-10 people, in 2015 2020 of them.",
        "CI/CDs and C++ over HTTP with a REST API in SQL.",
    ],
)
def test_left_as_it_stands(text: str) -> None:
    assert spoken_form(text) == text
