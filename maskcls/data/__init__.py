"""Which rows teach, which judge, and how often each is drawn."""
