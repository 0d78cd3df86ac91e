"""Who has picked up, by sounds that are made here: a voice, a line's noise, tones. Words come as text."""

import numpy as np
import pytest

from telephony.answered_by import AnsweredBy
from telephony.g711 import mulaw_to_pcm, pcm_to_mulaw
from telephony.pickup import LISTEN_MS, Pickup, Sign

GREETING = "Hi, this is Dave. You know what to do."
MAILBOX = "Please leave a message after the tone."


def tone(ms, *hz, level=0.2):
    at = np.arange(ms * 8) / 8000
    return sum(level / len(hz) * np.sin(2 * np.pi * each * at) for each in hz)


def silence(ms):
    return np.zeros(ms * 8)


def voice(ms, level=0.15):
    """Syllables of a wandering pitch with its harmonics, 4 a second."""
    at = np.arange(ms * 8) / 8000
    pitch = 140 + 25 * np.sin(2 * np.pi * 0.9 * at) + 8 * np.sin(2 * np.pi * 3.1 * at)
    phase = 2 * np.pi * np.cumsum(pitch) / 8000
    sound = sum(np.sin(n * phase) / n for n in range(1, 12))
    return level * sound * (0.55 - 0.45 * np.cos(2 * np.pi * 4 * at))


def pcm(*parts, noise_db=-60):
    sound = np.concatenate(parts)
    sound = sound + np.random.default_rng(1).normal(0, 10 ** (noise_db / 20), len(sound))
    samples = (np.clip(sound, -1, 1) * 32767).astype(np.int16).tobytes()
    return mulaw_to_pcm(pcm_to_mulaw(samples))


def news(pickup, *parts, noise_db=-60, chunk=320):
    """What the pickup tells while it hears this, in packets of `chunk` bytes."""
    heard = pcm(*parts, noise_db=noise_db)
    told = [pickup.hear(heard[at : at + chunk]) for at in range(0, len(heard), chunk)]
    return [each for each in told if each]


@pytest.mark.parametrize("hz", [(400,), (440,), (850,), (1000,), (1400,), (2000,), (440, 880), (600, 1400)])
@pytest.mark.parametrize("ms", [100, 250, 1000, 1900])
@pytest.mark.parametrize("noise_db", [-60, -35])
def test_a_message_is_left_after_the_beep(hz, ms, noise_db):
    pickup = Pickup()
    assert news(pickup, voice(3000), silence(600), noise_db=noise_db) == []
    assert pickup.understand(MAILBOX, reply=False) is AnsweredBy.MACHINE
    assert news(pickup, tone(ms, *hz), noise_db=noise_db) == []
    assert news(pickup, silence(1000), noise_db=noise_db) == [AnsweredBy.MACHINE_READY]
    assert Sign.BEEP in pickup.signs


def test_words_that_come_late_find_the_beep_noticed():
    pickup = Pickup()
    assert news(pickup, voice(3000), silence(300), tone(400, 1000), silence(800)) == []
    assert pickup.understand(MAILBOX, reply=False) is AnsweredBy.MACHINE_READY


def test_a_machine_without_a_beep_listens_once_it_is_silent():
    pickup = Pickup()
    news(pickup, voice(3000))
    assert pickup.understand(MAILBOX, reply=False) is AnsweredBy.MACHINE
    assert news(pickup, voice(2000), silence(3000)) == []
    assert news(pickup, silence(1000)) == [AnsweredBy.MACHINE_READY]


def test_a_greeting_of_no_known_wording_needs_a_beep_and_an_unanswered_question():
    pickup = Pickup()
    assert news(pickup, voice(3000), silence(300), tone(500, 1000), silence(6000)) == []
    assert pickup.understand(GREETING, reply=False) is None
    pickup.our_turn(speaking=False)
    assert news(pickup, silence(2500)) == []
    assert news(pickup, silence(1000)) == [AnsweredBy.MACHINE_READY]


def test_whoever_replies_after_a_beep_is_a_person():
    pickup = Pickup()
    news(pickup, voice(3000), silence(300), tone(500, 1000), silence(6000))
    pickup.our_turn(speaking=False)
    assert news(pickup, silence(2500), voice(1000), silence(8000)) == []
    assert pickup.who is AnsweredBy.HUMAN


@pytest.mark.parametrize(
    "parts",
    [
        (silence(800), voice(600), silence(9000)),
        (voice(5000), silence(6000)),
        (voice(20_000), silence(6000)),
        (voice(3000), tone(300, 697, 1209), silence(6000)),
        (voice(700), silence(200), tone(300, 1000), silence(6000)),
        (voice(3000), silence(6000), tone(300, 1000), silence(6000)),
        (voice(3000), tone(5000, 425), silence(6000)),
        (tone(1000, 450), silence(4000), tone(1000, 450), silence(4000), voice(500), silence(5000)),
        (tone(2000, 440, 480), silence(4000), tone(2000, 440, 480), silence(1000), voice(500), silence(5000)),
    ],
    ids="hello business-greeting monologue key hello-beep late-beep dial-tone ringing-zh ringing-us".split(),
)
@pytest.mark.parametrize("noise_db", [-60, -35])
def test_no_sound_alone_makes_a_machine_of_a_person(parts, noise_db):
    pickup = Pickup()
    pickup.our_turn(speaking=False)
    assert news(pickup, *parts, noise_db=noise_db) == []
    assert pickup.who is AnsweredBy.HUMAN


def test_what_people_say_too_needs_more_than_a_hint():
    pickup = Pickup()
    news(pickup, voice(4000), silence(1000))
    assert pickup.understand("I'm not available right now, call you back later.", reply=False) is None
    assert news(pickup, silence(20_000)) == []
    talking = Pickup()
    news(talking, voice(9000))
    assert talking.understand("I'm away from my desk. I'll call you back.", reply=False) is AnsweredBy.MACHINE


def test_two_replies_make_a_person_whatever_they_say_later():
    pickup = Pickup()
    assert pickup.understand("Yes.", reply=True) is None
    assert pickup.understand("Yes, it's me.", reply=True) is None
    assert pickup.settled
    assert pickup.understand(MAILBOX, reply=True) is None
    assert pickup.hear(pcm(voice(100))) is None


def test_a_screener_is_followed_until_a_person_comes():
    pickup = Pickup()
    news(pickup, voice(5000))
    asked = "Go ahead and say your name and why you're calling. The person you're calling uses a screening service."
    assert pickup.understand(asked, reply=False) is AnsweredBy.SCREENING
    assert pickup.understand("Thanks. Please stay on the line.", reply=True) is None
    assert pickup.who is AnsweredBy.SCREENING
    assert pickup.understand("Please state your name again.", reply=True) is AnsweredBy.SCREENING
    assert pickup.understand("Hello? This is Maya.", reply=True) is None
    assert pickup.who is AnsweredBy.HUMAN


def test_a_screener_may_hand_over_to_a_machine():
    pickup = Pickup()
    news(pickup, voice(3000))
    pickup.understand("我是机主的智能助理，请问您有什么事？", reply=False)
    assert pickup.understand("机主暂时不方便接听，请在滴声后留言。", reply=True) is AnsweredBy.MACHINE


def test_a_fax_answers():
    assert news(Pickup(), silence(1500), tone(3000, 2100)) == [AnsweredBy.FAX]


def test_a_fax_calls_while_it_is_called():
    heard = (tone(500, 1100), silence(3000), tone(500, 1100), silence(500))
    assert news(Pickup(), *heard, noise_db=-40) == [AnsweredBy.FAX]


@pytest.mark.parametrize("noise_db", [-80, -60, -50])
def test_nobody(noise_db):
    pickup = Pickup()
    assert news(pickup, silence(10_000), noise_db=noise_db) == []
    assert pickup.who is AnsweredBy.NONE


@pytest.mark.parametrize("chunk", [2, 318, 320, 1000, 65_536])
def test_packets_may_have_any_length(chunk):
    assert news(Pickup(), silence(200), tone(2000, 2100), chunk=chunk) == [AnsweredBy.FAX]


def test_it_gives_up_listening():
    pickup = Pickup()
    news(pickup, silence(LISTEN_MS), chunk=65_536)
    assert pickup.settled
