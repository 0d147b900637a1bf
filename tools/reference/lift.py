"""References in float64: diffusers and transformers cast to float32 inside whatever the model's dtype.

Inside `with lifted():` those casts give float64, so that a float64 model is float64 throughout and its gradients can be
compared to 1e-9. Formulas are untouched.
"""

import contextlib

import torch


@contextlib.contextmanager
def lifted():
    names = {"float": torch.Tensor.float, "to": torch.Tensor.to, "type": torch.Tensor.type}
    float32, softmax = torch.float32, torch.nn.functional.softmax

    def wide(value):
        return torch.float64 if value is float32 else value

    def to(self, *args, **kwargs):
        return names["to"](self, *map(wide, args), **{k: wide(v) for k, v in kwargs.items()})

    def wide_softmax(*args, **kwargs):
        return softmax(*args, **{k: wide(v) for k, v in kwargs.items()})

    torch.Tensor.float = lambda self: self.double()
    torch.Tensor.to = to
    torch.nn.functional.softmax = wide_softmax
    torch.float32 = torch.float64
    try:
        yield
    finally:
        torch.float32 = float32
        torch.Tensor.float = names["float"]
        torch.Tensor.to = names["to"]
        torch.nn.functional.softmax = softmax
