"""Models at work: predictions of one run or of several, their thresholds, and export."""
