"""Read what was stored: the list of evaluations, one of them, or one finding by the start of its id."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
from polars.exceptions import PolarsError
from sqlalchemy import Connection, Row, select

from compliance_engine.model.facts import Source
from compliance_engine.model.findings import Findings, Provenance, of_duty
from compliance_engine.storing.blobs import (
    TRACE,
    decode_chunks,
    decode_findings,
    decode_ids,
    decode_quarantine,
)
from compliance_engine.storing.opening import open_store, refuse
from compliance_engine.storing.schema import blob, evaluation, program

_IN_BOTH = (
    "as_of",
    "known_as_of",
    "period",
    "engine",
    "product_version",
    "rules_digest",
    "facts_digest",
    "findings_digest",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationEntry:
    """A line of the history. `counts`: findings by status, statuses without any left out."""

    id: int
    created_at: datetime
    as_of: date
    known_as_of: date | None
    period: str
    engine: str
    product_version: str
    rules_digest: str
    facts_digest: str
    findings_digest: str
    rules: tuple[str, ...]
    facts: tuple[str, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFinding:
    """One finding with all that explains it.

    `findings` holds its row, the rows of the findings about it and of the one that it is about, its evidence, and the
    trace of its duty for those.
    """

    evaluation: int
    finding: str
    findings: Findings
    provenance: Provenance
    program: bytes


def list_evaluations(url: str) -> tuple[EvaluationEntry, ...]:
    """List the evaluations of a store, oldest first."""
    with open_store(url, write=False) as connection:
        rows = connection.execute(select(evaluation).order_by(evaluation.c.id)).all()
    return tuple(_make_entry(row) for row in rows)


def read_evaluation(url: str, number: int | None = None) -> tuple[Findings, Provenance, bytes]:
    """Read an evaluation (the latest by default): findings, what it used, the program as bytes."""
    with open_store(url, write=False) as connection:
        row = _find_row(connection, number)
        chunks = _read_chunks(connection, row.id)
        content = _read_program(connection, row.program)
    with _say_if_damaged(row.id):
        frames = {kind: decode_chunks(parts) for kind, parts in chunks.items()}
        for kind in filter(lambda name: name.startswith(TRACE), chunks):
            duty = of_duty(frames["findings"], kind.removeprefix(TRACE))
            frames[kind] = _in_order(frames[kind], frames["findings"].filter(duty)["finding"])
    return decode_findings(frames), _make_provenance(row, frames["quarantine"]), content


def find_finding(url: str, prefix: str, number: int | None = None) -> StoredFinding:
    """Find a finding by the start of its id, in one evaluation, or in the newest that has it.

    Raises StoreError where no id starts so, or more than one does.
    """
    with open_store(url, write=False) as connection:
        rows = [_find_row(connection, number)] if number is not None else _list_newest(connection)
        for row in rows:
            matches = _match_ids(connection, row.id, prefix.lower())
            if len(matches) > 1:
                raise _refuse_ambiguous(prefix, matches, row.id)
            if matches:
                return _gather_finding(connection, row, matches[0])
    where = f"evaluation {number}" if number is not None else "any evaluation"
    raise refuse("finding-not-found", f"no finding of {where} has an id that starts with `{prefix}`")


def _make_entry(row: Row[Any]) -> EvaluationEntry:
    same = (*_IN_BOTH, "id", "counts")
    return EvaluationEntry(
        **{name: getattr(row, name) for name in same},
        created_at=row.created_at if row.created_at.tzinfo else row.created_at.replace(tzinfo=UTC),
        rules=tuple(row.rules),
        facts=tuple(row.facts),
    )


def _make_provenance(row: Row[Any], quarantine: pl.DataFrame) -> Provenance:
    return Provenance(
        **{name: getattr(row, name) for name in _IN_BOTH},
        sources=tuple(Source(**source) for source in row.sources),
        quarantine=decode_quarantine(quarantine),
        rules=tuple(row.rules),
        facts=tuple(row.facts),
    )


def _list_newest(connection: Connection) -> list[Row[Any]]:
    return list(connection.execute(select(evaluation).order_by(evaluation.c.id.desc())))


def _find_row(connection: Connection, number: int | None) -> Row[Any]:
    """Give the row of an evaluation, of the latest for None."""
    query = select(evaluation).order_by(evaluation.c.id.desc()).limit(1)
    row = connection.execute(query if number is None else query.where(evaluation.c.id == number)).one_or_none()
    if row is not None:
        return row
    if number is None:
        raise refuse("store-empty", "the store holds no evaluation yet")
    latest = connection.scalar(select(evaluation.c.id).order_by(evaluation.c.id.desc()).limit(1))
    hint = f"the latest is {latest}" if latest else "the store holds none yet"
    raise refuse("evaluation-not-found", f"the store has no evaluation {number}", hint)


def _read_program(connection: Connection, key: str) -> bytes:
    return zlib.decompress(connection.execute(select(program.c.content).where(program.c.digest == key)).scalar_one())


def _read_chunks(connection: Connection, number: int) -> dict[str, list[bytes]]:
    """Read every blob of an evaluation by kind, in order."""
    query = select(blob.c.kind, blob.c.content).where(blob.c.evaluation == number).order_by(blob.c.kind, blob.c.chunk)
    chunks: dict[str, list[bytes]] = {}
    for kind, content in connection.execute(query):
        chunks.setdefault(kind, []).append(content)
    return chunks


@contextmanager
def _say_if_damaged(number: int) -> Iterator[None]:
    try:
        yield
    except PolarsError as error:
        raise refuse("store-damaged", f"evaluation {number} cannot be read back: {error}") from error


def _match_ids(connection: Connection, number: int, prefix: str) -> list[str]:
    query = select(blob.c.content).where(blob.c.evaluation == number, blob.c.kind == "findings").order_by(blob.c.chunk)
    found: list[str] = []
    for content in connection.scalars(query):
        with _say_if_damaged(number):
            ids = decode_ids(content)
        found += ids.filter(ids.str.starts_with(prefix)).to_list()
    return [prefix] if prefix in found else sorted(found)


def _refuse_ambiguous(prefix: str, matches: list[str], number: int) -> Exception:
    shown = ", ".join(matches[:5]) + (" ..." if len(matches) > 5 else "")
    message = f"{len(matches)} findings of evaluation {number} have an id that starts with `{prefix}`: {shown}"
    return refuse("finding-ambiguous", message, "give more of the id")


def _gather_finding(connection: Connection, row: Row[Any], finding: str) -> StoredFinding:
    chunks = _read_chunks(connection, row.id)
    with _say_if_damaged(row.id):
        frames = _select_related(chunks, finding)
    return StoredFinding(
        evaluation=row.id,
        finding=finding,
        findings=decode_findings(frames),
        provenance=_make_provenance(row, frames["quarantine"]),
        program=_read_program(connection, row.program),
    )


def _select_related(chunks: Mapping[str, Sequence[bytes]], finding: str) -> dict[str, pl.DataFrame]:
    """Decode of each frame what `StoredFinding` promises."""
    every = decode_chunks(chunks["findings"])
    own = every.row(by_predicate=pl.col("finding") == finding, named=True)
    related = every.select(
        (pl.col("subject") == finding) | pl.col("finding").is_in([finding, own["subject"]])
    ).to_series()
    frames = {
        "findings": every.filter(related),
        "evidence": decode_chunks(chunks["evidence"], ("set", own["evidence"])),
        "quarantine": decode_chunks(chunks["quarantine"]),
    }
    name = f"{own['provision']}/{own['duty']}"
    if TRACE + name in chunks:
        duty = of_duty(every, name)
        trace = _in_order(decode_chunks(chunks[TRACE + name]), every.filter(duty)["finding"])
        frames[TRACE + name] = trace.filter(related.filter(duty))
    return frames


def _in_order(trace: pl.DataFrame, findings: pl.Series) -> pl.DataFrame:
    """Give the rows of a trace in the order of its findings; earlier versions kept it in the order of their ids, which it named."""
    if "finding" not in trace.columns:
        return trace
    return findings.to_frame().join(trace, on="finding", how="left", maintain_order="left").drop("finding")
