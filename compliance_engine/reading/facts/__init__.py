"""Site data as facts: files, databases and Python records become typed frames, with what was refused and why."""

from compliance_engine.reading.facts.reading import read_facts
from compliance_engine.reading.facts.records import facts_from_frames, facts_from_records

__all__ = ["facts_from_frames", "facts_from_records", "read_facts"]
