"""Law as written, continued: what stands between provisions, what is said beside a verdict, and what people decide."""

from dataclasses import dataclass

from compliance_engine.kernel.span import Span
from compliance_engine.model.law import Name
from compliance_engine.model.syntax import Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A row of `displaced_by` or `displaces`; `when` None: wherever the displacing provision applies."""

    provision: Name
    when: Expr | None
    because: str | None
    citation: str | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A row of `prompts`: what to do or to note where `when` holds; never a verdict."""

    id: str
    when: Expr
    then: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A `policy` document: a choice that the law leaves to whom it binds; facts state which was made."""

    id: Name
    citation: str | None
    describe: str | None
    choices: tuple[Name, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Determination:
    """A `determination` document: a question that a person answers.

    `answered_by`: the roles that may (none: any); `void`: the bases on which no answer counts.
    """

    id: Name
    question: str
    citation: str | None
    answered_by: tuple[str, ...]
    void: tuple[str, ...]
