"""A register as a static site, which works from a folder, without a server and without a network."""

from compliance_engine.reporting.site.rendering import render_site

__all__ = ["render_site"]
