"""A list of candidates as HR has it: CSV out of some spreadsheet, or JSON. Pure: text in, entries and what to mend out.

Whatever is wrong with a row is said of that row alone. Columns may stand in any order and have their usual names, in
English or Mandarin; others are left alone.
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.archive import Entry
from models.call import Candidate
from models.errors import InvalidFile, NumberRefused, Problem
from telephony.numbers import e164

MOST_ROWS = 10_000
MOST_CHARACTERS = 200
"""Of one value."""
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "candidate id", "applicant id", "external id", "编号", "候选人编号", "序号", "工号"),
    "name": ("name", "full name", "candidate", "candidate name", "applicant", "姓名", "名字", "候选人", "候选人姓名"),
    "phone": (
        *("phone", "phone number", "telephone", "tel", "mobile", "mobile number", "cell", "number"),
        *("电话", "手机", "手机号", "手机号码", "电话号码", "联系电话"),
    ),
    "email": ("email", "e-mail", "mail", "email address", "邮箱", "电子邮箱", "电子邮件", "邮件"),
}
"""What a column may be called, in lower case, by what it holds."""
NEEDED = ("id", "name", "phone")
DELIMITERS = ",;\t，；|"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ROUNDED = re.compile(r"\d[.,]\d+[eE]\+?\d+")
"""A number that a spreadsheet has shortened: its last figures are gone."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something to mend in a row."""

    column: str
    """As the file calls it; empty where the whole row is meant."""
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    """Of the file, where the row begins; in JSON the number of the entry. From 1."""
    entry: Entry | None
    refusals: tuple[Refusal, ...] = ()


def read_csv(content: bytes, region: str) -> tuple[Row, ...]:
    """`region`: where numbers without a country belong. Errors: InvalidFile when it is no such list at all."""
    text = _text(content)
    columns, records = _table(text)
    return _rows(_named(columns, records), columns, region)


def read_json(content: bytes, region: str) -> tuple[Row, ...]:
    """A list of objects with id, name, phone and perhaps email. Errors: InvalidFile."""
    try:
        found = json.loads(content)
    except UnicodeDecodeError:
        raise _invalid(0, 0, "this is not UTF-8: send JSON in UTF-8") from None
    except json.JSONDecodeError as error:
        raise _invalid(error.lineno, error.colno, f"this is not JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise _invalid(0, 0, "this JSON cannot be read: it nests too deep, or has a number too long") from None
    if not isinstance(found, list):
        raise _invalid(1, 1, 'a list is expected: [{"id": "a-17", "name": "Ann Lee", "phone": "+14155550123"}]')
    _refuse_many(len(found))
    columns = {name: name for name in HEADINGS}
    return _rows(enumerate(found, 1), columns, region)


def _text(content: bytes) -> str:
    """Excel writes UTF-8 with a mark, UTF-16, or whatever the country's Windows has."""
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _invalid(0, 0, "this is a workbook, not a CSV file: save it as “CSV UTF-8” and import that")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030" if _chinese(content) else "cp1252")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _invalid(0, 0, "the file's characters cannot be read: save it as “CSV UTF-8” and import that")


def _chinese(content: bytes) -> bool:
    """Whether bytes that are not UTF-8 are rather GB18030 than Windows-1252.

    The everyday characters of GB 2312 are two bytes from A1 on; accented letters seldom stand together.
    """
    high = len(re.findall(rb"[\x80-\xff]", content))
    paired = 2 * len(re.findall(rb"[\xa1-\xfe][\xa1-\xfe]", content))
    return paired * 2 >= high


def _table(text: str) -> tuple[dict[str, str], Iterator[tuple[int, list[str]]]]:
    """Which heading each column has that is known, and the records with their lines, the headings first."""
    line = next((line for line in text.splitlines() if line.strip()), None)
    if line is None:
        raise _invalid(0, 0, "the file is empty: its first line names the columns, such as: id,name,phone,email")
    found = {delimiter: _columns(next(csv.reader([line], delimiter=delimiter), [])) for delimiter in DELIMITERS}
    delimiter = max(found, key=lambda each: len(found[each]))
    missing = [name for name in NEEDED if name not in found[delimiter]]
    if missing:
        raise _invalid(
            1, 1, f"a column is missing: {', '.join(missing)}; the first line names the columns: id,name,phone,email"
        )
    return found[delimiter], _records(text, delimiter)


def _columns(headings: Sequence[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for heading in headings:
        plain = unicodedata.normalize("NFKC", heading).strip().casefold().replace("_", " ")
        for name, known in HEADINGS.items():
            if plain in known:
                columns.setdefault(name, heading)
    return columns


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line where it begins, the headings first; blank ones are left out."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    count = 0
    while True:
        line = lines.line_num + 1
        try:
            fields = next(lines, None)
        except csv.Error:
            yield line, []
            continue
        if fields is None:
            return
        if any(field.strip() for field in fields):
            count += 1
            _refuse_many(count - 1)
            yield line, fields


def _named(columns: Mapping[str, str], records: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, Any]]:
    _, headings = next(records)
    places = {name: headings.index(heading) for name, heading in columns.items()}
    for line, fields in records:
        if not fields:
            yield line, "the row cannot be read: a quotation mark in it is not closed, or stands alone"
        elif len(fields) > len(headings):
            yield (
                line,
                f"the row has {len(fields)} values for {len(headings)} columns: put quotation marks around the value "
                "that has a separator in it",
            )
        else:
            yield line, {name: fields[place] for name, place in places.items() if place < len(fields)}


def _rows(records: Any, columns: Mapping[str, str], region: str) -> tuple[Row, ...]:
    rows: list[Row] = []
    by_id: dict[str, int] = {}
    by_phone: dict[str, int] = {}
    for line, values in records:
        row = _row(line, values, columns, region)
        if row.entry is not None:
            who = row.entry.candidate
            twice = [
                Refusal(columns[name], f"{what} is in line {seen[value]} already: leave one of the two out")
                for name, what, value, seen in (
                    ("id", "this id", who.id, by_id),
                    ("phone", "this number", who.phone, by_phone),
                )
                if value in seen
            ]
            if twice:
                row = Row(line, None, tuple(twice))
            else:
                by_id[who.id] = by_phone[who.phone] = line
        rows.append(row)
    return tuple(rows)


def _row(line: int, values: Any, columns: Mapping[str, str], region: str) -> Row:
    if isinstance(values, str):
        return Row(line, None, (Refusal("", values),))
    if not isinstance(values, dict):
        return Row(line, None, (Refusal("", 'an object is expected: {"id": …, "name": …, "phone": …}'),))
    refusals: list[Refusal] = []
    plain: dict[str, str] = {}
    for name, heading in columns.items():
        try:
            plain[name] = _value(name, values.get(name))
        except ValueError as error:
            refusals.append(Refusal(heading, str(error)))
    if "phone" in plain:
        try:
            plain["phone"] = e164(plain["phone"], region)
        except NumberRefused as error:
            refusals.append(Refusal(columns["phone"], str(error)))
    if refusals:
        return Row(line, None, tuple(refusals))
    return Row(line, Entry(Candidate(plain["id"], plain["name"], plain["phone"]), plain.get("email") or None))


def _value(name: str, value: object) -> str:
    """Raises ValueError saying what to mend."""
    if isinstance(value, bool) or not isinstance(value, str | int | None):
        raise ValueError("a text is expected: put it in quotation marks")
    text = unicodedata.normalize("NFC", str(value if value is not None else "")).strip()
    if name in ("name", "email"):
        text = " ".join(text.split())
    if name == "phone":
        text = text.removeprefix("'").strip()
        if _ROUNDED.fullmatch(text):
            raise ValueError(f"{text} is a number that the spreadsheet has shortened: format the column as text")
    if not text and name in NEEDED:
        raise ValueError("this is empty: every candidate has an id of your own, a name and a number")
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"this is longer than {MOST_CHARACTERS} characters")
    if _CONTROL.search(text) or (not text.isprintable() and "\ufffd" in text):
        raise ValueError("there is a control character in this: type it anew")
    if any(0xD800 <= ord(sign) <= 0xDFFF for sign in text):
        raise ValueError("there is half a character in this: type it anew")
    if name == "email" and text and not _EMAIL.fullmatch(text):
        raise ValueError(f"{text!r} is not an e-mail address: write it like ann@example.org, or leave it empty")
    return text


def _refuse_many(rows: int) -> None:
    if rows > MOST_ROWS:
        raise _invalid(0, 0, f"the list has more than {MOST_ROWS:,} rows: import it in parts")


def _invalid(line: int, column: int, message: str) -> InvalidFile:
    return InvalidFile((Problem("the list", line, column, message),))
