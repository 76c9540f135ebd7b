"""What an amendment of law changes: in words by clause, and in the verdicts of sites."""
