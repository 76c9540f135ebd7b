"""Frames as numbered chunks of bytes (Parquet, zstd), and back.

Kinds: `findings`, `evidence`, `trace:NAME`, `quarantine`. A frame without rows has one chunk: its columns are kept.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from compliance_engine.model.facts import Quarantined
from compliance_engine.model.findings import Findings

FINDINGS_A_CHUNK = 250_000
ROWS_A_CHUNK = 1_000_000

TRACE = "trace:"

# In the blob, the id of a set of evidence that is the finding's own.
OWN = "="

_QUARANTINE = {"source": pl.UInt16, "row": pl.UInt32, "column": pl.String, "found": pl.String, "reason": pl.String}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One blob: its kind, its number from 0, its Parquet bytes."""

    kind: str
    number: int
    content: bytes


def encode_findings(findings: Findings, quarantine: Sequence[Quarantined]) -> Iterator[Chunk]:
    """Give every frame of an evaluation as chunks."""
    own = pl.when(pl.col("evidence") == pl.col("finding")).then(pl.lit(OWN)).otherwise("evidence")
    yield from _encode_frame("findings", findings.frame.with_columns(own.alias("evidence")), FINDINGS_A_CHUNK)
    yield from _encode_frame("evidence", findings.evidence, ROWS_A_CHUNK, level=10)
    for name, frame in sorted(findings.trace.items()):
        yield from _encode_frame(TRACE + name, frame, ROWS_A_CHUNK)
    yield from _encode_frame("quarantine", _frame_quarantine(quarantine), ROWS_A_CHUNK)


def decode_chunks(chunks: Sequence[bytes], only: pl.Expr | None = None) -> pl.DataFrame:
    """Put a frame together from its chunks in order, keeping the rows for which `only` holds (all by default)."""
    if only is None:
        frame = pl.concat([pl.read_parquet(io.BytesIO(chunk)) for chunk in chunks], rechunk=True)
    else:
        frame = pl.concat([pl.scan_parquet(io.BytesIO(c)).filter(only).collect() for c in chunks], rechunk=True)
    if "evidence" not in frame.columns:
        return frame
    return frame.with_columns(
        pl.when(pl.col("evidence") == OWN).then("finding").otherwise("evidence").alias("evidence")
    )


def decode_column(chunk: bytes, column: str) -> pl.Series:
    """Read one column of a chunk."""
    return pl.read_parquet(io.BytesIO(chunk), columns=[column])[column]


def decode_findings(frames: Mapping[str, pl.DataFrame]) -> Findings:
    """Make findings from frames by kind."""
    trace = {kind.removeprefix(TRACE): frame for kind, frame in frames.items() if kind.startswith(TRACE)}
    return Findings(frame=frames["findings"], evidence=frames["evidence"], trace=trace)


def decode_quarantine(frame: pl.DataFrame) -> tuple[Quarantined, ...]:
    """Make the refused rows from their frame."""
    return tuple(Quarantined(**row) for row in frame.to_dicts())


def _encode_frame(kind: str, frame: pl.DataFrame, size: int, level: int = 1) -> Iterator[Chunk]:
    for number, start in enumerate(range(0, max(frame.height, 1), size)):
        buffer = io.BytesIO()
        frame.slice(start, size).write_parquet(buffer, compression="zstd", compression_level=level, statistics=False)
        yield Chunk(kind=kind, number=number, content=buffer.getvalue())


def _frame_quarantine(quarantine: Sequence[Quarantined]) -> pl.DataFrame:
    columns = {name: [getattr(row, name) for row in quarantine] for name in _QUARANTINE}
    return pl.DataFrame(columns, schema=_QUARANTINE)
