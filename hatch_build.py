"""Put the shipped law and the sample sites inside the wheel."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShippedData(BuildHookInterface[Any]):
    """Map the checkout's data folders into the package; an editable install reads them where they are."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folders to what the wheel contains."""
        if version != "editable":
            build_data["force_include"] |= {
                "rulesets": "compliance_engine/_shipped/rulesets",
                "facts": "compliance_engine/_shipped/facts",
            }
