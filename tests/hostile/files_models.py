"""Checkpoints, configs, tokenizers, chat templates and adapters: the cases of tests/python/hostile_models.py. Every fourth of
them where all kinds run (each copies and opens a model), all of them with `run.py DRF model`."""

import importlib.util
import pathlib

import box
from box import Case, kind

SOURCE = pathlib.Path(__file__).resolve().parents[1] / "python/hostile_models.py"


@kind("model")
def models(t):
    if not SOURCE.exists():
        return
    spec = importlib.util.spec_from_file_location("hostile_models", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for number, (name, files, command) in enumerate(module.cases()):
        if number % box.EVERY:
            continue
        folder = t / str(number)
        folder.mkdir()
        module.write(folder, files)
        yield Case(name, [part.replace("{dir}", str(folder)) for part in command], codes=(2, 3, 5))
