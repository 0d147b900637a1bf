"""Position ids of Qwen2.5-VL as the model was trained: text goes on at the largest position of all three axes plus one.

transformers did so up to 4.x; from 5.x get_rope_index goes on at the video's start + max(rows, columns). The two differ once
a clip has more temporal positions than its frames are wide. Here the library's positions are taken, and what follows the
video is moved; the model is then given them explicitly.
"""


import torch


def trained_positions(model, ids_BS, video_token, grid, second_per_grid_ts, attention_mask=None):
    """[3, B, S]. `model` is a Qwen2_5_VLModel; every row holds one video of `grid`; seconds as the library takes them."""
    is_video = ids_BS == video_token  # one run a row
    positions, _ = model.get_rope_index(ids_BS, 2 * is_video.int(), video_grid_thw=torch.tensor([grid] * len(ids_BS)),
                                        second_per_grid_ts=second_per_grid_ts, attention_mask=attention_mask)
    for row, video in zip(positions.unbind(1), is_video):
        end = int(video.nonzero().max()) + 1
        if end < len(video):
            row[:, end:] += row[:, :end].max() + 1 - row[0, end].clone()
    return positions


def trained_positions_of_all(model, ids_S, video_token, grids, seconds):
    """[3, 1, S] of a prompt that shows several videos: what follows each is moved."""
    is_video = ids_S == video_token
    positions, _ = model.get_rope_index(ids_S[None], 2 * is_video[None].int(), video_grid_thw=torch.tensor(grids),
                                        second_per_grid_ts=seconds)
    row = positions[:, 0]
    for end in [i for i in range(1, len(is_video)) if is_video[i - 1] and not is_video[i]]:
        row[:, end:] += row[:, :end].max() + 1 - row[0, end].clone()
    return positions
