"""The critic as a PyTorch expert runs it: the vision tower once a video, then questions in padded batches.

A batch of one question is the plain way (`group = 1`), all questions in one batch is the expert's (`group = None`): the two differ in
nothing else. Prompts, pixels, answers and their scores are those of tools/reference/critic.py.
"""

import dataclasses

import torch
from critic import Critic
from positions import trained_positions


@dataclasses.dataclass
class Row:
    """One question as the language model sees it: prompt and answer, and where the answer is predicted."""
    ids: list
    answer: list
    start: int  # position that predicts the first token of the answer


class BatchedCritic(Critic):
    def __init__(self, folder, *args, attention="sdpa", mask=False, checkpoint=False, **kwargs):
        super().__init__(folder, *args, **kwargs)
        self.mask = mask
        self.model.set_attn_implementation(attention)
        if checkpoint:
            language = self.model.model.language_model
            self.model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
            self.model.model.visual.eval()
            language.train()  # transformers checkpoints in training mode only; there is no dropout here

    def row(self, prefix, question):
        ids = prefix + self.encode(f"{question.text}<|im_end|>\n<|im_start|>assistant\n")
        answer = []
        if question.kind == "dense":
            answer = self.encode(question.answer)
            if self.end_token:
                answer = answer + [self.tokenizer.convert_tokens_to_ids("<|im_end|>")]
        # The last token is only predicted, never read.
        return Row(ids + answer[:-1], answer, len(ids) - 1)

    def score(self, question, row, logp):
        """logp [answer tokens, vocabulary] to the log-probability of the answer."""
        if question.kind == "dense":
            return logp[torch.arange(len(row.answer)), torch.tensor(row.answer)].mean()
        yes, no = logp[0, self.yes].logsumexp(0), logp[0, self.no].logsumexp(0)
        return (yes if question.answer == "Yes" else no) - torch.logaddexp(yes, no)

    def hidden(self, rows, video, grid, seconds):
        """Last hidden states [rows, length, width]; rows are padded on the right."""
        model, length = self.model.model, max(len(row.ids) for row in rows)
        pad = model.config.text_config.pad_token_id or 0  # no token sees it
        ids = torch.tensor([row.ids + [pad] * (length - len(row.ids)) for row in rows])
        mask = torch.tensor([[1] * len(row.ids) + [0] * (length - len(row.ids)) for row in rows])
        is_video = ids == model.config.video_token_id
        positions = trained_positions(model, ids, model.config.video_token_id, grid, [seconds] * len(rows), mask)
        # What is counted row by row is counted on the CPU; the model may be elsewhere.
        embed = model.get_input_embeddings()
        ids, mask, is_video, positions = (t.to(embed.weight.device) for t in (ids, mask, is_video, positions))
        inputs = embed(ids)
        inputs = inputs.masked_scatter(is_video[..., None].expand_as(inputs), video.expand(len(rows), -1, -1))
        # Attention is causal and pads come last, so no token sees one: without a mask sdpa takes its causal kernel.
        return model.language_model(inputs_embeds=inputs, position_ids=positions,
                                    attention_mask=mask if self.mask else None, use_cache=False).last_hidden_state

    def ask_batched(self, frames_F3HW, fps, questions, group=None):
        """Log-probabilities [Q] with their graph; `group` questions share a forward, None = all."""
        patches, grid = self.patches(frames_F3HW)
        seconds = self.seconds_per_grid(frames_F3HW.shape[0], fps)
        video = self.model.model.get_video_features(patches, torch.tensor([grid], device=patches.device)).pooler_output[0]
        prefix = self.prefix((grid, seconds))
        rows = [self.row(prefix, question) for question in questions]
        group, values = group or len(rows), []
        for begin in range(0, len(rows), group):
            some = rows[begin : begin + group]
            for i, (row, states) in enumerate(zip(some, self.hidden(some, video, grid, seconds))):
                span = states[row.start : row.start + max(1, len(row.answer))]
                logits = self.model.lm_head(span)
                logp = logits.to(torch.promote_types(logits.dtype, torch.float32)).log_softmax(-1)
                values.append(self.score(questions[begin + i], row, logp))
        return torch.stack(values)
