"""Parameter names and shapes of the real models: tests/goldens/names_*.txt, one `name d0,d1,...` a line, sorted.

The models are built on the meta device from their published configurations; no weights are needed.

    python tools/reference/names.py        (from the repository's root)
"""

import torch
import torchvision_ops  # noqa: F401  (before diffusers)
from diffusers import AutoencoderKLWan, WanTransformer3DModel
from transformers import UMT5Config, UMT5EncoderModel

WAN = dict(patch_size=(1, 2, 2), attention_head_dim=128, in_channels=16, out_channels=16, text_dim=4096, freq_dim=256,
           cross_attn_norm=True, qk_norm="rms_norm_across_heads", rope_max_seq_len=1024)
UMT5_XXL = dict(d_model=4096, d_kv=64, num_heads=64, d_ff=10240, num_layers=24, vocab_size=256384,
                feed_forward_proj="gated-gelu")
MODELS = {
    "wan_1.3b": lambda: WanTransformer3DModel(**WAN, num_attention_heads=12, num_layers=30, ffn_dim=8960),
    "wan_14b": lambda: WanTransformer3DModel(**WAN, num_attention_heads=40, num_layers=40, ffn_dim=13824),
    "wan_vae": lambda: AutoencoderKLWan(base_dim=96, z_dim=16, dim_mult=[1, 2, 4, 4], num_res_blocks=2,
                                        temperal_downsample=[False, True, True]),
    "umt5_xxl": lambda: UMT5EncoderModel(UMT5Config(**UMT5_XXL)),
}

if __name__ == "__main__":
    for name, build in MODELS.items():
        with torch.device("meta"):
            model = build()
        # named_parameters() names a shared tensor once; state_dict() would add buffers that no checkpoint holds.
        lines = sorted(f"{k} {','.join(map(str, v.shape))}" for k, v in model.named_parameters())
        with open(f"tests/goldens/names_{name}.txt", "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        print(name, len(lines), f"{sum(p.numel() for p in model.parameters()) / 1e9:.3f} G")
