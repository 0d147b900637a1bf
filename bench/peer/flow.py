"""One update of the reward flow, the way an expert writes it in PyTorch: what `drf bench` is measured against.

    python bench/peer/flow.py CONFIG [--questions batch|one] [--updates 4] [--threads 2]

diffusers, transformers and peft, float32 on the CPU: no gradient outside the last K steps, gradient checkpointing in the Wan
transformer, the VAE's decoder with its graph (--checkpoint-decoder recomputes it by latent frames, see decoder.py), the vision
tower once a video, all questions in one padded batch or one question a forward, one backward, clipping, AdamW.
The last line on stdout is a JSON object: seconds of each update after the first (which warms up), of its stages, and memory.
--save FILE writes the gradient of the first update under the names of `drf gradient` instead.
"""

import argparse
import json
import statistics
import sys
import time
from contextlib import contextmanager

from reference import ROOT  # noqa: F401  (before the modules of tools/reference)

import memory
import torch
from asking import BatchedCritic
from critic import reward
from flow import Generator, read_config
from lift import save_golden
from safetensors.torch import load_file
from update import RewardFlow

STAGES = ("rollout", "steps", "decode", "critic", "backward")


class Stopwatch:
    def __init__(self):
        self.seconds = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def __call__(self, stage):
        begin = time.perf_counter()
        yield
        self.seconds[stage] += time.perf_counter() - begin


class Peer(RewardFlow):
    def __init__(self, config, prompt, group, checkpoint_decoder, **critic_options):
        super().__init__(config, prompt, group, checkpoint_decoder)
        with open(config["prompts"]["train"], encoding="utf-8") as file:
            self.prompt = file.read().splitlines()[prompt]
        self.generator = Generator(config["generator"]["path"], torch.float32, config["generator"]["text_length"],
                                   config["lora"]["init_from"])
        self.generator.pipe.transformer.enable_gradient_checkpointing()
        self.vae = self.generator.pipe.vae
        self.critic = BatchedCritic(config["critic"]["path"], torch.float32, config["critic"]["frames"],
                                    config["critic"]["max_pixels"], config["reward"]["end_token"], **critic_options)
        self.noise = load_file(config["sampling"]["noise"])["noise"].float()[None]
        self.adapters = self.generator.adapters()
        for parameter in self.adapters.values():
            parameter.requires_grad_()
        self.train(self.adapters.values())
        pipe = self.generator.pipe
        memory.touch(pipe.transformer, pipe.text_encoder, pipe.vae, self.critic.model)

    def begin(self):
        sampling = self.config["sampling"]
        self.text = self.generator.text(self.prompt)
        self.negative = self.generator.text(sampling["negative"]) if sampling["guidance"] != 1 else None

    def velocity(self, x, step):
        guidance, timestep = self.config["sampling"]["guidance"], self.scheduler.timesteps[step]
        v = self.generator.velocity(x, timestep, self.text)
        if guidance == 1:
            return v
        both = self.config["flow"]["cfg_grad"] == "both"
        with torch.set_grad_enabled(torch.is_grad_enabled() and both):
            free = self.generator.velocity(x, timestep, self.negative)
        guided = free + guidance * (v - free)
        return guided if both else guided.detach() + v - v.detach()

    def shown(self, logprobs):
        """The reward without focus, which steers and is not shown."""
        terms = self.config["reward"]
        return reward(logprobs, self.questions, terms["weights"], False, terms["margin"])

    def update(self):
        """(seconds, seconds of processor time, seconds of the stages, R before the update)"""
        watch, begin, busy = Stopwatch(), time.perf_counter(), time.process_time()
        _, logprobs = self.gradient(watch)
        self.step()
        return time.perf_counter() - begin, time.process_time() - busy, watch.seconds, self.shown(logprobs).item()


def save(peer, path):
    _, logprobs = peer.gradient(Stopwatch())
    gradients = {f"d.{name}": -parameter.grad for name, parameter in peer.adapters.items()}
    save_golden(path, {"reward": peer.shown(logprobs), "logprobs": logprobs} | gradients, {"dtype": "float32"})


def measure(peer, updates):
    memory.forget_peak()
    loaded = memory.resident()
    seconds, busy, stages, rewards = zip(*(peer.update() for _ in range(updates)))
    peak = memory.peak()
    return {"warmup_s": round(seconds[0], 3), "update_s": [round(s, 3) for s in seconds[1:]],
            "cpu_s": [round(s, 3) for s in busy[1:]],
            "stages": {s: round(statistics.median(u[s] for u in stages[1:]), 3) for s in STAGES},
            "loaded_rss": loaded, "peak_rss": peak, "peak_above_weights": peak - loaded, "reward": rewards[0]}


def parse(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("--prompt", type=int, default=0)
    parser.add_argument("--questions", choices=("batch", "one"), default="batch", help="questions a forward")
    parser.add_argument("--updates", type=int, default=4, help="the first only warms up")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--attention", choices=("sdpa", "eager"), default="sdpa", help="the critic's")
    parser.add_argument("--mask", action="store_true", help="give the language model a padding mask")
    parser.add_argument("--checkpoint-decoder", action="store_true")
    parser.add_argument("--checkpoint-critic", action="store_true", help="in its language model's layers")
    parser.add_argument("--save", help="write the gradient to this safetensors file, no update")
    options = parser.parse_args(arguments)
    if options.updates < 2 and not options.save:
        parser.error("--updates must be at least 2: the first only warms up")
    return options


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    peer = Peer(read_config(options.config), options.prompt, 1 if options.questions == "one" else None,
                options.checkpoint_decoder, attention=options.attention, mask=options.mask,
                checkpoint=options.checkpoint_critic)
    if options.save:
        save(peer, options.save)
        return
    result = {"mode": options.questions, "threads": options.threads} | measure(peer, options.updates)
    print(json.dumps(result))


if __name__ == "__main__":
    sys.exit(main())
