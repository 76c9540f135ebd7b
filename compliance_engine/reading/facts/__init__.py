"""Site data as facts: files, databases and Python records become typed frames, with what was refused and why."""

from compliance_engine.reading.facts.describe import QuarantineRow, TypeDescription, describe_facts, quarantine_rows
from compliance_engine.reading.facts.reading import read_facts
from compliance_engine.reading.facts.records import facts_from_frames, facts_from_records

__all__ = [
    "QuarantineRow",
    "TypeDescription",
    "describe_facts",
    "facts_from_frames",
    "facts_from_records",
    "quarantine_rows",
    "read_facts",
]
