"""Compose the stages; the only folder that does."""
