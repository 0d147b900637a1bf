"""What an update goes through in either peer; each makes the parts in its own way."""

import torch
from critic import read_questions, reward
from decoder import decode_in_segments
from scheduler import make_scheduler
from wan_vae import normaliser, unclamped


class RewardFlow:
    """A peer has `noise`, `vae`, `critic` and velocity(x, step), and, where a rollout begins with anything, begin()."""

    def __init__(self, config, prompt, group, segments):
        self.config, self.group, self.segments = config, group, segments
        self.questions = [q for q in read_questions(config["questions"]["file"]) if q.prompt == prompt]
        sampling = config["sampling"]
        self.scheduler = make_scheduler({"diffusers": "euler"}.get(sampling["schedule"], sampling["schedule"]), sampling["steps"],
                                        sampling["shift"])
        self.changes = self.scheduler.sigmas.diff().tolist()

    def train(self, parameters):
        self.parameters = list(parameters)
        self.optimiser = torch.optim.AdamW(self.parameters, lr=self.config["train"]["lr"], weight_decay=0.0)

    def begin(self):
        pass

    def walk(self, x, steps):
        for step in steps:
            x = x + self.changes[step] * self.velocity(x, step)
        return x

    def decode(self, x):
        """[F, 3, H, W], float32, 0 to 1, not clamped."""
        mean, std = (v.to(x) for v in normaliser(self.vae))
        latents = (x * std + mean).to(self.vae.dtype)
        if self.segments:
            frames = decode_in_segments(self.vae, latents)
        else:
            with unclamped():
                frames = self.vae.decode(latents, return_dict=False)[0]
        return (frames[0].transpose(0, 1).float() + 1) / 2

    def gradient(self, watch):
        """Fills the .grad of what is trained with that of -R; returns (R with what steers it, log-probabilities)."""
        sampling, terms = self.config["sampling"], self.config["reward"]
        first = sampling["steps"] - self.config["flow"]["K"]
        with watch("rollout"), torch.no_grad():
            self.begin()
            x = self.walk(self.noise, range(first))
        with watch("steps"):
            x = self.walk(x, range(first, sampling["steps"]))
        with watch("decode"):
            frames = self.decode(x)
        with watch("critic"):
            logprobs = self.critic.ask_batched(frames, sampling["fps"], self.questions, self.group)
            r = reward(logprobs, self.questions, terms["weights"], terms["focus"], terms["margin"])
        with watch("backward"):
            (-r).backward()
        return r.detach(), logprobs.detach()

    def step(self):
        """The norm of the gradient, which is used and gone."""
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, self.config["train"]["clip"])
        self.optimiser.step()
        self.optimiser.zero_grad()
        return norm.item()
