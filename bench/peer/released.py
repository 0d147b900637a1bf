"""One update of the reward flow at the released models' sizes, the way an expert writes it in PyTorch for a GPU.

    python3 bench/peer/released.py SHAPES/config.toml [--device cuda] [--frames 17 --width 832 --height 480] [--K 1] [--updates 2]

SHAPES is what bench/release_shapes.py writes. Of the models only the configurations are read: they are built on the device with
random numbers (`drf bench --random-weights` draws by the same rule), in drf's types: transformer and critic bfloat16, time
embedding, norms and modulation float32, VAE float32, adapters and sampler state float32, pixels and answers float32.

diffusers, transformers and peft: guidance as a batch of two, no gradient outside the last K steps, gradient checkpointing in the
Wan transformer, adapters under autocast (--adapters cast: without it, float32 products), the VAE's decoder with its graph
(--checkpoint-decoder: recomputed by latent frames), the vision tower once a video, all questions in one padded batch or one a
forward (--checkpoint-critic: its layers recomputed), one backward, clipping, AdamW. Text states are random: both sides encode
before they train. The last line on stdout is a JSON object: seconds (device synchronised) and the most bytes allocated, by stage.
An update that does not fit ends there and the object says in which stage.
"""

import argparse
import contextlib
import json
import math
import statistics
import sys
import time

from reference import ROOT  # noqa: F401  (before the modules of tools/reference)

import diffusers
import torch
import torchvision_ops  # noqa: F401  (before transformers)
import transformers
from asking import BatchedCritic
from critic import rebuild_tables
from diffusers import AutoencoderKLWan, WanTransformer3DModel
from diffusers.training_utils import cast_training_params
from flow import TARGETS, read_config
from peft import LoraConfig
from peft.tuners.lora import LoraLayer
from transformers import Qwen2_5_VLConfig
from update import RewardFlow

STAGES = ("rollout", "steps", "decode", "critic", "backward", "optimiser")
DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}


class Watch:
    """Seconds and peak bytes of an update's stages; the device is waited for at both ends."""

    def __init__(self, device):
        self.cuda = device.type == "cuda"
        self.seconds, self.peaks, self.stage = dict.fromkeys(STAGES, 0.0), dict.fromkeys(STAGES, 0), None

    @contextlib.contextmanager
    def __call__(self, stage):
        self.stage = stage
        if self.cuda:
            torch.cuda.synchronize()
            torch.cuda.reset_peak_memory_stats()
        begin = time.perf_counter()
        try:
            yield
            if self.cuda:
                torch.cuda.synchronize()
        finally:  # also where memory ran out
            self.seconds[stage] += time.perf_counter() - begin
            self.peaks[stage] = torch.cuda.max_memory_allocated() if self.cuda else 0


def on_meta(make, dtype, wide=()):
    """A frozen model without numbers; parameters with one of the names `wide` in theirs are float32."""
    with torch.device("meta"):
        model = make().eval().requires_grad_(False)
    for name, parameter in model.named_parameters():
        parameter.data = parameter.data.to(torch.float32 if set(name.split(".")) & set(wide) else dtype)
    return model


def fill(model, device):
    """Random numbers made on the device: variance 1 / inputs, vectors 1 or, as biases, 0. Tables are not filled."""
    model.to_empty(device=device)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            inputs = parameter.numel() // parameter.shape[0]
            if inputs > 1:
                parameter.normal_(std=inputs**-0.5)
            else:
                parameter.fill_(0.0 if name.endswith("bias") else 1.0)
    return model


def empty_transformer(folder, dtype):
    config = WanTransformer3DModel.load_config(f"{folder}/transformer")
    return on_meta(lambda: WanTransformer3DModel.from_config(config), dtype, WanTransformer3DModel._keep_in_fp32_modules)


def empty_vae(folder, dtype):
    config = AutoencoderKLWan.load_config(f"{folder}/vae")
    return on_meta(lambda: AutoencoderKLWan.from_config(config), dtype)


def empty_critic(folder, dtype):
    config = Qwen2_5_VLConfig.from_pretrained(folder)
    return on_meta(lambda: BatchedCritic.model_class(config), dtype)


class RandomCritic(BatchedCritic):
    """The critic with random numbers on a device. Pixels stay float32 up to the vision tower."""

    def __init__(self, folder, dtype, device, *args, **kwargs):
        self.weights = dtype, device
        super().__init__(folder, torch.float32, *args, **kwargs)

    def open(self, folder, dtype):
        dtype, device = self.weights
        model = fill(empty_critic(folder, dtype), device)
        rebuild_tables(model)
        return model.to(device)


class Released(RewardFlow):
    def __init__(self, config, device, dtype, options):
        super().__init__(config, 0, 1 if options.questions == "one" else None, options.checkpoint_decoder)
        self.device, self.dtype, self.options = device, dtype, options
        sampling, folder = config["sampling"], config["generator"]["path"]
        self.transformer = self.adapt(fill(empty_transformer(folder, dtype), device))
        self.vae = fill(empty_vae(folder, DTYPES[options.vae_dtype]), device)
        self.critic = RandomCritic(config["critic"]["path"], dtype, device, config["critic"]["frames"],
                                   config["critic"]["max_pixels"], config["reward"]["end_token"],
                                   checkpoint=options.checkpoint_critic)
        self.timesteps = self.scheduler.timesteps.to(device, torch.float32)
        self.train(p for p in self.transformer.parameters() if p.requires_grad)
        shape = self.vae.config
        time_factor, side = 2 ** sum(shape.temperal_downsample), 2 ** (len(shape.dim_mult) - 1)
        self.noise = torch.randn(1, shape.z_dim, (sampling["frames"] - 1) // time_factor + 1, sampling["height"] // side,
                                 sampling["width"] // side, device=device)
        branches = 1 if sampling["guidance"] == 1 else 2
        self.text = torch.randn(branches, config["generator"]["text_length"], self.transformer.config.text_dim,
                                device=device, dtype=dtype)  # the prompt's and the negative prompt's

    def adapt(self, transformer):
        """Gives it its rotary tables, which are no parameters, and fresh adapters in float32."""
        rope, lora = transformer.rope, self.config.get("lora", {})
        transformer.rope = type(rope)(rope.attention_head_dim, rope.patch_size, rope.max_seq_len).to(self.device)
        transformer.add_adapter(LoraConfig(r=lora.get("rank", 32), lora_alpha=lora.get("alpha", 32),
                                           target_modules=lora.get("targets", TARGETS)))
        cast_training_params(transformer, dtype=torch.float32)
        if self.options.adapters == "autocast":  # which casts their inputs itself: peft need not go by float32
            for module in transformer.modules():
                if isinstance(module, LoraLayer):
                    module.cast_input_dtype_enabled = False
        transformer.enable_gradient_checkpointing()
        return transformer

    def velocity(self, x, step):
        branches, guidance = len(self.text), self.config["sampling"]["guidance"]
        half = self.options.adapters == "autocast" and self.dtype is not torch.float32
        with torch.autocast(self.device.type, self.dtype) if half else contextlib.nullcontext():
            v = self.transformer(x.to(self.dtype).expand(branches, -1, -1, -1, -1), self.timesteps[step].expand(branches),
                                 self.text, return_dict=False)[0]
        if branches == 1:
            return v.float()
        wanted, free = v.float().split(1)
        return free + guidance * (wanted - free)

    def update(self, watch):
        """(R before the update, norm of its gradient)"""
        r, _ = self.gradient(watch)
        with watch("optimiser"):
            norm = self.step()
        if not 0 < norm < math.inf:
            raise RuntimeError(f"the gradient's norm is {norm}, the reward {r.item()}")
        return r.item(), norm


def count(model):
    return sum(p.numel() for p in model.parameters() if not p.requires_grad)


def measure(peer, updates):
    """Runs them; the first warms up where there is another. Memory that runs out ends it."""
    cuda, runs, found = peer.device.type == "cuda", [], {}
    loaded = torch.cuda.memory_allocated() if cuda else 0
    for _ in range(updates):
        watch, begin = Watch(peer.device), time.perf_counter()
        runs.append(watch)
        try:
            r, norm = peer.update(watch)
        except torch.OutOfMemoryError as error:
            found["out_of_memory"] = {"stage": watch.stage, "message": str(error).splitlines()[0]}
            break
        watch.total = time.perf_counter() - begin
        found.setdefault("reward", r)
        found.setdefault("gradient_norm", []).append(norm)
        print(f"update {watch.total:.2f} s, reward {r:.4f}, gradient {norm:.3e}", file=sys.stderr, flush=True)
    whole = [watch for watch in runs if hasattr(watch, "total")]
    timed = whole[1:] or whole or runs
    return found | {
        "warmup_s": round(whole[0].total, 3) if len(whole) > 1 else None,
        "update_s": [round(watch.total, 3) for watch in timed if watch in whole],
        "stages": {s: round(statistics.median(watch.seconds[s] for watch in timed), 3) for s in STAGES},
        "stage_peaks": {s: max(watch.peaks[s] for watch in runs) for s in STAGES},
        "loaded_bytes": loaded, "peak_bytes": max(max(watch.peaks.values()) for watch in runs),
        "reserved_bytes": torch.cuda.max_memory_reserved() if cuda else 0}


def parse(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("--device", default="cuda")
    for name, default in (("frames", 17), ("width", 832), ("height", 480), ("steps", 20), ("K", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--guidance", type=float, default=5.0)
    parser.add_argument("--updates", type=int, default=2, help="the first of several warms up")
    parser.add_argument("--questions", choices=("batch", "one"), default="batch", help="questions a forward")
    parser.add_argument("--dtype", choices=sorted(DTYPES), help="transformer and critic, instead of the config's")
    parser.add_argument("--vae-dtype", choices=sorted(DTYPES), default="float32")
    parser.add_argument("--adapters", choices=("autocast", "cast"), default="autocast")
    parser.add_argument("--cudnn-benchmark", action="store_true", help="let cuDNN try its convolutions and keep the fastest")
    parser.add_argument("--checkpoint-decoder", action="store_true")
    parser.add_argument("--checkpoint-critic", action="store_true", help="in its language model's layers")
    return parser.parse_args(arguments)


def main():
    options, began = parse(), time.perf_counter()
    config, device = read_config(options.config), torch.device(options.device)
    config["sampling"] |= {name: getattr(options, name) for name in ("frames", "width", "height", "steps", "guidance")}
    config["flow"]["K"] = options.K
    if config["flow"]["cfg_grad"] != "both" or options.updates < 1:
        sys.exit("released.py: wanted flow.cfg_grad = \"both\" and at least one update")
    torch.manual_seed(0)
    torch.backends.cudnn.benchmark = options.cudnn_benchmark
    peer = Released(config, device, DTYPES[options.dtype or config["generator"]["dtype"]], options)
    models = {"transformer": peer.transformer, "vae": peer.vae, "critic": peer.critic.model}
    result = vars(options) | {
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu", "branches": "one batch",
        "versions": {m.__name__: m.__version__ for m in (torch, diffusers, transformers)},
        "parameters": {name: count(model) for name, model in models.items()} | {
            "adapters": sum(p.numel() for p in peer.parameters)},
        "load_s": round(time.perf_counter() - began, 1)}
    print(json.dumps(result), file=sys.stderr, flush=True)
    print(json.dumps(result | measure(peer, options.updates)))


if __name__ == "__main__":
    sys.exit(main())
