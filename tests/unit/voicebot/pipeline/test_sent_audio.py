from voicebot.pipeline.sent_audio import SentAudio


def packet(value):
    return bytes([value, 0]) * 160


def values(pcm):
    return list(pcm[::2][::160])


def test_what_was_sent_lies_where_it_was_sent():
    sent = SentAudio()
    sent.add(packet(1), now_ms=1000)
    sent.add(packet(2), now_ms=1020)
    assert values(sent.last(100, now_ms=1060)) == [0, 1, 2, 0, 0]


def test_before_anything_was_sent_there_is_silence():
    assert values(SentAudio().last(60, now_ms=0)) == [0, 0, 0]


def test_it_does_not_grow():
    sent = SentAudio()
    for number in range(10_000):
        sent.add(packet(number % 256), now_ms=20 * (number + 1))
    assert len(sent._pcm) <= 2000 * 16
    assert values(sent.last(40, now_ms=200_000)) == [9998 % 256, 9999 % 256]


def test_packets_that_come_faster_than_the_clock_are_kept_in_order():
    sent = SentAudio()
    for value in (1, 2, 3):
        sent.add(packet(value), now_ms=20)
    assert values(sent.last(60, now_ms=20)) == [1, 2, 3]
