"""Check what a site did against what the law requires."""
