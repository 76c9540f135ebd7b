"""Spans, diagnostics, quantities, periods: what everything else stands on."""
