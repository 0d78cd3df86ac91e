"""Every page as it looks, and what its links, keys and small forms do."""

import json
import zipfile

import pytest
from office import HOSTILE, NOW
from visitor import Visitor

from models.call import Candidate
from voicebot.archive.store import open_archive

ROWS = 5000
SEEN = """() => {
  const line = document.querySelector('.transcript li.lit').getBoundingClientRect();
  const list = document.querySelector('.transcript').getBoundingClientRect();
  return line.top >= list.top && line.bottom <= list.bottom;
}"""
"""Whether the line that is played is in view."""


@pytest.mark.timeout(300)  # on a machine that has much else to do
@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 360, "dark"), ("zh", 1280, "light")])
def test_every_page_is_sound_in_every_way_to_look_at_it(looker, template, language, width, scheme):
    admin = looker(language=language, width=width, color_scheme=scheme).sign_in()
    with open_archive(template.home) as archive:
        person = archive.desk.find(template.jonas).interview.person_id
    for name, path in {
        "today": "/",
        "filtered": "/interviews?status=waiting&from=1&since=2026-01-01",
        "none": "/interviews?skill=nobody+knows+it",
        "interview": f"/interviews/{template.maya}",
        "report": f"/interviews/{template.maya}/report",
        "hostile": f"/interviews/{template.hostile}",
        "skills": "/skills",
        "candidates": "/candidates",
        "candidate": f"/candidates/{person}",
        "flows": "/flows",
        "audit": "/audit",
        "accounts": "/accounts",
        "settings": "/settings",
    }.items():
        admin.open(path).look(f"{name}-{scheme}")


def test_what_candidates_ask_for_waits_until_somebody_says_what_was_done(visitor, filled):
    hr = visitor(language="zh", width=375).sign_in()
    page, say = hr.page, hr.say
    page.wait_for_selector(f"text={say('wish.waiting', number=2)}")
    page.locator("li", has_text=say("wish.correction")).get_by_role("link").click()
    page.wait_for_url("**/candidates/*#wishes")
    wish = page.locator(".note", has_text=say("wish.correction"))
    assert HOSTILE in wish.inner_text()
    wish.locator("textarea").fill(f"Put right. {HOSTILE}")
    wish.get_by_role("button").click()
    page.wait_for_selector(".by-person:has-text('Put right.')")
    assert HOSTILE in page.locator(".by-person").inner_text()
    hr.look("wishes")
    hr.open("/")
    page.wait_for_selector(f"text={say('wish.waiting', number=1)}")
    with open_archive(filled.home) as archive:
        (done,) = archive.wishes.list(waiting=False)
    assert (done.handled_by, done.answer) == ("Ann", f"Put right. {HOSTILE}")


def test_a_moment_of_a_recording_has_an_address_and_keys(looker, template):
    hr = looker().sign_in().open(f"/interviews/{template.maya}")
    page = hr.page
    quote = page.locator("blockquote a").last
    at_ms, address = int(quote.get_attribute("data-at")), quote.get_attribute("href")
    quote.click()
    page.wait_for_function("!document.querySelector('audio').paused")
    assert page.url.endswith(address)
    page.wait_for_function(SEEN)
    page.keyboard.press("k")  # on a link outside the player it means nothing
    page.locator(".wave").focus()
    page.keyboard.press("k")
    page.wait_for_function("document.querySelector('audio').paused")

    hr.open("/").open(f"/interviews/{template.maya}{address}")
    page.wait_for_selector(".transcript li.lit")
    page.wait_for_function(SEEN)
    assert shown(page) == at_ms // 1000
    page.locator(".round").focus()
    page.keyboard.press("j")
    assert shown(page) == at_ms // 1000 - 10
    page.keyboard.press("l")
    assert shown(page) == at_ms // 1000
    assert hr.complaints == []


def shown(page):
    """Where the recording is, in seconds."""
    minutes, seconds = page.locator(".clock").inner_text().split(" / ")[0].split(":")
    return 60 * int(minutes) + int(seconds)


def test_the_audit_is_in_words_and_can_be_that_of_one_interview(looker, template):
    admin = looker(language="zh").sign_in().open(f"/interviews/{template.hostile}")
    page, say = admin.page, admin.say
    page.get_by_role("link", name=say("audit.title")).last.click()
    page.wait_for_url("**/audit?subject=*")
    page.wait_for_selector(f"td:has-text('{say('action.decide')}')")
    assert page.locator("tbody tr").count() == 4  # scheduled, called, scored, decided
    page.get_by_role("link", name=template.hostile[:8]).first.click()
    page.wait_for_url(f"**/interviews/{template.hostile}")
    assert admin.complaints == []


def test_a_skill_leads_to_those_who_have_it(looker):
    hr = looker().sign_in().open("/interviews")
    page, say = hr.page, hr.say
    page.click(f"text={say('skills.all')}")
    page.wait_for_selector(f"text={HOSTILE}")
    page.fill("[name=q]", "zen")
    page.get_by_role("button", name=say("skills.find")).click()
    page.wait_for_selector(f"text={say('skills.number', number=1)}")
    page.get_by_role("link", name="Zendesk").click()
    page.wait_for_selector(f"text={say('interviews.found', number=2)}")
    assert hr.complaints == []


def test_somebody_who_was_never_interviewed_gets_their_link_their_copy_and_is_erased(visitor, filled, chromium, url):
    with open_archive(filled.home) as archive:
        person = archive.people.file(Candidate("n-9", "Noor Aziz", "+14155552671"), NOW).id
    hr = visitor().sign_in().open(f"/candidates/{person}")
    page, say = hr.page, hr.say
    page.click(f"text={say('candidates.link')}")
    page.get_by_role("button", name=say("candidates.link_now")).click()
    link = page.locator(".by-person code").inner_text()
    assert link.startswith(f"{url}/c/")
    candidate = Visitor(chromium, url)
    assert candidate.context.request.get(link).status == 200
    candidate.context.close()
    with page.expect_download() as download:
        page.click(f"text={say('personal.export')}")
    with zipfile.ZipFile(download.value.path()) as copy:
        assert json.loads(copy.read("person.json"))["person"]["candidate"]["name"] == "Noor Aziz"
    page.click(f"text={say('personal.erase')}")
    page.locator(".erase input").fill("Noor Aziz")
    page.get_by_role("button", name=say("personal.erase_now")).click()
    page.wait_for_url("**/erased")
    assert hr.context.request.get(f"/candidates/{person}").status == 404
    assert hr.context.request.get(link).status == 410
    assert hr.complaints == []


def test_five_thousand_candidates_come_in_at_once(visitor, tmp_path):
    recruiter = visitor().sign_in("Ravi").open("/candidates")
    page, say = recruiter.page, recruiter.say
    people = tmp_path / "people.csv"
    lines = (f"n-{n},Noor{n} Aziz,+1415{2_000_000 + n}" for n in range(ROWS))
    people.write_text("\n".join(("id,name,phone", *lines)))
    page.set_input_files("input[type=file]", people)
    page.get_by_role("button", name=say("candidates.import_now")).click()
    page.wait_for_selector(f"text={say('candidates.report', created=ROWS, updated=0, unchanged=0, refused=0)}")
    assert recruiter.complaints == []


def test_the_text_of_a_flow_is_dark_where_its_reader_likes_it_dark(looker):
    recruiter = looker(color_scheme="dark").sign_in("Ravi").open("/flows")
    page = recruiter.page
    page.locator(".brief").get_by_role("button").first.click()
    page.wait_for_url("**/flows/drafts/*")
    page.wait_for_selector(".cm-content[aria-label]")
    page.wait_for_function(
        "getComputedStyle(document.querySelector('.cm-editor')).backgroundColor === 'rgb(30, 30, 30)'"
    )
    recruiter.look("flow-dark")
