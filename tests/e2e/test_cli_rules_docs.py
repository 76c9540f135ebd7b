"""`compliance rules docs`: a site whose links hold, whose texts are escaped, and which needs nothing but its folder."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag

import pytest
from click.testing import Result

Run = Callable[..., Result]
HERE = Path(__file__).parent
LAW = HERE / "law"
ROOT = HERE.parents[1]
VOID = {"meta", "link", "input", "br"}


class Page(HTMLParser):
    """A page's links, ids and visible text; tags that do not close are an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.resources: list[str] = []
        self.ids: list[str] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids += [values["id"] or ""] if "id" in values else []
        if tag == "a":
            self.links.append(values["href"] or "")
        self.resources += [values[key] or "" for key in ("src", "href") if key in values and tag != "a"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.texts).split())


def read_site(folder: Path) -> dict[str, Page]:
    return {
        path.relative_to(folder).as_posix(): Page(path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.html"))
    }


def make_law(folder: Path, old: str = "", new: str = "") -> Path:
    folder.mkdir()
    for path in LAW.iterdir():
        text = path.read_text(encoding="utf-8")
        (folder / path.name).write_text(text.replace(old, new) if old else text, encoding="utf-8")
    return folder


def test_every_link_of_the_shipped_law_leads_somewhere(run: Run, tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert run("rules", "docs", ROOT / "rulesets", "--out", site).exit_code == 0
    pages = read_site(site)
    assert len(pages) > 40
    ids = {name: set(page.ids) for name, page in pages.items()}
    for name, page in pages.items():
        assert len(page.ids) == len(ids[name]), name
        for resource in page.resources:
            assert (site / name).parent.joinpath(resource).is_file(), (name, resource)
        for link in set(page.links):
            if link.startswith("https://"):
                continue
            path, anchor = urldefrag(link)
            target = (site / name).parent.joinpath(path).resolve().relative_to(site).as_posix() if path else name
            assert target in pages, (name, link)
            assert not anchor or anchor in ids[target], (name, link)


def test_a_page_says_what_a_reader_asks(run: Run, tmp_path: Path) -> None:
    assert run("rules", "docs", LAW, "--out", tmp_path / "site").exit_code == 0
    pages = read_site(tmp_path / "site")
    average = pages["provisions/test.monthly-average.html"].words
    for told in (
        "Test Act 1",
        "The monthly average stays within the limit",
        "confirmed reviewed 2026-01-01",
        "from 2020-01-01",
        "One obligation every calendar month",
        "This value must be at most the limit",
        "Due: by the last day of the period",
        "affirmative defence",
        "the mean equals the limit",
        "Evidence: result",
    ):
        assert told in average, told
    report = pages["provisions/test.report.html"].words
    assert "Unconfirmed." in report
    assert "Due: by the 28th of the month after the period" in report
    assert "1 of them is unconfirmed" in pages["index.html"].words
    assert "qualified quantity mg/L" in pages["facts.html"].words


def test_versions_and_references_are_told(run: Run, tmp_path: Path) -> None:
    law = make_law(
        tmp_path / "law",
        "in_force: {from: 2020-01-01}\nreviewed: 2026-01-01\nstatus: unconf",
        "in_force: {from: 2020-01-01, to: 2026-12-31}\nreviewed: 2026-01-01\nstatus: unconf",
    )
    text = (law / "law.yaml").read_text(encoding="utf-8")
    later = text[text.index("provision: test.report") :].replace("2020-01-01, to: 2026-12-31", "2027-01-01")
    more = later.replace("by: 28 of", "by: 15 of").replace(
        "require: some report", "require: some report or monthly-average.met"
    )
    (law / "law.yaml").write_text(f"{text}---\n{more}", encoding="utf-8")
    assert run("rules", "docs", law, "--out", tmp_path / "site").exit_code == 0
    pages = read_site(tmp_path / "site")
    report = pages["provisions/test.report.html"]
    assert "version 2 of 2" in report.words
    assert "the time allowed changes from 28 of next month to 15 of next month" in report.words
    assert "../provisions/test.monthly-average.html" in report.links
    assert "../provisions/test.report.html" in pages["provisions/test.monthly-average.html"].links


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: The monthly average", "title: <script>alert(1)</script> & average"),
        ("citation: Test Act 1", "citation: '\"><img src=x onerror=alert(1)>'"),
        ("responsible: office", "responsible: <b>office</b>"),
        ("because: affirmative defence", "because: <i>defence</i>"),
        ("case: the mean equals", "case: <u>the mean</u> equals"),
        ("name: text", "name: {type: text, describe: <s>name</s>}"),
    ],
)
def test_texts_of_the_law_are_never_markup(run: Run, tmp_path: Path, old: str, new: str) -> None:
    law = make_law(tmp_path / "law", old, new)
    assert run("rules", "docs", law, "--out", tmp_path / "site").exit_code == 0
    for path in (tmp_path / "site").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<script>alert|<img|<i>|<s>|<u>|<b>office", text), path.name
    assert any("&lt;" in path.read_text(encoding="utf-8") for path in (tmp_path / "site").rglob("*.html"))


def test_only_web_addresses_become_links(run: Run, tmp_path: Path) -> None:
    law = make_law(tmp_path / "law", "source: https://example.org/test-act", "source: 'javascript:alert(1)'")
    assert run("rules", "docs", law, "--out", tmp_path / "site").exit_code == 0
    pages = read_site(tmp_path / "site")
    assert "javascript:alert(1)" in pages["provisions/test.report.html"].words
    assert not any(link.startswith("javascript") for page in pages.values() for link in page.links)


def test_the_search_knows_every_page(run: Run, tmp_path: Path) -> None:
    site = tmp_path / "site"
    run("rules", "docs", LAW, "--out", site)
    script = (site / "pages.js").read_text(encoding="utf-8")
    pages = json.loads(script.removeprefix("window.PAGES = ").removesuffix(";\n"))
    assert {page["href"].partition("#")[0] for page in pages} == {
        "facts.html",
        "provisions/test.monthly-average.html",
        "provisions/test.report.html",
    }
    assert {page["kind"] for page in pages} == {"facts", "provision", "provision, unconfirmed"}


def test_the_same_law_gives_the_same_bytes_and_replaces_the_earlier_site(run: Run, tmp_path: Path) -> None:
    site = tmp_path / "site"
    run("rules", "docs", LAW, "--out", site)
    before = {path.name: path.read_bytes() for path in site.rglob("*.*")}
    (site / "provisions" / "gone.html").write_text("old", encoding="utf-8")
    assert run("rules", "docs", LAW, "--out", site).exit_code == 0
    assert {path.name: path.read_bytes() for path in site.rglob("*.*")} == before
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_other_folders_are_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    result = run("rules", "docs", LAW, "--out", tmp_path / "mine")
    assert result.exit_code == 2
    assert "holds other files" in result.stderr
    assert run("rules", "docs", LAW, "--out", tmp_path / "no" / "such").exit_code == 2
    assert run("rules", "docs", LAW, "--out", tmp_path / "mine" / "letter.txt").exit_code == 2
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_law_with_mistakes_gives_no_site(run: Run, tmp_path: Path) -> None:
    law = make_law(tmp_path / "law", "some report", "some raport")
    assert run("rules", "docs", law, "--out", tmp_path / "site").exit_code == 2
    assert not (tmp_path / "site").exists()


def test_a_table_names_the_units_of_its_cells(run: Run, tmp_path: Path) -> None:
    law = tmp_path / "law.yaml"
    law.write_text(
        "table: test.most\ncitation: Test Act 5\nkeys: {built: {type: date, band: from}}\n"
        "columns: {most: quantity mg/L, days: integer}\nrows: [[1998-01-01, 70, 3]]\n",
        encoding="utf-8",
    )
    assert run("rules", "docs", law, "--out", tmp_path / "site").exit_code == 0
    page = (tmp_path / "site" / "values" / "test.most.html").read_text(encoding="utf-8")
    assert re.findall(r'<th scope="col">(.*?)</th>', page) == ["built (from)", "most (mg/L)", "days"]
