"""The frozen types in which the stages meet."""
