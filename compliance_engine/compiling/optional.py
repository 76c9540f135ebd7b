"""What is known to be present once a condition is known to hold, or to fail."""

from compliance_engine.model.expression import Among, And, AnyNode, Not, Or, Present

Nodes = frozenset[AnyNode]
NOTHING: Nodes = frozenset()


def present_if(condition: AnyNode) -> Nodes:
    """Give what is present wherever the condition is true; a key known to be in a table stands for its row."""
    if isinstance(condition, Present):
        return frozenset((condition.operand,))
    if isinstance(condition, Among) and condition.table is not None:
        return frozenset((condition,))
    if isinstance(condition, Not):
        return present_unless(condition.operand)
    if isinstance(condition, And):
        return NOTHING.union(*(present_if(operand) for operand in condition.operands))
    if isinstance(condition, Or):
        return _common([present_if(operand) for operand in condition.operands])
    return NOTHING


def present_unless(condition: AnyNode) -> Nodes:
    """Give what is present wherever the condition is false."""
    if isinstance(condition, Not):
        return present_if(condition.operand)
    if isinstance(condition, Or):
        return NOTHING.union(*(present_unless(operand) for operand in condition.operands))
    if isinstance(condition, And):
        return _common([present_unless(operand) for operand in condition.operands])
    return NOTHING


def _common(sets: list[Nodes]) -> Nodes:
    """Give what is in each of them."""
    return frozenset.intersection(*sets) if sets else NOTHING
