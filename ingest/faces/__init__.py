"""Faces in a photo: dense mesh, box, regions and pose. The one door to landmark libraries."""

from ingest.faces.mesh import FaceMesh, FaceMesher
from ingest.faces.pose import HeadFrame
from ingest.faces.regions import rasterise_regions, region_polygons

__all__ = ["FaceMesh", "FaceMesher", "HeadFrame", "rasterise_regions", "region_polygons"]
