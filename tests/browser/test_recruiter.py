"""What a recruiter does with the console: write a flow, mend it, rehearse it, publish it; bring candidates in."""

import time

import pytest
from office import HOSTILE

from voicebot.archive.store import open_archive

DESKTOP, PHONE = 1280, 375
TEMPLATES = {"en": "Backend engineer, first telephone interview", "zh": "后端工程师，第一轮电话面试"}
REPLIES = {
    "en": ("Yes, that's fine.", "Yes, speaking.", "Yes, it is.", "I built a billing service in Python."),
    "zh": ("可以。", "我是。", "方便。", "我用 Python 做过一个计费系统。"),
}


@pytest.mark.parametrize(("language", "width"), [("en", DESKTOP), ("zh", PHONE)])
def test_a_recruiter_writes_mends_rehearses_and_publishes_a_flow(visitor, filled, language, width):
    recruiter = visitor(language=language, width=width).sign_in("Ravi")
    page, say = recruiter.page, recruiter.say
    recruiter.open("/flows").look("flows")
    template = page.locator("li", has=page.locator(f"text={TEMPLATES[language]}")).first
    template.get_by_role("button").click()
    page.wait_for_url("**/flows/drafts/*")
    page.wait_for_selector(f"text={say('editor.sound')}")
    page.wait_for_selector(".diagram svg")
    recruiter.look("flow")

    page.locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("titel: A slip\n")
    page.wait_for_selector(".problems li.error")
    assert say.told("`titel` is not a key; did you mean `title`?") in page.locator(".problems").inner_text()
    page.wait_for_selector(".cm-line.lint-error")
    assert page.get_by_role("button", name=say("editor.publish_now", version=1)).count() == 0
    recruiter.look("flow-to-mend")
    for _ in range(len("titel: A slip\n")):
        page.keyboard.press("Backspace")
    page.wait_for_selector(f"text={say('editor.sound')}")

    page.get_by_role("link", name=say("editor.rehearse")).click()
    page.wait_for_url("**/rehearse")
    page.get_by_role("button", name=say("rehearsal.start")).click()
    for saying in REPLIES[language]:
        page.wait_for_selector(".saying input")
        page.fill(".saying input", saying)
        page.keyboard.press("Enter")
        page.locator(".chat .person", has_text=saying).wait_for()
    page.wait_for_selector(".saying input")
    recruiter.look("rehearsal")
    page.get_by_role("button", name=say("rehearsal.hang_up")).click()
    page.wait_for_selector(f"text={say('rehearsal.outcome')}")
    page.select_option("[name=who]", "terse")
    page.get_by_role("button", name=say("rehearsal.start")).click()
    page.wait_for_selector(f"text={say('disposition.completed')}", timeout=60_000)
    recruiter.look("rehearsed")

    page.get_by_role("link", name=say("rehearsal.back")).click()
    page.get_by_role("button", name=say("editor.publish_now", version=1)).click()
    page.wait_for_url("**/flows/backend_engineer")
    recruiter.look("published")
    with open_archive(filled.home) as archive:
        (published,) = [each for each in archive.flows.versions("backend_engineer") if each.language == language]
        assert published.flow.digest[:12] in page.content()
        (entry,) = [each for each in archive.audit.entries("backend_engineer") if each.action == "publish"][:1]
        assert entry.actor == "Ravi"


def test_what_is_typed_is_kept_at_once_and_is_nobody_elses(visitor, filled):
    ravi, ann = visitor().sign_in("Ravi"), visitor().sign_in("Ann")
    ravi.open("/flows").page.locator("li", has=ravi.page.locator("text=Sales")).get_by_role("button").click()
    ravi.page.wait_for_url("**/flows/drafts/*")
    ravi.page.wait_for_selector(".cm-content[aria-label]")
    ravi.page.locator(".cm-content").click()
    ravi.page.keyboard.press("Control+Home")
    ravi.page.keyboard.type(f"# {HOSTILE}\n")
    ravi.page.wait_for_timeout(100)
    ravi.page.wait_for_function("document.querySelector('.cm-content').innerText.includes('onerror')")
    ravi.page.wait_for_selector(f"text={ravi.say('editor.sound')}")
    draft = ravi.page.url
    saved(filled, "onerror")
    ravi.page.reload()
    ravi.page.wait_for_selector("text=onerror")
    assert ravi.complaints == []
    assert ann.context.request.get(draft).status == 404
    ravi.page.click(f"text={ravi.say('editor.discard')}")
    ravi.page.get_by_role("button", name=ravi.say("editor.discard_now")).click()
    ravi.page.wait_for_url("**/flows")
    assert ravi.context.request.get(draft).status == 404


def saved(filled, words):
    """Waits until a draft of anybody's has these words."""
    for _ in range(100):
        with open_archive(filled.home) as archive:
            for user in archive.accounts.users():
                if any(words in text for draft in archive.drafts.of(user.id) for text in draft.texts.values()):
                    return
        time.sleep(0.1)
    raise AssertionError(f"{words!r} was never saved")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_candidates_are_brought_in_found_and_never_called_again(visitor, filled, tmp_path, language):
    recruiter = visitor(language=language).sign_in("Ravi")
    page, say = recruiter.page, recruiter.say
    people = tmp_path / "people.csv"
    people.write_text("编号,姓名,电话\nn-1,Noor <b>Aziz</b>,(415) 555-2671\nn-2,Bo,12\n", encoding="gb18030")
    recruiter.open("/candidates")
    page.set_input_files("input[type=file]", people)
    page.get_by_role("button", name=say("candidates.import_now")).click()
    refused = page.locator(".problems li", has_text="'12'").inner_text()
    assert say("editor.line", line=3) in refused
    assert ("不是电话号码" if language == "zh" else "is not a telephone number") in refused
    recruiter.look("candidates")

    page.fill("[name=who]", "aziz")
    page.get_by_role("button", name=say("candidates.find")).click()
    page.wait_for_selector(f"text={say('candidates.found', number=1)}")
    page.get_by_role("link", name="Noor <b>Aziz</b>").click()
    page.wait_for_url("**/candidates/*")
    recruiter.look("candidate")
    page.click(f"text={say('candidates.opt_out')}")
    page.get_by_role("button", name=say("candidates.opt_out_now")).click()
    page.wait_for_selector(f".pill:has-text('{say('candidates.opted_out')}')")
    with open_archive(filled.home) as archive:
        assert archive.people.opted_out("n-1")


def test_an_admin_lets_people_and_programs_in_and_locks_them_out(visitor, filled):
    admin = visitor().sign_in("Ann")
    page, say = admin.page, admin.say
    admin.open("/accounts").look("accounts")
    page.click(f"text={say('accounts.add')}")
    form = page.locator("form", has=page.locator("[name=password]"))
    form.locator("[name=name]").fill("Lin <i>Zhou</i>")
    form.locator("[name=password]").fill("four words nobody guesses")
    form.get_by_role("button").click()
    page.get_by_role("button", name=f"{say('accounts.disable')}: Lin <i>Zhou</i>").click()
    page.get_by_role("button", name=f"{say('accounts.enable')}: Lin <i>Zhou</i>").wait_for()

    page.click(f"text={say('accounts.add_key')}")
    form = page.locator("form", has=page.locator("[name=label]"))
    form.locator("[name=label]").fill("HR system")
    form.locator("[name='scope-jobs:read']").check()
    form.get_by_role("button").click()
    secret = page.locator("code", has_text="vb_").inner_text()
    asked = {"headers": {"authorization": f"Bearer {secret}"}}
    assert admin.context.request.get("/api/v1/jobs", **asked).status == 200
    assert admin.context.request.get("/api/v1/candidates", **asked).status == 403
    page.get_by_role("button", name=f"{say('accounts.revoke')}: HR system").click()
    page.wait_for_selector(f".pill:has-text('{say('accounts.revoked')}')")
    assert admin.context.request.get("/api/v1/jobs", **asked).status == 401

    for place in ("audit", "settings"):
        admin.open(f"/{place}").look(place)
