"""Pairs of pictures whose hashes lie close, found through an index instead of comparing all.

Multi-index hashing (Norouzi et al., 2012, doi:10.1109/CVPR.2012.6248043): the 64 coarse bits are
cut into four words of 16 bits. Two hashes that differ in at most 11 bits differ in at most two
bits of some word, so looking up every word and its neighbours of one and two bits misses none.
"""

import itertools
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

COARSE_BITS = 11
"""Hashes are close if they differ in at most so many of the 64 coarse bits …"""
FINE_BITS = 56
"""… and in at most so many of all 256."""
_WORDS, _WORD_BITS = 4, 16
_ONE_WORD = np.uint64((1 << _WORD_BITS) - 1)
_FLIPS = np.array(
    [sum(1 << bit for bit in bits)
     for count in range(COARSE_BITS // _WORDS + 1)
     for bits in itertools.combinations(range(_WORD_BITS), count)], dtype=np.int64,
)  # fmt: skip
_QUERIES = 4096
_FIRST_ROOM = 1 << 16


@dataclass(frozen=True)
class Candidates:
    """Pairs of pictures with close hashes.

    Attributes
    ----------
    first, second : ndarray of shape (M,), int
        Rows; every unordered pair once.
    view : ndarray of shape (M,), int
        The view of `first` that lies closest to `second` as it is.
    distance : ndarray of shape (M,), int
        Differing bits of 256.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    view: NDArray[np.int64]
    distance: NDArray[np.int64]


def close_pairs(hashes: NDArray[np.uint64], apart: NDArray[np.int64]) -> Candidates:
    """Every pair of pictures of which a view of one comes close to the other.

    Parameters
    ----------
    hashes : ndarray of shape (N, V, 4), uint64
        Hashes of the V views; view 0 is the picture as it is.
    apart : ndarray of shape (N,), int
        Pictures of the same number belong together and are not paired.
    """
    keys = words_of(hashes[:, 0, 0])
    order = np.argsort(keys, axis=1, kind="stable")
    edges = np.arange((1 << _WORD_BITS) + 1)
    starts = np.stack([np.searchsorted(np.sort(row), edges) for row in keys]).astype(np.int32)
    coarse = hashes[:, 0, 0][order]
    parts, room = [np.empty((0, 4), dtype=np.int64)], _FIRST_ROOM
    for begin in range(0, len(hashes), _QUERIES):
        end = min(begin + _QUERIES, len(hashes))
        while True:
            out = np.empty((room, 4), dtype=np.int64)
            count = _look_up(hashes, apart, order, coarse, starts, _FLIPS, begin, end, out)
            if count <= room:
                break
            room = 2 * count
        parts.append(_closest(out[:count]))
    return Candidates(*_closest(np.concatenate(parts)).T)


def words_of(coarse: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The four words of 16 bits of every coarse hash, shape (4, N)."""
    shifts = np.arange(_WORDS, dtype=np.uint64)[:, None] * np.uint64(_WORD_BITS)
    return ((coarse[None] >> shifts) & _ONE_WORD).astype(np.int64)


def _closest(found: NDArray[np.int64]) -> NDArray[np.int64]:
    """Every pair once, at its smallest distance."""
    first, second, view, distance = found.T
    order = np.lexsort((view, first, distance, np.maximum(first, second),
                        np.minimum(first, second)))  # fmt: skip
    pairs = np.sort(found[order][:, :2], axis=1)
    is_new = np.ones(len(pairs), dtype=bool)
    is_new[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
    return found[order][is_new]


@numba.njit(cache=True)
def bits_set(word):
    """Number of ones of a 64-bit word."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@numba.njit(cache=True)
def _look_up(hashes, apart, order, coarse, starts, flips, begin, end, out):
    """Write (first, second, view, distance) of the close pairs of some pictures; their number."""
    count = 0
    for word in range(_WORDS):
        shift = np.uint64(word * _WORD_BITS)
        for first in range(begin, end):
            for view in range(hashes.shape[1]):
                query = hashes[first, view]
                value = np.int64((query[0] >> shift) & _ONE_WORD)
                for flip in flips:
                    neighbour = value ^ flip
                    for at in range(starts[word, neighbour], starts[word, neighbour + 1]):
                        if bits_set(coarse[word, at] ^ query[0]) > COARSE_BITS:
                            continue
                        second = order[word, at]
                        distance = _distance(query, hashes[second, 0])
                        if distance <= FINE_BITS and apart[first] != apart[second]:
                            if count < len(out):
                                out[count] = first, second, view, distance
                            count += 1
    return count


@numba.njit(cache=True)
def _distance(one, other):
    total = 0
    for word in range(4):
        total += bits_set(one[word] ^ other[word])
    return total
