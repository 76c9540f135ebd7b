"""Read law and facts, keeping where each thing was written."""
