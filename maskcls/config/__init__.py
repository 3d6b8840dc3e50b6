"""What a training run is asked to be: recipes, their sections, and how they are read."""
