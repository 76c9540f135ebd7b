"""Infer over propositions; the only importer of durable-rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from compliance_engine.engine.durable import DurableEngine
from compliance_engine.engine.forward import PythonEngine
from compliance_engine.engine.protocol import Engine, EngineError
from compliance_engine.engine.rules import InferenceRule, Pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Engine", "EngineError", "InferenceRule", "Pattern", "engine_named"]

_ENGINES: Mapping[str, Engine] = {engine.name: engine for engine in (DurableEngine(), PythonEngine())}


def engine_named(name: Literal["durable", "python"]) -> Engine:
    """Give the engine of this name; both give the same conclusions with the same derivations."""
    return _ENGINES[name]
