"""Which obligation a finding is of: its subject, occurrence and period, and the id that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, identity
from compliance_engine.deriving.columns import computed, selected
from compliance_engine.deriving.tables import id_hashes, repeated
from compliance_engine.deriving.windows import FAR
from compliance_engine.kernel.hexadecimal import hex_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.judging import Judged

# The ids of a table of so many records are hashed for all duties at once.
SHORT = 5_000


def names_of(judged: Sequence[Judged]) -> list[pl.DataFrame]:
    """Give, for each of some duties, what names its obligations.

    Columns: finding (its id), site, provision, duty, subject_type, subject, occurrence, period_from, period_to.
    """
    frames = [_names(item) for item in judged]
    duties = identity.text_hashes(pl.Series([_duty(item) for item in judged], dtype=pl.String)).to_list()
    parts = [
        pl.concat([repeated(number, item.height, pl.UInt64) for number, item in zip(duties, judged, strict=True)]),
        pl.concat([_subject_hashes(item, frame) for item, frame in zip(judged, frames, strict=True)]),
        identity.text_hashes(pl.concat([frame["occurrence"] for frame in frames])),
    ]
    ids = identity.mixed(parts)
    texts = hex_texts(ids).alias("finding")
    found, begin = [], 0
    alike = ids.n_unique() != ids.len()
    for item, frame in zip(judged, frames, strict=True):
        if alike and ids.slice(begin, item.height).n_unique() != item.height:
            message = f"two obligations of {_duty(item)} have one id"
            raise AssertionError(message)
        found.append(frame.insert_column(0, texts.slice(begin, item.height)))
        begin += item.height
    return found


def _duty(judged: Judged) -> str:
    return f"{judged.provision.id}/{judged.duty.id}"


def _names(judged: Judged) -> pl.DataFrame:
    context, height = judged.context, judged.height
    names = {
        "provision": judged.provision.id,
        "duty": judged.duty.id,
        "subject_type": "finding" if judged.provision.subject.finding else judged.provision.subject.type,
    }
    return pl.DataFrame(
        [
            context.frame["site"].cast(pl.Categorical),
            *(repeated(text, height, pl.Categorical).alias(name) for name, text in names.items()),
            _texts_at(context.scopes["subject"].table.frame["id"], _places(context)).alias("subject"),
            _occurrence(context, height),
            *_period(context),
        ]
    )


def _texts_at(ids: pl.Series, places: pl.Series) -> pl.Series:
    """Print the ids at some places; those that are named often once."""
    return ids.cast(pl.String)[places] if ids.len() < places.len() else ids[places].cast(pl.String)


def _places(context: Context) -> pl.Series:
    return context.frame[context.scopes["subject"].index or "subject#"]


def _subject_hashes(judged: Judged, names: pl.DataFrame) -> pl.Series:
    """Give the hash of each subject's id; those of a table are kept for all duties, unless it is long and few are asked for."""
    table = judged.context.scopes["subject"].table
    if table.frame.height > max(judged.height, SHORT):
        return identity.text_hashes(names["subject"])
    return id_hashes(table)[_places(judged.context)]


def _period(context: Context) -> list[pl.Series]:
    """Give the first and last day of each obligation; none where there is no window, no day in it (due before it begins), or no such end."""
    height, columns = context.frame.height, context.frame.columns
    names = ("period_from", "period_to")
    if "p.from" not in columns and "w.from" not in columns:
        return [repeated(None, height, pl.Date).alias(name) for name in names]
    first, last = pl.col("w.from").cast(pl.Int32), pl.col("w.to").cast(pl.Int32)
    days = [pl.when((end > -FAR) & (end < dates.NEVER)).then(end).cast(pl.Date) for end in (first, last)]
    if "w.cfrom" in columns or "due.low" in columns:
        inside = ((first <= last) & (first < dates.NEVER)).fill_null(value=True)
        days = [pl.when(inside).then(day) for day in days]
    return selected(context.frame, [day.alias(name) for name, day in zip(names, days, strict=True)]).get_columns()


def _occurrence(context: Context, height: int) -> pl.Series:
    """Give the text that tells the obligations of one subject apart."""
    if "occurrence" in context.scopes:
        scope = context.scopes["occurrence"]
        assert scope.index is not None
        found = scope.table.frame["id"].cast(pl.String)[context.frame[scope.index]]
    elif "due.low" in context.frame.columns:
        due = pl.when(pl.col("due.low") == pl.col("due.high")).then("due.low")
        found = context.compute(dates.as_date(due).cast(pl.String).fill_null(""))
    elif "p.index" in context.frame.columns:
        found = computed(context.frame, dates.as_date(pl.col("p.from")).cast(pl.String))
    else:
        found = repeated("", height, pl.String)
    return found.alias("occurrence")
