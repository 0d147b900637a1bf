"""The plain PyTorch flow of tools/reference, made importable: import this before its modules.

The peer reuses its parts (opening models, prompts, pixels, reward) and never edits them. The folder goes first in the search path,
because modules there (flow, critic) share names with scripts here.
"""

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/reference"))
os.environ.setdefault("HF_HUB_OFFLINE", "1")
