"""Import this before diffusers or transformers where torch is a CPU build.

torchvision's wheel is built for CUDA: beside a CPU torch its operators do not load, and its import stops at the shape
rules of operators that nobody declared. transformers needs only its Python part, so the two schemas are declared here.
Beside a CUDA torch nothing is: there its own operators load, and would meet schemas that are taken.
"""

import torch

if torch.version.cuda is None:
    _library = torch.library.Library("torchvision", "DEF")
    for _schema in ("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
                    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"):
        try:
            _library.define(_schema)
        except RuntimeError:  # a torchvision that fits this torch has declared them
            pass
