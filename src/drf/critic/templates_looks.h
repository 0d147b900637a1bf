#pragma once
// What words and phrases say about the whole video (time, weather, camera, style), and the words by which a
// prompt wishes what a generic question would count as a fault. For templates_words.cpp and
// templates_generic.cpp alone.

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

// What a prompt may wish, as beginnings of words ('=' whole words; '_' a blank), by name.
inline const std::map<std::string, std::string> kWishes = {
    {"change",
     "melt thaw shatter break breaks breaking broke smash crack burst pop explo burn transform morph =turn "
     "=turns =turning "
     "chang grow shrink shrank bloom blossom wilt wither "
     "dissolv crumbl collaps inflat deflat peel cut slic chop carv sculpt squeez squash squish crush tear "
     "tore torn rip rust rot "
     "decay ripen cook fry bak boil brew grill toast roast knead dough mold mould clay paint dye color-chang "
     "colour-chang chameleon fad "
     "=mix =mixes =mixing blend freez froz evaporat assembl build built construct fold unfold stretch bend "
     "bent knit weav "
     "stack demolish erod reveal becom develop evolv hatch sprout flower crumple shed pour spill smoke steam "
     "fire flame lava foam "
     "liquid fluid water wave splash puddle cloud fog mist smok bubbl foam soap honey ink jelly slime wax "
     "balloon confetti sand "
     "dust snow magic spell wizard witch fairy ghost spirit shape-shift surreal dream psychedelic "
     "kaleidoscop abstract glitch "
     "cartoon anime manga animation time-lapse timelapse hyperlapse stop-motion claymation clay origami "
     "sketch draw writ "
     "light lit neon flicker glow blaze unwrap zip undress dress eat eats eating bite chew drink sip dissol "
     "undergo age aging =ages season decorat =dip dunk "
     "sharpen shav trim mow prun stain soak spray wet dry wash clean iron tie untie construct"},
    {"appear",
     "ink spread slime vanish disappear appear materializ materialis dissolv teleport pop pops popping burst "
     "explo evaporat "
     "melt boil fade fading emerg enter "
     "leav leave exit escap hide hides hiding eat eats eating swallow devour drink sip burn consum magic "
     "spell wizard witch "
     "sorcer magician ghost spirit spectr portal transform morph =turn =turns =turning becom grow sprout "
     "hatch bloom blossom "
     "dive dives diving sink sinks sinking plunge "
     "=out =away =off splash bubbl smoke steam fog mist fire flame spark firework lightning rain snow cloud "
     "wave confetti dust "
     "surreal dream psychedelic kaleidoscop abstract glitch cut cuts montage transition split-screen "
     "time-lapse timelapse "
     "hyperlapse stop-motion scene_chang then shatter break crumbl dispers scatter spawn conjur summon pour "
     "spill erupt swarm camera "
     "pan pans zoom reveal flash flicker light lit shooting_star cover drift =into =through =behind =past "
     "throw shoot bake cook crowd "
     "traffic street parade carnival rush_hour station market busy hologram projection screen monitor "
     "television eclips cross build assembl stack draw paint writ"},
    {"jerk",
     "flicker flash strob lightning thunder lantern candle fire flame campfire torch spark firework neon "
     "jump leap hop bounc "
     "bounce twitch jerk shak shaky handheld hand-held trembl vibrat stop-motion claymation clay stop_motion "
     "glitch cut cuts montage quick_cut "
     "time-lapse timelapse hyperlapse time_lapse fast-forward freeze frozen freez static vhs old_film sepia "
     "retro 8mm 16mm silent_film "
     "found-footage found_footage explo burst pop shatter smash crash earthquake stumbl robot stutter "
     "tap_danc break-danc breakdanc "
     "popping disco club concert party strobe blink sparkl twinkl glitter shimmer flutter lamp light sudden "
     "pixel 8-bit low_fps flipbook "
     "gif punch kick hit hits collide collision trip trips trampoline jig jolt rattle drum hammer film_reel "
     "projector television screen "
     "monitor hologram firefl aurora headlight siren rapid abrupt jerky error"},
    {"pass",
     "ghost spirit phantom through merg blend mix pour spill dissolv dive dives diving plung splash swim "
     "swims swimming sink absorb "
     "hologram projection transparent fog mist smoke steam cloud water liquid honey soup rain snow fire "
     "flame magic wizard witch spell "
     "morph transform portal teleport surreal dream abstract glitch cartoon anime animation into melt grow "
     "cut slic chop pierc stab shoot stuck eat bite swallow enter underwater lake sea ocean river pond pool "
     "bath mud sand dough clay "
     "bubble soap pop burst pixel psychedelic kaleidoscop dip dunk bury buri sew knit needle thread fork "
     "spoon fish"},
    {"limbs",
     "ghost mermaid centaur alien monster creature robot android cyborg skeleton statue sculpture doll "
     "puppet toy teddy "
     "legless armless amput prosthe one-leg one-arm three-leg three-arm four-arm six-leg wheelchair "
     "multi-arm "
     "limb cartoon anime manga animation pixel clay origami sketch abstract surreal "
     "silhouette grow morph transform =turn =turns =turning close-up closeup close_up portrait macro face "
     "bust underwater fish snake worm snail whale "
     "octopus squid spider insect caterpillar butterfly bee jellyfish crab angel fairy zombie dragon "
     "dinosaur wing wings extra missing centipede "
     "ink stop-motion emoji stick_figure stick-figure drawing painting"},
    {"blur",
     "blur out_of_focus bokeh soft_focus soft-focus dreamy haz fog mist smok steam depth_of_field rack_focus "
     "motion_blur vhs film_grain "
     "grainy tilt-shift long_exposure long-exposure watercolor watercolour painting impressionis pointillis "
     "pixel 8-bit lo-fi low-res "
     "low_res low_quality found-footage found_footage old_film cctv security_cam surveillance dashcam webcam "
     "vintage retro sepia 8mm 16mm "
     "macro glitch speed fast rush racing fly_by underwater dream soft hazy misty rain snow blizzard storm "
     "dust sandstorm ink abstract "
     "vaseline lomo polaroid charcoal handheld shaky hand-held night_vision thermal close-up silhouette dark "
     "defocus focus shallow nostalgi"},
    {"noise",
     "grain film_grain noise noisy static glitch vhs vintage retro sepia old_film 8mm 16mm film_reel "
     "silent_film cctv security_cam "
     "surveillance dashcam webcam pixel 8-bit datamosh scan_line scanline scratch dust halftone pointillis "
     "sketch charcoal watercolor "
     "watercolour painting impressionis found-footage found_footage lo-fi lofi low-res low_res low_quality "
     "night_vision compress "
     "polaroid daguerreotype black_and_white black-and-white archive archival newsreel interference error "
     "artifact corrupt crt television "
     "analog analogue lomo ink crayon snow rain confetti ash spark blizzard sandstorm psychedelic abstract "
     "risograph newspaper comic"},
    {"spots",
     "vignet frame border polaroid splat splash spray pointillis dot dotted spot spotted speck snow rain "
     "drizzl confetti spark firefl star "
     "stars starry glitter bubble dust ash ember petal blossom lens bokeh flare dirty muddy mud drop droplet "
     "drip paint ink grain film vhs "
     "vintage retro sepia explo burst shatter fish-eye fisheye letterbox split-screen polka ladybug ladybird "
     "leopard cheetah "
     "dalmatian seed pollen particle "
     "scratch stain 8mm 16mm leaf leaves light lights blizzard storm foam pebble gravel crumb sequin freckl "
     "blood watercolor watercolour "
     "halftone grunge bullet insect bee butterfl pigeon bird firework galaxy space milky moon sun spool"},
    {"exposure",
     "dark night midnight dusk dawn twilight sunset sunrise silhouet black_screen screen overexpos "
     "underexpos high_contrast high-contrast "
     "neon backlit backlight backlight strob explo flash lightning blind candle lantern torch campfire fire "
     "flame low_key low-key noir "
     "moon moonlit space vhs cave tunnel basement cellar infrared thermal x-ray xray night_vision cartoon "
     "anime "
     "manga animation watercolor "
     "watercolour painting sketch drawing ink pixel illustration pointillis impressionis abstract shadow dim "
     "gloom spooky horror glow "
     "star stars firefl firework lava volcano sun headlight spotlight stage concert disco club eclips "
     "white_void fog mist storm snow "
     "lamp lit hologram monochrome black_and_white black-and-white sepia cyberpunk underwater bright glare "
     "flare light lights candle-lit high-key blown eerie"},
    {"text",
     "text sign word words title caption subtitle logo watermark letter label poster billboard chalkboard "
     "blackboard neon screen news "
     "newspaper book page menu graffiti writ says say reads reading read shop store market brand credit "
     "ticker banner write map "
     "meme comic manga interface hud timestamp vhs cctv dashcam advert commercial trailer street storefront "
     "screen monitor clock print"},
    {"seams",
     "glitch pixel 8-bit datamosh vhs low-res low_res low_quality lo-fi lofi compress mosaic cctv webcam "
     "security_cam corrupt error static "
     "minecraft voxel lego retro surveillance artifact interference"},
    {"weightless",
     "float hover space weightless zero-g zero_g underwater antigravity levitat magic balloon feather moon "
     "fly flies flying wing "
     "smoke steam bubble confetti petal blossom leaf leaves snow dust wizard witch spell surreal dream "
     "upside reverse invert swim dive"},
    {"hidden",
     "close-up closeup close_up portrait macro robe gown dress cloak kimono silhouette waist upper_body face "
     "fog mist dark night "
     "snow water grass river sea aerial above distance distant far treadmill wheelchair inside interior "
     "behind sidecar tank"},
    {"reversed",
     "reverse rewind backward repair magic wizard witch surreal dream time-lapse whole mend spell"},
    {"faceless",
     "cry cries weep scream laugh yawn sneez kiss mask masked helmet behind back silhouette blur dark night "
     "fog mist aerial above distance distant far "
     "wide veil hood hooded "
     "headless faceless cartoon anime manga animation pixel clay origami sketch abstract surreal glitch vhs "
     "hand hands feet foot boots "
     "legs shoes paint painted clown zombie ghost makeup robot underwater space suit spacesuit ink drawing "
     "painting pointillis storybook "
     "impressionis watercolor illustration drone top-down overhead tiny crowd goggles grimac distort morph "
     "transform old_film grainy "
     "sepia black_and_white low-poly style horror monster yell scream shadow macro close-up_of"},
    {"cut",
     "cut cuts montage transition split-screen split_screen scene_change slideshow glitch collage jump_cut "
     "fast-paced trailer music_video "
     "error teleport surreal psychedelic kaleidoscop"}};

}  // namespace drf::critic
