"""Rulesets as a register that people read."""
