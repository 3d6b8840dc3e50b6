"""Faces in a photo: dense mesh, box, regions and pose. The one door to landmark libraries."""

from ingest.faces.finder import (
    MEDIAPIPE,
    Backend,
    FaceFinder,
    Model,
    choose_backend,
    finder_for,
    read_given,
)
from ingest.faces.mesh import FaceMesh, FaceMesher
from ingest.faces.pose import HeadFrame
from ingest.faces.regions import rasterise_regions, region_polygons

__all__ = [
    "MEDIAPIPE",
    "Backend",
    "FaceFinder",
    "FaceMesh",
    "FaceMesher",
    "HeadFrame",
    "Model",
    "choose_backend",
    "finder_for",
    "rasterise_regions",
    "read_given",
    "region_polygons",
]
