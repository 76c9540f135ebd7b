"""Frames as numbered chunks of bytes (Parquet, zstd), and back.

Kinds: `findings`, `evidence`, `trace:NAME`, `quarantine`. A frame without rows has one chunk: its columns are kept.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from compliance_engine.kernel.hexadecimal import are_hex, hex_numbers, hex_texts
from compliance_engine.model.facts import Quarantined
from compliance_engine.model.findings import Findings

FINDINGS_A_CHUNK = 250_000
ROWS_A_CHUNK = 1_000_000

TRACE = "trace:"

# In the blob, the id of a set of evidence that is the finding's own.
OWN = "="

# Columns of ids of findings, kept as numbers where they are what this software names a finding.
IDS = ("finding", "set")

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
    yield from _encode_frame("evidence", findings.evidence, ROWS_A_CHUNK)
    for name, frame in sorted(findings.trace.items()):
        yield from _encode_frame(TRACE + name, frame, ROWS_A_CHUNK)
    yield from _encode_frame("quarantine", _frame_quarantine(quarantine), ROWS_A_CHUNK)


def decode_chunks(chunks: Sequence[bytes], only: tuple[str, str] | None = None) -> pl.DataFrame:
    """Put a frame together from its chunks in order, keeping the rows whose column `only[0]` is `only[1]` (all by default)."""
    frame = pl.concat([_decode_chunk(chunk, only) for chunk in chunks], rechunk=True)
    frame = frame.with_columns(_ids_as_texts(frame[name]) for name in IDS if name in frame.columns)
    if "evidence" not in frame.columns:
        return frame
    return frame.with_columns(
        pl.when(pl.col("evidence") == OWN).then("finding").otherwise("evidence").alias("evidence")
    )


def _decode_chunk(chunk: bytes, only: tuple[str, str] | None) -> pl.DataFrame:
    scan = pl.scan_parquet(io.BytesIO(chunk))
    if only is None:
        return scan.collect()
    name, text = only
    numbered = scan.collect_schema()[name] == pl.UInt64
    number = pl.lit(text).str.to_integer(base=16, dtype=pl.UInt64, strict=False)  # null: no id, and in no row
    return scan.filter(pl.col(name) == (number if numbered else pl.lit(text))).collect()


def decode_ids(chunk: bytes) -> pl.Series:
    """Read the ids of the findings of a chunk."""
    return _ids_as_texts(pl.read_parquet(io.BytesIO(chunk), columns=["finding"])["finding"])


def _ids_as_texts(ids: pl.Series) -> pl.Series:
    """Give ids as texts: a chunk has them as numbers where each is one in hex digits."""
    return hex_texts(ids) if ids.dtype == pl.UInt64 else ids


def decode_findings(frames: Mapping[str, pl.DataFrame]) -> Findings:
    """Make findings from frames by kind."""
    trace = {kind.removeprefix(TRACE): frame for kind, frame in frames.items() if kind.startswith(TRACE)}
    return Findings(frame=frames["findings"], evidence=frames["evidence"], trace=trace)


def decode_quarantine(frame: pl.DataFrame) -> tuple[Quarantined, ...]:
    """Make the refused rows from their frame."""
    return tuple(Quarantined(**row) for row in frame.to_dicts())


def _encode_frame(kind: str, frame: pl.DataFrame, size: int) -> Iterator[Chunk]:
    numbered = [name for name in IDS if name in frame.columns and are_hex(frame[name])]
    frame = frame.with_columns(hex_numbers(frame[name]) for name in numbered)
    for number, start in enumerate(range(0, max(frame.height, 1), size)):
        buffer = io.BytesIO()
        frame.slice(start, size).write_parquet(buffer, compression="zstd", compression_level=1, statistics=False)
        yield Chunk(kind=kind, number=number, content=buffer.getvalue())


def _frame_quarantine(quarantine: Sequence[Quarantined]) -> pl.DataFrame:
    columns = {name: [getattr(row, name) for row in quarantine] for name in _QUARANTINE}
    return pl.DataFrame(columns, schema=_QUARANTINE)
