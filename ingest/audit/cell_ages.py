"""Whether the people inside each class are as old as the target's: one class, two age curves."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import wasserstein_distance

from ingest import taxonomy
from ingest.audit.mix import KINDS
from ingest.targets import Target, cell_ages

BIN_YEARS = 5
_EDGES = np.arange(0, 130 + BIN_YEARS, BIN_YEARS)
FEWEST_IMAGES = 10
"""Pictures with years that a class needs here and in the target before the two are compared."""
FAR_YEARS = 5.0
"""Distance from which a class is said to be of other ages."""


def age_spread(records: pd.DataFrame, target: Target | None) -> pd.DataFrame:
    """Ages of every class that has pictures here or in the target.

    Parameters
    ----------
    records : DataFrame
        Of the mix.
    target : Target, optional
        With ages.

    Returns
    -------
    DataFrame
        ``class``, ``with_years`` and ``without_years`` (pictures), ``youngest``, ``median`` and
        ``oldest`` (years). With a target that knows ages also ``target_images``,
        ``target_median`` and ``apart_years``, by how many years the ages of a picture would have
        to move on average to become the target's (Wasserstein's distance of order 1; NaN with
        fewer than `FEWEST_IMAGES` on a side), and the rows farthest apart come first.
    """
    here, wanted = cell_ages(records), target.ages if target else None
    cells = records["cell"].to_numpy(np.int64)
    images = np.bincount(cells[cells >= 0], minlength=taxonomy.N_CLASSES)
    rows = [
        _spread(index, int(images[index]), here[index])
        | ({} if wanted is None else _beside(here[index], wanted[index]))
        for index in range(taxonomy.N_CLASSES)
        if images[index] or (wanted is not None and len(wanted[index]))
    ]
    own = ["class", "with_years", "without_years", "youngest", "median", "oldest"]
    more = [] if wanted is None else ["target_images", "target_median", "apart_years"]
    table = pd.DataFrame(rows, columns=[*own, *more])
    if wanted is None:
        return table
    return table.sort_values("apart_years", ascending=False, kind="stable", ignore_index=True)


def _spread(index: int, images: int, ages: NDArray[np.float64]) -> dict[str, object]:
    youngest, median, oldest = np.quantile(ages, [0, 0.5, 1]) if len(ages) else [np.nan] * 3
    return {
        "class": taxonomy.class_name(index),
        "with_years": len(ages),
        "without_years": images - len(ages),
        "youngest": youngest,
        "median": median,
        "oldest": oldest,
    }


def _beside(ages: NDArray[np.float64], wanted: NDArray[np.float64]) -> dict[str, object]:
    enough = min(len(ages), len(wanted)) >= FEWEST_IMAGES
    return {
        "target_images": len(wanted),
        "target_median": float(np.median(wanted)) if len(wanted) else np.nan,
        "apart_years": float(wasserstein_distance(ages, wanted)) if enough else np.nan,
    }


def apart(spread: pd.DataFrame) -> pd.DataFrame:
    """Rows of `age_spread` that are `FAR_YEARS` or more away from the target's."""
    if "apart_years" not in spread:
        return spread.iloc[:0]
    return spread[spread["apart_years"] >= FAR_YEARS]


def histogram_by_class(records: pd.DataFrame, target: Target | None) -> pd.DataFrame:
    """Images of each class in steps of `BIN_YEARS`, lower edge inclusive.

    Returns
    -------
    DataFrame
        ``class``, ``from_year``, ``to_year``, ``real``, ``synthetic`` and, with a target that
        knows ages, ``as_target``: how many images the bin would hold if those of its class were
        divided over the years like the target's. Bins without any are left out.
    """
    classes = records["cell"].to_numpy()
    parts = [_bins(index, records[classes == index], target)
             for index in range(taxonomy.N_CLASSES)]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _bins(index: int, records: pd.DataFrame, target: Target | None) -> pd.DataFrame:
    columns: dict[str, NDArray] = {
        kind: count_ages(records.loc[records["kind"] == kind, "age"]) for kind in KINDS
    }
    images = sum(int(counts.sum()) for counts in columns.values())
    if target and target.ages is not None:
        wanted = target.ages[index]
        columns["as_target"] = count_ages(wanted) * (images / max(len(wanted), 1))
    table = pd.DataFrame({"class": taxonomy.class_name(index), **year_bins(), **columns})
    return table[(table[list(columns)] > 0).any(axis=1)]


def year_bins() -> dict[str, NDArray[np.int64]]:
    """Lower and upper edges of all bins; both boundaries of age groups are among them."""
    return {"from_year": _EDGES[:-1], "to_year": _EDGES[1:]}


def count_ages(years: pd.Series | NDArray[np.float64]) -> NDArray[np.int64]:
    """How many known ages fall into each of `year_bins`."""
    known = np.asarray(years, dtype=float)
    return np.histogram(known[~np.isnan(known)], bins=_EDGES)[0]
