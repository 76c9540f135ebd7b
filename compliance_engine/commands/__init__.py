"""The command line: options in, a workflow called, its result rendered, an exit code out.

A file a command, whose click command is named `command`; it returns its exit code (None is 0).
"""

import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

import click

from compliance_engine.commands.boundary import run_to_exit
from compliance_engine.commands.lazy import LazyGroup
from compliance_engine.version import __version__

_HERE = "compliance_engine.commands"

_COMMANDS = {
    "evaluate": (f"{_HERE}.evaluate:command", "Give every obligation its verdict, as of a date."),
    "obligations": (f"{_HERE}.obligations:command", "List what applies, to whom, and by when."),
    "explain": (f"{_HERE}.explain:command", "Show how a verdict was reached, down to the records."),
    "demo": (f"{_HERE}.demo:command", "Evaluate the sample sites with the shipped law."),
    "rules": (f"{_HERE}:rules", "Check and test law: for those who keep rulesets."),
    "facts": (f"{_HERE}:facts", "Check and describe facts: for those who supply them."),
}

_RULES = {
    "check": (f"{_HERE}.rules_check:command", "Report every error in rulesets, at its line and column."),
    "test": (f"{_HERE}.rules_test:command", "Run the cases that stand beside the law."),
    "coverage": (f"{_HERE}.rules_coverage:command", "Say what of the law its cases exercise."),
    "mutate": (f"{_HERE}.rules_mutate:command", "List the drafting errors that no case would notice."),
    "format": (f"{_HERE}.rules_format:command", "Lay rule files out in one way, comments kept."),
    "schema": (f"{_HERE}.rules_schema:command", "Print the JSON Schema of rule files, for editors."),
    "diff": (f"{_HERE}.rules_diff:command", "Say what an amendment changes, in words, by clause."),
    "impact": (f"{_HERE}.rules_impact:command", "Say what an amendment does to sites, and which facts it needs."),
    "conflicts": (f"{_HERE}.rules_conflicts:command", "Find provisions that contradict each other, by example."),
    "docs": (f"{_HERE}.rules_docs:command", "Write the rules as a static site that people read."),
}

_FACTS = {
    "check": (f"{_HERE}.facts_check:command", "Report the rows that cannot be used, and why."),
    "describe": (f"{_HERE}.facts_describe:command", "Say what is there: fact types, counts, dates, sources."),
}


class Program(LazyGroup):
    """The outermost group: what it calls ends in an exit code, whatever happens."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = "compliance",
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 (click's signature)
        **extra: Any,  # noqa: ANN401 (click's signature)
    ) -> Any:  # noqa: ANN401 (click's signature)
        """Run; unless not standalone, end the process."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        name = prog_name or "compliance"
        self._main_shell_completion(extra, name, complete_var)
        if os.environ.get("NO_COLOR"):
            extra.setdefault("color", False)
        debug: list[bool] = []
        call = partial(self._run, list(sys.argv[1:] if args is None else args), name, {**extra, "obj": debug})
        return run_to_exit(call, is_debug=lambda: any(debug))

    def _run(self, args: list[str], name: str, extra: dict[str, Any]) -> object:
        """Parse and invoke, as click's `main` does, which would answer a reader that went away with exit code 1."""
        with self.make_context(name, args, **extra) as ctx:
            return self.invoke(ctx)


@click.group(cls=Program, table=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="compliance", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Print a traceback when something goes wrong.")
@click.pass_context
def main(ctx: click.Context, *, debug: bool) -> None:
    """Check site records against legal requirements, and say why.

    \b
    Start with:
      compliance demo
      compliance evaluate --help
    """
    ctx.ensure_object(list).append(debug)


_RULES_HELP = """Check and test law: for those who keep rulesets.

\b
Example:
  compliance rules check rulesets/us
  compliance rules test rulesets/us -k monthly
"""

_FACTS_HELP = """Check and describe facts: for those who supply them.

\b
Example:
  compliance facts check facts/riverside
  compliance facts describe facts/riverside
"""

rules = LazyGroup(name="rules", table=_RULES, help=_RULES_HELP)
facts = LazyGroup(name="facts", table=_FACTS, help=_FACTS_HELP)
