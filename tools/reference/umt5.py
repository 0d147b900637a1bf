"""Goldens of the UMT5 encoder from transformers: tests/goldens/umt5_{gated,plain,wide}.safetensors and umt5_tiny.safetensors.

The first three hold random weights and token ids, and in float64: the states `out.states` and the gradients of
sum(out.states * probe) to every parameter; `out.states_float32` and `out.states_bfloat16` are the unlifted reference's own
answers. `umt5_tiny` holds what diffusers' WanPipeline gets from assets/tiny/generator for a few prompts.

    python tools/reference/umt5.py        (from the repository's root)
"""

import torch
import torchvision_ops  # noqa: F401  (before diffusers)
from diffusers import WanPipeline
from lift import NoFloat32, lifted, save_golden
from transformers import AutoTokenizer, UMT5Config, UMT5EncoderModel
from transformers.models.umt5.modeling_umt5 import UMT5Attention

# name: config, masks (one string a prompt; 1 is seen)
CASES = {
    # heads that do not fill d_model; longer than max_distance; padding on the right, on the left and in between
    "gated": (dict(vocab_size=37, d_model=12, d_kv=5, d_ff=18, num_layers=2, num_heads=3, relative_attention_num_buckets=12,
                   relative_attention_max_distance=16, feed_forward_proj="gated-gelu"),
              ("1" * 23, "1" * 9 + "0" * 14, "0" * 4 + "1" * 19, "1" * 5 + "0" * 3 + "1" * 15)),
    "plain": (dict(vocab_size=11, d_model=7, d_kv=4, d_ff=9, num_layers=1, num_heads=2, relative_attention_num_buckets=9,
                   relative_attention_max_distance=6, feed_forward_proj="relu", layer_norm_epsilon=1e-4),
              ("1", )),
    "wide": (dict(vocab_size=20, d_model=16, d_kv=8, d_ff=10, num_layers=3, num_heads=4, feed_forward_proj="gated-silu"),
             ("1" * 150, "1" * 131 + "0" * 19)),
}
PROMPTS = ["a red ball moves left on a black background", "", "the blue triangle goes UP, caf\u00e9 &amp; more &lt;b&gt;",
           "green square " * 30]


def buckets_in_float32():
    """The reference rounds distances to buckets in float32; a lifted logarithm would shift some of them."""
    as_float32, plain = torch.float32, torch.Tensor.to
    original = UMT5Attention._relative_position_bucket

    def bucket(self, relative_position):
        lifted_float, lifted_to = torch.Tensor.float, torch.Tensor.to
        torch.Tensor.float, torch.Tensor.to = (lambda t: plain(t, as_float32)), plain
        try:
            with torch.utils._python_dispatch._disable_current_modes():
                return original(self, relative_position)
        finally:
            torch.Tensor.float, torch.Tensor.to = lifted_float, lifted_to

    UMT5Attention._relative_position_bucket = bucket


def build(config):
    torch.manual_seed(3)
    model = UMT5EncoderModel._from_config(UMT5Config(dropout_rate=0.0, **config), attn_implementation="eager")
    with torch.no_grad():
        for parameter in model.parameters():
            scale = 0.5 if parameter.ndim > 1 else 1.0
            parameter.copy_((scale * torch.randn(parameter.shape) + (parameter.ndim == 1)).bfloat16())
    return model.eval()


def make(name):
    config, masks = CASES[name]
    torch.manual_seed(29)
    mask = torch.tensor([[int(c) for c in row] for row in masks])
    ids = torch.randint(0, config["vocab_size"], mask.shape)
    probe = torch.randn(*mask.shape, config["d_model"])
    tensors = {f"param.{k}": v for k, v in build(config).named_parameters()} | {"in.ids": ids, "in.mask": mask, "probe": probe}
    with torch.no_grad():
        tensors["out.states_float32"] = build(config)(ids, mask).last_hidden_state
        tensors["out.states_bfloat16"] = build(config).bfloat16()(ids, mask).last_hidden_state
    with lifted():
        model = build(config).double()
        with NoFloat32():
            states = model(ids, mask).last_hidden_state
            (states * probe.double()).sum().backward()
    for key in ("float32", "bfloat16"):
        print(f"{key} differs by {(tensors['out.states_' + key].double() - states).norm() / states.norm():.1e}")
    tensors |= {"out.states": states} | {f"grad.param.{k}": p.grad for k, p in model.named_parameters()}
    save_golden(f"tests/goldens/umt5_{name}.safetensors", tensors, {"config": model.config.to_diff_dict() | config})


def make_tiny():
    folder = "assets/tiny/generator"
    pipe = WanPipeline.from_pretrained(folder, transformer=None, vae=None)
    length = 24
    with torch.no_grad():
        states, _ = pipe.encode_prompt(PROMPTS, do_classifier_free_guidance=False, max_sequence_length=length)
    tokenizer = AutoTokenizer.from_pretrained(folder + "/tokenizer")
    ids = tokenizer(PROMPTS[:2] + [PROMPTS[2].replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")] + [PROMPTS[3].strip()],
                    padding="max_length", max_length=length, truncation=True, return_tensors="pt")
    save_golden("tests/goldens/umt5_tiny.safetensors",
                {"in.ids": ids.input_ids, "in.mask": ids.attention_mask, "out.states": states}, {"prompts": PROMPTS})


if __name__ == "__main__":
    buckets_in_float32()
    for name in CASES:
        make(name)
    make_tiny()
