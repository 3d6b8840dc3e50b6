"""The index against comparing everything with everything."""

import numpy as np

from ingest.audit.hash_index import COARSE_BITS, FINE_BITS, close_pairs

N, VIEWS = 5000, 10


def flipped(rng, words, n_coarse, n_fine):
    bits = np.unpackbits(words.view(np.uint8))
    coarse = rng.choice(64, n_coarse, replace=False)
    fine = 64 + rng.choice(192, n_fine, replace=False)
    bits[np.concatenate([coarse, fine])] ^= 1
    return np.packbits(bits).view(np.uint64)


def planted_hashes(rng):
    """Random hashes, among them pairs at every distance around the stated ones."""
    hashes = rng.integers(0, 2**64, (N, VIEWS, 4), dtype=np.uint64)
    for one, other in rng.permutation(N)[:1200].reshape(-1, 2):
        near = rng.integers(COARSE_BITS - 5, COARSE_BITS + 3), rng.integers(30, 50)
        hashes[other, 0] = flipped(rng, hashes[one, rng.integers(VIEWS)].copy(), *near)
    return hashes


def signs(words):
    """Bits as -1 and 1: the dot product of two hashes is their bits less twice their distance."""
    return np.unpackbits(words.view(np.uint8), axis=1).astype(np.float32) * 2 - 1


def brute_force(hashes):
    best = {}
    upright = signs(hashes[:, 0].copy())
    for view in range(VIEWS):
        turned = signs(hashes[:, view].copy())
        coarse = (64 - turned[:, :64] @ upright[:, :64].T) / 2
        for first, second in np.argwhere(coarse <= COARSE_BITS):
            distance = int((256 - turned[first] @ upright[second]) / 2)
            if distance <= FINE_BITS and first != second:
                pair = (min(first, second), max(first, second))
                best[pair] = min(best.get(pair, 999), distance)
    return best


def test_the_index_finds_what_brute_force_finds_and_nothing_else():
    hashes = planted_hashes(np.random.default_rng(3))
    found = close_pairs(hashes, np.arange(N))
    pairs = [tuple(sorted(pair)) for pair in zip(found.first, found.second, strict=True)]
    assert len(set(pairs)) == len(pairs) > 200
    assert dict(zip(pairs, found.distance, strict=True)) == brute_force(hashes)


def test_pictures_that_belong_together_are_not_paired():
    hashes = np.zeros((4, VIEWS, 4), dtype=np.uint64)
    found = close_pairs(hashes, np.array([0, 0, 1, 1]))
    pairs = {tuple(sorted(pair)) for pair in zip(found.first, found.second, strict=True)}
    assert pairs == {(0, 2), (0, 3), (1, 2), (1, 3)}


def test_nothing_gives_nothing():
    assert len(close_pairs(np.zeros((0, VIEWS, 4), np.uint64), np.zeros(0, np.int64)).first) == 0
