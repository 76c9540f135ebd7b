"""Infer over propositions; the only importer of durable-rules."""
