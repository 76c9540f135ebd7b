"""A file of law in its stable layout: the same documents and comments, always written the same way."""

from compliance_engine.reading.law.layout.files import FileLayout, LayoutError, lay_out_files

__all__ = ["FileLayout", "LayoutError", "lay_out_files"]
