from models.tables import ScorecardRow, SkillTagRow
from voicebot.archive import mapping


def test_a_scorecard_from_before_experience_and_levels_still_loads() -> None:
    card = ScorecardRow(interview_id="i", overall=None, assessed_weight=0.0, scorer="skills/1")
    tag = SkillTagRow(
        interview_id="i", sequence=0, name="Go", kind="tool", quote="I use Go", question_id="q", start_ms=0, end_ms=1
    )
    loaded = mapping.scorecard(card, [], [tag])
    assert loaded.experience == ()
    assert loaded.skills[0].level is None
