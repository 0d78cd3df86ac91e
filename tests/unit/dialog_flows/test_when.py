"""When candidates can be reached, from what they say. It is Wednesday, 18 November 2026, ten in the morning."""

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dialog_flows.when import when

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=SHANGHAI)

TIMES = {
    "en": {
        "tomorrow after three": "19 15:00 - 19 21:00",
        "Can you call tomorrow at half past two?": "19 14:30",
        "next Tuesday morning": "24 09:00 - 24 12:00",
        "on Friday at ten a.m.": "20 10:00",
        "Friday at 10:30 AM": "20 10:30",
        "in half an hour": "18 10:30",
        "in like an hour": "18 11:00",
        "in an hour and a half": "18 11:30",
        "give me twenty minutes": "18 10:20",
        "after work": "18 18:00 - 18 21:00",
        "After work would be better, like six thirty": "18 18:30",
        "this evening": "18 18:00 - 18 21:00",
        "tonight at eight": "18 20:00",
        "at nine": "19 09:00",
        "at quarter to five": "18 16:45",
        "before noon tomorrow": "19 09:00 - 19 12:00",
        "today at nine": "18 21:00",
        "by five": "18 10:00 - 18 17:00",
        "tomorrow between two and four": "19 14:00",
        "maybe next week": "23 09:00 - 27 21:00",
        "the day after tomorrow": "20 09:00 - 20 21:00",
        "on Wednesday": "25 09:00 - 25 21:00",
        "this weekend": "21 09:00 - 21 21:00",
        "on November 30th at noon": "30 12:00 - 30 14:00",
        "the twenty fifth of November": "25 09:00 - 25 21:00",
        "Tuesday or Wednesday after 4": "24 16:00 - 24 21:00",
    },
    "zh": {
        "明天下午三点以后": "19 15:00 - 19 18:00",
        "下周二上午可以吗": "24 09:00 - 24 12:00",
        "下个礼拜一": "23 09:00 - 23 21:00",
        "周五上午十点": "20 10:00",
        "这周五": "20 09:00 - 20 21:00",
        "半个小时以后再打": "18 10:30",
        "过一个小时吧": "18 11:00",
        "一个半小时以后": "18 11:30",
        "十分钟以后": "18 10:10",
        "等我下班再联系": "18 18:00 - 18 21:00",
        "晚上八点以后打给我": "18 20:00 - 18 21:00",
        "今晚": "18 18:00 - 18 21:00",
        "明早九点半": "19 09:30",
        "两点半": "18 14:30",
        "明天三点之前": "19 09:00 - 19 15:00",
        "后天上午我有空": "20 09:00 - 20 12:00",
        "大后天": "21 09:00 - 21 21:00",
        "下周": "23 09:00 - 27 21:00",
        "星期天": "22 09:00 - 22 21:00",
        "三十号下午": "30 12:00 - 30 18:00",
        "明天早上8点半": "19 08:30",
    },
}
NO_TIMES = {
    "en": ["later", "some other time", "not now", "give me a minute", "in 3", "for five years", "at", "after",
           "on the 31st of February", "this morning at nine a.m.", "about five people", "", "25 o'clock"],
    "zh": ["晚点", "改天吧", "慢一点", "具体一点", "等一分钟", "五年", "二月三十号", "", "以后", "一会儿", "二十五点"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said", "window"),
    [(language, said, window) for language, cases in TIMES.items() for said, window in cases.items()],
)
def test_a_time_is_understood(language: str, said: str, window: str) -> None:
    found = when(said, language, NOW)
    assert found is not None
    shown = [f"{each:%d %H:%M}" for each in (found.earliest, found.latest) if each]
    assert " - ".join(shown) == window
    assert found.earliest.tzinfo is SHANGHAI


@pytest.mark.parametrize(
    ("language", "said"), [(language, said) for language, cases in NO_TIMES.items() for said in cases]
)
def test_what_names_no_time(language: str, said: str) -> None:
    assert when(said, language, NOW) is None


def test_a_time_of_day_that_has_passed_is_tomorrow() -> None:
    evening = NOW.replace(hour=20)
    found = [when(said, "en", evening) for said in ("at three", "after work", "in the morning")]
    assert [f"{window.earliest:%d %H:%M}" for window in found if window] == ["19 15:00", "18 20:00", "19 09:00"]


def test_next_month_reaches_over_the_year() -> None:
    december = NOW.replace(month=12, day=30)
    found = (when("on January 5th", "en", december), when("下个月一号", "zh", december))
    assert [f"{window.earliest:%Y-%m-%d}" for window in found if window] == ["2027-01-05", "2027-01-01"]


def test_a_wait_is_real_time_when_the_clocks_change() -> None:
    before = datetime(2026, 11, 1, 0, 30, tzinfo=NEW_YORK)  # at 2:00 it is 1:00 again
    found = when("in three hours", "en", before)
    assert found is not None
    assert (found.earliest.timestamp() - before.timestamp(), found.earliest.hour) == (3 * 3600, 2)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "said",
    [
        "tomorrow " * 2000,
        "明天" * 2000,
        "in the " * 2000,
        "9" * 5000,
        "\x00\u202e😀",
        "in 99 months",
        "99点99分",
        "0点",
    ],
)
def test_odd_text_takes_no_time_and_raises_nothing(language: str, said: str) -> None:
    begun = time.process_time()
    when(said, language, NOW)
    assert time.process_time() - begun < 0.5
