"""`compliance rules conflicts`: what is shown as a conflict is one, by facts that both provisions judge."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

VOCABULARY = """\
vocabulary: test
types:
  site: {kind: reference, fields: {size: "enum [small, large]", urban: bool, zone: text}}
  permit:
    kind: state
    span: {from: begins, to: ends}
    fields: {site: reference site, begins: date, ends: {type: date, empty: never}}
  result:
    kind: event
    time: date
    fields: {site: reference site, date: date, valid: bool, value: {type: quantity, unit: mg/L, domain: non-negative}}
  fire: {kind: event, time: date, fields: {site: reference site, date: date, open: bool}}
"""

PROVISION = """\
---
provision: test.{name}
title: The requirement {name}
citation: Test Act {name}
in_force: {{from: {start}{end}}}
reviewed: 2026-01-01
applies: {{to: site, each: {each}, when: [{when}]}}
{demand}
"""


def provision(
    name: str,
    demand: str,
    *,
    start: str = "2020-01-01",
    end: str = "",
    each: str = "calendar month",
    when: str = "some result where valid",
) -> str:
    last = f", to: {end}" if end else ""
    return PROVISION.format(name=name, demand=demand, start=start, end=last, each=each, when=when)


THIRTY = "limit: {value: mean(result.value where valid), of: 30 mg/L}"
TWENTY = "let: {m: mean(result.value where valid)}\nlimit: {value: m, of: 20 mg/L}"

# Two limits on one value, for sites that may be both: neither condition includes the other.
LARGE = provision("a", THIRTY, when="size is large")
URBAN = provision("b", TWENTY, when="urban")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write_law(*provisions: str) -> Path:
        folder = tmp_path / "law"
        folder.mkdir(exist_ok=True)
        (folder / "law.yaml").write_text(VOCABULARY + "".join(provisions), encoding="utf-8")
        return folder

    return write_law


def test_one_value_and_two_limits(run: Run, write: Callable[..., Path]) -> None:
    law = write(provision("a", THIRTY, when="size is large"), provision("b", TWENTY, when="urban"))
    result = run("rules", "conflicts", law, "--format", "json")
    assert result.exit_code == 1
    (conflict,) = json.loads(result.stdout)["conflicts"]
    assert conflict["kind"] == "limits"
    assert [side["provision"] for side in conflict["sides"]] == ["test.a", "test.b"]
    (example,) = conflict["examples"]
    assert [verdict["status"] for verdict in example["verdicts"]] == ["compliant", "violation"]
    shown = run("rules", "conflicts", law)
    assert "value 25 mg/L" in shown.stdout
    assert shown.stderr == "1 conflict; 0 pairs alike without an example\n"


def test_limits_from_above_and_below(run: Run, write: Callable[..., Path]) -> None:
    """No value is at most 20 and at least 30: whatever the value, one of the two is broken."""
    law = write(
        provision("a", 'limit: {value: mean(result.value where valid), must: ">=", of: 30 mg/L}'),
        provision("b", TWENTY),
    )
    assert run("rules", "conflicts", law).exit_code == 1


@pytest.mark.parametrize(("least", "exit_code"), [("10 mg/L", 0), ("20 mg/L", 0), ("21 mg/L", 1)])
@pytest.mark.parametrize("value", ["value: mean(result.value where valid)", "every: result.value where valid"])
def test_a_range_that_some_value_keeps_is_no_conflict(
    run: Run, write: Callable[..., Path], value: str, least: str, exit_code: int
) -> None:
    """Months without records, which break neither limit, settle nothing."""
    below, above = (f'limit: {{{value}, must: "{op}", of: {of}}}' for op, of in ((">=", least), ("<=", "20 mg/L")))
    assert run("rules", "conflicts", write(provision("a", below), provision("b", above))).exit_code == exit_code


@pytest.mark.parametrize(
    ("demand", "ban"),
    [
        ("require: some fire where open", "forbid: fire where open"),
        ("require: some fire where open", "require: no fire where open"),
        ("forbid: fire", "require: some fire"),
        ("require: some fire where open", "forbid: fire"),
        ("require: some fire where open and date > 2000-01-01", "forbid: fire where open"),
    ],
)
def test_demanded_and_forbidden(run: Run, write: Callable[..., Path], demand: str, ban: str) -> None:
    law = write(provision("a", demand, when="size is small"), provision("b", ban, when="size is small"))
    result = run("rules", "conflicts", law, "--format", "json")
    assert result.exit_code == 1
    (conflict,) = json.loads(result.stdout)["conflicts"]
    assert conflict["kind"] == "opposite"
    statuses = [[verdict["status"] for verdict in example["verdicts"]] for example in conflict["examples"]]
    assert statuses == [["compliant", "violation"], ["violation", "compliant"]]


def test_two_duties_of_one_provision(run: Run, write: Callable[..., Path]) -> None:
    duties = "duties: [{id: light, require: some fire where open}, {id: none, forbid: fire}]"
    assert run("rules", "conflicts", write(provision("a", duties))).exit_code == 1
    limits = "duties: [{id: year, limit: {value: mean(result.value), of: 3 mg/L}}, {id: day, limit: {value: mean(result.value), of: 9 mg/L}}]"
    assert run("rules", "conflicts", write(provision("a", limits))).exit_code == 0


@pytest.mark.parametrize(
    "others",
    [
        pytest.param(
            (provision("a", THIRTY, when="size is large"), provision("b", TWENTY, when="size is small")), id="scopes"
        ),
        pytest.param((LARGE + "unless: [test.b.applies]\n", URBAN), id="precedence"),
        pytest.param(
            (provision("a", THIRTY, end="2024-12-31"), provision("b", TWENTY, start="2025-01-01")), id="times"
        ),
        pytest.param((provision("a", THIRTY, each="calendar year"), provision("b", TWENTY)), id="periods"),
        pytest.param((LARGE, provision("b", THIRTY, when="urban")), id="equal"),
        pytest.param((LARGE, URBAN + "tightens: test.a\n"), id="tightens"),
        pytest.param((LARGE + "displaced_by: test.b\n", URBAN), id="displaced"),
        pytest.param(
            (provision("a", THIRTY), provision("b", "limit: {value: max(result.value where valid), of: 9 mg/L}")),
            id="values",
        ),
        pytest.param((provision("a", "require: some fire"), provision("b", "forbid: fire where open")), id="sets"),
        pytest.param(
            (
                provision("a", "require: some fire", when="size is large"),
                provision("b", "forbid: fire", when="size is small"),
            ),
            id="subjects",
        ),
    ],
)
def test_what_is_settled_is_no_conflict(run: Run, write: Callable[..., Path], others: tuple[str, ...]) -> None:
    result = run("rules", "conflicts", write(*others))
    assert (result.exit_code, result.stdout) == (0, ""), result.stdout


def test_pairs_without_an_example_are_listed_when_asked_for(run: Run, write: Callable[..., Path]) -> None:
    law = write(provision("a", THIRTY, when="size is large"), provision("b", TWENTY, when="size is small"))
    result = run("rules", "conflicts", law, "--suspects")
    assert result.exit_code == 0
    assert "their conditions may exclude each other" in " ".join(result.stdout.split())
    assert result.stderr == "0 conflicts; 1 pair alike without an example\n"


def test_saved_examples_are_cases_that_pass_until_the_conflict_is_settled(run: Run, write: Callable[..., Path]) -> None:
    held = (LARGE, URBAN)
    fires = (provision("c", "require: some fire"), provision("d", "forbid: fire"))
    law = write(*held, *fires)
    run("rules", "conflicts", law, "--save", law / "conflicts.cases.yaml")
    assert run("rules", "check", law).exit_code == 0
    tested = run("rules", "test", law)
    assert (tested.exit_code, tested.stderr.splitlines()[-1]) == (0, "3 cases: 3 passed, 0 failed")
    write(held[0], URBAN + "unless: [test.a.applies]\n", *fires)
    assert run("rules", "test", law).exit_code == 1
    assert run("rules", "conflicts", law).stderr.startswith("1 conflict; 1 pair ")


def test_shipped_law_does_not_contradict_itself(run: Run) -> None:
    assert run("rules", "conflicts", Path(__file__).parents[2] / "rulesets").exit_code == 0


def test_law_with_mistakes_is_refused(run: Run, write: Callable[..., Path]) -> None:
    assert run("rules", "conflicts", write(provision("a", "require: some fyre"))).exit_code == 2
