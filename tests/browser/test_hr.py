"""What HR does with the console, from signing in to erasing somebody."""

import json
import zipfile

import pytest
from office import HOSTILE, NOW, PASSWORD
from visitor import Visitor, serving

from voicebot.archive.store import open_archive

QUOTE = "I sent a new one by courier and called him the next day"
DESKTOP, PHONE = 1280, 375


@pytest.mark.timeout(300)  # on a machine that has much else to do
@pytest.mark.parametrize(("language", "width"), [("en", DESKTOP), ("zh", PHONE)])
def test_hr_finds_hears_judges_and_erases(visitor, filled, language, width):
    hr = visitor(language=language, width=width)
    page, say = hr.page, hr.say
    page.goto("/")
    page.wait_for_selector("h1")
    assert page.evaluate("document.documentElement.lang").startswith(language)
    hr.look("sign-in")
    hr.sign_in()
    page.wait_for_selector("text=Maya Okafor")
    hr.look("today")

    page.get_by_role("link", name=say("nav.interviews"), exact=True).click()
    page.wait_for_selector("[name=skill]")
    hr.look("interviews")
    page.fill("[name=skill]", "Zendesk >= 3 years")
    page.get_by_role("button", name=say("interviews.find")).click()
    page.wait_for_url("**/interviews?**")
    page.wait_for_selector(f"text={say('interviews.found', number=1)}")
    hr.look("found")
    page.click("text=Maya Okafor")

    page.wait_for_selector(".player")
    hr.look("interview")
    quote = page.locator("blockquote", has_text=QUOTE)
    at_ms = int(quote.locator("a").get_attribute("data-at"))
    quote.locator("a").click()
    page.wait_for_function(
        "ms => { const a = document.querySelector('audio'); return !a.paused && a.currentTime > ms / 1000 }", arg=at_ms
    )
    assert QUOTE in page.locator(".transcript li.lit").inner_text()
    page.get_by_role("button", name=say("player.pause")).click()
    hr.look("heard")

    criterion = page.locator(".criterion", has_text="Gets to the root")
    criterion.locator("summary").click()
    criterion.locator("select").select_option("3.5")
    criterion.locator("textarea").fill("   ")
    criterion.locator("button").click()
    assert criterion.locator("textarea").input_value() == ""
    criterion.locator("textarea").fill("She told me <b>more</b> on the phone.")
    criterion.locator("button").click()
    page.wait_for_selector(".by-person")
    assert "She told me <b>more</b> on the phone." in criterion.inner_text()
    assert say("scores.machine", score="1.4") in criterion.inner_text()

    notes = page.locator("section", has=page.locator("#notes"))
    notes.locator("textarea").fill("Ask about nights.")
    notes.locator("button").click()
    page.wait_for_selector("text=Ask about nights.")
    decide = page.locator("section", has=page.locator("#decide"))
    decide.locator("textarea").fill("Calm, and knows the tools.")
    decide.get_by_role("button", name=say("decision.do_advance")).click()
    page.wait_for_selector(".decision-advance.pill")
    page.wait_for_function("document.activeElement.id === 'decide'")
    assert page.evaluate("scrollY") > 500, "the page has lost its place"
    page.wait_for_selector(".q-notification", state="detached")
    hr.look("judged")

    page.click(f"text={say('report.open')}")
    page.wait_for_url("**/report")
    page.wait_for_selector("text=Ask about nights.")
    hr.look("report")
    page.emulate_media(media="print")
    assert not page.locator(".no-print").is_visible()
    page.emulate_media(media="screen")
    page.click(f"text={say('report.back')}")

    with page.expect_download() as download:
        page.click(f"text={say('personal.export')}")
    with zipfile.ZipFile(download.value.path()) as copy:
        assert json.loads(copy.read("person.json"))["person"]["candidate"]["name"] == "Maya Okafor"
        assert sum(name.endswith(".wav") for name in copy.namelist()) == 1
    page.locator(".erase summary").click()
    page.locator(".erase input").fill("Maya")
    page.get_by_role("button", name=say("personal.erase_now")).click()
    page.wait_for_selector(f"text={say('personal.other_name')}")
    page.locator(".erase input").fill("Maya Okafor")
    page.get_by_role("button", name=say("personal.erase_now")).click()
    page.wait_for_url("**/erased")
    page.wait_for_selector("h1")
    hr.look("erased")
    assert hr.context.request.get(f"/interviews/{filled.maya}").status == 404
    with open_archive(filled.home) as archive:
        done = [(entry.actor, entry.action) for entry in archive.audit.entries(limit=7)]
    assert done[::-1] == [
        ("Ann", action) for action in ("login", "play", "override", "note", "decide", "export", "erase")
    ]


def test_two_who_judge_at_once_lose_nothing(visitor, filled):
    ann, ravi = visitor().sign_in("Ann"), visitor().sign_in("Ravi")
    for each in (ann, ravi):
        each.open(f"/interviews/{filled.maya}")
    for each, value, reason in ((ann, "4.5", "I heard two steps."), (ravi, "2.0", "I heard none.")):
        criterion = each.page.locator(".criterion", has_text="Solves it")
        criterion.locator("summary").click()
        criterion.locator("select").select_option(value)
        criterion.locator("textarea").fill(reason)
        criterion.locator("button").click()
        each.page.wait_for_selector("text=I heard two steps.")
    criterion.locator("[role=alert]").wait_for()
    assert criterion.locator("select").input_value() == "2.0"
    assert criterion.locator("textarea").input_value() == "I heard none."
    with open_archive(filled.home) as archive:
        assert len(archive.reviews.of(filled.maya).overrides) == 1
    criterion.get_by_role("button", name=ravi.say("review.anyway")).click()
    ravi.page.wait_for_function("document.querySelectorAll('.by-person').length === 2")
    with open_archive(filled.home) as archive:
        assert [each.author for each in archive.reviews.of(filled.maya).overrides] == ["Ann", "Ravi"]
    assert ann.complaints == ravi.complaints == []


def test_an_interview_in_mandarin_plays_where_it_is_quoted(looker, template):
    hr = looker(language="zh").sign_in()
    hr.look("today")
    hr.open("/interviews?q=优惠券").page.click("text=王芳")
    quote = hr.page.locator("blockquote", has_text="我先听他说完")
    quote.locator("a").click()
    hr.page.wait_for_selector(".transcript li.lit:has-text('我先听他说完')")
    assert hr.page.locator(".transcript li.lit").get_attribute("lang") == "zh"
    hr.look("mandarin")


def test_what_somebody_said_is_text_and_never_a_program(looker, template):
    hr = looker().sign_in()
    for path in ("/interviews", f"/interviews/{template.hostile}", f"/interviews/{template.hostile}/report"):
        hr.open(path)
        hr.page.wait_for_selector(f"text={HOSTILE}")
        hr.look("hostile")
    hr.open("/interviews?q=%3Cscript%3Ealert(1)%3C/script%3E&skill=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E")
    hr.look("hostile-query")


def test_the_keyboard_alone_is_enough(looker, template):
    hr = looker()
    page = hr.page
    page.goto("/")
    page.wait_for_selector("[name=name]")
    reach(page, "[name=name]")
    page.keyboard.type("Ann")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Maya Okafor")
    reach(page, f"a[href='/interviews/{template.maya}']")
    page.keyboard.press("Enter")
    page.wait_for_selector(".player")
    reach(page, ".wave")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert page.locator(".wave").get_attribute("aria-valuenow") == "20"
    page.wait_for_selector(".transcript li.lit")
    reach(page, ".override summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "value"
    assert hr.complaints == []


def reach(page, selector):
    """Presses Tab until the focus is there; it must be seen on every way-station."""
    for _ in range(80):
        if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    raise AssertionError(f"the keyboard does not reach {selector}")


def test_a_view_is_kept_under_its_name(looker):
    hr = looker().sign_in().open("/interviews?status=waiting")
    page = hr.page
    page.click(f"text={hr.say('views.save')}")
    page.fill(".views input", "For <Monday>")
    page.click(f".views button:has-text('{hr.say('views.go')}')")
    page.wait_for_selector(".views a[aria-current]:has-text('For <Monday>')")
    hr.open("/interviews")
    page.click("text=For <Monday>")
    page.wait_for_url("**/interviews?status=waiting")
    page.get_by_role("button", name=hr.say("views.forget", name="For <Monday>")).click()
    page.wait_for_selector("text=For <Monday>", state="detached")
    assert hr.complaints == []


def test_who_was_signed_out_meanwhile_is_led_to_sign_in_and_back(visitor, filled):
    hr = visitor().sign_in().open(f"/interviews/{filled.maya}")
    with open_archive(filled.home) as archive:
        ann = archive.accounts.named("Ann")
        archive.accounts.set_password(ann.id, PASSWORD, "Ann", NOW)
    notes = hr.page.locator("section", has=hr.page.locator("#notes"))
    notes.locator("textarea").fill("Too late.")
    notes.locator("button").click()
    hr.page.wait_for_url("**/sign-in?next=**")
    with open_archive(filled.home) as archive:
        assert archive.reviews.of(filled.maya).notes == ()


def test_the_first_administrator_comes_by_a_link_that_works_once(chromium, tmp_path):
    with serving(tmp_path / "home", ready="http") as link:
        url = link.split("/set-up")[0]
        first = Visitor(chromium, url)
        first.page.goto(f"{url}/set-up?token=9999999999.forged")
        first.page.fill("[name=name]", "Ann")
        first.page.fill("[name=password]", PASSWORD)
        first.page.click("button[type=submit]")
        first.page.wait_for_selector(f"text={first.say('sign_in.problem_link')}")
        first.page.goto(link)
        first.page.wait_for_selector("h1")
        first.look("set-up")
        first.page.fill("[name=name]", "Ann")
        first.page.fill("[name=password]", "123")
        first.page.click("button[type=submit]")
        first.page.wait_for_selector(f"text={first.say('sign_in.problem_password')}")
        first.page.fill("[name=name]", "Ann")
        first.page.fill("[name=password]", PASSWORD)
        first.page.click("button[type=submit]")
        first.page.wait_for_selector(f"text={first.say('home.no_interviews')}")
        first.look("empty")
        assert first.context.request.get(link).status == 410
        first.context.close()
