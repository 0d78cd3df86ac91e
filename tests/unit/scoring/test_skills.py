import pytest

from models.interview import SkillKind
from scoring.skills import canonical, skill_tags
from scoring.skills.taxonomy import taxonomy


@pytest.fixture
def tags(answer, embedder):
    def found(*texts: str) -> dict[str, float | None]:
        return {tag.name: tag.years for tag in skill_tags([answer(*texts)], embedder)}

    return found


def test_the_table_is_large_and_bilingual():
    skills = taxonomy().skills.values()
    assert len(skills) >= 600
    assert len({spelling.skill.name for found in taxonomy().mandarin.values() for _, spelling in found}) >= 150
    assert all(skill.shown for skill in skills if skill.kind is SkillKind.SOFT)


@pytest.mark.parametrize(
    ("said", "skill"),
    [
        ("we deployed it on cube our needs", "Kubernetes"),
        ("it ran on cooper netties", "Kubernetes"),
        ("主要用 k8s 部署", "Kubernetes"),
        ("the database was post gress", "PostgreSQL"),
        ("we used postgres", "PostgreSQL"),
        ("I wrote it with fast api", "FastAPI"),
        ("FastAPI is nice", "FastAPI"),
        ("我用派森写脚本", "Python"),
        ("后来拆成了微服务", "Microservices"),
        ("a front end in java script", "JavaScript"),
        ("I know see plus plus", "C++"),
        ("会C语言", "C"),
        ("I programmed in C for years", "C"),
        ("services written in Go", "Go"),
        ("I used R for statistics", "R"),
        ("I use Excel for the monthly reports", "Excel"),
        ("会用 Excel 做报表", "Excel"),
        ("a service with Spring Boot", "Spring"),
        ("I led a team of four engineers", "Team leadership"),
        ("带过五个人的团队", "Team leadership"),
        ("我们每天做代码评审", "Code review"),
    ],
)
def test_skills_are_known_however_they_are_said(tags, said, skill):
    assert skill in tags(said)


@pytest.mark.parametrize(
    "said",
    [
        "I go to the gym every day",
        "let's go through the code",
        "last spring we moved to a new office",
        "I excel at talking to people",
        "I react to problems quickly",
        "the rest of the day I was free",
        "I had a swift lunch in the unity of my family",
        "vitamin c and plan r",
        "我周末去爬山",
    ],
)
def test_everyday_words_are_no_skills(tags, said):
    assert tags(said) == {}


@pytest.mark.parametrize(
    "said",
    [
        "I have never used Golang",
        "I don't know Python",
        "I haven't really worked with Kubernetes",
        "I have no experience with AWS",
        "Kafka? I have never used it",
        "I want to learn Terraform",
        "没用过 Rust语言",
        "不太会Python",
        "Kafka 我没用过",
        "I have never used Python, Java or Go",
    ],
)
def test_what_the_candidate_denies_is_no_skill(tags, said):
    assert tags(said) == {}


def test_negation_reaches_no_further_than_it_should(tags):
    assert set(tags("I don't know Python but I use Java every day")) == {"Java"}
    assert set(tags("We used Docker instead of Terraform")) == {"Docker"}
    assert set(tags("I know not only Python")) == {"Python"}
    assert set(tags("不只会Python，也会Java")) == {"Python", "Java"}


@pytest.mark.parametrize(
    ("said", "skill", "years"),
    [
        ("I have three years of Java", "Java", 3),
        ("12 years of experience with Python", "Python", 12),
        ("I have been using Docker for four years", "Docker", 4),
        ("two and a half years of Kotlin", "Kotlin", 2.5),
        ("one and a half years with Kafka", "Kafka", 1.5),
        ("做了三年 Java", "Java", 3),
        ("用过两年半Redis", "Redis", 2.5),
        ("Python用了十二年", "Python", 12),
        ("C语言学了半年", "C", 0.5),
        ("ten years ago I learned Perl", "Perl", None),
        ("三年前学的Python", "Python", None),
        ("I know Python", "Python", None),
    ],
)
def test_years_are_taken_when_said(tags, said, skill, years):
    assert tags(said)[skill] == years


def test_one_tag_a_skill_with_the_clause_that_tells_most(answer, embedder):
    said = answer("I like Python. It is fun.", "I have five years of Python, mostly for services.")
    (tag,) = [tag for tag in skill_tags([said], embedder) if tag.name == "Python"]
    assert (tag.quote, tag.years, tag.kind) == ("I have five years of Python", 5, SkillKind.TOOL)
    utterance = said.parts[1].utterance
    assert utterance.start_ms <= tag.start_ms <= tag.end_ms <= utterance.end_ms


def test_longer_names_win_over_the_shorter_ones_inside(tags):
    assert set(tags("we use JavaScript")) == {"JavaScript"}
    assert set(tags("Python, Go and Rust")) == {"Python", "Go", "Rust"}


def test_a_rubrics_skill_names_are_understood():
    assert canonical("k8s") == "Kubernetes"
    assert canonical("postgres") == "PostgreSQL"
    assert canonical("Falconry") == "Falconry"


def test_expected_skills_are_found_by_name_in_any_words(answer, embedder):
    said = answer("I was good at falconry and at nothing else.")
    assert [tag.name for tag in skill_tags([said], embedder, ["was good at falconry"])] == ["was good at falconry"]
    assert skill_tags([said], embedder, ["Kubernetes"]) == ()
