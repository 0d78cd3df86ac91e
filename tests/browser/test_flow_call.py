"""A recruiter telephones with a flow from its page: a real browser whose microphone plays what a candidate says."""

import shutil
import wave
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files

import numpy as np
import pytest
from visitor import Visitor, serving

from dialog_flows import loader
from dialog_flows.engine import lines
from models.audio import TELEPHONE_RATE_HZ, ms_to_bytes
from telephony.g711 import mulaw_to_pcm
from voicebot import filling
from voicebot.archive.store import open_archive
from voicebot.settings import Settings
from voicebot.speech.model_store import ModelStore
from voicebot.speech.piper import PiperVoice
from voicebot.speech.speech_cache import SpeechCache

DESKTOP, PHONE = 1280, 375
SAYS = (
    ("May I record our conversation?", "Yes, that is fine."),
    ("Am I speaking with Ravi?", "Yes, speaking."),
    ("Is now a good time?", "Yes, it is."),
    ("Please tell me about a project that you finished.", "I built a search engine for the city library."),
)
TO_CONNECT_MS, TO_REPLY_MS = 1500, 900
"""About how long it takes until the first line begins, and from an answer to the line that follows."""
THINKS_MS = 2500
"""The candidate answers so long after a line: were the machine that much faster or slower, they would still fit."""
LOUDEST = """window.loudest = {mine: 0, theirs: 0};
setInterval(() => document.querySelectorAll("meter").forEach(
  (meter) => loudest[meter.className] = Math.max(loudest[meter.className], meter.value)), 50);"""


@dataclass
class Stage:
    url: str
    home: object
    flow: object
    browser: object
    cache: object


@pytest.fixture(scope="module")
def flow(short_flow):
    """In English alone, whose voice is quick; with patience."""
    text = short_flow.source.text.replace("also_in: [zh]\n", "").replace("silence_seconds: 2.5", "silence_seconds: 9")
    return loader.parse(text, "flow")


@pytest.fixture(scope="module")
def speak(cache):
    """English as the interviewer speaks it, whose lines are ready for the server from then on."""
    voice = PiperVoice(ModelStore(cache / "models").piper_joe())
    voice.load()
    ready = SpeechCache(cache / "speech")
    return lambda text: ready.render(voice, text, 1.0)


@pytest.fixture(scope="module")
def microphone(flow, speak, tmp_path_factory):
    """What the microphone hears: silence while the interviewer speaks, then the answer."""
    settings = Settings(home=tmp_path_factory.mktemp("nobody"))
    filled = flow.fill(filling.variables(flow, settings, "Ravi"))
    spoken = {line: speak(line) for line in lines(filled)}
    heard = b"\0" * ms_to_bytes(TO_CONNECT_MS + spoken[filled.disclosure].duration_ms, TELEPHONE_RATE_HZ)
    for line, answer in SAYS:
        waits_ms = spoken[line].duration_ms + THINKS_MS
        heard += b"\0" * ms_to_bytes(waits_ms, TELEPHONE_RATE_HZ) + speak(answer).pcm
        heard += b"\0" * ms_to_bytes(TO_REPLY_MS, TELEPHONE_RATE_HZ)
    path = tmp_path_factory.mktemp("microphone") / "candidate.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, TELEPHONE_RATE_HZ, 0, "NONE", None))
        file.writeframes(heard)
    return path


@pytest.fixture(scope="module")
def stage(template, flow, microphone, launch, cache, tmp_path_factory):
    """The server with its models, a published flow, and a browser with that microphone."""
    home = tmp_path_factory.mktemp("calling") / "home"
    shutil.copytree(template.home, home)
    with open_archive(home) as archive:
        archive.flows.publish(flow.ref, flow.title, flow.language, flow.published_text, datetime.now(UTC))
    browser = launch(
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}%noloop",
        "--host-resolver-rules=MAP hr.example 127.0.0.1",
    )
    with serving(home, role="all", VOICEBOT_CACHE=str(cache), VOICEBOT_MAX_CALLS="1") as url:
        yield Stage(url, home, flow, browser, cache)
    browser.close()


@pytest.fixture
def recruiter(stage):
    made = []

    def make(**options):
        made.append(Visitor(stage.browser, stage.url, **options))
        return made[-1].sign_in("Ravi")

    yield make
    for each in made:
        each.context.close()


@pytest.mark.timeout(240)
def test_a_recruiter_calls_and_is_interviewed(stage, recruiter):
    ravi = recruiter()
    page, say = ravi.page, ravi.say
    ravi.open("/flows/short")
    page.add_init_script(LOUDEST)
    page.get_by_role("link", name=say("test_call.open")).click()
    page.wait_for_url("**/flows/short/call")
    ravi.look("call-before")
    call(ravi)
    page.wait_for_selector(f"text={say('telephone.interviewer_speaks')}")
    for line, answer in SAYS:
        page.locator(".chat .bot", has_text=line).wait_for(timeout=30_000)
        page.locator(".chat .person", has_text=answer.split()[-1].rstrip(".")).last.wait_for(timeout=30_000)
    page.locator(".steps li[aria-current]", has_text="project that you finished").wait_for()
    page.wait_for_selector(f"text={say('test_call.follow_ups_left', number=0)}")
    last = page.locator(".chat .bot", has_text="in numbers?")
    last.wait_for()
    page.wait_for_function("line => line.getBoundingClientRect().bottom < innerHeight", arg=last.element_handle())
    ravi.look("call")
    loudest = page.evaluate("loudest")
    assert loudest["mine"] > 0.4
    assert loudest["theirs"] > 0.4
    page.get_by_role("button", name=say("telephone.hang_up")).focus()
    page.keyboard.press("Enter")
    outcome = page.locator("section[aria-labelledby=outcome]")
    assert say("disposition.dropped") in outcome.inner_text(timeout=30_000)
    assert say("rehearsal.reached_question", number=1, total=2) in outcome.inner_text()
    assert outcome.locator(".meter").count() == 2
    ravi.look("call-over")
    with open_archive(stage.home) as archive:
        assert all(each.candidate.name != "Ravi" for each in archive.interviews(100)), "nothing is filed"


@pytest.mark.timeout(120)
def test_a_draft_is_called_keys_count_and_a_closed_tab_has_hung_up(recruiter):
    ravi = recruiter(language="zh", width=PHONE)
    page, say = ravi.page, ravi.say
    ravi.open("/flows/short")
    page.get_by_role("button", name=say("flows.new_version")).click()
    page.get_by_role("link", name=say("test_call.open")).click()
    page.wait_for_url("**/flows/drafts/*/call")
    call(ravi)
    page.get_by_role("button", name="1").click()
    page.locator(".chat .bot", has_text="Am I speaking with").wait_for(timeout=30_000)
    ravi.look("call")
    page.close()
    page = ravi.page = ravi.context.new_page()
    page.goto("/flows/short/call")
    call(ravi)
    page.get_by_role("button", name="9").click()
    page.wait_for_selector(f"text={say('disposition.opted_out')}", timeout=60_000)
    assert ravi.complaints == []


def call(visitor):
    """Until there is room for one more call, and the interviewer has asked the first question."""
    button = visitor.page.get_by_role("button", name=visitor.say("telephone.call"), exact=True)
    asked, full = (
        visitor.page.locator(".chat .bot", has_text="May I record"),
        visitor.page.locator("[role=alert].problem"),
    )
    for _ in range(20):
        button.focus()
        visitor.page.keyboard.press("Enter")
        asked.or_(full).wait_for(timeout=60_000)
        if asked.count():
            return
        visitor.page.reload()
    raise AssertionError(full.inner_text())


def test_where_no_call_can_be_had_the_page_says_why(stage, recruiter, visitor, launch):
    ravi = recruiter()
    ravi.open("/flows/short/call")
    other = recruiter()
    other.open("/flows/short/call")
    call(ravi)
    other.page.get_by_role("button", name=other.say("telephone.call"), exact=True).click()
    assert "VOICEBOT_MAX_CALLS" in other.page.locator("[role=alert].problem").inner_text()
    other.look("call-refused")

    plain = Visitor(stage.browser, stage.url.replace("127.0.0.1", "hr.example"))
    plain.sign_in("Ravi").open("/flows/short/call").page.get_by_role(
        "button", name=plain.say("telephone.call"), exact=True
    ).click()
    assert plain.page.locator(".phone [role=alert]").inner_text() == plain.say("telephone.insecure")
    plain.context.close()

    for arguments, why in ((("--use-fake-device-for-media-stream",), "denied"), ((), "no_microphone")):
        browser = launch(*arguments)
        without = Visitor(browser, stage.url, language="zh")
        without.sign_in("Ravi").open("/flows/short/call")
        without.page.get_by_role("button", name=without.say("telephone.call"), exact=True).click()
        assert without.page.locator(".phone [role=alert]").inner_text() == without.say(f"telephone.{why}")
        assert without.complaints == []
        browser.close()


def test_a_console_of_its_own_says_where_calls_are_to_be_had(visitor, filled, flow):
    with open_archive(filled.home) as archive:
        archive.flows.publish(flow.ref, flow.title, flow.language, flow.published_text, datetime.now(UTC))
    ravi = visitor().sign_in("Ravi").open("/flows/short/call")
    assert ravi.page.locator("[role=alert]").inner_text() == ravi.say("test_call.elsewhere")
    ravi.look("call-elsewhere")


# What the browser does to sound


@pytest.fixture(scope="module")
def sound(chromium):
    """Runs a function in the browser that is given the module, and one argument."""
    code = files("voicebot.console").joinpath("static", "telephone.js").read_text()
    page = chromium.new_page()
    page.evaluate("code => window.url = URL.createObjectURL(new Blob([code], {type: 'text/javascript'}))", code)
    yield lambda function, given=None: page.evaluate(f"async (given) => ({function})(await import(url), given)", given)
    page.close()


def test_mu_law_is_that_of_the_other_end(sound):
    codes = bytes(range(256))
    values = np.array(sound("(of, codes) => Array.from(of.fromMulaw(codes))", list(codes))) * 32768
    assert values.astype(np.int16).tobytes() == mulaw_to_pcm(codes)
    encode = "(of, pcm) => Array.from(of.toMulaw(pcm.map((s) => s / 32768)))"
    assert bytes(sound(encode, values.tolist())) == codes.replace(b"\x7f", b"\xff"), "there is one zero"
    pcm = np.arange(-32635, 32636, 5)
    wrong_by = np.abs(np.frombuffer(mulaw_to_pcm(bytes(sound(encode, pcm.tolist()))), np.int16) - pcm)
    assert np.all(wrong_by <= (np.abs(pcm) + 132) / 32), "half a step of G.711, which has 16 of them an octave"


RESAMPLE = """(of, {from, to, samples}) => {
  const resampler = new of.Resampler(from, to);
  const made = [];
  for (let at = 0; at < samples.length; at += 128) made.push(...resampler.push(samples.slice(at, at + 128)));
  return made;
}"""


@pytest.mark.parametrize("rate_hz", [48_000, 44_100, 16_000])
@pytest.mark.parametrize("to_the_line", [True, False])
def test_a_tone_comes_through_as_it_is_and_one_beyond_the_band_does_not(sound, rate_hz, to_the_line):
    source, target = (rate_hz, 8000) if to_the_line else (8000, rate_hz)

    def through(hz):
        times = np.arange(source) / source
        made = sound(RESAMPLE, {"from": source, "to": target, "samples": np.sin(2 * np.pi * hz * times).tolist()})
        assert len(made) == pytest.approx(target, rel=0.01)
        return np.array(made[target // 4 : target // 4 + target // 2])

    for hz in (300, 1000, 3200):
        spectrum = np.abs(np.fft.rfft(through(hz))) / (target / 4)
        at = round(hz / 2)
        assert spectrum[at] == pytest.approx(1, abs=0.02)
        rest = np.delete(spectrum, slice(at - 1, at + 2))
        assert 20 * np.log10(np.linalg.norm(rest)) < -50, "nothing is heard that was not said"
    if to_the_line:
        for hz in (4200, 5000, 7000):
            assert 20 * np.log10(np.abs(through(hz)).max()) < -50


def test_resampling_neither_gains_nor_loses_time(sound):
    made = sound(
        """(of) => {
          const resampler = new of.Resampler(44100, 8000);
          let made = 0;
          for (let n = 0; n < (44100 * 60) / 128; n++) made += resampler.push(new Float32Array(128)).length;
          return made;
        }"""
    )
    assert made == pytest.approx(60 * 8000, abs=80)


def test_a_mark_comes_back_when_all_before_it_has_been_heard_or_is_thrown_away(sound):
    told = sound(
        """(of) => {
          const told = [];
          const ear = new of.Earpiece((mark) => told.push(mark));
          const ticks = (ms) => { for (let n = 0; n < ms / 2; n++) heard += ear.take(16).reduce((a, b) => a + b, 0); };
          let heard = 0;
          ear.put("nothing before");
          ear.put(new Float32Array(160).fill(1)); ear.put("first");
          ear.put(new Float32Array(160).fill(1)); ear.put("second");
          ticks(80); told.push(heard);
          ticks(20); told.push(heard);
          ticks(2); told.push(heard);
          ticks(18); told.push(heard);
          ear.put(new Float32Array(1600).fill(1)); ear.put("never heard");
          ticks(90); ear.clear(); told.push(heard);
          ticks(100); told.push(heard);
          return told;
        }"""
    )
    # what comes after a silence is collected for 80 ms, so that a late packet is not heard
    assert told == ["nothing before", 0, "first", 160, 176, "second", 320, "never heard", 400, 400]
