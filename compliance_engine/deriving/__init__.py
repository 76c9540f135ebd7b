"""Derive columnar statistics, schedules, comparisons and completeness from facts."""
