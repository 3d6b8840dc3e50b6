"""What may be done with pictures and models, for which purpose, and whom to credit."""
