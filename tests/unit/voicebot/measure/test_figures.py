from voicebot.measure.figures import Spread, spread


def test_a_spread_is_median_95th_percentile_and_longest():
    assert spread(range(101)) == Spread(101, 50, 95, 100)


def test_nothing_measured_has_no_spread():
    assert spread([]) is None
