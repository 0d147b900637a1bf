"""The two tokenizers of the world `scenes`, made from its sentences and questions.

    python tools/scenes/texts.py OUT      # writes OUT/generator/tokenizer and OUT/critic's tokenizer files

The generator's: unigram pieces, one a word, as spiece.model and as tokenizer.json. The critic's: byte-level BPE.
"""

import io
import json
import os
import sys

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

import questions
import world

TEXT_LENGTH = 16  # the longest sentence has 12 words and an end
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
           "<|image_pad|>", "<|video_pad|>"]
SYSTEM = "You are a helpful assistant."
SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
CHAT = ("{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")


def write_json(path, what):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(what, file, indent=1, ensure_ascii=False)
        file.write("\n")


def generator_tokenizer(folder):
    os.makedirs(folder, exist_ok=True)
    prompts = [s.prompt for s in world.all_scenes()]
    # Words, and their letters as a last resort: a piece's score only has to prefer the longer one.
    words = sorted({"\u2581" + w for p in prompts for w in p.split()})
    letters = sorted({c for w in words for c in w})
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(prompts), model_writer=model, model_type="unigram", vocab_size=len(letters) + 3,
        character_coverage=1.0, pad_id=0, eos_id=1, unk_id=2, bos_id=-1, hard_vocab_limit=False, num_threads=1,
        normalization_rule_name="identity", minloglevel=2)
    from sentencepiece import sentencepiece_model_pb2 as pb

    proto = pb.ModelProto.FromString(model.getvalue())
    del proto.pieces[3:]
    for piece, score in [(w, -2.0) for w in words] + [(c, -8.0) for c in letters if c not in words]:
        entry = proto.pieces.add()
        entry.piece, entry.score, entry.type = piece, score, pb.ModelProto.SentencePiece.NORMAL
    proto.trainer_spec.vocab_size = len(proto.pieces)
    with open(f"{folder}/spiece.model", "wb") as file:
        file.write(proto.SerializeToString())

    fast = Tokenizer(models.Unigram([(p.piece, 0.0 if i < 3 else p.score) for i, p in enumerate(proto.pieces)], unk_id=2))
    fast.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in ("<pad>", "</s>", "<unk>")])
    meta = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always", split=True)
    fast.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), meta])
    fast.decoder = decoders.Metaspace(replacement="\u2581", prepend_scheme="always", split=True)
    fast.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    fast.save(f"{folder}/tokenizer.json")
    write_json(f"{folder}/tokenizer_config.json", {
        "backend": "tokenizers", "tokenizer_class": "T5Tokenizer", "extra_ids": 0, "eos_token": "</s>", "pad_token": "<pad>",
        "unk_token": "<unk>", "extra_special_tokens": [], "model_max_length": 512})
    spm = sentencepiece.SentencePieceProcessor(model_file=f"{folder}/spiece.model")
    for prompt in prompts:
        ids = fast.encode(prompt).ids
        assert spm.encode(prompt) + [1] == ids and len(ids) <= TEXT_LENGTH and 2 not in ids, (prompt, ids, spm.encode(prompt))
    return fast


def critic_tokenizer(folder):
    os.makedirs(folder, exist_ok=True)
    corpus = sorted(set(questions.every_text())) + [SYSTEM, "system\n", "user\n", "assistant\n", "Yes", "No", "yes", "no"] * 50
    fast = Tokenizer(models.BPE())
    fast.normalizer = normalizers.NFC()
    fast.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(SPLIT), "isolated", invert=False),
        pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=False)])
    fast.decoder = decoders.ByteLevel()
    # Words of these texts become one token each.
    trainer = trainers.BpeTrainer(vocab_size=600, min_frequency=2, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                                  special_tokens=[], show_progress=False)
    fast.train_from_iterator(corpus, trainer)
    fast.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIAL])
    fast.save(f"{folder}/tokenizer.json")
    write_json(f"{folder}/tokenizer_config.json", {
        "tokenizer_class": "Qwen2TokenizerFast", "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>",
        "model_max_length": 2048, "chat_template": CHAT})
    return fast


def main():
    out = sys.argv[1]
    g, c = generator_tokenizer(f"{out}/generator/tokenizer"), critic_tokenizer(f"{out}/critic")
    print(g.get_vocab_size(), "pieces;", c.get_vocab_size(), "tokens")
    for text in ("a red ball left of a blue square on a black background", ""):
        print(g.encode(text).ids)
    print(c.encode("Is the red object left of the blue object?").tokens)


if __name__ == "__main__":
    main()
