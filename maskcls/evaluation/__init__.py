"""What may be said of a run: its scores by group, its worst errors, a page for people."""
