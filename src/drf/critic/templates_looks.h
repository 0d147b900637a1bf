#pragma once
// What words and phrases say about the whole video: time, weather, camera, style. For templates_words.cpp
// alone.

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace drf::critic {

/// Phrases ('|' between them), their question, and one that cannot be true as well.
struct Look {
  std::string words, question, twin;
};

inline const std::vector<Look> kTimesAndCamera = {
    {"at night|by night|nighttime|night sky|moonlit|at midnight|midnight|late at night", "Is it night?",
     "Is it day?"},
    {"in daylight|daytime|at noon|midday|broad daylight|at midday|late afternoon|in the afternoon",
     "Is it day?", "Is it night?"},
    {"at sunset|sunset", "Is it sunset?", "Is it noon?"},
    {"at sunrise|sunrise|at dawn", "Is it dawn?", "Is it noon?"},
    {"at dusk|dusk|twilight", "Is it dusk?", "Is it noon?"},
    {"in the rain|rainy|raining|rainstorm|pouring rain|heavy rain|light rain", "Is it raining?",
     "Is it snowing?"},
    {"snowing|snowstorm|snowfall|blizzard|falling snow|snow falling", "Is it snowing?", "Is it raining?"},
    {"foggy|thick fog|dense fog|misty", "Is it foggy?", "Is the air clear?"},
    {"sunny|sunlit|bright sunlight", "Is it sunny?", "Is it raining?"},
    {"stormy|thunderstorm|stormy sky", "Is the weather stormy?", "Is the sky clear and blue?"},
    {"slow motion|slow-motion|slowmo|slow-mo", "Is the video in slow motion?", "Is the video sped up?"},
    {"timelapse|time-lapse|time lapse|hyperlapse", "Is the video a time-lapse?",
     "Is the video in slow motion?"},
    {"aerial view|aerial shot|drone shot|drone view|bird 's eye view|bird's-eye view|seen from "
     "above|top-down view|overhead "
     "shot|top view",
     "Is the scene seen from above?", "Is the scene seen from below?"},
    {"low angle|low-angle shot|low angle shot|worm 's eye view|seen from below",
     "Is the scene seen from a low angle?", "Is the scene seen from above?"},
    {"high angle|high angle shot|high-angle shot", "Is the scene seen from a high angle?",
     "Is the scene seen from below?"},
    {"side view|seen from the side|profile view", "Is the scene seen from the side?",
     "Is the scene seen from above?"},
    {"front view|seen from the front", "Is the scene seen from the front?", "Is the scene seen from behind?"},
    {"back view|rear view|seen from behind", "Is the scene seen from behind?",
     "Is the scene seen from the front?"},
    {"close-up|closeup|close up|macro shot|extreme close-up|close-up shot", "Is it a close-up?",
     "Is it a distant view?"},
    {"wide shot|wide view|panoramic view|wide-angle shot|wide angle|wide establishing shot|establishing "
     "shot|wide angle "
     "shot",
     "Is it a wide view?", "Is it a close-up?"},
    {"shaky camera|shaky handheld camera|shaky footage|camera shake", "Is the camera shaky?",
     "Is the camera perfectly steady?"},
    {"static camera|static shot|fixed camera|camera is still|camera stays still",
     "Does the camera stay still?", "Does the camera move?"},
    {"tracking shot", "Does the camera move along with what it shows?", "Does the camera stay still?"},
    {"out of focus|extremely blurry|very blurry", "Is the picture blurry?", "Is the picture sharp?"},
    {"film grain|grainy|heavy grain", "Is the picture grainy?", "Is the picture free of grain?"},
    {"desaturated colors|desaturated colours|muted colors|muted colours|desaturated", "Are the colors muted?",
     "Are the colors vivid?"},
    {"vivid colors|vivid colours|vibrant colors|vibrant colours|saturated colors", "Are the colors vivid?",
     "Are the colors muted?"},
    {"background is blurred|background is slightly blurred|blurred background|blurry background|bokeh "
     "background",
     "Is the background blurred?", "Is the background in sharp focus?"},
    {"vhs|vhs footage", "Does the video look like a VHS tape?",
     "Does the video look like a modern digital recording?"}};

inline const std::vector<Look> kStyles = {
    {"black and white|black-and-white|monochrome", "Is the video in black and white?",
     "Is the video in full color?"},
    {"sepia", "Is the video in sepia tones?", "Is the video in full color?"},
    {"cartoon", "Is the video in cartoon style?", "Is the video photorealistic?"},
    {"anime|manga", "Is the video in anime style?", "Is the video photorealistic?"},
    {"watercolor|watercolour|watercolor painting|watercolour painting", "Is the video in watercolor style?",
     "Is the video photorealistic?"},
    {"oil painting|oil-painting", "Is the video in the style of an oil painting?",
     "Is the video photorealistic?"},
    {"impressionist|impressionist painting", "Is the video in the style of an impressionist painting?",
     "Is the video photorealistic?"},
    {"pointillist|pointillist painting", "Is the video in the style of a pointillist painting?",
     "Is the video photorealistic?"},
    {"pencil sketch|pencil drawing|pencil-drawing", "Is the video in the style of a pencil drawing?",
     "Is the video photorealistic?"},
    {"charcoal drawing|charcoal sketch", "Is the video in the style of a charcoal drawing?",
     "Is the video photorealistic?"},
    {"ink wash|ink wash painting", "Is the video in ink wash style?", "Is the video photorealistic?"},
    {"claymation|clay animation", "Is the video a clay animation?", "Is the video in watercolor style?"},
    {"stop-motion|stop motion", "Is the video a stop-motion animation?", "Is the video in watercolor style?"},
    {"pixel art|pixel-art|8-bit|8 bit", "Is the video in pixel art style?", "Is the video photorealistic?"},
    {"comic book|comic-book", "Is the video in comic book style?", "Is the video photorealistic?"},
    {"storybook|storybook illustration", "Does the video look like a storybook illustration?",
     "Is the video photorealistic?"},
    {"low poly|low-poly", "Is the video in low-poly style?", "Is the video photorealistic?"},
    {"photorealistic|photo-realistic|hyperrealistic|hyper-realistic|realistic",
     "Is the video photorealistic?", "Is the video in cartoon style?"},
    {"cyberpunk", "Is the video in cyberpunk style?", "Is the video in watercolor style?"}};

}  // namespace drf::critic
