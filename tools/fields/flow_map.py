"""The exact flow of a linear equation's fields, in closed form.

Where u = L^-1 f and f is Gaussian, so are the latents z: covariance V diag(lambda) V^T. Along x = (1 - sigma) z + sigma noise the
probability flow then only stretches each mode, by the ratio of standard deviations sqrt((1 - sigma)^2 lambda + sigma^2). Hence the
average velocity of a step from sigma to sigma' is known. Ten Euler steps with the velocity *at* sigma shrink what they sample
(`python tools/fields/flow_map.py` prints by how much, for the exact velocity); with the average velocity they do not.
"""

import numpy as np

import laws
import measures


def modes(equation, n, std):
    """lambda [M] and V [M, C n n] of the latents, M = n^2: the rest of the space has lambda 0."""
    k = np.arange(n)
    phi = np.sqrt(2.0) * np.cos(np.pi * np.outer(k, np.arange(1, n + 1)) / (n + 1))
    phi[0] = 1.0
    scale = 3.0 / (np.pi**2 * (k[:, None] ** 2 + k**2) + 9.0)
    scale[0, 0] = 0.0
    f = scale[:, :, None, None] * phi[:, None, :, None] * phi[None, :, None, :]
    q = np.stack([f, laws.solve_helmholtz(f, 0.0 if equation == "poisson" else laws.HELMHOLTZ_K)], 2)
    z = (q / np.asarray(std)[:, None, None]).reshape(n * n, -1)
    values, vectors = np.linalg.eigh(z @ z.T)
    kept = values > 1e-9 * values[-1]
    return values[kept], (vectors[:, kept].T @ z) / np.sqrt(values[kept])[:, None]


def deviation(variance, sigma):
    return np.sqrt((1 - sigma) ** 2 * variance + sigma**2)


def levels(steps, shift):
    """The `flow` schedule: sigma_0 .. sigma_N = 0."""
    u = 0.999 * (1 - np.arange(steps + 1) / steps)
    return shift * u / (1 + (shift - 1) * u)


def average_velocity(variance, sigma, following):
    """Factor of x in (x' - x) / (sigma' - sigma) for modes of that variance."""
    return (deviation(variance, following) / deviation(variance, sigma) - 1) / (following - sigma)


def velocity(variance, sigma):
    """Factor of x in E[noise - z | x]."""
    return (sigma - (1 - sigma) * variance) / deviation(variance, sigma) ** 2


def main():
    n = 32
    std = laws.draw("poisson", np.random.default_rng(0), 1024, n)[0].std((0, 2, 3))
    variance, vectors = modes("poisson", n, std)
    field = vectors.reshape(len(variance), 2, n, n)
    power = np.stack([measures.power(v[None]) for v in field])
    pixels = (field**2).mean((2, 3))
    data = (variance @ pixels, np.tensordot(variance, power, 1))
    print("Euler with the exact velocity: spread of f and u (1 is right), spectrum of f and u (0 is right)")
    for steps in 5, 10, 20, 40, 80:
        for shift in 1.0, 3.0, 8.0:
            x = np.ones_like(variance)
            sigma = levels(steps, shift)
            for a, b in zip(sigma[:-1], sigma[1:]):
                x = x * (1 + (b - a) * velocity(variance, a))
            spread, spectrum = measures.compare((x**2 @ pixels, np.tensordot(x**2, power, 1)), data)
            print(f"N {steps:3} shift {shift:.0f}: spread {spread[0]:.3f} {spread[1]:.3f}, spectrum {spectrum[0]:.3f} {spectrum[1]:.3f}")


if __name__ == "__main__":
    main()
