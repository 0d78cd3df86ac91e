import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import MalformedMessage
from telephony import media_stream as wire

START = """{"event":"start","sequenceNumber":"1","streamSid":"MZ1","start":{"streamSid":"MZ1","accountSid":"AC1",
"callSid":"CA1","tracks":["inbound"],"customParameters":{"token":"t"},
"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}"""
MEDIA = """{"event":"media","sequenceNumber":"4","streamSid":"MZ1",
"media":{"track":"inbound","chunk":"2","timestamp":"20","payload":"//8="}}"""


def test_a_carriers_messages_are_read_as_documented():
    assert wire.from_carrier('{"event":"connected","protocol":"Call","version":"1.0.0"}') == wire.Connected()
    start = wire.from_carrier(START)
    assert isinstance(start, wire.Start)
    assert start.start.custom_parameters == {"token": "t"}
    media = wire.from_carrier(MEDIA)
    assert isinstance(media, wire.Media)
    assert (media.media.payload, media.media.timestamp, media.sequence_number) == (b"\xff\xff", 20, 4)


def test_a_field_that_we_do_not_know_is_no_reason_to_drop_audio():
    assert wire.from_carrier(MEDIA.replace('"event"', '"newIn2027":{},"event"'))


@pytest.mark.parametrize(
    "message",
    [
        wire.Media(stream_sid="MZ1", media=wire.MediaBody(payload=bytes(range(256)))),
        wire.Mark(stream_sid="MZ1", mark=wire.MarkBody(name="disclosure-1")),
        wire.Clear(stream_sid="MZ1"),
    ],
)
def test_what_we_send_reads_back_the_same(message):
    assert wire.to_carrier(wire.encode(message)) == message


def test_numbers_travel_as_text_as_carriers_send_them():
    body = wire.MediaBody(payload=b"\xff", timestamp=20, chunk=2)
    sent = json.loads(wire.encode(wire.Media(stream_sid="MZ1", sequence_number=3, media=body)))
    assert sent["sequenceNumber"] == "3"
    assert sent["media"] == {"payload": "/w==", "timestamp": "20", "chunk": "2"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "message"),
        ("hello", "message"),
        ("[]", "message"),
        ("null", "message"),
        ('{"event":"dance"}', "message"),
        ('{"media":{"payload":""}}', "message"),
        ('{"event":"media"}', "media.media"),
        (MEDIA.replace("//8=", "//8"), "payload is not base64"),
        (MEDIA.replace('"//8="', "17"), "payload must be base64 text"),
        (MEDIA.replace('"20"', '"-1"'), "timestamp"),
        (MEDIA.replace('"20"', '"soon"'), "timestamp"),
        (START.replace("8000", "16000"), "sampleRate"),
        ('{"event":"dtmf","dtmf":{"digit":"12"}}', "digit"),
        ('{"event":"mark","mark":{"name":""}}', "name"),
        (b"\x00\x01", "binary"),
        ('{"event":"connected","protocol":"' + "x" * wire.MAX_MESSAGE_BYTES + '"}', "characters"),
    ],
)
def test_a_malformed_message_is_named(text, complaint):
    with pytest.raises(MalformedMessage, match=complaint):
        wire.from_carrier(text)


@given(
    st.text()
    | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["event", "media", "start", "payload", "mark"]), inner)
        ),
    ).map(json.dumps)
)
def test_no_text_whatever_gets_past_as_another_error(text):
    with contextlib.suppress(MalformedMessage):
        wire.from_carrier(text)


def packet(timestamp_ms, fill=b"\x01"):
    return wire.MediaBody(payload=fill * 160, timestamp=timestamp_ms)


def test_audio_in_step_passes_unchanged():
    timeline = wire.Timeline()
    assert [len(timeline.place(packet(at))) for at in (1000, 1020, 1040)] == [160, 160, 160]
    assert timeline.now_ms == 60


def test_lost_packets_become_silence_so_that_the_clock_keeps_step():
    timeline = wire.Timeline()
    timeline.place(packet(0))
    assert timeline.place(packet(120)) == wire.SILENCE * 800 + b"\x01" * 160
    assert (timeline.now_ms, timeline.lost_ms) == (140, 100)


def test_late_and_repeated_packets_are_dropped():
    timeline = wire.Timeline()
    for at in range(0, 200, 20):
        timeline.place(packet(at))
    assert timeline.place(packet(40)) == b""
    assert timeline.now_ms == 200
    assert timeline.late_ms == 20


def test_a_packet_that_comes_twice_is_heard_once():
    timeline = wire.Timeline()
    numbers = [0, 1, 1, 2, 3, 3, 4, 2, 5, 5, 6]
    placed = b"".join(timeline.place(numbered(number)) for number in numbers)
    assert placed == b"".join(bytes([number]) * 160 for number in range(7))
    assert (timeline.now_ms, timeline.lost_ms, timeline.late_ms) == (140, 0, 80)


def test_packets_that_change_places_leave_the_clock_in_step():
    timeline = wire.Timeline()
    for number in (0, 2, 1, 3, 5, 4, 6, 8, 7, *range(9, 100)):
        timeline.place(numbered(number))
    assert abs(timeline.now_ms - 2000) < wire.Timeline.JITTER_MS


def test_a_broken_number_does_not_silence_the_call():
    timeline = wire.Timeline()
    for number in (0, 1, 10**9, *range(2, 50)):
        timeline.place(wire.MediaBody(payload=b"\x01" * 160, chunk=number))
    assert timeline.now_ms == 51 * 20


def numbered(number):
    return wire.MediaBody(payload=bytes([number]) * 160, timestamp=number * 20, chunk=number + 1)


def test_a_clock_that_rounds_is_in_step():
    timeline = wire.Timeline()
    assert all(len(timeline.place(packet(at))) == 160 for at in (0, 21, 39, 60, 81, 100))
    assert timeline.lost_ms == timeline.late_ms == 0


def test_a_broken_timestamp_does_not_fill_the_memory_with_silence():
    timeline = wire.Timeline()
    timeline.place(packet(0))
    assert len(timeline.place(packet(10**12))) == 160
    assert len(timeline.place(packet(10**12 + 20))) == 160


def test_without_timestamps_audio_is_taken_as_it_comes():
    timeline = wire.Timeline()
    assert timeline.place(wire.MediaBody(payload=b"\x01" * 160)) == b"\x01" * 160
    assert timeline.now_ms == 20
