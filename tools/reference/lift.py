"""References in float64: diffusers and transformers cast to float32 inside whatever the model's dtype.

Inside `with lifted():` those casts give float64, so that a float64 model is float64 throughout and its gradients can be
compared to 1e-9. Formulas are untouched. Models whose constructors compute tables (rotary frequencies) must be built inside as
well; `with NoFloat32():` around the computation proves that nothing was missed.
"""

import contextlib
import json
import struct

import torch
from torch.utils._python_dispatch import TorchDispatchMode

CODES = {torch.float64: "F64", torch.float32: "F32", torch.bfloat16: "BF16", torch.int64: "I64"}
NARROW = (torch.float32, torch.bfloat16, torch.float16)


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
    torch.float32 = torch.float = torch.float64  # transformers spells the type of its rotary frequencies torch.float
    try:
        yield
    finally:
        torch.float32 = torch.float = float32
        torch.Tensor.float = names["float"]
        torch.Tensor.to = names["to"]
        torch.nn.functional.softmax = softmax


def at_precision(dtype):
    """lifted() for float64, the reference as it is for other dtypes. Checkpoints must be opened outside."""
    return lifted() if dtype is torch.float64 else contextlib.nullcontext()


class NoFloat32(TorchDispatchMode):
    """Fails at the first operation that yields float32 (or narrower) numbers: the proof that a lift is complete.

    A product of whole numbers with a plain number is let through: Qwen's temporal positions, truncated at once.
    """

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if function is torch.ops.aten.mul.Tensor and args[0].dtype is torch.int64:
            return result
        for tensor in result if isinstance(result, (tuple, list)) else (result,):
            if isinstance(tensor, torch.Tensor) and tensor.dtype in NARROW and tensor.device.type != "meta":
                raise AssertionError(f"{function} yields {tensor.dtype} inside a float64 reference")
        return result


def proven(dtype):
    """NoFloat32 where the reference is lifted, nothing elsewhere."""
    return NoFloat32() if dtype is torch.float64 else contextlib.nullcontext()


def save_golden(path, tensors, metadata):
    """The form tests/support/golden.h reads: safetensors, string metadata; what is not a string is written as JSON.

    Written here and not by the library, whose order of metadata entries differs from run to run.
    """
    header = {"__metadata__": {key: value if isinstance(value, str) else json.dumps(value) for key, value in metadata.items()}}
    parts, begin = [], 0
    for name, tensor in sorted(tensors.items()):
        tensor = tensor.detach().contiguous()
        parts.append(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
        end = begin + len(parts[-1])
        header[name] = {"dtype": CODES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [begin, end]}
        begin = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))
    print(f"{path}: {len(tensors)} tensors, {begin / 1000:.0f} kB")
