"""From a dropped object to an event: sizes, names, media types."""
