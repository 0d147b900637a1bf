"""The world `scenes`: its rule on its own clips, what its critics are taught, its planned flaws, and that drf reads its models
as tools/scenes trains them (random weights: the trained ones are not needed)."""

import json
import sys

import numpy as np
import pytest
import torch
from conftest import ROOT
from safetensors.torch import load_file, save_file

sys.path.append(str(ROOT / "tools/scenes"))
for _name in ("sentencepiece", "tokenizers", "diffusers", "transformers"):
    pytest.importorskip(_name)
from tokenizers import Tokenizer  # noqa: E402
from transformers import Qwen2_5_VLForConditionalGeneration, UMT5EncoderModel  # noqa: E402

import bank  # noqa: E402
import critic_model  # noqa: E402
import flawed  # noqa: E402
import oracle  # noqa: E402
import prompts  # noqa: E402
import questions  # noqa: E402
import sides  # noqa: E402
import slopes  # noqa: E402
import texts  # noqa: E402
import train_base  # noqa: E402
import train_critic  # noqa: E402
import train_generator  # noqa: E402
import train_vae  # noqa: E402
import world  # noqa: E402
from clips import any_film  # noqa: E402


def seeded(*key):
    return np.random.default_rng(key)


def test_the_oracle_reads_true_clips_as_their_sentences():
    for i in range(24):
        scene = world.draw_scene(seeded(1, i))
        marks = oracle.marks(oracle.judge(world.render(world.film_of(scene, seeded(2, i)))), scene)
        assert set(marks.values()) <= {1.0, None}, (scene.prompt, marks)


@pytest.mark.parametrize("flaw", ["flicker", "jump", "spots", "hover"])
def test_the_oracle_finds_a_flaw_and_nothing_else(flaw):
    found = 0
    for i in range(24):
        rng = seeded(3, i)
        scene = world.draw_scene(rng)
        if (flaw == "hover") != (scene.kind == "falling"):
            continue
        film = world.film_of(scene, rng)
        if flaw == "hover":
            world.hover(scene, film, rng)
        elif flaw == "flicker":
            world.add_flicker(film, rng, world.other_color(rng, scene.color))
        else:
            {"jump": world.add_jump, "spots": world.add_spots}[flaw](film, rng)
        answer = oracle.judge(world.render(film))
        seen = {"flicker": not all(o["kept"] for o in answer["objects"]), "jump": not answer["smooth"],
                "spots": not answer["clean"], "hover": answer["grounded"] is False}
        assert [name for name, there in seen.items() if there] == [flaw], (scene.prompt, answer)
        found += 1
    assert found >= 5


def test_what_a_critic_is_taught_agrees_with_the_oracle():
    right, plain = 0, 0
    for i in range(60):
        rng = seeded(4, i)
        film = any_film(rng)
        answer = oracle.judge(world.render(film))
        for question in questions.asked(film, rng, 10):
            yes = questions.yes(film, question)
            if abs(yes - 0.5) > 0.15:
                plain += 1
                right += (yes > 0.5) == (train_base.truth(answer, question) > 0.5)
    assert plain > 400 and right / plain > 0.98, (right, plain)


def test_between_two_named_values_the_truth_is_a_slope():
    scene = world.parse("a red ball moving left on a black background")
    film = world.film_of(scene, seeded(5), jitter=0)
    first = film.things[0]
    red, green = (np.array(world.COLORS[c]) for c in ("red", "green"))
    steps = []
    for share in np.linspace(0, 1, 9):
        first.rgb = np.tile(red + share * (green - red), (world.FRAMES, 1))
        steps.append(questions.yes(film, ("color", "red")))
    assert steps[0] == pytest.approx(1) and steps[-1] == 0 and (np.diff(steps) < -0.02).all(), steps
    first.rgb, levels = np.tile(red, (world.FRAMES, 1)), []
    for film.bg in np.linspace(0.06, 0.95, 9)[:, None].repeat(3, 1):
        levels.append(questions.yes(film, ("bg", "black")))
    assert levels[0] == pytest.approx(1) and levels[-1] == 0 and (np.diff(levels) < -0.02).all(), levels


def test_from_a_landing_to_a_bounce_the_truth_is_a_slope():
    scene = world.parse("a red ball falling and bouncing on a black background")
    film = world.film_of(scene, seeded(5), jitter=0)
    low = film.things[0].path[:, 1].max()
    tops = np.linspace(low, low - 8, 9)
    for name, steps in (("bouncing", 1), ("landing", -1)):
        levels = []
        for film.things[0].path[-1, 1] in tops:
            levels.append(questions.yes(film, ("motion", name)))
        assert (steps * np.diff(levels) > 0.1).all() and {levels[0], levels[-1]} == {0, 1}, levels


def test_of_two_films_some_properties_go_on_and_others_stay():
    gone = []
    for i in range(60):
        (a, _, _), (b, _, _) = (slopes.film_between(seeded(8, i), further) for further in (0.0, 0.1))
        x, y = a.things[0], b.things[0]
        gone.append([np.abs(a.bg - b.bg).max() > 0, np.abs(x.rgb[0] - y.rgb[0]).max() > 0, x.shape != y.shape])
    share = np.mean(gone, 0)
    assert (0.25 < share).all() and (share < 0.75).all() and len({tuple(map(bool, g)) for g in gone}) == 8, share


def test_planned_flaws_leave_some_of_every_column_right():
    marks, drawn = [], []
    for i in range(240):
        rng = seeded(6, i)
        scene = world.draw_scene(rng)
        answer = oracle.judge(world.render(flawed.film_for(scene, rng)))
        marks.append(oracle.marks(answer, scene))
        drawn.append((scene, answer))
    shares = oracle.shares(marks)
    # Two backgrounds of three are drawn right; what the generator makes of physics' flaws has half as many right again.
    for name, most in {"color": 0.7, "shape": 0.7, "motion": 0.7, "relation": 0.7, "bg": 0.8, "phys": 0.85, "clean": 0.7}.items():
        assert 0.3 < shares[name] < most, shares
    assert shares["count"] > 0.95
    off = {(s.bg, a["bg"]) for s, a in drawn if a["bg"] not in (s.bg, "none")}
    assert off == {("gray", "white")}, "no two values are drawn towards each other"


def test_held_out_prompts_are_even_and_not_trained_on():
    train, held = prompts.split()
    assert len(set(held)) == 24 and not set(held) & set(train) and prompts.unevenness(held) <= 6
    assert {k: sum(s.kind == k for s in held) for k in prompts.HELD_OUT} == prompts.HELD_OUT


def test_what_a_word_says_depends_on_its_sentence():
    """The first generators' encoders knew words alone: one clip for all that can be said with the same ones."""
    tokenizer = Tokenizer.from_file(str(ROOT / "assets/scenes/generator/tokenizer/tokenizer.json"))
    encoder = UMT5EncoderModel.from_pretrained(ROOT / "assets/scenes/generator/text_encoder").eval()
    said = "a {} {} left of a {} {} on a black background"
    wordings = [("red", "ball", "blue", "square"), ("blue", "ball", "red", "square"), ("blue", "square", "red", "ball")]
    with torch.no_grad():
        states = train_generator.text_states(encoder, train_generator.tokenize(tokenizer, [said.format(*words) for words in wordings]))
    for word in wordings[0]:
        first, *others = (x[said.format(*words).split().index(word)] for x, words in zip(states, wordings))
        for other in others:
            assert (other - first).norm() > 0.2 * first.norm(), word


def test_each_word_of_a_pair_is_asked_for_its_own_object():
    tokenizer = Tokenizer.from_file(str(ROOT / "assets/scenes/generator/tokenizer/tokenizer.json"))
    words = train_generator.Words(tokenizer)
    pairs = [s for s in world.all_scenes() if s.kind == "pair"]
    for i in range(0, len(pairs), 31):
        s, named, said = pairs[i], words.named[i], pairs[i].prompt.split()
        told = {said[at]: [part[n] for part, n in zip(words.parts, named[at])] for at in (named[:, 0] >= 0).nonzero().flatten()}
        first, second = [s.color, s.shape, s.relation], [s.color2, s.shape2, oracle.OPPOSITE[s.relation]]
        assert told == {s.color: first, s.shape: first, s.color2: second, s.shape2: second}, s.prompt


def test_each_of_two_objects_is_asked_where_the_other_one_is():
    seen, cover, far = [], [], []
    for i in range(12):
        film, scene = sides.film_of(seeded(14, i))
        told = {q: questions.yes(film, q) for q in sides.asked(scene)}
        assert max(told.values()) > 0.5
        for (kind, a, r, b), yes in told.items():
            assert yes == told[kind, b, oracle.OPPOSITE[r], a], "the same, said the other way round"
        first, second = (thing.path.mean(0) for thing in film.things)
        far.append(sides.far_of(film))
        assert np.allclose(far[-1] * sides.FAR, [second - first, first - second])
        cover.append(train_critic.covers(film))
        # Tokens that know it: those of an object say where the other one is, as far as they are its own.
        whole = cover[-1].sum(0)[..., None]
        seen.append((cover[-1][..., None] * far[-1][:, None, None]).sum(0) / np.maximum(whole, 1e-6))
    seen, cover, far = (torch.from_numpy(np.array(x, np.float32)) for x in (seen, cover, far))
    head = sides.Sides(2)
    with torch.no_grad():
        head.far.weight.copy_(torch.eye(2))
        head.far.bias.zero_()
        knows, knows_wrong = (head.loss(seen.flatten(1, 2), cover, target) for target in (far, far.flip(1)))
    assert knows < 0.2 * knows_wrong, (knows, knows_wrong)


def every_answer(scene):
    """Every question that tells one value of the sentence from another: (what it is counted with, whether its answer is yes, question)."""
    if scene.kind != "pair":
        looks = (("color", world.COLORS, scene.color), ("shape", world.SHAPES, scene.shape), ("bg", world.BACKGROUNDS, scene.bg))
        moves, move = (world.MOTIONS, scene.motion) if scene.motion else (world.EVENTS, scene.event)
        return ([((kind, v == value), v == value, (kind, v)) for kind, values, value in looks for v in values]
                + [(("motion", move, v), v == move, ("motion", v)) for v in moves])
    looks = [(scene.shape, scene.color), (scene.shape2, scene.color2)]
    bound = [((kind, look in looks), look in looks, (kind, *look)) for kind in ("shape is color", "color is shape")
             for look in ((s, c) for s in (scene.shape, scene.shape2) for c in (scene.color, scene.color2))]
    stands = []
    for r in world.RELATIONS:
        kind = "relation", {scene.relation: "yes", oracle.OPPOSITE[scene.relation]: "the other way round"}.get(r, "another axis"), r
        stands += [(kind, r == scene.relation, ("relation", *asked))
                   for asked in ((scene.color, r, scene.color2), (scene.color2, oracle.OPPOSITE[r], scene.color))]
    return bound + stands


@pytest.mark.parametrize("folder", ["critic", "judge"])
def test_the_critics_know_every_value_from_each_other(folder):
    """The ones of before answered "Is the red object left of the blue object?" with yes wherever the two stood side by side."""
    path = ROOT / "assets/scenes" / folder
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(path, dtype=torch.float32).eval()
    text = critic_model.Texts(Tokenizer.from_file(str(path / "tokenizer.json")))
    scenes = [world.draw_scene(seeded(12, i)) for i in range(240)]
    right = {}
    for i in range(0, len(scenes), 20):
        clips = torch.from_numpy(np.stack([world.render(world.film_of(s, seeded(13, i + j))) for j, s in enumerate(scenes[i : i + 20])]))
        asked = [every_answer(s) for s in scenes[i : i + 20]]
        with torch.no_grad():
            logits = critic_model.answer_logits(model, text, clips, [[text.question(questions.text(q)) for *_, q in row] for row in asked])
        for (kind, yes, _), odds in zip((one for row in asked for one in row), critic_model.log_odds(text, logits).tolist()):
            right.setdefault(kind, []).append((odds > 0) == yes)
    poor = {kind: f"{np.mean(marks):.2f} of {len(marks)}" for kind, marks in right.items() if np.mean(marks) < 0.85}
    assert not poor, poor


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """OUT as the scripts leave it, with random weights."""
    out = tmp_path_factory.mktemp("scenes")
    torch.manual_seed(0)
    tokenizer = texts.generator_tokenizer(f"{out}/assets/generator/tokenizer")
    vae = train_vae.build()
    vae.register_to_config(latents_mean=[0.1 * i for i in range(8)], latents_std=[0.5 + 0.1 * i for i in range(8)])
    vae.save_pretrained(f"{out}/vae/model")
    transformer, encoder = (m.eval() for m in train_generator.build(tokenizer.get_vocab_size()))
    train_generator.write(f"{out}/assets/generator", transformer, encoder, f"{out}/vae")
    words = texts.critic_tokenizer(f"{out}/assets/critic")
    critic = critic_model.build(words, **critic_model.WIDTHS["second"]).eval()
    critic.save_pretrained(f"{out}/assets/critic")
    (out / "assets/critic/video_preprocessor_config.json").write_text(json.dumps(critic_model.processor_config()))
    return out, (transformer, encoder, tokenizer), critic, critic_model.Texts(words)


@pytest.mark.parametrize("guidance", [1, 3])
def test_drf_draws_what_the_scripts_draw(drf, models, tmp_path, guidance):
    out, generator, _, _ = models
    prompt = "a red ball left of a blue square on a black background"
    noise = torch.randn(1, 8, 3, 12, 12, generator=torch.Generator().manual_seed(5))
    _, to_clips = bank.vae_of(f"{out}/vae")
    latents = train_generator.sample(*generator, [prompt], noise, 4, guidance)
    save_file({"noise": noise[0]}, tmp_path / "noise.safetensors")
    drf("sample", "--model", out / "assets/generator", "--prompt", prompt, "--text-length", texts.TEXT_LENGTH, "--frames", 9,
        "--size", "48x48", "--steps", 4, "--guidance", guidance, "--shift", 3, "--sampler", "euler", "--schedule", "flow",
        "--noise", tmp_path / "noise.safetensors", "--save-latents", tmp_path / "x.safetensors", "--save-frames",
        tmp_path / "f.safetensors", "--threads", 1)
    assert (load_file(tmp_path / "x.safetensors")["latents"] - latents[0]).abs().max() < 1e-4
    frames = load_file(tmp_path / "f.safetensors")["frames"].clamp(0, 1).permute(0, 2, 3, 1)
    assert (frames - torch.from_numpy(to_clips(latents)[0])).abs().max() < 1e-4


def test_drf_asks_as_the_critic_is_taught(drf, models, tmp_path):
    out, _, critic, text = models
    (tmp_path / "p.txt").write_text("a red ball falling and bouncing on a gray background\n")
    drf("questions", tmp_path / "p.txt", "-o", tmp_path / "q.jsonl", "--templates", questions.TEMPLATES, "--no-dense")
    asked = [json.loads(line)["text"] for line in (tmp_path / "q.jsonl").read_text().splitlines()]
    assert "Does the object reach the ground when bouncing?" in asked and "Is the object falling and landing?" in asked
    assert set(asked) <= set(questions.every_text()), "a question that no critic was taught"
    clip = torch.from_numpy(world.render(any_film(seeded(8))))
    save_file({"frames": clip.permute(0, 3, 1, 2).contiguous()}, tmp_path / "f.safetensors")
    printed = drf("score", "--critic", out / "assets/critic", "--frames", tmp_path / "f.safetensors", "--questions",
                  tmp_path / "q.jsonl", "--fps", world.FPS, "--threads", 1, "--json")
    got = torch.tensor([json.loads(line)["p_yes"] for line in printed.splitlines()])
    with torch.no_grad():
        odds = critic_model.log_odds(text, critic_model.answer_logits(critic, text, clip[None], [[text.question(t) for t in asked]]))
    assert (got - odds.sigmoid()).abs().max() < 1e-5
