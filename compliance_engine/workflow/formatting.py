"""Lay rule files out, or tell how they would be laid out."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff

from compliance_engine.kernel.diagnostic import has_errors
from compliance_engine.kernel.errors import RulesetError
from compliance_engine.reading.law.layout import FileLayout, lay_out_files
from compliance_engine.workflow.programs import rules_paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Layouts:
    """All files that were looked at, and those whose layout differs."""

    files: tuple[FileLayout, ...]

    @property
    def changed(self) -> tuple[FileLayout, ...]:
        """List the files that are to be written again."""
        return tuple(file for file in self.files if file.is_changed)


def lay_out_rules(rules: Sequence[str]) -> Layouts:
    """Find the layout of every file of these rulesets, writing nothing; raises RulesetError if one has a mistake."""
    files, diagnostics = lay_out_files(rules_paths(rules))
    if has_errors(diagnostics):
        raise RulesetError(diagnostics)
    return Layouts(files=files)


def render_layout_diff(file: FileLayout) -> str:
    """Give the difference as `diff -u` does, so that `patch` could apply it."""
    before, after = file.before.splitlines(keepends=True), file.after.splitlines(keepends=True)
    lines = unified_diff(before, after, file.name, file.name)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
