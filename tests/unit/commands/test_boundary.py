"""However a command ends, a script can tell from the exit code, and a person from one sentence."""

from collections.abc import Callable
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner, Result

from compliance_engine import commands
from compliance_engine.commands import lazy, main
from compliance_engine.kernel.diagnostic import Diagnostic
from compliance_engine.kernel.errors import RulesetError
from compliance_engine.kernel.span import Span

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `compliance demo` with a body of the test's own."""

    def run_with(body: Callable[[], object], *options: str) -> Result:
        module = SimpleNamespace(command=click.command(body))
        monkeypatch.setattr(lazy, "import_module", lambda _: module)
        return CliRunner().invoke(main, [*options, "demo"])

    return run_with


def _raise(error: BaseException) -> Callable[[], object]:
    def body() -> object:
        raise error

    return body


@pytest.mark.parametrize(("answer", "code"), [(None, 0), (0, 0), (1, 1), (3, 3)])
def test_what_a_command_returns_is_the_exit_code(run: Run, answer: int | None, code: int) -> None:
    assert run(lambda: answer).exit_code == code


def test_law_that_cannot_be_used_is_shown_whole_and_exits_2(run: Run) -> None:
    troubles = [Diagnostic(code="unknown-key", message=f"trouble {n}", span=Span("a.yaml", n, 1)) for n in (2, 1)]
    result = run(_raise(RulesetError(troubles)))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "a.yaml:1:1: error [unknown-key] trouble 1",
        "a.yaml:2:1: error [unknown-key] trouble 2",
    ]


@pytest.mark.parametrize(
    "error",
    [click.UsageError("no"), click.ClickException("no"), FileNotFoundError(2, "No such file or directory", "a.csv")],
)
def test_input_that_cannot_be_used_exits_2_without_a_traceback(run: Run, error: Exception) -> None:
    result = run(_raise(error))
    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert "Traceback" not in result.stderr


def test_a_bug_is_said_to_be_ours_and_exits_70(run: Run) -> None:
    result = run(_raise(KeyError("x")))
    assert result.exit_code == 70
    assert "a bug of compliance" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_missing_file_of_ours_is_a_bug(run: Run) -> None:
    ours = FileNotFoundError(2, "No such file or directory", str(commands.__file__) + ".gone")
    assert run(_raise(ours)).exit_code == 70


def test_debug_prints_the_traceback(run: Run) -> None:
    result = run(_raise(KeyError("x")), "--debug")
    assert result.exit_code == 70
    assert "Traceback (most recent call last)" in result.stderr


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), click.Abort()])
def test_an_interruption_exits_130(run: Run, interruption: BaseException) -> None:
    assert run(_raise(interruption)).exit_code == 130


def test_a_command_is_known_by_its_name_only() -> None:
    result = CliRunner().invoke(main, ["evalute"])
    assert result.exit_code == 2
    assert "evalute" in result.stderr


@pytest.mark.parametrize("no_color", ["1", ""])
def test_no_color_is_respected(run: Run, monkeypatch: pytest.MonkeyPatch, no_color: str) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    seen: list[bool | None] = []
    run(lambda: seen.append(click.get_current_context().color))
    assert seen == [False if no_color else None]
