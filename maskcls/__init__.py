"""Classifiers of mask wear, gender and age, trained on real and synthetic photos."""
