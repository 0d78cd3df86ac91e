"""The audit as an outbox: what becomes a delivery, who sends it, and what becomes of it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from models.archive import Decision, Retention
from models.call import Candidate, Disposition
from models.errors import EnoughWebhooks, NotInArchive, UsageError
from models.invitation import WishKind
from models.webhooks import Batch, DeliveryState, Reply, Verdict
from voicebot.archive.outbox import CLAIM_HOLDS, DELIVERIES_KEPT
from voicebot.archive.store import Archive
from voicebot.archive.webhooks import MOST_ENDPOINTS, OLD_SECRET_HOLDS

URL = "https://hr.example.com/voicebot"
OK, DOWN = Reply(200), Reply(None, "it cannot be connected to")
DELIVERED, RETRY = Verdict(DeliveryState.DELIVERED), Verdict(DeliveryState.WAITING, 30, holds_up=True)
ASIDE, DEAD = Verdict(DeliveryState.WAITING, 30), Verdict(DeliveryState.DEAD, holds_up=True, disables="it is down")
Hold = Callable[..., object]


@pytest.fixture
def webhook(archive: Archive, now: datetime) -> str:
    return archive.webhooks.create(URL, [], "mia", now)[0].id


def claim(archive: Archive, webhook: str, at: datetime, owner: str = "a") -> Batch:
    batch = archive.webhooks.outbox.claim(webhook, owner, at)
    assert batch is not None
    return batch


def settle(archive: Archive, webhook: str, sequence: int, verdict: Verdict, at: datetime, owner: str = "a") -> bool:
    reply = OK if verdict.state is DeliveryState.DELIVERED else DOWN
    return archive.webhooks.outbox.settle(webhook, owner, sequence, reply, verdict, at)


def send_all(archive: Archive, webhook: str, at: datetime) -> list[str]:
    """Delivers what is due; the types, in order."""
    batch = claim(archive, webhook, at)
    for post in batch.posts:
        settle(archive, webhook, post.event.sequence, DELIVERED, at)
    archive.webhooks.outbox.release(webhook, "a")
    return [post.event.type for post in batch.posts]


def act(archive: Archive, now: datetime, webhook: str, *people: str) -> None:
    for candidate_id in people:
        archive.people.file(Candidate(candidate_id, "Ann Lee", f"+1415555{candidate_id:>04}"), now)
        archive.people.opt_out(candidate_id, "mia", now)


def test_everything_that_other_systems_care_about_is_an_event(
    archive: Archive, webhook: str, hold: Hold, candidate: Candidate, now: datetime
) -> None:
    held = hold(candidate, "I built it")
    archive.reviews.override(held.interview_id, "q1", "communication", 4.0, "mia", "why", now)
    archive.reviews.note(held.interview_id, "mia", "a note", now)
    archive.reviews.note(held.interview_id, "mia", "come", now, decision=Decision.ADVANCE)
    archive.people.consent(candidate.id, "call", "I agree", "form", now)
    archive.people.withdraw(candidate.id, "call", now)
    archive.people.opt_out(candidate.id, "mia", now)
    archive.people.hire(candidate.id, "p-7", "mia", now)
    archive.people.leave(candidate.id, "mia", now)
    archive.privacy.hold(candidate.id, "case", "mia", now)
    archive.privacy.release(candidate.id, "mia", now)
    token, _ = archive.invitations.issue(candidate.id, "mia", now, timedelta(days=1))
    wish = archive.invitations.ask(token, WishKind.OBJECTION, "To all of it.", now)
    archive.wishes.handle(wish.id, "They are erased.", "mia", now)
    person_id = archive.people.find(candidate.id).id
    archive.privacy.erase(candidate.id, "mia", now)

    events = [post.event for post in claim(archive, webhook, now).posts]
    assert [event.type for event in events] == [
        *("interview.scheduled", "interview.ended", "scorecard.filed", "override.filed", "note.filed"),
        *("decision.filed", "consent.given", "consent.withdrawn", "candidate.opted_out", "candidate.hired"),
        *("candidate.left", "hold.placed", "hold.released", "candidate.asked", "candidate.answered"),
        "candidate.erased",
    ]
    assert events[1].data == {
        "interview_id": held.interview_id,
        "attempt_id": held.attempt_id,
        "disposition": "completed",
    }
    assert events[-2].data == {"person_id": person_id, "wish_id": wish.id, "what": "objection"}
    assert events[-1].data == {"person_id": person_id}
    told = b"".join(event.body() for event in events)
    for personal in (
        "Ann",
        "Lee",
        "4155550123",
        "c-1",
        "built",
        "mia",
        "I agree",
        "a note",
        "case",
        "all of it",
        "They are",
    ):
        assert personal.encode() not in told, personal


def test_who_opts_out_in_a_call_is_told_of_like_who_does_elsewhere(
    archive: Archive, webhook: str, hold: Hold, candidate: Candidate, now: datetime
) -> None:
    hold(candidate, disposition=Disposition.OPTED_OUT)
    assert "candidate.opted_out" in send_all(archive, webhook, now)


def test_a_retention_run_does_not_tell_old_news(
    archive: Archive, webhook: str, hold: Hold, candidate: Candidate, now: datetime
) -> None:
    hold(candidate, "I built it")
    send_all(archive, webhook, now)
    archive.privacy.retain(Retention(recordings=1, transcripts=1), "timer", now + timedelta(days=10))
    assert send_all(archive, webhook, now) == []
    assert archive.verify().problems == ()


def test_a_scorecard_that_is_put_away_because_the_interview_goes_on_is_no_news(
    archive: Archive, webhook: str, hold: Hold, candidate: Candidate, now: datetime
) -> None:
    held = hold(candidate, "I built it", disposition=Disposition.DROPPED)
    send_all(archive, webhook, now)
    archive.redeem_attempt(archive.begin_attempt(held.interview_id, now), now)
    assert archive.interview(held.interview_id).scorecard is None
    assert "scorecard.filed" not in send_all(archive, webhook, now)
    assert archive.verify().problems == ()


def test_an_endpoint_is_told_what_it_chose_and_from_when_it_was_made(archive: Archive, now: datetime) -> None:
    act(archive, now, "", "1")
    one, _ = archive.webhooks.create(URL, ["candidate.opted_out"], "mia", now)
    other, _ = archive.webhooks.create(URL, ["candidate.erased"], "mia", now)
    act(archive, now, "", "2")
    archive.privacy.erase("1", "mia", now)
    assert send_all(archive, one.id, now) == ["candidate.opted_out"]
    assert send_all(archive, other.id, now) == ["candidate.erased"]


def test_there_is_nothing_to_do_until_something_happens(archive: Archive, webhook: str, now: datetime) -> None:
    send_all(archive, webhook, now)  # of the webhook's own making
    assert archive.webhooks.outbox.ready(now) == ()
    act(archive, now, webhook, "1")
    assert archive.webhooks.outbox.ready(now) == (webhook,)
    send_all(archive, webhook, now)
    assert archive.webhooks.outbox.ready(now) == ()


def test_one_process_at_a_time_sends_and_another_takes_over_when_it_dies(
    archive: Archive, webhook: str, now: datetime
) -> None:
    act(archive, now, webhook, "1", "2")
    outbox = archive.webhooks.outbox
    first = claim(archive, webhook, now, "a")
    assert outbox.ready(now) == ()
    assert outbox.claim(webhook, "b", now) is None
    assert settle(archive, webhook, first.posts[0].event.sequence, DELIVERED, now, "a")
    dead_since = now + CLAIM_HOLDS
    assert outbox.ready(dead_since) == (webhook,)
    second = claim(archive, webhook, dead_since, "b")
    assert second.posts == first.posts[1:]
    assert not settle(archive, webhook, first.posts[1].event.sequence, DELIVERED, dead_since, "a"), "it was too late"
    assert settle(archive, webhook, first.posts[1].event.sequence, DELIVERED, dead_since, "b")


def test_when_the_receiver_is_down_everything_waits_in_order(archive: Archive, webhook: str, now: datetime) -> None:
    act(archive, now, webhook, "1", "2", "3")
    batch = claim(archive, webhook, now)
    settle(archive, webhook, batch.posts[0].event.sequence, RETRY, now)
    archive.webhooks.outbox.release(webhook, "a")
    assert archive.webhooks.outbox.ready(now + timedelta(seconds=29)) == ()
    assert archive.webhooks.find(webhook).failing_since == now
    again = now + timedelta(seconds=30)
    assert archive.webhooks.outbox.ready(again) == (webhook,)
    assert [post.event for post in claim(archive, webhook, again).posts] == [post.event for post in batch.posts]
    settle(archive, webhook, batch.posts[0].event.sequence, DELIVERED, again)
    assert archive.webhooks.find(webhook).failing_since is None


@pytest.mark.parametrize("how", ["enabled", "replayed"])
def test_who_asks_for_it_now_gets_all_of_it_now_in_order(
    archive: Archive, webhook: str, now: datetime, how: str
) -> None:
    act(archive, now, webhook, "1", "2")
    first, second = claim(archive, webhook, now).posts
    settle(archive, webhook, first.event.sequence, RETRY, now)
    archive.webhooks.outbox.release(webhook, "a")
    if how == "enabled":
        archive.webhooks.change(webhook, "mia", now, enabled=False)
        archive.webhooks.change(webhook, "mia", now, enabled=True)
    else:
        archive.webhooks.replay(webhook, second.event.sequence, "mia", now)
    assert [post.event for post in claim(archive, webhook, now).posts] == [first.event, second.event]


def test_an_event_that_is_refused_steps_aside(archive: Archive, webhook: str, now: datetime) -> None:
    act(archive, now, webhook, "1", "2")
    first, second = claim(archive, webhook, now).posts
    settle(archive, webhook, first.event.sequence, ASIDE, now)
    settle(archive, webhook, second.event.sequence, DELIVERED, now)
    archive.webhooks.outbox.release(webhook, "a")
    assert archive.webhooks.outbox.ready(now) == ()
    (again,) = claim(archive, webhook, now + timedelta(seconds=30)).posts
    assert (again.event, again.attempts) == (first.event, 1)


def test_an_endpoint_is_disabled_aloud_and_gets_everything_once_it_is_enabled(
    archive: Archive, webhook: str, now: datetime
) -> None:
    watcher, _ = archive.webhooks.create(URL, ["webhook.disabled"], "mia", now)
    act(archive, now, webhook, "1", "2")
    (first, _) = claim(archive, webhook, now).posts
    settle(archive, webhook, first.event.sequence, DEAD, now)
    found = archive.webhooks.find(webhook)
    assert (found.disabled_at, found.disabled_because) == (now, "it is down")
    assert archive.audit.entries(webhook)[0].action == "webhook.disable"
    assert send_all(archive, watcher.id, now) == ["webhook.disabled"]
    act(archive, now, webhook, "3")
    assert webhook not in archive.webhooks.outbox.ready(now + timedelta(days=9))
    assert archive.webhooks.outbox.claim(webhook, "a", now + timedelta(days=9)) is None

    enabled = archive.webhooks.change(webhook, "mia", now, enabled=True)
    assert (enabled.disabled_at, enabled.disabled_because) == (None, None)
    assert send_all(archive, webhook, now).count("candidate.opted_out") == 2, "the one that was given up stays so"
    (dead,) = archive.webhooks.deliveries(webhook, state=DeliveryState.DEAD)
    assert (dead.sequence, dead.attempts, dead.last_error) == (first.event.sequence, 1, DOWN.error)

    assert archive.webhooks.replay(webhook, dead.sequence, "mia", now).state is DeliveryState.WAITING
    (replayed,) = claim(archive, webhook, now).posts
    assert replayed.event == first.event, "with the id that it had"


def test_everything_since_a_moment_can_be_sent_again(archive: Archive, now: datetime) -> None:
    act(archive, now - timedelta(days=2), "", "1")
    act(archive, now, "", "2")
    webhook = archive.webhooks.create(URL, ["candidate.opted_out"], "mia", now)[0].id
    act(archive, now, "", "3")
    assert send_all(archive, webhook, now) == ["candidate.opted_out"]
    assert archive.webhooks.replay_since(webhook, now - timedelta(days=1), "mia", now) == 2
    assert len(claim(archive, webhook, now).posts) == 2
    archive.webhooks.outbox.release(webhook, "a")
    assert archive.webhooks.replay_since(webhook, now - timedelta(days=3), "mia", now) == 3
    assert len(claim(archive, webhook, now).posts) == 3


def test_both_secrets_sign_while_one_is_rotated(archive: Archive, now: datetime) -> None:
    endpoint, secret = archive.webhooks.create(URL, [], "mia", now)
    assert archive.webhooks.secrets(endpoint.id, now) == (secret,)
    fresh = archive.webhooks.rotate_secret(endpoint.id, "mia", now)
    assert archive.webhooks.secrets(endpoint.id, now) == (fresh, secret)
    assert claim(archive, endpoint.id, now).secrets == (fresh, secret)
    assert archive.webhooks.secrets(endpoint.id, now + OLD_SECRET_HOLDS) == (fresh,)
    content = b"".join(path.read_bytes() for path in archive.folder.rglob("*") if path.is_file())
    assert fresh[6:].encode() not in content
    assert b"hr.example.com" not in content
    archive.rotate_key("mia", now)
    assert archive.webhooks.secrets(endpoint.id, now) == (fresh, secret)


def test_a_change_reaches_what_is_being_sent(archive: Archive, webhook: str, now: datetime) -> None:
    act(archive, now, webhook, "1")
    (post,) = claim(archive, webhook, now).posts
    changed = archive.webhooks.change(webhook, "mia", now, url=URL + "/2", description="new")
    assert (changed.url, changed.description, changed.events) == (URL + "/2", "new", ())
    assert not settle(archive, webhook, post.event.sequence, RETRY, now), "what the old address did counts no more"
    assert claim(archive, webhook, now).url == URL + "/2"
    archive.webhooks.delete(webhook, "mia", now)
    assert not settle(archive, webhook, post.event.sequence, DELIVERED, now)
    assert archive.webhooks.list() == ()
    with pytest.raises(NotInArchive):
        archive.webhooks.deliveries(webhook)


def test_old_deliveries_are_no_longer_listed_and_those_that_wait_are(
    archive: Archive, webhook: str, now: datetime
) -> None:
    act(archive, now, webhook, "1", "2")
    first, second = claim(archive, webhook, now).posts
    settle(archive, webhook, first.event.sequence, DELIVERED, now)
    archive.webhooks.outbox.release(webhook, "a")
    later = now + DELIVERIES_KEPT + timedelta(days=1)
    act(archive, later, webhook, "3")
    claim(archive, webhook, later)
    listed = [each.sequence for each in archive.webhooks.deliveries(webhook)]
    assert first.event.sequence not in listed
    assert second.event.sequence in listed


def test_what_cannot_be_says_what_to_mend(archive: Archive, webhook: str, now: datetime) -> None:
    with pytest.raises(UsageError, match=r"there is no event 'interview\.startd': choose of .*interview\.scheduled"):
        archive.webhooks.create(URL, ["interview.startd"], "mia", now)
    with pytest.raises(NotInArchive, match="no webhook"):
        archive.webhooks.change("none", "mia", now, enabled=True)
    with pytest.raises(NotInArchive, match="no delivery 99"):
        archive.webhooks.replay(webhook, 99, "mia", now)
    for _ in range(MOST_ENDPOINTS - 1):
        archive.webhooks.create(URL, [], "mia", now)
    with pytest.raises(EnoughWebhooks, match="delete one"):
        archive.webhooks.create(URL, [], "mia", now)
