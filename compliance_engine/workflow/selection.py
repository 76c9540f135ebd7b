"""Which cases are meant: by a text, by provision, by kind, by where they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from compliance_engine.kernel.diagnostic import Diagnostic
from compliance_engine.kernel.errors import InputError
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.model.case import Case
from compliance_engine.model.program import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Cases that are all of this: empty means any.

    `text`: contained in the provision's id or the case's name, in any case of letters; `provisions`: ids; `kinds`: as a
    case states them; `places`: files, or folders above them.
    """

    text: str = ""
    provisions: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    places: tuple[Path, ...] = ()

    def has(self, provision: str, case: Case) -> bool:
        """Say whether a case of that provision is meant."""
        return (
            self.text.lower() in f"{provision} {case.name}".lower()
            and (not self.provisions or provision in self.provisions)
            and (not self.kinds or case.kind in self.kinds)
            and self.has_place(case.span.file)
        )

    def has_place(self, file: str) -> bool:
        """Say whether what stands in that file is meant."""
        return not self.places or any(Path(file).resolve().is_relative_to(place) for place in self.places)

    @property
    def is_narrowed(self) -> bool:
        """Say whether some cases of the files that are meant may be left out."""
        return bool(self.text or self.provisions or self.kinds)


EVERYTHING = Selection()


def find_provision(program: Program, name: str) -> str | None:
    """Find a provision by its id, or by a suffix that only one id has."""
    if name in program.provisions:
        return name
    longer = [other for other in program.provisions if other.endswith(f".{name}")]
    return longer[0] if len(longer) == 1 else None


def find_provisions(program: Program, names: Sequence[str]) -> frozenset[str]:
    """Find provisions by id or unique suffix; raises InputError with every name that means none."""
    found: Mapping[str, str | None] = {name: find_provision(program, name) for name in names}
    unknown = [
        Diagnostic(
            code="unknown-provision",
            message=f"there is no provision `{name}` in these rules",
            hint=did_you_mean(name, program.provisions),
        )
        for name, identity in found.items()
        if identity is None
    ]
    if unknown:
        raise InputError(unknown)
    return frozenset(identity for identity in found.values() if identity is not None)
