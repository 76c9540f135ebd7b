"""`rules diff` reads every field of every document: what it left out would change the law in silence."""

import dataclasses
from pathlib import Path

import pytest

import compliance_engine.workflow.amending
from compliance_engine.model import law, relations

FOLDER = Path(compliance_engine.workflow.amending.__file__).parent
SOURCE = "".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.py")))
COMPARED = (
    *(law.Vocabulary, law.TypeDecl, law.FieldDecl, law.Definition, law.Formula, law.Parameter, law.TableDecl),
    *(law.Provision, law.Duty, law.ExceptionRow, law.Recur, law.Limit, law.Require, law.Done, law.Forbid),
    *(relations.Policy, relations.Determination, relations.Relation, relations.Prompt),
)
# Where something stands says nothing of the law, nor what the compiler adds.
PLACES = {"span", "row_spans", "words"}


@pytest.mark.parametrize("document", COMPARED, ids=lambda document: document.__name__)
def test_every_field_is_compared(document: type) -> None:
    assert dataclasses.is_dataclass(document)
    names = {field.name for field in dataclasses.fields(document)} - PLACES
    assert sorted(name for name in names if f".{name}" not in SOURCE) == []
