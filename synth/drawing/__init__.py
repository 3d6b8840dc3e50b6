"""A garment as a surface over a face: draped, textured, rasterised, tied."""
