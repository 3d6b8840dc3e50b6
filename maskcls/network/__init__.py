"""The network and how it learns: backbone, heads, losses, optimiser."""
