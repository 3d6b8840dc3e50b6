"""Training a run: folds, epochs, resume, several processes, sweeps."""
