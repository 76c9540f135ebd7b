"""Render evaluations; a pure renderer for each format."""
