"""Where durable-rules cannot be built, the other engine serves."""

import subprocess
import sys

CODE = """
import sys
sys.modules["durable_rules_engine"] = None
import polars as pl
from compliance_engine.engine import EngineError, InferenceRule, Pattern, engine_named
rules = (InferenceRule(name="r", when=(Pattern(kind="a"),), then="b"),)
facts = pl.DataFrame({"session": [0], "kind": ["a"], "key": [1]})
assert engine_named("python").infer(rules, facts).height == 1
try:
    engine_named("durable").infer(rules, facts)
except EngineError as error:
    print(error)
"""


def test_the_python_engine_needs_no_library() -> None:
    run = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert run.stdout == "durable-rules is not installed here: choose the engine 'python'\n"
