"""The verdicts that there may be."""

from enum import StrEnum


class Status(StrEnum):
    """The verdicts, in the order of roll-up (LANGUAGE 3.16: the first that occurs speaks for the whole)."""

    VIOLATION = "violation"
    UNDETERMINED = "undetermined"
    PENDING = "pending"
    COMPLIANT = "compliant"
    EXEMPT = "exempt"
    NOT_APPLICABLE = "not_applicable"
