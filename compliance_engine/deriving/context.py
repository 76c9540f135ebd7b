"""Where an expression stands: a frame with one row an instance, and the records that each row refers to.

A scope is a table and the column of the frame that holds the row of its record. Fields are fetched into the frame when
they are first read (`gather`), so a million instances cost a column each, not an object each.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import values
from compliance_engine.deriving.columns import selected
from compliance_engine.deriving.kleene import Maybe, Truth, both, expression
from compliance_engine.deriving.values import Number
from compliance_engine.deriving.world import Scope
from compliance_engine.kernel.frames import without

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from compliance_engine.deriving.pinned import Cell
    from compliance_engine.deriving.rational import Rational
    from compliance_engine.deriving.tables import Table
    from compliance_engine.deriving.values import Symbols, Value
    from compliance_engine.deriving.world import World
    from compliance_engine.model.expression import AnyNode, Hop, Set
    from compliance_engine.model.program import Grain, NamedNode


@dataclass(slots=True)
class Context:
    """A frame under evaluation. `frame` grows columns; it never changes its rows."""

    world: World
    frame: pl.DataFrame
    scopes: dict[str, Scope]
    lets: dict[str, NamedNode]
    grain: Grain | None = None
    windowed: bool = False  # columns w.from, w.to (days; null: no end)
    plain_window: bool = False  # the window of every row outside `pieces` is its whole calendar period
    pieces: pl.DataFrame | None = None  # row, from, to: the parts of the window, for rows that are not whole
    trigger: Value | None = None
    trigger_kind: str = "date"  # or instant
    governed: Number | None = None  # the day that decides which version is read, where it is stated or that of an event
    due: Value | None = None
    due_at: Number | None = None  # the instant until which records count, where the law counts hours
    to_due: bool = False  # the windows reach to the due date
    asked: bool = False  # a `require` asks, by the last day of each row's period
    until: Context | None = None  # the same rows with windows up to the due date, for `some` in a `require`
    reaching: Context | None = None  # that context, once it was made
    parent: Context | None = None
    row: str = ""  # the column with each row's row in the parent
    # Where definitions are found, by what names them and their subject, and the column with the row there.
    definitions: dict[tuple[str, AnyNode | None], tuple[Context, str]] = field(default_factory=dict)
    # What is read in another period than this one: these rows in that period, and the column with the row there.
    elsewhere: dict[AnyNode, tuple[Context, str]] = field(default_factory=dict)
    cache: dict[str, Value] = field(default_factory=dict)
    earlier: Mapping[str, tuple[Sequence[Cell], str]] | None = (
        None  # of a definition that reads itself: its fields one period back, and their kind
    )
    memo: dict[tuple[AnyNode, bool, bool], Value] = field(default_factory=dict)  # what was found by `once`
    # The records of small sets, kept for evidence: by set, and whether the context was windowed then.
    records: dict[tuple[Set, bool], tuple[Context, Truth]] = field(default_factory=dict)
    vouched: dict[object, Maybe] = field(default_factory=dict)  # where a source is complete, by what was asked
    whole: tuple[Context, pl.Series] | None = None  # of which context this has some rows, and which
    sharing: bool = False  # many statistics read one expression: everything is found by `once`
    filled: set[str] = field(default_factory=set)  # columns of truths that are never null

    def name(self, stem: str) -> str:
        """Give a column name that no other has."""
        return f"{stem}~{next(self.world.counter)}"

    def add(self, stem: str, series: pl.Series) -> str:
        """Add a column and give its name."""
        name = self.name(stem)
        self.frame = self.frame.hstack([series.alias(name)])
        return name

    def column(self, scope: str, hops: tuple[Hop, ...], name: str) -> tuple[pl.Expr, Table]:
        """Fetch a field of the record in `scope` (after following `hops`); null where there is no such record."""
        table, index = self.follow(scope, hops)
        key = f"{scope}.{'.'.join(h.field for h in hops)}.{name}"
        if key not in self.frame.columns:
            self.frame = self.frame.hstack([self._fetched(table, index, name).alias(key)])
        return pl.col(key), table

    def _fetched(self, table: Table, index: str | None, name: str) -> pl.Series:
        if name not in table.frame.columns:
            return pl.Series(name, [None], dtype=pl.Null).extend_constant(None, self.frame.height)[: self.frame.height]
        source = table.frame.get_column(name)
        return source if index is None else source[self.frame.get_column(index)]

    def follow(self, scope: str, hops: tuple[Hop, ...]) -> tuple[Table, str | None]:
        """Give the table that the hops lead to, and the column with the row in it."""
        here = self.scopes[scope]
        table, index = here.table, here.index
        path = scope
        for hop in hops:
            path = f"{path}.{hop.field}"
            key = f"{path}#"
            target = self.world.tables[hop.type]
            if key not in self.frame.columns:
                ids = self._fetched(table, index, hop.field)
                self.frame = self.frame.hstack([target.rows_of(ids).alias(key)])
            table, index = target, key
        return table, index

    def value(self, node: AnyNode) -> Value:
        """Give what an expression may be in each row."""
        return self.once(node) if self.sharing else self.world.lower(node, self)

    def once(self, node: AnyNode) -> Value:
        """Give what an expression may be in each row, computed when it is first read; what a `require` asks for is another thing."""
        key = (node, self.asked, self.until is not None)
        if key not in self.memo:
            self.memo[key] = self.settle(self.world.lower(node, self))
        return self.memo[key]

    def truth(self, node: AnyNode) -> Truth:
        """Give what a condition may be in each row."""
        found = self.value(node)
        assert isinstance(found, Truth)
        return found

    def settle(self, value: Value, stem: str = "v") -> Value:
        """Compute a value's columns once, so that each later use reads them."""
        new: list[pl.Expr] = []
        filled: dict[str, bool] = {}  # what null counts as in a new column

        def keep(expr: pl.Expr, *, null: bool | None) -> pl.Expr:
            if expr.meta.is_literal():
                return expr if null is None else expr.fill_null(expression(null))
            if expr.meta.is_column() and (null is None or expr.meta.output_name() in self.filled):
                return expr
            name = self.name(stem)
            new.append(expr.alias(name))
            if null is not None:
                filled[name] = null
            return pl.col(name)

        result = values.transform(value, keep)
        if new:
            found = selected(self.frame, new)
            lacking = [n for n in filled if found.get_column(n).null_count()]
            if lacking:
                found = found.with_columns(pl.col(n).fill_null(expression(filled[n])) for n in lacking)
            self.filled.update(filled)
            self.frame = self.frame.hstack(found)
        return result

    def settled_end(self, end: Rational) -> Rational:
        """Compute an end of a number once, so that each later use reads it."""
        settled = self.settle(values.exact_number(end))
        assert isinstance(settled, Number)
        return settled.low

    def occurs(self, maybe: Maybe) -> bool:
        """Say whether what may be so is so in any row."""
        if isinstance(maybe, bool):
            return maybe
        found = self.compute(maybe)
        # No truth is null, and if one were, it may be so.
        return not found.is_empty() and (found.null_count() > 0 or bool(found.any()))

    def is_open(self, settled: Truth) -> bool:
        """Say whether a truth that is settled may be so, and may not be so, in any row."""
        if isinstance(settled.may, bool) or isinstance(settled.may_not, bool):
            return self.occurs(both(settled.may, settled.may_not))
        return bool((self.compute(settled.may) & self.compute(settled.may_not)).any())

    def may_be(self, symbols: Symbols, *names: str) -> tuple[str, ...]:
        """Give those of some symbols that it may be in any row."""
        found: set[str | None] = set()
        for option in symbols.options:
            if option.literal is None:
                found.update(self.compute(option.value).unique().cast(pl.String))
            elif self.occurs(option.possible):
                found.add(option.literal)
        return names if None in found else tuple(name for name in names if name in found)

    def carried(self, value: Value, into: Context, row: str) -> Value:
        """Give a value of this context in another, whose column `row` holds the row here (null: unknown)."""
        settled = self.settle(value)
        names = list(dict.fromkeys(n for e in values.exprs_of(settled) for n in e.meta.root_names()))
        there = into.frame.get_column(row)
        taken = {n: into.add(n.split("~")[0], self.frame.get_column(n)[there]) for n in names}

        def bring(expr: pl.Expr, *, null: bool | None) -> pl.Expr:
            brought = pl.col(taken[expr.meta.root_names()[0]]) if expr.meta.root_names() else expr
            return brought if null is None else brought.fill_null(expression(null))

        return values.transform(settled, bring)

    def compute(self, expr: pl.Expr) -> pl.Series:
        """Compute a column of the frame, as long as the frame even where it is a constant."""
        if expr.meta.is_column():
            return self.frame.get_column(expr.meta.output_name())
        return selected(self.frame, [expr.alias("#")]).get_column("#")

    def child(self, frame: pl.DataFrame, row: str) -> Context:
        """Give a context over other rows, each of which stands within row `row` of this one."""
        # The finding of the same subject and period is another one where the period is.
        named = {n: s for n, s in self.scopes.items() if s.index is None or not s.index.startswith("finding:")}
        carried = {s.index for s in named.values() if s.index} | {
            c
            for c in ("w.from", "w.to", "w.cfrom", "w.cto", "p.from", "p.to", "p.index", "site")
            if c in self.frame.columns
        }
        place = frame[row]
        columns = [self.frame.get_column(c)[place] for c in sorted(carried.difference(frame.columns))]
        scopes = dict(named)
        for name, scope in named.items():
            if scope.index is None:
                columns.append(place.alias(f"{name}#row"))
                scopes[name] = Scope(scope.table, f"{name}#row")
        return Context(
            self.world,
            frame.hstack(columns),
            scopes,
            self.lets,
            self.grain,
            self.windowed,
            parent=self,
            row=row,
        )

    def rewindowed(self, frame: pl.DataFrame) -> Context:
        """Give the same rows under other windows: `frame` has them in w.from and w.to. What was found under the old ones is left behind."""
        return replace(
            self,
            frame=frame,
            windowed=True,
            plain_window=False,
            pieces=None,
            cache=dict(self.cache),
            definitions={},
            elsewhere={},
            memo={},
            reaching=None,
            records={},
            vouched={},
            whole=None,
        )

    def kept(self, rows: pl.Series) -> Context:
        """Give this context with some of its rows only (row numbers, ascending, each once); what was fetched stays."""
        own = replace(
            self,
            scopes=dict(self.scopes),
            cache=dict(self.cache),
            memo=dict(self.memo),
            definitions=dict(self.definitions),
            elsewhere=dict(self.elsewhere),
            records=dict(self.records),
            vouched=dict(self.vouched),
        )
        if rows.len() == self.frame.height:
            return own
        pieces = self.pieces
        if pieces is not None:
            back = pl.DataFrame({"row": rows.cast(pl.UInt32)}).with_row_index("new")
            pieces = pieces.join(back, on="row").select(pl.col("new").alias("row"), "from", "to", "c.from", "c.to")
        frame = self.frame
        if "#same" in frame.columns and self.row != "#same":  # each row's own number, which is another one here
            frame = without(frame, "#same")
        for name, scope in self.scopes.items():
            if scope.index is None:
                frame = frame.with_columns(pl.int_range(frame.height, dtype=pl.UInt32).alias(f"{name}#row"))
                own.scopes[name] = Scope(scope.table, f"{name}#row")
        earlier = self.earlier
        if earlier is not None:
            places = rows.to_list()
            earlier = {name: ([cells[place] for place in places], kind) for name, (cells, kind) in earlier.items()}
        return replace(
            own,
            frame=frame[rows],
            earlier=earlier,
            pieces=pieces,
            reaching=None,
            records={},
            whole=(self, rows),
        )
