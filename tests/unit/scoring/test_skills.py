import time
from datetime import date

import pytest

from models.interview import SkillKind
from scoring.skills import canonical, experiences, skill_tags


@pytest.fixture
def tags(answer, embedder):
    def found(*texts: str) -> dict[str, float | None]:
        return {tag.name: tag.years for tag in skill_tags([answer(*texts)], embedder)}

    return found


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
        ("our infrastructure is on A. W. S.", "AWS"),
        ("I set up the CI, CD pipeline", "CI/CD"),
        (".NET, that is what we used", ".NET"),
        ("I've used Node.js, node-js and NodeJS", "Node.js"),
        ("the sites are wordpress sites", "WordPress"),
        ("库博内提斯上部署", "Kubernetes"),
        ("做过树据建模", "Data modelling"),
        ("平时用飞书文档写方案", "Feishu"),
        ("图是用PS做的", "Photoshop"),
        ("我在超市做过收银", "Cash handling"),
        ("I was on the till at weekends", "Cash handling"),
        ("I have a forklift licence", "Forklift operation"),
        ("I speak Japanese", "Japanese"),
        ("英语六级", "English"),
        ("I was the project manager of the move", "Project management"),
        ("我是产品经理", "Product management"),
        ("as the store manager I had the keys", "Store management"),
        ("高并发场景", "Concurrency"),
        ("负责招聘", "Recruiting"),
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
        "Ruby and Julia are my colleagues at Oracle",
        "昨天收到一条飞书消息",
        "选了很多课，我家娃也上学了",
        "派送通知已经到了",
        "the product manager and my store manager asked, and my mentor and the team lead agreed",
        "产品经理提的，店长让我做，项目经理同意",
        "我在招聘网站上看到的",
        "手术以后有并发症",
        "my English teacher said so",
        "it was out of scope, and we put it in design",
        "our office is in Phoenix, near the harbor",
        "on English and French customers' parcels",
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
        "I'd love to learn Docker",
        "我想学一下 Docker",
        "我没有做过销售，客服也没做过",
    ],
)
def test_what_the_candidate_denies_is_no_skill(tags, said):
    assert tags(said) == {}


@pytest.mark.parametrize(
    "said",
    [
        "my colleague knows Python really well, he did the Kafka part too",
        "she was the one who knew all about Excel",
        "my mother is a nurse",
        "do you use Kubernetes here",
        "your team works with Kafka, right",
        "我同事很懂Python",
        "是我师兄用C加加写的",
        "她英语很好，销售也做得好",
        "你们用的是 Kafka 吗",
    ],
)
def test_what_others_can_do_is_no_skill_of_the_candidate(tags, said):
    assert tags(said) == {}


@pytest.mark.parametrize(
    "said",
    [
        "my colleague taught me Docker, and now I use it every day",
        "he left, so we moved it to Docker",
        "my boss asked us for reports. Then Docker came",
        "can you hear me, I used Docker",
        "同事不在，我用 Docker 部署的",
        "我教他们怎么用 Docker",
    ],
)
def test_the_candidate_comes_back_to_themselves(tags, said):
    assert "Docker" in tags(said)


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
        ("six months of Terraform", "Terraform", 0.5),
        ("5+ years of Java", "Java", 5),
        ("a year of Kafka", "Kafka", 1),
        ("Java做了两三年", "Java", 2),
        ("less than two years of Java", "Java", None),
        ("Java用了不到两年", "Java", None),
        ("ten years ago I learned Perl", "Perl", None),
        ("三年前学的Python", "Python", None),
        ("I know Python", "Python", None),
        ("2019年学的Python", "Python", None),
    ],
)
def test_years_are_taken_when_said(tags, said, skill, years):
    assert tags(said)[skill] == years


@pytest.mark.parametrize(
    ("said", "years"), [("I've used Java since 2019", 7), ("Java 从2020年开始用", 6), ("since 2031 Java", None)]
)
def test_since_makes_years_where_the_day_of_the_interview_is_known(answer, embedder, said, years):
    (tag,) = skill_tags([answer(said)], embedder, held_on=date(2026, 5, 1))
    assert tag.years == years
    (tag,) = skill_tags([answer(said)], embedder)
    assert tag.years is None


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("I know the basics of Docker", "basic"),
        ("I'm currently learning Docker", "basic"),
        ("会一点Docker", "basic"),
        ("I'm quite good at Excel", "good"),
        ("Docker我比较熟", "good"),
        ("I'm an expert in Kafka", "expert"),
        ("精通Java", "expert"),
        ("I use Docker", None),
    ],
)
def test_the_level_is_taken_when_said(answer, embedder, said, level):
    (tag,) = skill_tags([answer(said)], embedder)
    assert tag.level == level


def test_years_and_level_of_two_sentences_come_together(answer, embedder):
    said = answer("I'm an expert in Kafka.", "I have three years of Kafka.")
    (tag,) = skill_tags([said], embedder)
    assert (tag.years, tag.level, tag.quote) == (3, "expert", "I have three years of Kafka.")


@pytest.mark.parametrize(
    "said",
    [
        "teamwork is very important to me",
        "I am a team player who loves teamwork",
        "everybody should take responsibility",
        "teamwork leadership negotiation ownership Kafka monitoring",
        "我觉得团队合作很重要",
    ],
)
def test_praise_and_keywords_show_no_soft_skill(answer, embedder, said):
    assert [tag for tag in skill_tags([answer(said)], embedder) if tag.kind is SkillKind.SOFT] == []


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
    assert canonical(" databases ") == "Databases"
    assert canonical("沟通") == canonical("communication") == "Stakeholder communication"
    assert canonical("性能优化") == "Performance tuning"
    assert canonical("C++") == "C++"
    assert canonical("😀") == "😀"


def test_expected_skills_are_found_by_name_in_any_words(answer, embedder):
    said = answer("I was good at falconry and at nothing else.")
    assert [tag.name for tag in skill_tags([said], embedder, ["was good at falconry"])] == ["was good at falconry"]
    assert skill_tags([said], embedder, ["Kubernetes"]) == ()


HOSTILE = {
    "ten thousand words": "and then I used python " * 2000,
    "one endless word": "a1" * 25_000,
    "emoji": "😀🎉" * 10_000,
    "control characters": "\x00\x1b[31m \u202e\ud800 " * 2000,
    "nested brackets": "([{" * 10_000 + "}])" * 10_000,
    "denials": "never not don't " * 3000,
    "full stops": "A. " * 10_000,
    "Han characters": "我们用一十年" * 5000,
    "beginnings": "from 1 built a since 20 the team of " * 1000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_any_text_is_tagged_in_bounded_time(answer, embedder, text):
    said = answer(text + " I use Java.")
    began = time.perf_counter()
    tags = skill_tags([said], embedder)
    experiences([said])
    assert time.perf_counter() - began < 20  # seconds; about one on an idle core, minutes if it grew as the square
    assert all(tag.quote in said.parts[0].utterance.text for tag in tags)
    assert "Java" in {tag.name for tag in tags}


def test_a_name_and_its_evidence_survive_odd_characters(tags):
    assert "Python" in tags("İİİ😀 Python\x00")
    assert set(tags("(Java) [Docker] {Kafka}")) == {"Java", "Docker", "Kafka"}
