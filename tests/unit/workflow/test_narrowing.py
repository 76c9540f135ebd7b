"""A narrowed program has what the wanted provisions read, and nothing else that is evaluated."""

import msgspec

from compliance_engine.model.expression import Aggregate, And, DefinitionRef, FindingRef, Set
from compliance_engine.model.program import DefinitionSpec, NamedNode, Program, ProvisionSpec, SubjectSpec
from compliance_engine.workflow.narrowing import narrow_program
from tests.unit.example_findings import make_program

LIMIT, NOTICE = "us.example.monthly-average", "us.example.notice"


def define(name: str, *reads: str) -> DefinitionSpec:
    nodes = tuple(DefinitionRef(kind="bool", id=other, field="") for other in reads)
    value = NamedNode(name="", node=And(kind="bool", operands=nodes), text="")
    return DefinitionSpec(id=name, citation="", subject=SubjectSpec(type="site"), grain=None, lets=(), fields=(value,))


def extend(program: Program, provision: str, node: object) -> Program:
    """Let a provision read a node in its first `let`."""
    spec: ProvisionSpec = program.provisions[provision][0]
    lets = (NamedNode(name="x", node=node, text=""),)  # type: ignore[arg-type]
    return msgspec.structs.replace(
        program, provisions={**program.provisions, provision: (msgspec.structs.replace(spec, lets=lets),)}
    )


def make_layers() -> Program:
    program = msgspec.structs.replace(
        make_program(),
        definitions={name: define(name, *reads) for name, reads in {"a": ["b"], "b": [], "c": []}.items()},
        strata=(("b", "c"), ("a", LIMIT), (NOTICE,)),
    )
    return extend(program, LIMIT, DefinitionRef(kind="bool", id="a", field=""))


def test_definitions_are_kept_through_others() -> None:
    narrow = narrow_program(make_layers(), [LIMIT])
    assert set(narrow.definitions) == {"a", "b"}
    assert set(narrow.provisions) == {LIMIT}
    assert narrow.strata == (("b",), ("a", LIMIT))


def test_a_provision_read_by_its_findings_is_kept() -> None:
    reads = {
        "attribute": FindingRef(kind="bool", provision=LIMIT, duty="main", attribute="met"),
        "set": Aggregate(kind="bool", function="some", set=Set(source="finding", type=LIMIT, scope="r1")),
    }
    for node in reads.values():
        assert set(narrow_program(extend(make_layers(), NOTICE, node), [NOTICE]).provisions) == {LIMIT, NOTICE}


def test_the_provision_whose_findings_are_the_subject_is_kept() -> None:
    program = make_layers()
    spec = program.provisions[NOTICE][0]
    about = msgspec.structs.replace(spec, subject=SubjectSpec(type=LIMIT, finding=True))
    program = msgspec.structs.replace(program, provisions={**program.provisions, NOTICE: (about,)})
    assert set(narrow_program(program, [NOTICE]).provisions) == {LIMIT, NOTICE}


def test_a_set_of_facts_is_no_provision() -> None:
    node = Aggregate(kind="bool", function="some", set=Set(source="facts", type=LIMIT, scope="r1"))
    assert set(narrow_program(extend(make_layers(), NOTICE, node), [NOTICE]).provisions) == {NOTICE}
