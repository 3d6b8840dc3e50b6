"""Compiled loops behind the face's surface, the garment's membrane and the over operator."""

import numba
import numpy as np


@numba.njit(cache=True)
def scatter_triangles(triangles, column, row, value, grid):  # pragma: no cover - compiled
    """Interpolate vertex values into a grid; where triangles overlap the largest stays."""
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        area = (column[b] - column[a]) * (row[c] - row[a]) - (column[c] - column[a]) * (
            row[b] - row[a]
        )
        if (
            abs(area) < 1e-9
            or max(column[a], column[b], column[c]) - min(column[a], column[b], column[c])
            > grid.shape[1] / 3
        ):
            continue
        x_first = max(0, int(np.ceil(min(column[a], column[b], column[c]))))
        x_last = min(grid.shape[1] - 1, int(np.floor(max(column[a], column[b], column[c]))))
        y_first = max(0, int(np.ceil(min(row[a], row[b], row[c]))))
        y_last = min(grid.shape[0] - 1, int(np.floor(max(row[a], row[b], row[c]))))
        for y in range(y_first, y_last + 1):
            for x in range(x_first, x_last + 1):
                wb = (
                    (x - column[a]) * (row[c] - row[a]) - (column[c] - column[a]) * (y - row[a])
                ) / area
                wc = (
                    (column[b] - column[a]) * (y - row[a]) - (x - column[a]) * (row[b] - row[a])
                ) / area
                if wb >= -1e-6 and wc >= -1e-6 and wb + wc <= 1 + 1e-6:
                    radius = value[a] + wb * (value[b] - value[a]) + wc * (value[c] - value[a])
                    if not grid[y, x] >= radius:
                        grid[y, x] = radius


@numba.njit(cache=True)
def continue_field(grid, neck, step, fall):  # pragma: no cover - compiled
    """Fill what the mesh does not reach: forehead upwards, sides outwards, neck downwards."""
    rows, columns = grid.shape
    middle = columns // 2
    for x in range(columns):
        first, last = -1, -1
        for y in range(rows):
            if not np.isnan(grid[y, x]):
                if first < 0:
                    first = y
                last = y
        if first < 0:
            continue
        for y in range(first):
            grid[y, x] = grid[first, x]
        for y in range(first, last):
            if np.isnan(grid[y, x]):
                grid[y, x] = grid[y - 1, x]
        edge = grid[last, x]
        for y in range(last + 1, rows):
            share = np.exp(-(y - last) * step / fall)
            grid[y, x] = neck[x] + (edge - neck[x]) * share
    for x in range(middle, columns):
        if np.isnan(grid[0, x]):
            grid[:, x] = grid[:, x - 1]
    for x in range(middle, -1, -1):
        if np.isnan(grid[0, x]):
            grid[:, x] = grid[:, x + 1]


@numba.njit(cache=True)
def sample(grid, column, row):  # pragma: no cover - compiled
    """Bilinear values of a grid, clamped at its border."""
    out = np.empty(column.shape)
    for k in range(column.size):
        x = min(max(column.flat[k], 0.0), grid.shape[1] - 1.001)
        y = min(max(row.flat[k], 0.0), grid.shape[0] - 1.001)
        i, j = int(y), int(x)
        fy, fx = y - i, x - j
        top = grid[i, j] * (1 - fx) + grid[i, j + 1] * fx
        bottom = grid[i + 1, j] * (1 - fx) + grid[i + 1, j + 1] * fx
        out.flat[k] = top * (1 - fy) + bottom * fy
    return out


@numba.njit(cache=True)
def relax(radius, skin, sweeps):  # pragma: no cover - compiled
    """Stretch a membrane over an obstacle by projected Gauss-Seidel; edges are strings."""
    rows, columns = radius.shape
    for _ in range(sweeps):
        for i in range(rows):
            for j in range(1, columns - 1):
                across = 0.5 * (radius[i, j - 1] + radius[i, j + 1])
                mean = across
                if 0 < i < rows - 1:
                    mean = 0.65 * across + 0.35 * 0.5 * (radius[i - 1, j] + radius[i + 1, j])
                radius[i, j] = max(skin[i, j], mean)


@numba.njit(cache=True)
def grid_normals(points):  # pragma: no cover - compiled
    """Unit normals of a grid: central differences, one-sided at its border."""
    rows, columns = points.shape[:2]
    normals = np.empty_like(points)
    for i in range(rows):
        up, down = max(i - 1, 0), min(i + 1, rows - 1)
        for j in range(columns):
            left, right = max(j - 1, 0), min(j + 1, columns - 1)
            vx = points[down, j, 0] - points[up, j, 0]
            vy = points[down, j, 1] - points[up, j, 1]
            vz = points[down, j, 2] - points[up, j, 2]
            ux = points[i, right, 0] - points[i, left, 0]
            uy = points[i, right, 1] - points[i, left, 1]
            uz = points[i, right, 2] - points[i, left, 2]
            x, y, z = vy * uz - vz * uy, vz * ux - vx * uz, vx * uy - vy * ux
            length = max(np.sqrt(x * x + y * y + z * z), 1e-9)
            normals[i, j, 0], normals[i, j, 1], normals[i, j, 2] = (
                x / length,
                y / length,
                z / length,
            )
    return normals


@numba.njit(cache=True)
def blend(photo, shade, receiver, strength, matte, colour, x0, y0):  # pragma: no cover - compiled
    """Dim a window of the photo and lay premultiplied colour over it, in place."""
    height, width = matte.shape
    rows, columns = colour.shape[:2]
    one, full, half = np.float32(1.0), np.float32(255.0), np.float32(0.5)
    for y in range(height):
        for x in range(width):
            dim = one - strength * np.float32(np.int32(shade[y, x]) * np.int32(receiver[y, x]))
            if matte[y, x] == 0 and dim == one:
                continue
            left = dim * (one - matte[y, x])
            inside = 0 <= y - y0 < rows and 0 <= x - x0 < columns
            for k in range(3):
                level = np.float32(photo[y, x, k]) * left
                if inside:
                    level += full * colour[y - y0, x - x0, k]
                photo[y, x, k] = np.uint8(min(max(level + half, np.float32(0.0)), full))


@numba.njit(cache=True)
def draw_band(colour, matte, points, seen, width, paint):  # pragma: no cover - compiled
    """Lay a band of one colour along a line, behind premultiplied colour, in place.

    A pixel is covered by the share of it that the band takes across its direction.
    """
    half, reach = 0.5 * width, 0.5 * width + 1.0
    x0, y0, x1, y1 = matte.shape[1], matte.shape[0], 0, 0
    for k in range(len(points) - 1):
        if seen[k] and seen[k + 1]:
            x0 = min(x0, int(min(points[k, 0], points[k + 1, 0]) - reach))
            y0 = min(y0, int(min(points[k, 1], points[k + 1, 1]) - reach))
            x1 = max(x1, int(max(points[k, 0], points[k + 1, 0]) + reach) + 2)
            y1 = max(y1, int(max(points[k, 1], points[k + 1, 1]) + reach) + 2)
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, matte.shape[1]), min(y1, matte.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    cover = np.zeros((y1 - y0, x1 - x0), dtype=np.float32)
    for k in range(len(points) - 1):
        if not (seen[k] and seen[k + 1]):
            continue
        ax, ay = points[k, 0], points[k, 1]
        dx, dy = points[k + 1, 0] - ax, points[k + 1, 1] - ay
        square = max(dx * dx + dy * dy, 1e-9)
        for y in range(max(y0, int(min(ay, ay + dy) - reach)),
                       min(y1, int(max(ay, ay + dy) + reach) + 2)):  # fmt: skip
            for x in range(max(x0, int(min(ax, ax + dx) - reach)),
                           min(x1, int(max(ax, ax + dx) + reach) + 2)):  # fmt: skip
                along = min(max(((x - ax) * dx + (y - ay) * dy) / square, 0.0), 1.0)
                away = np.hypot(x - ax - along * dx, y - ay - along * dy)
                share = min(away + 0.5, half) - max(away - 0.5, -half)
                if share > cover[y - y0, x - x0]:
                    cover[y - y0, x - x0] = share
    for y in range(y0, y1):
        for x in range(x0, x1):
            share = cover[y - y0, x - x0] * (np.float32(1.0) - matte[y, x])
            if share > 0:
                matte[y, x] += share
                for c in range(3):
                    colour[y, x, c] += share * paint[c]
