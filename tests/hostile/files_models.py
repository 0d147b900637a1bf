"""Checkpoints, configs, tokenizers, chat templates and adapters: the cases of tests/python/hostile_models.py."""

import importlib.util
import pathlib

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
        folder = t / str(number)
        folder.mkdir()
        module.write(folder, files)
        yield Case(name, [part.replace("{dir}", str(folder)) for part in command], codes=(2, 3, 5))
