"""The reward flow in plain PyTorch: one graph from the noise to the reward, and its gradient by autograd.

What `drf gradient CONFIG --prompt I -o FILE` must equal (docs/method.md, docs/config.md), on diffusers, transformers and peft:

    python tools/reference/flow.py CONFIG --prompt I -o FILE [--dtype float64]

reads the same TOML and writes the same names, and besides them text and x_K. Without arguments it makes the goldens
tests/goldens/flow_<case>.safetensors (float64; their metadata holds config, prompt and questions; `noise` is an input)
and flow_<case>_lora.safetensors, the adapter as diffusers saves it.
"""

import argparse
import copy
import json
import math
import tempfile
import tomllib
from contextlib import contextmanager

import torch
import torchvision_ops  # noqa: F401  (before diffusers)
from critic import Question, open_critic, read_questions, reward, write_questions
from diffusers import WanPipeline
from diffusers.training_utils import _collate_lora_metadata
from diffusers.utils import logging
from lift import at_precision, proven, save_golden
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from scheduler import make_scheduler
from wan_vae import normaliser, unclamped

logging.set_verbosity_error()

TARGETS = ["to_q", "to_k", "to_v", "to_out.0", "ffn.net.0.proj", "ffn.net.2"]
DEFAULTS = {  # docs/config.md
    "generator": {"text_length": 512},
    "critic": {"frames": 16, "max_pixels": 0},
    "sampling": {"frames": 81, "width": 832, "height": 480, "fps": 16, "steps": 30, "shift": 3.0, "guidance": 5.0,
                 "negative": "", "schedule": "flow"},
    "flow": {"policy": "last", "K": 2, "cfg_grad": "both"},
    "reward": {"weights": {"TA": 1.0, "PF": 1.0, "VQ": 1.0}, "focus": False, "margin": 1.0, "end_token": False},
    "train": {"anchor": 0.0, "weights": "lora"},
}


def read_config(path):
    with open(path, "rb") as file:
        given = tomllib.load(file)
    tables = {name: table for name, table in given.items() if isinstance(table, dict)}  # `seed` stands above them
    return {name: DEFAULTS.get(name, {}) | tables.get(name, {}) for name in DEFAULTS | tables}


class Generator:
    """The pipeline's parts, frozen, in one dtype, with the adapters of files that diffusers can load, one a transformer."""

    def __init__(self, folder, dtype, text_length, lora=None, lora_2=None):
        pipe = WanPipeline.from_pretrained(folder)
        self.pipe, self.dtype, self.text_length = pipe, dtype, text_length
        self.transformers = [t for t in (pipe.transformer, pipe.transformer_2) if t is not None]
        parts = [*self.transformers, pipe.text_encoder, pipe.vae]
        for part in parts:
            part.eval().requires_grad_(False)
        if lora:
            pipe.load_lora_weights(lora)
        if lora_2:
            pipe.load_lora_weights(lora_2, load_into_transformer_2=True)
        with at_precision(dtype):
            for transformer in self.transformers:
                rope = transformer.rope
                with proven(dtype):
                    transformer.rope = type(rope)(rope.attention_head_dim, rope.patch_size, rope.max_seq_len)
            for part in parts:
                part.to(dtype)

    def trained(self, weights):
        """Parameters of the adapter under the names of its file, or all of the transformer."""
        if weights == "full":
            return {"transformer." + name: parameter for name, parameter in self.pipe.transformer.named_parameters()}
        return self.adapters()

    @contextmanager
    def as_read(self):
        """The model without training."""
        own = self.pipe.transformer
        if any(".lora_" in name for name, _ in own.named_parameters()):
            own.disable_adapters()
            yield
            own.enable_adapters()
        else:
            self.pipe.transformer = copy.deepcopy(own).requires_grad_(False)  # nothing has moved yet
            yield
            self.pipe.transformer = own

    def adapters(self):
        found = {}
        for name, parameter in self.pipe.transformer.named_parameters():
            if ".lora_" in name:
                found["transformer." + name.replace(".default_0.", ".")] = parameter
        return found

    def text(self, prompt):
        with torch.no_grad():
            return self.pipe._get_t5_prompt_embeds(prompt, max_sequence_length=self.text_length)

    def velocity(self, x, timestep, text):
        return self.pipe.transformer(x, timestep.to(self.dtype).expand(x.shape[0]), text).sample

    def decode(self, x):
        """[F, 3, H, W], 0 to 1 and, unlike the pipeline's, not clamped."""
        mean, std = (v.to(self.dtype) for v in normaliser(self.pipe.vae))
        with unclamped():
            return (self.pipe.vae.decode(x * std + mean).sample[0].transpose(0, 1) + 1) / 2


def run(config, prompt_index, dtype):
    """The tensors that `drf gradient` writes, and a few more."""
    sampling, flow = config["sampling"], config["flow"]
    with open(config["prompts"]["train"], encoding="utf-8") as file:
        prompt = file.read().splitlines()[prompt_index]
    questions = [q for q in read_questions(config["questions"]["file"]) if q.prompt == prompt_index]
    generator = Generator(config["generator"]["path"], dtype, config["generator"]["text_length"],
                          config.get("lora", {}).get("init_from"))
    critic = open_critic(config["critic"]["path"], dtype, config["critic"]["frames"], config["critic"]["max_pixels"],
                    config["reward"]["end_token"])
    adapters = generator.trained(config["train"]["weights"])
    for parameter in adapters.values():
        parameter.requires_grad_()
    noise = load_file(sampling["noise"])["noise"].to(dtype)[None]
    scheduler = make_scheduler({"diffusers": "euler"}.get(sampling["schedule"], sampling["schedule"]), sampling["steps"],
                               sampling["shift"])
    sigmas, timesteps, first = scheduler.sigmas, scheduler.timesteps, sampling["steps"] - flow["K"]
    changes = (sigmas[1:] - sigmas[:-1]).tolist()
    timesteps = timesteps.to(dtype)

    def branches(x, step):
        v = [generator.velocity(x, timesteps[step], text)]
        return v if sampling["guidance"] == 1 else v + [generator.velocity(x, timesteps[step], negative)]

    def guided(v):
        if len(v) == 1:
            return v[0]
        value = v[1] + sampling["guidance"] * (v[0] - v[1])
        return value if flow["cfg_grad"] == "both" else value.detach() + v[0] - v[0].detach()

    def base_branches(x, step):
        with generator.as_read():
            return branches(x, step)

    def whole():
        nonlocal text, negative
        text, negative = generator.text(prompt), generator.text(sampling["negative"])
        x = noise
        with torch.no_grad():
            for step in range(first):
                x = x + changes[step] * guided(branches(x, step))
        x_K = x.requires_grad_()
        penalty = 0
        for step in range(first, sampling["steps"]):
            v = branches(x, step)
            if config["train"]["anchor"]:  # each branch against its own base
                off = [(own - base).square().sum() for own, base in zip(v, base_branches(x, step))]
                penalty = penalty + sum(off) / len(off) / flow["K"]
            x = x + changes[step] * guided(v)
        # The gradient of the reward alone reaches x_0 and the frames; the anchor adds to what lies before.
        x.retain_grad()
        frames = generator.decode(x)
        frames.retain_grad()
        logprobs, _ = critic.ask(frames, sampling["fps"], questions)
        terms = config["reward"]
        objective = reward(logprobs, questions, terms["weights"], terms["focus"], terms["margin"])
        (objective - config["train"]["anchor"] * penalty).backward()
        shown = reward(logprobs, questions, terms["weights"], False, terms["margin"])  # focus steers, it is not shown
        return {"reward": shown, "x0": x[0], "frames": frames, "d_frames": frames.grad, "d_x0": x.grad[0],
                "logprobs": logprobs, "x_K": x_K[0], "d_xK": x_K.grad[0], "text": text[0]}

    text = negative = None
    with at_precision(dtype), proven(dtype):
        found = whole()
    found |= {f"d.{name}": p.grad for name, p in adapters.items()}
    return {name: t.detach() for name, t in found.items()}


# --- inputs for goldens and tests ---

PROMPTS = ["a red ball moves left on a black background", "a blue square moves up on a white background",
           "a green triangle moves down on a gray background"]


def some_questions(prompt, kinds):
    """A mix of aspects and weights; `kinds` picks yes/no questions, dense ones or both."""
    words = PROMPTS[prompt].split()
    color, shape, motion, background = words[1], words[2], words[4], words[7]
    listed = [("TA", "yes_no", f"Is the object {color}?", "Yes", 1.0), ("TA", "yes_no", "Is the object yellow?", "No", 0.5),
              ("TA", "yes_no", f"Does the object move {motion}?", "Yes", 2.0),
              ("TA", "dense", "Describe the video.", PROMPTS[prompt], 1.0),
              ("PF", "yes_no", "Does the object move smoothly?", "Yes", 1.0),
              ("PF", "dense", "What shape is the object?", shape, 1.5),
              ("VQ", "yes_no", "Are the corners clean?", "Yes", 1.0),
              ("TA", "yes_no", f"Is the background {background}?", "Yes", 1.0)]
    return [Question(f"p{prompt}-q{i}", prompt, *q[:4], weight=q[4]) for i, q in enumerate(listed) if q[1] in kinds]


def save_lora(folder, path, rank, alpha, targets, seed, network="transformer"):
    """An adapter with both matrices non-zero, saved as diffusers does: a transformer_2's under the same names."""
    transformer = getattr(WanPipeline.from_pretrained(folder), network)
    transformer.add_adapter(LoraConfig(r=rank, lora_alpha=alpha, target_modules=targets))
    draws = torch.Generator().manual_seed(seed)
    state = {}
    for name, value in get_peft_model_state_dict(transformer).items():
        state[name] = torch.randn(value.shape, generator=draws) * (0.3 if ".lora_B" in name else value.shape[1] ** -0.5)
    with tempfile.TemporaryDirectory() as place:
        WanPipeline.save_lora_weights(place, state, **_collate_lora_metadata({"transformer": transformer}))
        with open(f"{place}/pytorch_lora_weights.safetensors", "rb") as file, open(path, "wb") as out:
            out.write(file.read())


def copy_lora(path, to):
    """The same adapter file; the order of its metadata, which differs from run to run, is settled."""
    with safe_open(path, "pt") as file:
        about = json.loads(file.metadata()["lora_adapter_metadata"])
        about = {k: sorted(v) if k.endswith("target_modules") else v for k, v in sorted(about.items())}
        save_golden(to, {k: file.get_tensor(k) for k in file.keys()},
                    {"format": "pt", "lora_adapter_metadata": json.dumps(about, indent=2)})


def toml_value(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {toml_value(v)}" for k, v in value.items()) + " }"
    return json.dumps(value)


def write_toml(path, config):
    with open(path, "w", encoding="utf-8") as file:
        for section, keys in config.items():
            file.write(f"[{section}]\n" + "".join(f"{k} = {toml_value(v)}\n" for k, v in keys.items()))


def write_inputs(place, case, seed, rank=2, alpha=3, kinds=("yes_no", "dense")):
    """Fills the folder `place` with all a run reads; returns the path of its config.toml."""
    sampling = {"frames": 5, "width": 24, "height": 16, "fps": 8.0, "steps": 4, "shift": 3.0, "guidance": 1.0}
    sampling |= case.get("sampling", {})
    save_lora("assets/tiny/generator", f"{place}/lora.safetensors", rank, alpha,
              case.get("targets", ["attn1.to_q", "attn2.to_v", "ffn.net.2"]), seed)
    shape = (8, (sampling["frames"] - 1) // 4 + 1, sampling["height"] // 4, sampling["width"] // 4)
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(seed + 1))
    save_file({"noise": noise}, f"{place}/noise.safetensors")
    with open(f"{place}/prompts.txt", "w", encoding="utf-8") as file:
        file.write("\n".join(PROMPTS) + "\n")
    write_questions(f"{place}/questions.jsonl", [q for i in range(len(PROMPTS)) for q in some_questions(i, kinds)])
    config = {
        "generator": {"path": "assets/tiny/generator", "dtype": "float32", "text_length": 24},
        "critic": {"path": "assets/tiny/critic", "dtype": "float32", "frames": 5} | case.get("critic", {}),
        "prompts": {"train": f"{place}/prompts.txt"},
        "questions": {"file": f"{place}/questions.jsonl"},
        "sampling": sampling | {"noise": f"{place}/noise.safetensors"},
        "flow": {"K": 2} | case.get("flow", {}),
        "lora": {"init_from": f"{place}/lora.safetensors"},
        "reward": case.get("reward", {}),
        "train": case.get("train", {}),
        "output": {"dir": f"{place}/run"},
    }
    write_toml(f"{place}/config.toml", config)
    return f"{place}/config.toml"


# name: (what differs from write_inputs' defaults, prompt, kinds of questions)
CASES = {
    # the tiny world's own size
    "plain": ({"sampling": {"frames": 9, "width": 32, "height": 32}, "critic": {"frames": 9}}, 0, ("yes_no", "dense")),
    # K = N, guidance against a negative prompt, another shift; sizes that the critic must resize; frames left out
    "guided": ({"sampling": {"frames": 9, "steps": 3, "guidance": 3.0, "negative": "a blue ball", "shift": 5.0},
                "critic": {"frames": 4}, "flow": {"K": 3}}, 1, ("yes_no",)),
    # every usual target, the conditional branch's gradient for the guided one's, focus, K = 1, uneven aspects
    "focus": ({"targets": TARGETS, "sampling": {"guidance": 2.5}, "flow": {"K": 1, "cfg_grad": "cond"},
               "reward": {"focus": True, "weights": {"TA": 1.0, "PF": 0.5, "VQ": 2.0}}}, 2, ("yes_no", "dense")),
    # saturation at p >= margin, dense answers with their end token, the anchor to the base model
    # and diffusers' own levels
    "margin": ({"sampling": {"schedule": "diffusers"}, "reward": {"margin": 0.2, "end_token": True}, "train": {"anchor": 0.03}}, 0, ("yes_no", "dense")),
}


def make(name):
    case, prompt, kinds = CASES[name]
    with tempfile.TemporaryDirectory() as place:
        path = write_inputs(place, case, seed=100 + sorted(CASES).index(name), kinds=kinds)
        config = read_config(path)
        exact, rounded = run(config, prompt, torch.float64), run(config, prompt, torch.float32)
        errors = {k: float((rounded[k] - v).norm() / v.norm()) for k, v in exact.items()}
        noise = load_file(f"{place}/noise.safetensors")["noise"]
        copy_lora(f"{place}/lora.safetensors", f"tests/goldens/flow_{name}_lora.safetensors")
        with open(f"{place}/questions.jsonl", encoding="utf-8") as file:
            questions = [json.loads(line) for line in file]
    del config["lora"], config["prompts"], config["questions"], config["output"], config["sampling"]["noise"]
    worst = max(errors, key=errors.get)
    print(f"{name}: R = {exact['reward']:.6f}, p of the answers {[round(math.exp(v), 4) for v in exact['logprobs']]}, "
          f"|dR/dframes| = {exact['d_frames'].norm():.2e}, float32 differs by at most {errors[worst]:.1e} in {worst}")
    save_golden(f"tests/goldens/flow_{name}.safetensors", exact | {"noise": noise},
                {"config": config, "prompt": PROMPTS[prompt], "float32_errors": errors,
                 "questions": [q for q in questions if q["prompt"] == prompt]})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?")
    parser.add_argument("--prompt", type=int, default=0)
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float64")
    parser.add_argument("-o", "--output", default="gradient.safetensors")
    options = parser.parse_args()
    if options.config:
        found = run(read_config(options.config), options.prompt, getattr(torch, options.dtype))
        save_golden(options.output, found, {"dtype": options.dtype})
        return
    for name in CASES:
        make(name)


if __name__ == "__main__":
    main()
