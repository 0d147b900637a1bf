"""The residuals of the five equations, for numpy and torch alike (`xp` is the module): what src/drf/rewards/residual must equal.

q [B, C, H, W]; returns r [B, rows, columns], one number for each place where the equation holds.
"""

import math

CHANNELS = {"poisson": ["f", "u"], "helmholtz": ["f", "u"], "darcy": ["log_a", "u"], "burgers": ["u"],
            "kolmogorov": ["w1", "w2", "w3"]}


def _shifted(u, axis, xp):
    """u's two neighbours along an axis of a grid that is zero beyond its edge."""
    zero = xp.zeros_like(u[:, :1] if axis == 1 else u[:, :, :1])
    join = xp.cat if hasattr(xp, "cat") else xp.concatenate
    cut = (lambda a, s: a[:, s]) if axis == 1 else (lambda a, s: a[:, :, s])
    return join([zero, cut(u, slice(None, -1))], axis), join([cut(u, slice(1, None)), zero], axis)


def laplacian(u, xp):
    """Five points, zero beyond the edge, h = 1/(n+1) along each axis."""
    total = 0
    for axis in (1, 2):
        below, above = _shifted(u, axis, xp)
        total = total + (below + above - 2 * u) * (u.shape[axis] + 1) ** 2
    return total


def minus_divergence(a, u, xp):
    """-div F, F = mean a of a face's two cells (at the edge the cell's own) x difference / h."""
    join = xp.cat if hasattr(xp, "cat") else xp.concatenate
    total = 0
    for axis in (1, 2):
        below, above = _shifted(u, axis, xp)
        cut = (lambda x, s: x[:, s]) if axis == 1 else (lambda x, s: x[:, :, s])
        first, last = cut(a, slice(None, 1)), cut(a, slice(-1, None))
        inner = (cut(a, slice(1, None)) + cut(a, slice(None, -1))) / 2
        lower, upper = join([first, inner], axis), join([inner, last], axis)
        total = total - (upper * (above - u) - lower * (u - below)) * (u.shape[axis] + 1) ** 2
    return total


def burgers(u, viscosity=0.01):
    rows, columns = u.shape[1:]
    dt, dx = 1 / (rows - 1), 1 / columns
    index = list(range(columns))
    right, left = u[:, :, index[1:] + index[:1]], u[:, :, index[-1:] + index[:-1]]
    r = (right**2 - left**2) / (4 * dx) - viscosity * (right - 2 * u + left) / dx**2
    return (u[:, 2:] - u[:, :-2]) / (2 * dt) + r[:, 1:-1]


def kolmogorov(w, spacing, xp, reynolds=1000.0, drag=0.1):
    n, m = w.shape[-2:]
    like = dict(dtype=w.dtype, device=w.device) if hasattr(w, "device") and hasattr(xp, "cat") else {}
    kx = xp.fft.fftfreq(n, 1 / n, **like)[:, None]
    ky = xp.fft.fftfreq(m, 1 / m, **like)[None, :]
    ax, ay = kx * (2 * abs(kx) < n), ky * (2 * abs(ky) < m)  # odd derivatives have no Nyquist mode
    mask = (3 * abs(kx) < n) & (3 * abs(ky) < m)
    square = kx**2 + ky**2
    over = 1 / xp.where(square > 0, square, square + math.inf)
    w2 = xp.fft.fft2(w[:, 1])
    kept = w2 * mask
    back = lambda hat: xp.fft.ifft2(hat).real  # noqa: E731
    product = back(1j * ay * over * kept) * back(1j * ax * kept) - back(1j * ax * over * kept) * back(1j * ay * kept)
    advection = back(xp.fft.fft2(product) * mask)
    y = 2 * math.pi * xp.arange(m, **like) / m
    return ((w[:, 2] - w[:, 0]) / (2 * spacing) + advection + back(square * w2) / reynolds + drag * w[:, 1]
            + 4 * xp.cos(4 * y))


def residual(equation, q, xp, spacing=1 / 64):
    if equation in ("poisson", "helmholtz"):
        r = laplacian(q[:, 1], xp) - q[:, 0]
        return r + q[:, 1] if equation == "helmholtz" else r
    if equation == "darcy":
        return minus_divergence(xp.exp(q[:, 0]), q[:, 1], xp) - 1
    if equation == "burgers":
        return burgers(q[:, 0])
    return kolmogorov(q, spacing, xp)
