"""Data of the five equations by direct solvers, in float64 (the laws are DiffusionPDE's; rewards.md section 1).

Poisson, Helmholtz, Darcy: an n x n grid inside (0,1)^2, x_i = i h, h = 1/(n+1), zero beyond it. Burgers: rows are time in
[0, 1], columns x in [0, 1), periodic. Kolmogorov: vorticity on (0, 2 pi)^2, y the last axis, at three times d apart.

    python tools/fields/laws.py --equation darcy --n 64 --count 256 --seed 0 [-o data.safetensors]

writes `fields` [count, C, n, n] as float32 and prints the floor: the data's own residual, before and after rounding.
"""

import argparse

import numpy as np
import torch

import residuals

HELMHOLTZ_K = 1.0
VISCOSITY, REYNOLDS, DRAG, BURN_IN = 0.01, 1000.0, 0.1, 10.0


def as_given(array, x):
    """A numpy array in x's library, beside x: the solvers that say so take torch tensors too, on any device."""
    return array if isinstance(x, np.ndarray) else x.new_tensor(array)


def gaussian_field(xi):
    """g = sum over (k, l) != 0 of 3 xi phi_k phi_l / (pi^2 |k|^2 + 9), phi_0 = 1, phi_k = sqrt 2 cos pi k x, of white noise xi
    [count, n, n] (numpy or torch). Std .285."""
    n = xi.shape[-1]
    k = np.arange(n)
    phi = np.sqrt(2.0) * np.cos(np.pi * np.outer(k, np.arange(1, n + 1)) / (n + 1))
    phi[0] = 1.0
    scale = 3.0 / (np.pi**2 * (k[:, None] ** 2 + k**2) + 9.0)
    scale[0, 0] = 0.0
    phi = as_given(phi, xi)
    return phi.T @ (as_given(scale, xi) * xi) @ phi


def sine_basis(n):
    """S, symmetric and its own inverse, and the eigenvalues of u'' on the grid's sine modes."""
    i = np.arange(1, n + 1)
    h = 1.0 / (n + 1)
    return np.sqrt(2 * h) * np.sin(np.pi * np.outer(i, i) * h), -4 / h**2 * np.sin(np.pi * i * h / 2) ** 2


def solve_helmholtz(f, k=HELMHOLTZ_K):
    """u with L u + k^2 u = f; k = 0 is Poisson's equation. f: numpy or torch."""
    s, eigenvalues = (as_given(x, f) for x in sine_basis(f.shape[-1]))
    return s @ ((s @ f @ s) / (eigenvalues[:, None] + eigenvalues + k**2)) @ s


def solve_darcy(log_a, tolerance=1e-10):
    """-div(a grad u) = 1 by conjugate gradients, preconditioned by a^-1/2 (-L)^-1 a^-1/2. Returns u and the iterations.
    log_a: numpy or torch."""
    xp = np if isinstance(log_a, np.ndarray) else torch
    a = xp.exp(log_a)
    root = xp.exp(-0.5 * log_a)

    def apply(u):
        return residuals.minus_divergence(a, u, xp)

    def precondition(r):
        return -root * solve_helmholtz(root * r, k=0.0)

    def dot(x, y):
        return (x * y).sum((-2, -1), keepdims=True)

    u, r = xp.zeros_like(a), xp.ones_like(a)
    z = precondition(r)
    p, rz, start = z, dot(r, z), xp.sqrt(dot(r, r))
    for iteration in range(1, 200):
        ap = apply(p)
        step = rz / dot(p, ap)
        u, r = u + step * p, r - step * ap
        if (xp.sqrt(dot(r, r)) <= tolerance * start).all():
            return u, iteration
        z = precondition(r)
        rz, old = dot(r, z), rz
        p = z + rz / old * p
    raise ArithmeticError("conjugate gradients did not converge")


def runge_kutta(state, dt, slope):
    k1 = slope(state)
    k2 = slope(state + dt / 2 * k1)
    k3 = slope(state + dt / 2 * k2)
    k4 = slope(state + dt * k3)
    return state + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def burgers(rng, count, n, rows=None, fine=256, steps=2000):
    """u [count, rows, n]: u_t + u u_x = .01 u_xx on a grid of `fine` points, pseudo-spectral with the 2/3 rule."""
    rows = rows or n
    assert fine % n == 0
    modes = fine // 3 + 1
    k = 2 * np.pi * np.arange(fine // 2 + 1)
    kept = np.arange(fine // 2 + 1) * 3 < fine
    amplitude = np.sqrt(2.0) * 49 * (k[1:modes] ** 2 + 49) ** -1.25
    u_hat = np.zeros((count, fine // 2 + 1), complex)
    # xi cos + xi' sin, of amplitude A: the coefficient of e^{ikx} is A (xi - i xi') / 2, times the transform's length.
    u_hat[:, 1:modes] = fine / 2 * amplitude * (rng.standard_normal((count, modes - 1)) - 1j * rng.standard_normal((count, modes - 1)))

    def slope(u_hat):
        u = np.fft.irfft(u_hat * kept, fine)
        return -0.5j * k * kept * np.fft.rfft(u * u) - VISCOSITY * k**2 * u_hat

    inner = -(-steps // (rows - 1))
    out = [u_hat]
    for _ in range(rows - 1):
        for _ in range(inner):
            u_hat = runge_kutta(u_hat, 1.0 / (rows - 1) / inner, slope)
        out.append(u_hat)
    return np.fft.irfft(np.stack(out, 1), fine)[..., :: fine // n]


def kolmogorov(rng, count, n, spacing=1 / 64, fine=None, dt=1 / 256):
    """w [count, 3, n, n] at t - d, t, t + d (d = spacing), after a burn-in of 10 from a random start."""
    fine = fine or n
    k = np.fft.fftfreq(fine, 1 / fine)
    kx, ky = k[:, None], k[: fine // 2 + 1].copy()
    ky[-1] = abs(ky[-1])
    square = kx**2 + ky**2
    kept = (3 * np.abs(kx) < fine) & (3 * np.abs(ky) < fine)
    over = np.where(square > 0, 1 / np.maximum(square, 1), 0)
    y = 2 * np.pi * np.arange(fine) / fine
    force = np.fft.rfft2(np.broadcast_to(-4 * np.cos(4 * y), (fine, fine)))

    def slope(w_hat):
        w_hat = w_hat * kept
        back = lambda hat: np.fft.irfft2(hat, (fine, fine))  # noqa: E731
        u, v = back(1j * ky * over * w_hat), back(-1j * kx * over * w_hat)
        product = u * back(1j * kx * w_hat) + v * back(1j * ky * w_hat)
        return force - kept * np.fft.rfft2(product) - (square / REYNOLDS + DRAG) * w_hat

    start = rng.standard_normal((count, fine, fine))
    w_hat = np.fft.rfft2(start) * (7.0**1.5 * (square + 49.0) ** -1.25) * kept
    w_hat[:, 0, 0] = 0
    stride = round(spacing / dt)
    assert stride * dt == spacing
    out = []
    for i in range(round(BURN_IN / dt) + 2 * stride + 1):
        if i % stride == round(BURN_IN / dt) % stride and i >= round(BURN_IN / dt):
            out.append(np.fft.irfft2(w_hat, (fine, fine))[..., :: fine // n, :: fine // n])
        w_hat = runge_kutta(w_hat, dt, slope)
    return np.stack(out, 1)


def fields_of(equation, xi):
    """Fields [count, 2, n, n] of an equation whose source or conductivity is a Gaussian field of the white noise xi (numpy or torch)."""
    join = np.stack if isinstance(xi, np.ndarray) else torch.stack
    g = gaussian_field(xi)
    if equation == "darcy":
        return join([3 * g, solve_darcy(3 * g)[0]], 1)
    return join([g, solve_helmholtz(g, 0.0 if equation == "poisson" else HELMHOLTZ_K)], 1)


def draw(equation, rng, count, n, spacing=1 / 64):
    """Fields [count, C, n, n] of an equation, and the residual's scale s on them: the RMS of f, 1, u_t or w_t."""
    rms = lambda x: float(np.sqrt((x**2).mean()))  # noqa: E731
    if equation in ("poisson", "helmholtz", "darcy"):
        q = fields_of(equation, rng.standard_normal((count, n, n)))
        return q, 1.0 if equation == "darcy" else rms(q[:, 0])
    if equation == "burgers":
        u = burgers(rng, count, n)
        return u[:, None], rms((u[:, 2:] - u[:, :-2]) * (n - 1) / 2)
    if equation == "kolmogorov":
        w = kolmogorov(rng, count, n, spacing)
        return w, rms((w[:, 2] - w[:, 0]) / (2 * spacing))
    raise SystemExit(f"unknown equation {equation}; known: {', '.join(residuals.CHANNELS)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--equation", required=True, choices=list(residuals.CHANNELS))
    parser.add_argument("--n", type=int, default=32)
    parser.add_argument("--count", type=int, default=256)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--spacing", type=float, default=1 / 64, help="kolmogorov: time between the three fields")
    parser.add_argument("-o", "--output")
    args = parser.parse_args()
    fields, scale = draw(args.equation, np.random.default_rng(args.seed), args.count, args.n, args.spacing)
    for what, q in ("float64", fields), ("float32", fields.astype(np.float32).astype(np.float64)):
        r = residuals.residual(args.equation, q, np, args.spacing)
        print(f"{args.equation} n {args.n}, {args.count} fields, seed {args.seed}, stored as {what}: mean |r| {np.abs(r).mean():.3g}, "
              f"RMS r {np.sqrt((r**2).mean()):.3g}, s {scale:.5g}, RMS r/s {np.sqrt((r**2).mean()) / scale:.3g}")
    if args.output:
        from safetensors.numpy import save_file

        save_file({"fields": fields.astype(np.float32)}, args.output)


if __name__ == "__main__":
    main()
