"""What stands behind `synth pseudo-gender`: bounds, thresholds, strata, shift, voters, pages."""
