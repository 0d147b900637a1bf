"""Muon for the matrices of the small models, AdamW for the rest; state that can be saved and taken up again.

The models of this world are too small for AdamW alone: a VAE stalls at the background's color for hundreds of steps.
"""

import os
import signal
import time

import torch


def orthogonal(g, steps=5):
    """Newton-Schulz towards the nearest orthogonal matrix of g [m, n]."""
    x = g / (g.norm() + 1e-7)
    turned = x.shape[0] > x.shape[1]
    if turned:
        x = x.T
    for _ in range(steps):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x.T if turned else x


class Optimizer:
    """`muon` and `adam`: lists of parameters. rate() scales both."""

    def __init__(self, muon, adam, muon_lr=0.02, adam_lr=1e-3, decay=0.0, momentum=0.95, betas=(0.9, 0.99)):
        self.muon, self.muon_lr, self.momentum, self.decay = list(muon), muon_lr, momentum, decay
        self.adam_lr = adam_lr
        self.adam = torch.optim.AdamW(list(adam), lr=adam_lr, betas=betas, weight_decay=0.0)
        self.velocity = [torch.zeros_like(p) for p in self.muon]

    def parameters(self):
        return self.muon + self.adam.param_groups[0]["params"]

    @torch.no_grad()
    def step(self, rate=1.0, clip=1.0):
        norm = torch.nn.utils.clip_grad_norm_(self.parameters(), clip)
        for p, v in zip(self.muon, self.velocity):
            if p.grad is None:
                continue
            v.mul_(self.momentum).add_(p.grad)
            g = (p.grad + self.momentum * v).reshape(p.shape[0], -1)
            scale = self.muon_lr * rate * max(1.0, g.shape[0] / g.shape[1]) ** 0.5
            if self.decay:
                p.mul_(1 - self.decay * self.muon_lr * rate)
            p.add_(orthogonal(g).reshape(p.shape), alpha=-scale)
        self.adam.param_groups[0]["lr"] = self.adam_lr * rate
        self.adam.step()
        for p in self.parameters():
            p.grad = None
        return float(norm)

    def state_dict(self):
        return {"velocity": self.velocity, "adam": self.adam.state_dict()}

    def load_state_dict(self, state):
        for v, kept in zip(self.velocity, state["velocity"]):
            v.copy_(kept)
        self.adam.load_state_dict(state["adam"])


def rate(step, steps, warmup=20, fall=0.5):
    """1, after a short rise, then down along a line to 0 in the last `fall` of the steps."""
    return min(1.0, (step + 1) / warmup, max(0.0, (steps - step) / (fall * steps)))


def save(path, **what):
    """A checkpoint that a stop in the middle of writing cannot spoil."""
    torch.save(what, f"{path}.part")
    os.replace(f"{path}.part", path)


class Pace:
    """When to write a checkpoint: every few minutes, at the end, and when asked to stop (SIGTERM, SIGINT)."""

    def __init__(self, every_s=150):
        self.every_s, self.begin, self.saved, self.stop = every_s, time.time(), time.time(), False
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._asked)

    def _asked(self, *_):
        self.stop = True

    def due(self, last):
        if not (last or self.stop or time.time() - self.saved > self.every_s):
            return False
        self.saved = time.time()
        return True

    def spent(self):
        return f"cpu {time.process_time():.0f} wall {time.time() - self.begin:.0f}"
