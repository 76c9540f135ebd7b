"""The digest is of what the findings say: not of how they are kept."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from compliance_engine.model.findings import RANKED, digest_findings
from tests.unit.example_findings import make_findings

FINDINGS = make_findings()
TEXTS = [name for name, dtype in FINDINGS.frame.schema.items() if dtype == pl.String]


def test_it_does_not_rest_on_how_texts_are_kept() -> None:
    kept = FINDINGS.frame.with_columns(pl.col(name).cast(pl.Categorical) for name in TEXTS if name in RANKED)
    assert digest_findings(replace(FINDINGS, frame=kept)) == digest_findings(FINDINGS)


@pytest.mark.parametrize("column", TEXTS)
def test_every_text_counts(column: str) -> None:
    """Another text, an empty one and none are three different findings."""
    last = pl.int_range(pl.len()) == pl.len() - 1
    found = set()
    for text in ("another", "", None):
        changed = FINDINGS.frame.with_columns(pl.when(last).then(pl.lit(text)).otherwise(column).alias(column))
        found.add(digest_findings(replace(FINDINGS, frame=changed)))
    assert len(found) == 3


def test_two_texts_that_change_places_count() -> None:
    """Ranks alone would be the same: the texts that they stand for are digested too."""
    names = FINDINGS.frame["site"].drop_nulls().unique().sort().to_list()
    swapped = dict(zip(names, reversed(names), strict=True))
    changed = FINDINGS.frame.with_columns(pl.col("site").replace(swapped))
    renamed = FINDINGS.frame.with_columns(pl.col("site") + "!")
    assert len({digest_findings(replace(FINDINGS, frame=f)) for f in (FINDINGS.frame, changed, renamed)}) == 3
