"""The folder a run is, where it comes from, and its card."""
