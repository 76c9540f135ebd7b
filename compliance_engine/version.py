"""The version of this software, recorded with every evaluation."""

__version__ = "0.1.0"
