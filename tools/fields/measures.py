"""What a set of generated fields is compared with data by (rewards.md section 1): spread, spectrum, error against the solution."""

import numpy as np

import laws


def dct_matrix(n):
    """Orthonormal DCT-II: row k holds the mode k."""
    k, i = np.arange(n)[:, None], np.arange(n)[None, :]
    basis = np.sqrt(2 / n) * np.cos(np.pi * k * (2 * i + 1) / (2 * n))
    basis[0] = np.sqrt(1 / n)
    return basis


def power(q):
    """q [N, C, H, W] -> [C, min(H, W) - 1]: the mean square of the DCT-II coefficients (k, l) on the rings floor(|(k, l)| + 1/2) =
    1 .. min(H, W) - 1."""
    h, w = q.shape[2:]
    square = ((dct_matrix(h) @ q @ dct_matrix(w).T) ** 2).mean(0)
    ring = np.floor(np.hypot(*np.meshgrid(np.arange(h), np.arange(w), indexing="ij")) + 0.5).astype(int)
    return np.stack([square[:, ring == r].mean(1) for r in range(1, min(h, w))], 1)


def statistics(q):
    """variance [C], unbiased over samples and averaged over pixels; power()."""
    q = np.asarray(q, np.float64)
    return q.var(0, ddof=1).mean((1, 2)), power(q)


def compare(generated, data):
    """Of two statistics(): spread [C] = sqrt(variance over variance), spectrum [C] = mean over rings of |log10 P/P|."""
    return np.sqrt(generated[0] / data[0]), np.abs(np.log10(generated[1] / data[1])).mean(1)


def solve_error(equation, q):
    """||u - L^-1 f|| / ||u||, over all samples together; only for the linear equations."""
    u = laws.solve_helmholtz(np.asarray(q[:, 0], np.float64), 0.0 if equation == "poisson" else laws.HELMHOLTZ_K)
    return float(np.linalg.norm(q[:, 1] - u) / np.linalg.norm(q[:, 1]))
