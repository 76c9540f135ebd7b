"""Provisions that contradict each other, shown by facts on which they do."""
