"""A list of candidates is read as people's programs write it, and each row says what to mend."""

import json

import pytest

from models.archive import Entry
from models.call import Candidate
from models.errors import InvalidFile
from voicebot.candidate_list import MOST_ROWS, Row, read_csv, read_json

ANN = Entry(Candidate("a-17", "Ann Lee", "+14155550123"), "ann@example.org")
CHEN = Entry(Candidate("b-2", "陈博", "+8613812345678"))
CHINESE = "编号,姓名,手机号码\r\nb-2,陈博,13812345678\r\n"


def entries(rows: tuple[Row, ...]) -> list[Entry | None]:
    return [row.entry for row in rows]


def mends(rows: tuple[Row, ...]) -> list[tuple[int, str, str]]:
    return [(row.line, refusal.column, refusal.message) for row in rows for refusal in row.refusals]


@pytest.mark.parametrize(
    "content",
    [
        "id,name,phone,email\na-17,Ann Lee,+14155550123,ann@example.org\n",
        "\ufeffid,name,phone,email\r\na-17,Ann Lee,(415) 555-0123,ann@example.org\r\n",
        "ID;Name;Phone;E-Mail\r\na-17;Ann Lee;415-555-0123;ann@example.org\r\n",
        "email\tphone number\tfull name\texternal_id\nann@example.org\t415 555 0123\tAnn Lee\ta-17",
        'name,id,phone,email,notes\n"Ann\nLee",a-17,\'+1 415 555 0123,ann@example.org,"likes ""quotes"", commas"\n',
        "\n\nid,name,phone,email\n\n a-17 , Ann  Lee , +1.415.555.0123 ,ann@example.org\n,,,\n",
    ],
)
def test_one_candidate_in_many_ways(content: str) -> None:
    assert entries(read_csv(content.encode(), "US")) == [ANN]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_a_list_out_of_excel_in_china(encoding: str) -> None:
    assert entries(read_csv(CHINESE.encode(encoding), "CN")) == [CHEN]


@pytest.mark.parametrize("name", ["René Müller", "François Lefèbvre-Noël", "Øystein Ås"])
def test_a_list_out_of_excel_in_europe(name: str) -> None:
    content = f"id;name;phone\r\n1;{name};+49 30 901820\r\n".encode("cp1252")
    [row] = read_csv(content, "DE")
    assert row.entry is not None
    assert row.entry.candidate.name == name


def test_json_may_have_numbers_as_numbers() -> None:
    content = json.dumps([{"id": 2, "name": "陈博", "phone": 13812345678, "email": None}])
    assert entries(read_json(content.encode(), "CN")) == [Entry(Candidate("2", "陈博", "+8613812345678"))]


def test_every_row_says_what_to_mend() -> None:
    rows = read_csv(
        b"id,name,phone,email\n"
        b"1,Ann,+14155550123,\n"
        b"2,,+14155550124,\n"
        b"3,Bo,nothing,bo at example\n"
        b"1,Cy,+14155550125,\n"
        b"5,Di,(415) 555-0123,\n"
        b'6,"Ed\n\nEdson",1.41556E+10,\n'
        b"7,Flo,+14155550127\n"
        b"8,Gus,+14155550128,,too,many\n"
        b"9,H\x07al,+14155550129,\n"
        b"10," + b"x" * 201 + b",+14155550130,\n",
        "US",
    )
    assert [row.line for row in rows if row.entry] == [2, 10]
    found = {(line, column): message for line, column, message in mends(rows)}
    assert "is empty" in found[3, "name"]
    assert "'nothing' is not a telephone number" in found[4, "phone"]
    assert "not an e-mail address" in found[4, "email"]
    assert "this id is in line 2 already" in found[5, "id"]
    assert "this number is in line 2 already" in found[6, "phone"]
    assert "format the column as text" in found[7, "phone"]
    assert "6 values for 4 columns" in found[11, ""]
    assert "control character" in found[12, "name"]
    assert "longer than 200" in found[13, "name"]


def test_a_quotation_mark_that_is_not_closed_is_told_of() -> None:
    rows = read_csv(b'id,name,phone\n1,Ann,+14155550123\n2,"Bo,+14155550124\n3,Cy,+14155550125\n', "US")
    assert [row.line for row in rows if row.entry] == [2]
    assert [(line, "quotation mark" in message) for line, _, message in mends(rows)] == [(3, True)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b"id,name\n1,Ann\n", "a column is missing: phone"),
        (b"1,Ann,+14155550123\n", "a column is missing: id, name, phone"),
        (b"PK\x03\x04" + bytes(range(256)), "a workbook, not a CSV file"),
        (bytes(range(256)), "a column is missing|cannot be read"),
        (b"\xff\xfea", "cannot be read: save it as"),
        (b"id,name,phone\n" + b"1,A,+14155550123\n" * (MOST_ROWS + 1), "more than 10,000 rows"),
        (b'id,name,phone\n"' + b"x" * 200_000, ""),
    ],
)
def test_what_is_no_list_is_told_at_once(content: bytes, message: str) -> None:
    if not message:
        [row] = read_csv(content, "US")
        assert "cannot be read" in row.refusals[0].message
        return
    with pytest.raises(InvalidFile, match=message):
        read_csv(content, "US")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "this is not JSON"),
        (b'[{"id": 1,}]', "the list:1:11: this is not JSON"),
        (b'{"id": 1}', "a list is expected"),
        (b"\xff", "not UTF-8"),
        (b"[" * 100_000, "nests too deep"),
        (b"[" + b"9" * 5000 + b"]", "a number too long"),
    ],
)
def test_json_that_is_no_list(content: bytes, message: str) -> None:
    with pytest.raises(InvalidFile, match=message):
        read_json(content, "US")


@pytest.mark.parametrize(
    ("entry", "column"),
    [
        (5, ""),
        (None, ""),
        ({}, "id"),
        ({"id": True, "name": "A", "phone": "+14155550123"}, "id"),
        ({"id": ["x"], "name": "A", "phone": "+14155550123"}, "id"),
        ({"id": "1", "name": "\ud800", "phone": "+14155550123"}, "name"),
        ({"id": "1", "name": "A", "phone": 1.5}, "phone"),
    ],
)
def test_an_entry_that_is_no_candidate(entry: object, column: str) -> None:
    [row] = read_json(json.dumps([entry]).encode(), "US")
    assert row.entry is None
    assert column in [refusal.column for refusal in row.refusals]
