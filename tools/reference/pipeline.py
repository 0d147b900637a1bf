"""Videos as diffusers' WanPipeline makes them on the tiny generator: tests/goldens/pipeline_<case>.safetensors.

Each holds `noise` and `latents` [C,T,H,W] (both in the model's normalised space) and `frames` [F,3,H,W], clamped to
[0, 1] as the pipeline does, all float32; metadata `settings` is JSON with drf sample's options. `latents_exact` and
`frames_exact` are the same computed in float64. A setting `lora` names an adapter file in tests/goldens.

    python tools/reference/pipeline.py        (from the repository's root)
"""

import warnings

import torch
from flow import Generator
from lift import at_precision, save_golden
from scheduler import make_scheduler

MODEL = "assets/tiny/generator"
DEFAULTS = {"model": MODEL, "frames": 9, "size": "32x32", "steps": 4, "guidance": 1.0, "shift": 3.0, "sampler": "euler",
            "prompt": "a red ball moves left on a black background", "text-length": 24}
CASES = {
    "euler": {"steps": 8},
    "euler_guided_lora": {"steps": 4, "guidance": 3.0, "negative": "a blue square", "lora": "flow_plain_lora.safetensors"},
    "unipc": {"sampler": "unipc", "steps": 8, "guidance": 5.0, "shift": 5.0, "size": "48x32", "frames": 5},
}


def noise_for(settings, seed):
    width, height = map(int, settings["size"].split("x"))
    shape = (8, (settings["frames"] - 1) // 4 + 1, height // 4, width // 4)
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def sample(settings, noise, dtype=torch.float32, lora=None, lora_scale=1.0, lora_2=None, sigma_max=None):
    """(latents [C,T,H,W], frames [F,3,H,W] clamped to [0, 1]) of the pipeline; with sigma_max the adapters compute below it alone,
    as docs/lora.md says how."""
    generator = Generator(settings["model"], dtype, settings["text-length"], lora, lora_2)
    pipe = generator.pipe
    for transformer, file in zip(generator.transformers, (lora, lora_2)):
        if file:
            transformer.set_adapters(list(transformer.peft_config), lora_scale)
    pipe.scheduler = make_scheduler(settings["sampler"], settings["steps"], settings["shift"])
    pipe.scheduler.set_timesteps = lambda *args, **kwargs: None  # done; float32 levels stay so in a float64 run
    pipe.scheduler.sigmas = pipe.scheduler.sigmas.to(dtype)
    pipe.set_progress_bar_config(disable=True)
    width, height = map(int, settings["size"].split("x"))
    last = {}

    def after_step(pipe, step, timestep, kept):
        last.update(kept)
        if sigma_max is not None and pipe.scheduler.sigmas[step + 1] < sigma_max:
            pipe.enable_lora()
        return {}

    if sigma_max is not None:
        pipe.disable_lora()
    torch.set_default_dtype(dtype)  # UniPC makes its coefficients in the default dtype
    try:
        with at_precision(dtype), torch.no_grad(), warnings.catch_warnings(action="ignore"):
            video = pipe(prompt=settings["prompt"], negative_prompt=settings.get("negative"), height=height, width=width,
                         num_frames=settings["frames"], num_inference_steps=settings["steps"],
                         guidance_scale=settings["guidance"], guidance_scale_2=settings.get("guidance-2"), latents=noise[None].to(dtype), output_type="pt",
                         max_sequence_length=settings["text-length"],
                         callback_on_step_end=after_step).frames[0]
    finally:
        torch.set_default_dtype(torch.float32)
    return last["latents"][0], video


if __name__ == "__main__":
    for number, (name, case) in enumerate(CASES.items()):
        settings = DEFAULTS | case
        noise = noise_for(settings, 40 + number)
        lora = f"tests/goldens/{settings['lora']}" if "lora" in settings else None
        latents, frames = sample(settings, noise, lora=lora)
        exact_latents, exact_frames = sample(settings, noise, torch.float64, lora)
        print(f"{name}: float32 differs by {(latents - exact_latents).abs().max():.1e} in latents, "
              f"{(frames - exact_frames).abs().max():.1e} in frames")
        assert exact_frames.dtype is torch.float64
        tensors = {"noise": noise, "latents": latents, "frames": frames}
        tensors |= {"latents_exact": exact_latents.float(), "frames_exact": exact_frames.float()}
        save_golden(f"tests/goldens/pipeline_{name}.safetensors", tensors, {"settings": settings})
