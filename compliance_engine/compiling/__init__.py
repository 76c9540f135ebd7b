"""Law to program: names, types, units, effective windows, links, strata."""

from compliance_engine.compiling.program import compile_program, is_whole

__all__ = ["compile_program", "is_whole"]
