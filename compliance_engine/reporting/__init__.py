"""Findings as texts: a pure renderer a format, values in, text out."""
