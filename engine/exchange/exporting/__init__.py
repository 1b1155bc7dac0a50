"""The register out again: as the standard's tables, and as a whole delivery package."""
