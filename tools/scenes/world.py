"""The world `scenes`: its sentences, what they ask for, and the clips that show it. numpy only, seeded.

A clip is 9 frames of 48 x 48, 8 a second. A sentence has one of three forms:

    a red ball moving left on a black background
    a red ball falling and bouncing on a black background
    a red ball left of a blue square on a black background        (the two differ in shape and in color)

`Scene` is what a sentence asks for; `Film` is what a clip shows, in numbers that may lie between the named values (a
color between red and green, an edge between ball and square), so that the critic can be taught slopes. docs/scenes.md
says why each number is what it is.
"""

from dataclasses import dataclass, field, replace

import numpy as np

FRAMES, SIZE, FPS = 9, 48, 8
COLORS = {"red": (0.9, 0.15, 0.15), "green": (0.15, 0.75, 0.2), "blue": (0.2, 0.3, 0.95), "yellow": (0.95, 0.85, 0.15)}
BACKGROUNDS = {"black": (0.06,) * 3, "gray": (0.5,) * 3, "white": (0.95,) * 3}
SHAPES = ("ball", "square", "triangle")
MOTIONS = ("left", "right", "up")
EVENTS = ("landing", "bouncing")
RELATIONS = ("left of", "right of", "above", "below")

SPOT = 5  # pixels, a side of a spot in a corner
# Half width, height above and below the centre of each shape of radius 1.
EXTENT = {"ball": (1.0, 1.0, 1.0), "square": (0.88, 0.88, 0.88), "triangle": (1.32, 1.3, 0.9)}


@dataclass(frozen=True)
class Scene:
    """What a sentence asks for: of motion, event and (color2, shape2, relation) exactly one is given."""

    color: str
    shape: str
    bg: str
    motion: str = ""
    event: str = ""
    relation: str = ""
    color2: str = ""
    shape2: str = ""

    @property
    def kind(self):
        return "moving" if self.motion else "falling" if self.event else "pair"

    @property
    def prompt(self):
        what = {"moving": f"moving {self.motion}", "falling": f"falling and {self.event}",
                "pair": f"{self.relation} a {self.color2} {self.shape2}"}[self.kind]
        return f"a {self.color} {self.shape} {what} on a {self.bg} background"


def parse(prompt):
    """The scene of a sentence, or None."""
    for scene in all_scenes():
        if scene.prompt == prompt:
            return scene
    return None


def all_scenes():
    """108 moving, 72 falling and 864 of two, in this order."""
    looks = [(c, s) for c in COLORS for s in SHAPES]
    scenes = [Scene(c, s, b, motion=m) for c, s in looks for m in MOTIONS for b in BACKGROUNDS]
    scenes += [Scene(c, s, b, event=e) for c, s in looks for e in EVENTS for b in BACKGROUNDS]
    scenes += [Scene(c, s, b, relation=r, color2=c2, shape2=s2) for c, s in looks for c2, s2 in looks
               if c2 != c and s2 != s for r in RELATIONS for b in BACKGROUNDS]
    return scenes


def draw_scene(rng, kinds=(0.35, 0.27, 0.38)):
    """A scene at random: the kind by its share, everything else evenly."""
    pick = lambda values: values[rng.integers(len(values))]  # noqa: E731
    colors, shapes = tuple(COLORS), SHAPES
    kind = rng.choice(3, p=kinds)
    scene = Scene(pick(colors), pick(shapes), pick(tuple(BACKGROUNDS)))
    if kind == 0:
        return replace(scene, motion=pick(MOTIONS))
    if kind == 1:
        return replace(scene, event=pick(EVENTS))
    return replace(scene, relation=pick(RELATIONS), color2=pick([c for c in colors if c != scene.color]),
                   shape2=pick([s for s in shapes if s != scene.shape]))


@dataclass
class Thing:
    """One object: `shape` is a weight of each named shape, `rgb` [F,3], `path` [F,2] the centre (x, y) in pixels."""

    shape: dict
    radius: float
    rgb: np.ndarray
    path: np.ndarray
    opacity: float = 1.0
    changed: float = 0.0  # how much of another color it takes on in the clip


@dataclass
class Film:
    """Everything that is drawn. `spots`: (corner 0-3, rgb, opacity)."""

    bg: np.ndarray
    things: list
    spots: list = field(default_factory=list)


def edge(shape, angle):
    """Distance from the centre to the edge of a shape of radius 1, in the direction `angle` (y points down)."""
    dx, dy = np.cos(angle), np.sin(angle)
    if shape == "ball":
        return np.ones_like(angle)
    if shape == "square":
        return 0.88 / np.maximum(np.abs(dx), np.abs(dy))
    # Three sides: dy < 0.9 and |dx| < 0.6 (dy + 1.3).
    with np.errstate(divide="ignore"):
        low = np.where(dy > 1e-9, 0.9 / np.maximum(dy, 1e-9), np.inf)
        side = np.abs(dx) - 0.6 * dy
        slope = np.where(side > 1e-9, 0.78 / np.maximum(side, 1e-9), np.inf)
    return np.minimum(low, slope)


_AT = np.arange(SIZE) + 0.5


def render(film):
    """float32 [F, SIZE, SIZE, 3] in [0, 1]."""
    clip = np.broadcast_to(np.asarray(film.bg, np.float64), (FRAMES, SIZE, SIZE, 3)).copy()
    for thing in film.things:
        dx = _AT[None, None, :] - thing.path[:, 0, None, None]
        dy = _AT[None, :, None] - thing.path[:, 1, None, None]
        angle, far = np.arctan2(dy, dx), np.hypot(dx, dy)
        reach = sum(w * edge(s, angle) for s, w in thing.shape.items() if w)
        cover = thing.opacity * np.clip(thing.radius * reach - far + 0.5, 0, 1)[..., None]
        clip += cover * (thing.rgb[:, None, None, :] - clip)
    for corner, rgb, opacity in film.spots:
        rows = slice(0, SPOT) if corner < 2 else slice(SIZE - SPOT, SIZE)
        columns = slice(0, SPOT) if corner % 2 == 0 else slice(SIZE - SPOT, SIZE)
        clip[:, rows, columns] += opacity * (np.asarray(rgb) - clip[:, rows, columns])
    return clip.astype(np.float32)


# --- clips that show what a sentence says ---


def steady(rng, shape, radius, motion, speed=None):
    wide, above, below = (radius * e for e in EXTENT[shape])
    low, high = (wide, SIZE - wide) if motion != "up" else (above, SIZE - below)
    speed = rng.uniform(1.4, 2.2) if speed is None else speed
    speed = min(speed, (high - low - 1) / (FRAMES - 1))
    travel = speed * (FRAMES - 1)
    begin = rng.uniform(low + 0.5, high - 0.5 - travel)
    along = begin + speed * np.arange(FRAMES)
    if motion in ("left", "up"):
        along = along[::-1]
    # Across the motion: in the middle half, so that no corner is touched.
    side = np.full(FRAMES, SIZE / 2 + rng.uniform(-4, 4))
    return np.stack([along, side] if motion != "up" else [side, along], 1)


def fall(rng, shape, radius, event, gap=0.0, rebound=None):
    """Falls from rest for 4 or 5 frames, reaches the ground (or a line `gap` above it) in one of them, and stays or
    goes up again with a share of its speed. `rebound` sets that share."""
    _, above, below = (radius * e for e in EXTENT[shape])
    ground = SIZE - below - gap
    top = above + rng.uniform(0.5, 3)
    ticks = int(rng.integers(4, 6))
    drop = ground - top
    t = np.arange(FRAMES)
    y = top + drop * np.minimum(t / ticks, 1) ** 2
    share = rng.uniform(0.66, 0.85) if rebound is None else rebound
    if event == "bouncing" and share > 0:
        g, after = 2 * drop / ticks**2, np.maximum(t - ticks, 0)
        y = np.where(t > ticks, ground - np.maximum(share * g * ticks * after - g * after**2 / 2, 0), y)
    return np.stack([np.full(FRAMES, SIZE / 2 + rng.uniform(-5, 5)), y], 1)


def stand(rng, shapes, radii, relation, tilt=None):
    """Paths of two objects that stand apart by 3 to 6 pixels. `tilt` turns the axis by that many degrees."""
    (w1, a1, b1), (w2, a2, b2) = (tuple(r * e for e in EXTENT[s]) for s, r in zip(shapes, radii))
    first_leads = relation in ("left of", "above")
    if relation in ("left of", "right of"):
        room = SIZE - 2 * (w1 + w2)
        between = rng.uniform(2.5, max(3.0, min(room - 1, 6)))
        begin = rng.uniform(0.3, max(0.5, room - between - 0.3))
        x1, x2 = (begin + w1, begin + 2 * w1 + between + w2) if first_leads else (begin + 2 * w2 + between + w1, begin + w2)
        y1, y2 = SIZE / 2 + rng.uniform(-3, 3, 2)
    else:
        room = SIZE - (a1 + b1 + a2 + b2)
        between = rng.uniform(2.5, max(3.0, min(room - 1, 6)))
        begin = rng.uniform(0.3, max(0.5, room - between - 0.3))
        y1, y2 = ((begin + a1, begin + a1 + b1 + between + a2) if first_leads
                  else (begin + a2 + b2 + between + a1, begin + a2))
        x1, x2 = SIZE / 2 + rng.uniform(-3, 3, 2)
    centres = np.array([[x1, y1], [x2, y2]])
    if tilt is not None:
        c, s, middle = np.cos(np.radians(tilt)), np.sin(np.radians(tilt)), SIZE / 2
        centres = (centres - middle) @ np.array([[c, s], [-s, c]]) + middle
    return [np.tile(at, (FRAMES, 1)) for at in centres]


def film_of(scene, rng, jitter=0.03):
    """A clip's numbers that show the scene truly: nothing flickers, jumps, hovers, no spots."""
    tint = lambda rgb: np.clip(np.asarray(rgb) + rng.uniform(-jitter, jitter, 3), 0, 1)  # noqa: E731
    still = lambda rgb: np.tile(tint(rgb), (FRAMES, 1))  # noqa: E731
    bg = np.clip(np.asarray(BACKGROUNDS[scene.bg]) + rng.uniform(-jitter, jitter), 0, 1)
    if scene.kind == "pair":
        radii = rng.uniform(8.0, 8.6, 2)
        paths = stand(rng, (scene.shape, scene.shape2), radii, scene.relation)
        things = [Thing({s: 1.0}, r, still(COLORS[c]), p) for s, c, r, p in
                  zip((scene.shape, scene.shape2), (scene.color, scene.color2), radii, paths)]
        return Film(bg, things)
    radius = rng.uniform(8, 11)
    path = (steady(rng, scene.shape, radius, scene.motion) if scene.motion
            else fall(rng, scene.shape, radius, scene.event))
    return Film(bg, [Thing({scene.shape: 1.0}, radius, still(COLORS[scene.color]), path)])


# --- the flaws ---


def other_color(rng, color):
    return [c for c in COLORS if c != color][rng.integers(len(COLORS) - 1)]


def add_flicker(film, rng, color, amount=1.0):
    """From some frame on the first object has another color (by `amount` of the way)."""
    begin, thing = int(rng.integers(3, 7)), film.things[0]
    thing.changed = amount
    thing.rgb[begin:] += amount * (np.asarray(COLORS[color]) - thing.rgb[begin:])


def add_jump(film, rng, size=None):
    """From some frame on the first object is elsewhere, across its motion (a pair: across its axis)."""
    thing = film.things[0]
    begin = int(rng.integers(3, 7))
    size = rng.uniform(7, 9) if size is None else size
    if len(film.things) == 2:
        apart = film.things[1].path[0] - thing.path[0]
        axis = 1 if abs(apart[0]) > abs(apart[1]) else 0
    else:
        axis = 0 if abs(thing.path[-1, 1] - thing.path[0, 1]) > abs(thing.path[-1, 0] - thing.path[0, 0]) else 1
    # Towards the middle's far side, so that it stays in the frame.
    thing.path[begin:, axis] += size * (1 if thing.path[begin, axis] < SIZE / 2 else -1)


def add_spots(film, rng, amount=1.0):
    rgb = (0.95,) * 3 if np.mean(film.bg) < 0.3 else (0.05,) * 3
    for corner in rng.choice(4, size=int(rng.integers(1, 3)), replace=False):
        film.spots.append((int(corner), rgb, amount))


def hover(scene, film, rng, gap=None):
    """The fall stops or turns above the ground."""
    thing = film.things[0]
    thing.path = fall(rng, scene.shape, thing.radius, scene.event, gap=rng.uniform(8, 10) if gap is None else gap)
