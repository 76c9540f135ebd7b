"""Store evaluations, waivers and actions, append-only."""
