"""From image files to batches: cropped, augmented, loaded."""
