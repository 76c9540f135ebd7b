"""The options that several commands share, and the kinds of values that they take."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click
from platformdirs import user_cache_path

from compliance_engine.kernel.days import read_day
from compliance_engine.kernel.diagnostic import Diagnostic
from compliance_engine.kernel.shipped import shipped_rulesets
from compliance_engine.reporting.troubles import render_diagnostics
from compliance_engine.workflow.periods import read_period

DEFAULT_STORE = "sqlite:///compliance.db"

_F = TypeVar("_F", bound=Callable[..., Any])


class DateType(click.ParamType[date]):
    """A day, as 2026-04-20."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401 (click's signature)
        """Read the day."""
        if isinstance(value, date):
            return value
        try:
            return read_day(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a date: write it as 2026-04-20", param, ctx)


class PeriodType(click.ParamType[tuple[date, date]]):
    """A period, as 2026, 2026-Q3, 2026-03 or 2026-01-15..2026-03-31."""

    name = "period"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[date, date]:  # noqa: ANN401 (click's signature)
        """Read the first and last day."""
        if isinstance(value, tuple):
            return value
        period = read_period(str(value))
        if isinstance(period, Diagnostic):
            self.fail(f"{period.message}: {period.hint}", param, ctx)
        return period


class LengthType(click.ParamType[timedelta]):
    """A length of time, as 90d or 12w."""

    name = "length"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:  # noqa: ANN401 (click's signature)
        """Read a number of days or weeks."""
        if isinstance(value, timedelta):
            return value
        match = re.fullmatch(r"(\d{1,5})([dw])", str(value))
        if match is None:
            self.fail(f"{value!r} is not a length of time: write 90d or 12w", param, ctx)
        return timedelta(days=int(match[1]) * (7 if match[2] == "w" else 1))


DATE = DateType()

rules_option = click.option(
    "--rules",
    multiple=True,
    required=True,
    metavar="PATH",
    help="A ruleset: a file, a folder, or shipped law by name (us/cwa). Repeat for more.",
)

default_rules_option = click.option(
    "--rules",
    multiple=True,
    default=(str(shipped_rulesets()),),
    show_default="the shipped law",
    metavar="PATH",
    help="The rulesets whose vocabulary names the facts. Repeat for more.",
)

facts_option = click.option(
    "--facts",
    multiple=True,
    required=True,
    metavar="PATH",
    help="Site facts: a folder with a site.yaml, a folder of such, or a sample site by name. Repeat for more.",
)

mapping_option = click.option(
    "--mapping",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="What the columns of a data file mean, where no site.yaml says so.",
)

as_of_option = click.option(
    "--as-of",
    type=DATE,
    required=True,
    help="Judge what is known and due at the end of this day (2026-04-20).",
)

engine_option = click.option(
    "--engine",
    type=click.Choice(["durable", "python"]),
    default="durable",
    show_default=True,
    help="What draws the inferences; both give the same findings.",
)

jobs_option = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="J",
    help="Work in so many processes.  [default: as many as there are processors]",
)

store_option = click.option(
    "--store",
    default=DEFAULT_STORE,
    show_default=True,
    envvar="COMPLIANCE_STORE",
    show_envvar=True,
    metavar="URL",
    help="Where evaluations are kept: a SQLite file, or postgresql://user@host/database.",
)

_EVALUATION = (
    facts_option,
    mapping_option,
    as_of_option,
    click.option("--known-as-of", type=DATE, help="Use only facts that were known by the end of this day (UTC)."),
    click.option(
        "--period",
        type=PeriodType(),
        help="Only what falls due in this period, and what was still open: 2026, 2026-Q3, 2026-03, FROM..TO.",
    ),
    click.option("--site", "sites", multiple=True, metavar="ID", help="Only this site. Repeat for more."),
    engine_option,
)


def scope_options(function: _F) -> _F:
    """Add the options that say what is evaluated, by which rules, as of when."""
    return rules_option(evaluation_options(function))


def evaluation_options(function: _F) -> _F:
    """Add the options that say what is evaluated, as of when; the rules are named otherwise."""
    for option in reversed(_EVALUATION):
        function = option(function)
    return function


def cache_folder() -> Path:
    """Name the folder of the user's cache where compiled rules are kept."""
    return user_cache_path("compliance-engine", appauthor=False) / "programs"


def end_of_day(day: date | None) -> datetime | None:
    """Give the last instant of a day in UTC."""
    return None if day is None else datetime.combine(day, time.max, tzinfo=UTC)


def warn(diagnostics: tuple[Diagnostic, ...]) -> None:
    """Tell on stderr what was remarked upon."""
    click.echo(render_diagnostics(diagnostics), err=True, nl=False)
