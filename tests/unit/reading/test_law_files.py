"""Which files are read, under which names, and what the digest of law depends on."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from compliance_engine.kernel.span import Span
from compliance_engine.model.law import Law
from compliance_engine.reading.law import read_law
from compliance_engine.reading.law.texts import MAX_BYTES, holds_only

SHIPPED = Path(__file__).resolve().parents[3] / "rulesets" / "eu"
VALUE = "definition: t.{0}\nfor: site\nvalue: 1\n"
TABLE = """\
table: t.limits
citation: Annex I
keys: {class: text}
columns: {limit: quantity mg/L, note: text}
file: limits.csv
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def read(*paths: Path) -> Law:
    """Read law that is without mistakes."""
    law, found = read_law(paths)
    assert not found, found
    return law


def ids(law: Law) -> list[str]:
    return [definition.id.text for definition in law.definitions]


def test_folders_are_walked_in_order_of_names(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            name: VALUE.format(name[0])
            for name in ("c.yaml", "a.yml", "b/x.yaml", ".d.yaml", ".e/y.yaml", "f.txt", "g.yaml~")
        },
    )
    assert ids(read(tmp_path)) == ["t.a", "t.b", "t.c"]


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": VALUE.format("a")})
    assert ids(read(tmp_path, tmp_path / "a.yaml", tmp_path)) == ["t.a"]


def test_order_of_paths_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a/x.yaml": VALUE.format("a"), "b/x.yaml": VALUE.format("b")})
    one, other = read(tmp_path / "a", tmp_path / "b"), read(tmp_path / "b", tmp_path / "a")
    assert one == other


def test_shared_vocabularies_above_are_read(tmp_path: Path) -> None:
    vocabulary = "vocabulary: {0}\ntypes: {{}}\n"
    write(
        tmp_path,
        {
            "us/vocabulary.yaml": vocabulary.format("us"),
            "us/cwa/vocabulary.yaml": vocabulary.format("us.cwa"),
            "us/cwa/npdes/a.yaml": VALUE.format("a"),
            "us/cwa/other.yaml": VALUE.format("other"),
            "us/rcra/b.yaml": VALUE.format("b"),
        },
    )
    law = read(tmp_path / "us/cwa/npdes")
    assert [vocabulary.id.text for vocabulary in law.vocabularies] == ["us.cwa", "us"]
    assert ids(law) == ["t.a"]
    assert [vocabulary.id.text for vocabulary in read(tmp_path / "us/cwa/npdes/a.yaml").vocabularies] == [
        "us.cwa",
        "us",
    ]
    both = read(tmp_path / "us/rcra", tmp_path / "us/cwa/npdes")
    assert len(both.vocabularies) == 2


def test_a_topic_below_its_vocabulary_finds_it_but_not_one_far_above(tmp_path: Path) -> None:
    shared = "vocabulary: near\ntypes: {}\n"
    write(
        tmp_path, {"vocabulary.yaml": shared, "a/b/x.yaml": VALUE.format("x"), "a/b/c/d/e/f/y.yaml": VALUE.format("y")}
    )
    assert [vocabulary.id.text for vocabulary in read(tmp_path / "a/b").vocabularies] == ["near"]
    assert read(tmp_path / "a/b/c/d/e/f").vocabularies == ()


def test_files_are_named_as_the_paths_were_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"us/vocabulary.yaml": "vocabulary: us\ntypes: {}\n", "us/cwa/a.yaml": VALUE.format("a")})
    monkeypatch.chdir(tmp_path)
    law = read(Path("us/cwa"))
    assert law.definitions[0].id.span.file == "us/cwa/a.yaml"
    assert law.vocabularies[0].id.span.file == "us/vocabulary.yaml"
    monkeypatch.chdir(tmp_path / "us/cwa")
    law = read(Path())
    assert law.definitions[0].id.span.file == "a.yaml"
    assert law.vocabularies[0].id.span.file == "../vocabulary.yaml"


def test_the_digest_is_of_names_and_bytes_not_of_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a.yaml": VALUE.format("a"), "b/limits.yaml": TABLE, "b/limits.csv": "class,limit,note\nI,3 mg/L,\n"}
    here, there = write(tmp_path / "here", files), tmp_path / "far" / "there"
    shutil.copytree(here, there)
    digest = read(here).digest
    assert len(digest) == 64
    assert read(there).digest == digest
    monkeypatch.chdir(here)
    assert read(Path()).digest == digest
    assert read(here / "b", here / "a.yaml").digest != digest, "limits.yaml is b/limits.yaml only inside the ruleset"
    (there / "b/limits.csv").write_text("class,limit,note\nI,4 mg/L,\n")
    assert read(there).digest != digest
    (here / "a.yaml").rename(here / "c.yaml")
    assert read(here).digest != digest


def test_a_table_is_read_from_the_file_beside_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"limits.yaml": TABLE, "limits.csv": 'note,class,limit\n"two\nlines, é",I,0.10 mg/L\n\n~,II,1e-5 mg/L\n'},
    )
    (table,) = read(tmp_path).tables
    assert table.rows == (("I", "0.10 mg/L", "two\nlines, é"), ("II", "1e-5 mg/L", "~"))
    name = str(tmp_path / "limits.csv")
    assert table.row_spans == (Span(name, 2, 1), Span(name, 5, 1))


@pytest.mark.parametrize(
    ("csv", "code", "line"),
    [
        ("class,limit\nI,3\n", "bad-header", 1),
        ("class,limit,note,note\n", "bad-header", 1),
        ("", "bad-header", 1),
        ("class,limit,note\nI,3\n", "row-length", 2),
        ('class,limit,note\nI,3,"a\n', "broken-csv", 2),
        ("class,limit,note\nI,3,\x00\n", "bad-character", 2),
    ],
)
def test_a_bad_table_file(tmp_path: Path, csv: str, code: str, line: int) -> None:
    write(tmp_path, {"limits.yaml": TABLE, "limits.csv": csv})
    _, (found,) = read_law([tmp_path])
    assert found.span is not None
    assert (found.code, found.span.file, found.span.line) == (code, str(tmp_path / "limits.csv"), line)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../secret.csv", "file-outside"),
        ("/etc/passwd", "file-outside"),
        ("a/../../secret.csv", "file-outside"),
        ("limits.txt", "file-outside"),
        ("linked.csv", "file-outside"),
        ("x" * 200 + ".csv", "file-outside"),
        ("missing.csv", "no-such-file"),
        ('"a\\0.csv"', "bad-character"),
    ],
)
def test_table_files_stay_inside_the_ruleset(tmp_path: Path, name: str, code: str) -> None:
    write(tmp_path, {"secret.csv": "class,limit,note\n", "law/limits.yaml": TABLE.replace("limits.csv", name)})
    (tmp_path / "law/linked.csv").symlink_to(tmp_path / "secret.csv")
    law, found = read_law([tmp_path / "law"])
    assert code in [d.code for d in found]
    assert [table.rows for table in law.tables] == [()]


def test_links_that_leave_the_ruleset_are_refused_and_others_followed(tmp_path: Path) -> None:
    write(tmp_path, {"law/a.yaml": VALUE.format("a"), "outside/b.yaml": VALUE.format("b")})
    (tmp_path / "law/b.yaml").symlink_to(tmp_path / "outside/b.yaml")
    (tmp_path / "law/more").symlink_to(tmp_path / "outside")
    (tmp_path / "law/again.yaml").symlink_to(tmp_path / "law/a.yaml")
    (tmp_path / "law/loop.yaml").symlink_to(tmp_path / "law/loop.yaml")
    law, found = read_law([tmp_path / "law"])
    assert ids(law) == ["t.a"]
    places = sorted(Path(d.span.file).name for d in found if d.span is not None and d.code == "file-outside")
    assert [name for name in places if name != "loop.yaml"] == ["b.yaml", "more"]


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    law, found = read_law([tmp_path / "absent", tmp_path / "empty"])
    assert [d.code for d in found] == ["no-such-file", "no-law"]
    assert law.provisions == ()


def test_a_file_too_large_is_not_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    _, (found,) = read_law([tmp_path])
    assert found.code == "file-too-large"


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("cases: us.x\nsite: {}\n", True),
        ("# Of the first version.\n---\ncases: us.x\n--- # and\n\ncases: us.y\n", True),
        ("---\ncases:\n", True),
        ("cases: us.x\n---\nprovision: us.y\n", False),
        ("provision: us.y\n---\ncases: us.x\n", False),
        ("--- {provision: us.y}\n---\ncases: us.x\n", False),
        ("cases: us.x\n--- {provision: us.y}\n", False),
        ("%YAML 1.2\n---\ncases: us.x\n", False),
        ("cases: us.x\n...\nprovision: us.y\n", False),
        ("cases: us.x\r---\rprovision: us.y\r", False),
        ("cases: us.x\r\n---\r\ncases: us.y\r\n", True),
        ("{cases: us.x}\n", False),
        ("casesx: us.x\n", False),
        ("# nothing\n", False),
        ("", False),
    ],
)
def test_a_file_that_plainly_holds_only_cases_is_known(text: str, *, only: bool) -> None:
    assert holds_only(text, "cases") == only


def test_law_is_the_same_without_its_cases() -> None:
    """An evaluation reads no cases: the program, its digest and all else of the law stay."""
    whole, _ = read_law([SHIPPED])
    without, _ = read_law([SHIPPED], cases=())
    assert len(whole.cases) > 10
    assert without.cases == ()
    assert replace(whole, cases=()) == without
