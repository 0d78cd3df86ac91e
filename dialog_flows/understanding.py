"""What an utterance is: an answer, yes, no, "say that again", "wrong number"… by phrases held as data.

The phrases are in `library/<language>/phrases/understanding.yaml`, those that ask for the other language in
`library/phrases/switch_language.yaml`. An utterance is something other than an answer only when such phrases make up
most of it, so an answer that merely contains "repeat", "stop" or "no" stays an answer:

1. The text becomes words: small letters, no punctuation, no apostrophes; each Chinese character is a word, and so is
   each time that is named ("tomorrow after three"). Hesitations ("um", "please", 嗯) are dropped wherever they stand.
2. The longest phrases are found from left to right. Words of padding phrases ("sorry", "thank you") do not count;
   `covered` is the share of the other words that stand in phrases.
3. Phrases under `alone` count only when they are the whole utterance.
4. A command (any kind but yes and no) needs covered >= 3/4, or >= 1/2 when a yes/no is expected. Of several, the
   first in COMMANDS wins: what ends the call before what delays it.
5. Yes and no need covered >= 2/3. When a yes/no is expected it is enough to begin with one ("Yes, this is his
   desk phone"), unless the opposite or a reservation ("but", "not") follows. Yes and no together are neither, nor is
   what is hedged ("kind of", 也许吧), conditional ("if", 有事的话不行), or goes on in its clause ("I don't live far
   away"). What agrees with the line is a no where the line asks for an objection ("Would you mind …?") or a denial.
6. An opt-out that ends or begins the utterance or a clause counts however much else is said, unless it is quoted.
7. Patterns under `forms` account for a whole clause: "what do you mean by …", "how much …". A question counts when it
   is about the job, the company or the call (`about_us`), or about who is calling (`about_caller`).
8. A command that is the whole first or last clause counts beside a few other words ("Something came up, …").
9. What is left is looked up by how it sounds: recognisers write "a gain" for "again" and 可疑 for 可以.
10. Everything else, and whatever is long, is an answer.
"""

from dialog_flows.meaning import ANSWER, Kind, Meaning
from dialog_flows.phrasebook import Asked, phrasebook
from dialog_flows.reading import MOST_WORDS, Reading, ends_of
from models.dialog import Expects


def understand(text: str, expects: Expects, language: str, asked: str = "") -> Meaning:
    """What `text` means as a reply to the line `asked`, which expects that kind of answer."""
    book = phrasebook(language)
    line = book.words(asked)
    yes_no = expects is Expects.YES_NO
    reading = Reading(book, book.asked(line) if yes_no else Asked.OPEN, frozenset(line) - book.echo_stops)
    clauses = book.clauses(text)
    words = tuple(word for clause in clauses for word in clause)
    if len(words) > MOST_WORDS[language]:
        return reading.opt_out(clauses) or reading.of_beginning(clauses) or ANSWER
    if yes_no and (hummed := reading.of_hum(book.words(text))):
        return hummed  # "mm-hmm" and 嗯 are hesitations anywhere else
    if not words:
        return Meaning(Kind.THINKING, " ".join(book.words(text)))
    if alone := book.alone_kind(words, reading.asked):
        return Meaning(Kind(alone), " ".join(words))
    decided = reading.of_phrases(words, ends_of(clauses))
    if decided and decided.kind not in (Kind.YES, Kind.NO, Kind.ANSWER):
        return decided
    doubtful = decided is not None and decided.kind is Kind.ANSWER
    by_sound = reading.of_sounds(words)
    return (
        reading.opt_out(clauses)
        or (by_sound if by_sound and by_sound.kind is Kind.OPT_OUT else None)
        or (None if doubtful else decided)
        or reading.of_forms(clauses)
        or reading.of_clauses(clauses)
        or (None if doubtful and reading.is_hedged(words) else by_sound)
        or decided
        or ANSWER
    )
