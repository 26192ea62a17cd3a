"""The packs that come with the platform lie beside: one YAML file each, by the place that wrote it."""

from pathlib import Path

SHIPPED = Path(__file__).resolve().parent.parent / "shipped"
