"""Random expressions about a plant, well-typed: conditions, numbers, concentrations, and what a duty asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.properties.vocabulary import (
    COLOURS,
    DAYS,
    DOSES,
    FIGURES,
    LEVELS,
    NUMBERS,
    ON_NONE,
    OPERATORS,
    POLICIES,
    QUANTIFIERS,
    SHARES,
    SLOT_WINDOWS,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import DrawFn


def one_of(draw: DrawFn, forms: Sequence[Callable[[], str]]) -> str:
    """Draw one of several forms, and only what it needs."""
    return forms[draw(st.integers(0, len(forms) - 1))]()


@dataclass(frozen=True)
class Writer:
    """Writes expressions about a plant. `period`: whether there is one; `names`: what else has a number.

    `own`: how the plant's fields are reached from the subject. `said`: conditions that were written, some of which are written again.
    """

    draw: DrawFn
    period: bool
    names: tuple[str, ...] = ()
    own: str = ""
    said: list[str] = field(default_factory=list, compare=False)

    def reached(self, window: str) -> str:
        """Reach the days of the plant that a window names from the subject."""
        return window.replace("opened", f"{self.own}opened").replace("shut", f"{self.own}shut")

    def of_reading(self, depth: int = 1) -> str:
        """Write a condition on a reading."""
        draw = self.draw
        if depth and draw(st.integers(0, 3)) == 0:
            left, right = self.of_reading(depth - 1), self.of_reading(depth - 1)
            return draw(st.sampled_from([f"({left}) and ({right})", f"({left}) or ({right})", f"not ({left})"]))
        forms = [
            lambda: f"amount {draw(OPERATORS)} {draw(NUMBERS)}",
            lambda: "good",
            lambda: f"tone is {draw(COLOURS)}",
            lambda: f"tone in [{draw(COLOURS)}, {draw(COLOURS)}]",
            lambda: f"tone in [green, {draw(COLOURS)}, {draw(COLOURS)}]",
            lambda: f"tone = {self.own}mode",
            lambda: f"level {draw(OPERATORS)} {draw(LEVELS)}",
            lambda: f"day <= {draw(DAYS)}",
            lambda: f"amount {draw(OPERATORS)} {self.own}size",
            lambda: f"tone is not {draw(COLOURS)}",
        ]
        return one_of(draw, forms)

    def cut(self) -> str:
        """Write a window and a `where` of readings, or nothing."""
        windows = ["", "", "", " from 2026-01-05 to 2026-02-20", " in 30 days to as-of", " in 2 months to as-of"]
        if self.period:
            windows += [" in 10 days to period.end", " in 1 months before period", " from period.start to period.end"]
        where = f" where {self.of_reading()}" if self.draw(st.booleans()) else ""
        return self.draw(st.sampled_from(windows)) + where

    def of_checks(self) -> str:
        """Write a condition on checks, which two fields link to a plant, and whose doses bring their own units."""
        draw = self.draw
        statistic = st.sampled_from(["sum", "max", "min", "mean", "median", "first", "last"])
        windows = ["", "", " from 2026-01-05 to 2026-02-20", " in 2 months to as-of"]
        where = f" where dose {draw(OPERATORS)} {draw(DOSES)}" if draw(st.booleans()) else ""
        cut = draw(st.sampled_from(windows)) + where
        forms = [
            lambda: f"(some check{cut})",
            lambda: f"(no check{cut})",
            lambda: f"count(check{cut}) {draw(OPERATORS)} {draw(NUMBERS)}",
            lambda: f"{draw(statistic)}(check.dose{cut}) {draw(OPERATORS)} {draw(DOSES)}",
            lambda: f"(every check where dose {draw(OPERATORS)} {draw(DOSES)})",
        ]
        return one_of(draw, forms)

    def slots(self) -> str:
        """Write a window of months."""
        windows = [
            "from opened to as-of",
            "from 2026-01-05 to opened",
            "from opened to ends",
            "in 2 months to as-of",
            "at opened",
            "from 2025-12-20 to 2026-02-10",
        ]
        windows += ["", "in 3 months to period.end"] if self.period else []
        return self.draw(st.sampled_from(windows))

    def of_spells(self) -> str:
        """Write a condition on the spells of a condition."""
        draw = self.draw
        forms = [
            lambda: f"(some surge at {draw(DAYS)})",
            lambda: f"(no surge where start >= {draw(DAYS)})",
            lambda: f"count(surge where end < {draw(DAYS)}) = 1",
            lambda: f"first(surge.start) > {draw(DAYS)}",
            lambda: f"(surge at {draw(DAYS)})",
        ]
        return one_of(draw, forms)

    def of_months(self) -> str:
        """Write a number from the months of a definition."""
        draw = self.draw
        statistic = st.sampled_from(["sum", "mean", "max", "min", "median"])
        forms = [
            lambda: f"{draw(statistic)}(month.monthly {self.slots()})",
            lambda: f"count(month {self.slots()} where monthly {draw(OPERATORS)} {draw(NUMBERS)})",
            lambda: f"(monthly at {draw(st.sampled_from(['opened', '2026-01-31', 'as-of']))})",
        ]
        return one_of(draw, forms)

    def grade(self) -> str:
        """Write a condition on the grades of months."""
        draw = self.draw
        grade = st.sampled_from(["low", "middle", "high"])
        forms = [
            lambda: f"max(month.grade {self.slots()}) {draw(OPERATORS)} {draw(grade)}",
            lambda: f"(min(month.grade {self.slots()}) is {draw(grade)})",
            lambda: f"((grade at opened) is {draw(grade)})",
            lambda: f"(some month {self.slots()} where grade {draw(OPERATORS)} {draw(grade)})",
            lambda: f"(every month {self.slots()} where monthly {draw(OPERATORS)} {draw(NUMBERS)})",
        ]
        return one_of(draw, forms)

    def of_tables(self) -> str:
        """Write a condition on a cell of a table."""
        draw, own = self.draw, self.own
        key = draw(st.sampled_from([f"{own}mode", "red", f"(if {own}active then {own}mode else red)"]))
        rank = draw(st.sampled_from([f"{own}rank", "low"]))
        size = draw(st.sampled_from([f"{own}size", f"{self.number(0)}", "2.5"]))
        cell = draw(
            st.sampled_from(
                [
                    f"(table(random.parts, {key}, {rank}).part else 2)",
                    f"(table(random.bands, {key}, {size}).part else 1)",
                ]
            )
        )
        forms = [
            lambda: f"{cell} {draw(OPERATORS)} {draw(NUMBERS)}",
            lambda: f"{cell} {draw(OPERATORS)} {self.number(0)}",
            lambda: f"((table(random.parts, {key}, {rank}).mark else {draw(COLOURS)}) is {draw(COLOURS)})",
            lambda: f"(table(random.parts, {key}, {rank}).mark is present)",
            lambda: f"{own}mode in table(random.known)",
        ]
        return one_of(draw, forms)

    def of_choices(self) -> str:
        """Write a condition on what the facts choose: a statistic, an operator, how censored values count."""
        draw, own = self.draw, self.own
        forms = [
            lambda: f"stat({own}how, reading.amount{self.cut()}) {draw(OPERATORS)} {draw(NUMBERS)}",
            lambda: f'compare({self.number(0)}, ({own}sense else "<="), {self.number(0)})',
            lambda: f'compare({self.level()}, ({own}sense else "<="), {self.level()})',
            lambda: f"sum(censored(reading.level, {own}way){self.cut()}) {draw(OPERATORS)} {draw(LEVELS)}",
            lambda: f"max(printed(reading.level){self.cut()}) {draw(OPERATORS)} {draw(LEVELS)}",
            lambda: f"share(reading where {self.of_reading()}) {draw(OPERATORS)} {draw(SHARES)}",
            lambda: f"(last(reading.tone{self.cut()}) is {draw(COLOURS)})",
            lambda: f"(first(reading.tone{self.cut()}) in [red, {draw(COLOURS)}, green])",
        ]
        return one_of(draw, forms)

    def of_days(self) -> str:
        """Write a condition on days."""
        draw, own = self.draw, self.own
        day = draw(
            st.sampled_from([f"{own}opened", f"({own}shut else {own}opened)", f"{own}ends", "last(reading.day)"])
        )
        other = draw(st.sampled_from([f"{own}opened", draw(DAYS), "as-of"]))
        forms = [
            lambda: f"{day} + 1 months {draw(OPERATORS)} {other}",
            lambda: f"{day} - 20 days {draw(OPERATORS)} {other}",
            lambda: f"{other} - {own}opened {draw(OPERATORS)} 21 days",
            lambda: f"earliest({day}, {other}) {draw(OPERATORS)} {draw(DAYS)}",
            lambda: f"latest({day}, {other}) {draw(OPERATORS)} {draw(DAYS)}",
            lambda: f"month({own}opened) = 2",
            lambda: f"year({day}) {draw(OPERATORS)} 2026",
            lambda: f"5 working days after {own}opened {draw(OPERATORS)} {draw(DAYS)}",
        ]
        return one_of(draw, forms)

    def of_permits(self) -> str:
        """Write a condition on permits, which hold from one day to another."""
        draw = self.draw
        window = draw(
            st.sampled_from(
                ["", " at opened", " at 2026-02-20", " in 2 months to as-of", " from opened to shut else as-of"]
            )
        )
        window = self.reached(window)
        forms = [
            lambda: f"({draw(QUANTIFIERS)} permit{window} where strength {draw(OPERATORS)} {draw(NUMBERS)})",
            lambda: f"count(permit{window}) {draw(OPERATORS)} {draw(NUMBERS)}",
            lambda: f"max(permit.strength{window}) {draw(OPERATORS)} {draw(NUMBERS)}",
            lambda: f"first(permit.begins{window}) {draw(OPERATORS)} {draw(DAYS)}",
            lambda: f"(some permit{window} where not extended)",
        ]
        return one_of(draw, forms)

    def number(self, depth: int) -> str:
        """Write a number without a unit."""
        draw = self.draw
        statistic = st.sampled_from(["sum", "max", "min", "mean", "median", "first", "last"])
        forms = [
            lambda: f"{self.own}size",
            lambda: f"({self.own}spare else 2)",
            lambda: draw(NUMBERS),
            lambda: f"count(reading{self.cut()})",
            lambda: f"{draw(statistic)}(reading.amount{self.cut()})",
            lambda: f"{draw(statistic)}({draw(FIGURES)}{self.cut()})",
            lambda: f"running sum(reading.amount where {self.of_reading()})",
            lambda: "running count(reading)",
            lambda: f"abs({self.own}size - 2.5)",
            lambda: f"min({self.own}size, {draw(NUMBERS)})",
            *((lambda name=name: name) for name in self.names if name != "surge"),
        ]
        forms += [self.of_months] * 2 if self.names and not self.own else []
        if depth:
            less = depth - 1
            mode = st.sampled_from(["half-up", "half-down", "half-even", "up", "down"])
            forms += [
                lambda: f"({self.number(less)} + {self.number(less)})",
                lambda: f"({self.number(less)} - {self.number(less)})",
                lambda: f"({self.number(less)} * 2)",
                lambda: f"({self.number(less)} * {self.number(less)})",
                lambda: f"({self.number(less)} / {self.number(less)})",
                lambda: f"({self.number(less)} / 4)",
                lambda: f"(if {self.condition(less)} then {self.number(less)} else {self.number(less)})",
                lambda: f"round({self.number(less)}, 0, {draw(mode)})",
            ]
        return one_of(draw, forms)

    def level(self) -> str:
        """Write a concentration."""
        draw = self.draw
        statistic = st.sampled_from(["sum", "max", "min", "mean", "median", "geomean"])
        forms = [
            lambda: f"{self.own}cap",
            lambda: draw(LEVELS),
            lambda: f"{draw(statistic)}(reading.level{self.cut()})",
            lambda: f"{draw(statistic)}(censored(reading.level, {draw(POLICIES)}){self.cut()})",
            lambda: f"percentile(reading.level{self.cut()}, 75 %)",
        ]
        return one_of(draw, forms)

    def condition(self, depth: int) -> str:
        """Write a condition, or one that was written before."""
        draw = self.draw
        if self.said and draw(st.integers(0, 4)) == 0:
            return draw(st.sampled_from(self.said))
        self.said.append(self.new_condition(depth))
        return self.said[-1]

    def new_condition(self, depth: int) -> str:
        """Write a condition."""
        draw = self.draw
        if depth and draw(st.booleans()):
            left, right = self.condition(depth - 1), self.condition(depth - 1)
            return draw(st.sampled_from([f"({left} and {right})", f"({left} or {right})", f"not ({left})"]))
        forms = [
            lambda: f"{self.number(0)} {draw(OPERATORS)} {draw(NUMBERS)}",
            lambda: f"{self.level()} {draw(OPERATORS)} {self.level()}",
            lambda: f"{self.own}mode is {draw(COLOURS)}",
            lambda: f"{self.own}mode in [{draw(COLOURS)}, {draw(COLOURS)}]",
            lambda: f"{self.own}mode in [{draw(COLOURS)}, red, {draw(COLOURS)}]",
            lambda: f"{self.own}rank {draw(OPERATORS)} middle",
            lambda: f"{self.own}active",
            lambda: f"{self.own}opened {draw(OPERATORS)} {draw(DAYS)}",
            lambda: f"{self.own}shut is present",
            lambda: f"{self.own}spare is not present",
            lambda: f"basis is {draw(st.sampled_from(['early', 'middle', 'late']))}",
            lambda: "basis in [early, late]",
            lambda: draw(st.sampled_from(["looks-bad", 'determined("does it look bad")', 'determined("rusty")'])),
            lambda: f"(some reading{self.cut()})",
            lambda: f"(no reading{self.cut()})",
            lambda: f"(every reading where {self.of_reading()})",
            lambda: f"(some permit where strength {draw(OPERATORS)} {draw(NUMBERS)})",
            lambda: f"({draw(QUANTIFIERS)} {self.asked_slots()})",
            lambda: f"count({self.asked_slots()}) {draw(OPERATORS)} {draw(NUMBERS)}",
        ]
        forms += [] if self.own else [self.of_checks] * 2
        forms += [self.of_tables, self.of_choices, self.of_days, self.of_permits]
        forms += [self.grade] * 2 if self.names and not self.own else []
        forms += [self.of_spells] * 4 if "surge" in self.names else []
        if "machine.level" in self.names:
            forms += [
                lambda: f"machine.tone is {draw(COLOURS)}",
                lambda: "machine.flagged",
                lambda: f"machine.since {draw(OPERATORS)} {draw(DAYS)}",
            ]
        return one_of(draw, forms)

    def asked_slots(self) -> str:
        """Write the calendar slots of a window, and what is asked of each."""
        draw = self.draw
        unit, ends = draw(st.sampled_from(["week", "month"])), self.reached(draw(SLOT_WINDOWS))
        return f"{unit} {ends} where count(reading where {self.of_reading(0)}) {draw(OPERATORS)} {draw(NUMBERS)}"

    def demand(self) -> str:
        """Write what a duty asks."""
        draw = self.draw
        order = st.sampled_from(["<=", "<", ">=", ">"])
        forms = [
            lambda: f"require: '{self.condition(1)}'",
            lambda: f"require: ['{self.condition(1)}', '{self.condition(0)}']",
            lambda: f"require: {{any: ['{self.condition(0)}', '{self.condition(1)}']}}",
            lambda: f"require: 'some reading where {self.of_reading()}'",
            lambda: f"limit: {{value: '{self.number(1)}', must: '{draw(OPERATORS)}', of: '{self.number(0)}'}}",
            lambda: f"limit: {{value: '{self.level()}', of: {self.own}cap}}",
            lambda: (
                f"limit: {{every: 'reading.level{self.cut()}', must: '{draw(order)}', of: {self.own}cap{draw(ON_NONE)}}}"
            ),
            lambda: f"forbid: 'reading{self.cut()}'",
        ]
        return one_of(draw, forms)
