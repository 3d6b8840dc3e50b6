"""Compute the average head that sparse landmarks are fitted with, from portraits of many people.

Usage: python benchmarks/average_head.py FOLDER_OF_PORTRAITS > ingest/faces/average_head.csv

The mean over all people of the face mesh in head millimetres, made symmetric and rounded to
0.1 mm: a shape of 468 points that shows nobody.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from ingest.faces import FaceMesher, topology
from ingest.images import open_image, upright_rgb

MOST_TURNED = 20.0
"""Degrees of yaw or pitch beyond which the far side of a face is too much guessed."""
MIRROR = np.array([-1.0, 1.0, 1.0])


def heads(folder: Path) -> Iterator[NDArray[np.float64]]:
    """Mesh of the largest face of every photo in head millimetres, shape (468, 3)."""
    with FaceMesher() as mesher:
        for path in sorted(folder.glob("*.jpg")):
            faces = mesher.find(upright_rgb(open_image(path)))
            if faces and max(abs(faces[0].head.yaw), abs(faces[0].head.pitch)) < MOST_TURNED:
                yield faces[0].head.to_head(faces[0].points)


def symmetric(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of a head and its mirror image, each point paired with its partner."""
    flat = points[:, :2]
    _, partner = linear_sum_assignment(cdist(flat * MIRROR[:2], flat) ** 2)
    if not np.array_equal(partner[partner], np.arange(topology.N_POINTS)):
        message = "left and right points do not pair up: too few portraits"
        raise ValueError(message)
    return (points + points[partner] * MIRROR) / 2


def main() -> None:
    """Print the average head as CSV."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    every = np.array(list(heads(parser.parse_args().folder)))
    print(f"{len(every)} heads", file=sys.stderr)
    print("x,y,z")
    for point in np.round(symmetric(every.mean(axis=0)), 1) + 0.0:  # no negative zero
        print(",".join(f"{value:.1f}" for value in point))


if __name__ == "__main__":
    main()
