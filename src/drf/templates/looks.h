#pragma once
// What words and phrases say about the whole video: time, weather, camera, style. For words.cpp
// alone.

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace drf::templates {

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
    {"slow motion|slow-motion|slowmo|slow-mo|slow mo", "Is the video in slow motion?",
     "Is the video sped up?"},
    {"timelapse|time-lapse|time lapse|hyperlapse", "Is the video a time-lapse?",
     "Is the video in slow motion?"},
    {"aerial view|aerial footage|aerial drone shot|aerial drone footage|aerial video|aerial shot|drone "
     "shot|drone view|bird 's eye view|bird's-eye view|seen from "
     "above|top-down view|overhead "
     "shot|top view",
     "Is the scene seen from above?", "Is the scene seen from below?"},
    {"low angle|low camera|low camera view|low camera angle|low camera position|low-angle shot|low angle "
     "shot|worm 's eye view|seen from below",
     "Is the scene seen from a low angle?", "Is the scene seen from above?"},
    {"high angle|high angle shot|high-angle shot", "Is the scene seen from a high angle?",
     "Is the scene seen from below?"},
    {"side view|seen from the side|profile view", "Is the scene seen from the side?",
     "Is the scene seen from above?"},
    {"front view|frontal view|seen from the front", "Is the scene seen from the front?",
     "Is the scene seen from behind?"},
    {"back view|rear view|seen from behind", "Is the scene seen from behind?",
     "Is the scene seen from the front?"},
    {"close-up|macro photography|macro footage|macro close-up|macro video|macro view|closeup|close up|macro "
     "shot|extreme close-up|close-up shot",
     "Is it a close-up?", "Is it a distant view?"},
    {"wide shot|wide view|panoramic view|wide-angle shot|wide angle|wide establishing shot|establishing "
     "shot|wide angle "
     "shot",
     "Is it a wide view?", "Is it a close-up?"},
    {"shaky camera|shaky handheld camera|shaky footage|camera shake|lots of camera shake|shaky|shaky "
     "handheld footage|shaky phone footage",
     "Is the camera shaky?", "Is the camera perfectly steady?"},
    {"static camera|static shot|static tripod shot|fixed camera|camera is still|camera stays still",
     "Does the camera stay still?", "Does the camera move?"},
    {"tracking shot", "Does the camera move along with what it shows?", "Does the camera stay still?"},
    {"out of focus|extremely blurry|very blurry", "Is the picture blurry?", "Is the picture sharp?"},
    {"film grain|grainy|heavy grain", "Is the picture grainy?", "Is the picture free of grain?"},
    {"desaturated colors|desaturated palette|desaturated tones|muted palette|muted tones|muted color "
     "palette|desaturated colours|muted colors|muted colours|desaturated",
     "Are the colors muted?", "Are the colors vivid?"},
    {"vivid colors|vivid color palette|vivid colours|vibrant colors|vibrant colours|saturated colors",
     "Are the colors vivid?", "Are the colors muted?"},
    {"background is blurred|background is slightly blurred|blurred background|blurry background|bokeh "
     "background",
     "Is the background blurred?", "Is the background in sharp focus?"},
    {"overcast|overcast sky|cloudy sky|gray sky|grey sky|cloudy day", "Is the sky overcast?",
     "Is the sky clear and blue?"},
    {"clear sky|clear blue sky|cloudless sky|bright blue sky", "Is the sky clear?", "Is the sky overcast?"},
    {"starry sky|starry night|star-filled sky|night sky full of stars", "Are there stars in the sky?", ""},
    {"in the morning|morning light|early morning|morning sun", "Is it morning?", "Is it night?"},
    {"in the evening|evening light|evening sun", "Is it evening?", "Is it noon?"},
    {"in winter|winter day|winter morning|winter landscape", "Is it winter?", "Is it summer?"},
    {"in autumn|autumn day|autumn forest|in the fall", "Is it autumn?", "Is it spring?"},
    {"golden hour|at golden hour|golden hour light", "Is the light warm and low?",
     "Is it the middle of the night?"},
    {"windy|windy day|in the wind|strong wind", "Is it windy?", ""},
    {"first-person view|first person view|first-person|first person|pov|pov shot|first-person "
     "perspective|fpv",
     "Is the scene seen in first person?", "Is the scene seen from far above?"},
    {"over-the-shoulder shot|over the shoulder shot|over-the-shoulder", "Is the scene seen over a shoulder?",
     "Is the scene seen from far above?"},
    {"dutch angle|tilted angle", "Is the camera tilted?", "Is the camera level?"},
    {"fisheye lens|fish-eye lens|fisheye|fish-eye|fish-eye view|fisheye view",
     "Is the picture bent as by a fish-eye lens?", "Are straight lines shown without any bend?"},
    {"split screen|split-screen", "Is the screen split?", "Does one picture fill the whole screen?"},
    {"shallow depth of field|shallow focus|bokeh|blurry bokeh|shallow depth",
     "Is the background out of focus?", "Is the background in sharp focus?"},
    {"lens flare|lens flares", "Is there a lens flare?", ""},
    {"warm colors|warm colours|warm tones|warm color palette|warm palette", "Are the colors warm?",
     "Are the colors cold?"},
    {"cold colors|cool colors|cool tones|cold tones|cold colours|cool colours", "Are the colors cold?",
     "Are the colors warm?"},
    {"pastel colors|pastel grade|pastel grading|pastel color palette|pastel colours|pastel tones|pastel "
     "palette",
     "Are the colors pastel?", "Are the colors dark and heavy?"},
    {"medium shot|medium close-up", "Is it a medium shot?", ""},
    {"full body shot|full-body shot", "Is the whole body in view?", ""},
    {"slow zoom in|zoom in|zoom-in|slow push in|push-in|slow push-in|dolly in|slow dolly "
     "in|dolly-in",
     "Does the camera move closer?", "Does the camera move away?"},
    {"zoom out|zoom-out|slow zoom out|slow pull back|pull-back shot", "Does the camera move away?",
     "Does the camera move closer?"},
    {"panning shot|whip pan|whip-pan|pan shot|slow pan|camera pan", "Does the camera pan?",
     "Does the camera stay still?"},
    {"pan left|slow pan left|camera pan left", "Does the camera pan left?", "Does the camera pan right?"},
    {"pan right|slow pan right|camera pan right", "Does the camera pan right?", "Does the camera pan left?"},
    {"dolly shot|crane shot|orbit shot|orbiting shot|orbiting camera|moving camera|camera movement",
     "Does the camera move?", "Does the camera stay still?"},
    {"locked-off shot|locked-off camera|locked off|stationary camera|tripod shot|still camera|fixed shot",
     "Does the camera stay still?", "Does the camera move?"},
    {"one take|single take|one continuous shot|long take|no cuts|without cuts|continuous take|continuous "
     "shot",
     "Is the video one shot without cuts?", "Is the video cut from several shots?"},
    {"security camera footage|security footage|cctv footage|cctv|surveillance footage|security cam "
     "footage|surveillance "
     "camera footage",
     "Does the video look like security camera footage?", "Does the video look like a feature film?"},
    {"nobody is around|nobody around|no one around|no one is around|nobody in sight|no one in sight|not a "
     "soul|nobody is there|nobody inside|nobody is inside|no one inside|no one is inside|nobody in it|nobody "
     "on it|no one on it|no one in it|empty "
     "of "
     "people|free of people|devoid of people|no humans",
     "Is the scene free of people?", "Are there any people?"},
    {"not raining|no rain falls", "Is the scene free of rain?", "Is it raining?"},
    {"not snowing|no snow falls", "Is the scene free of falling snow?", "Is it snowing?"},
    {"moonless", "Is the sky without a moon?", "Is the moon visible?"},
    {"starless", "Is the sky without stars?", "Are there stars in the sky?"},
    {"no subtitles|without subtitles", "Is the video free of subtitles?", "Are there subtitles?"},
    {"no watermark|no watermarks|without watermark", "Is the video free of watermarks?",
     "Is there a watermark?"},
    {"no text|without text|no text overlay", "Is the video free of text?", "Is there any text?"},
    {"shot from behind|filmed from behind|viewed from behind|view from behind",
     "Is the scene seen from behind?", "Is the scene seen from the front?"},
    {"motion blur", "Is there motion blur?", "Is every moving thing perfectly sharp?"},
    {"overexposed|over-exposed|completely overexposed", "Is the picture overexposed?",
     "Is the picture dark?"},
    {"pixelated|heavily pixelated", "Is the picture pixelated?", "Is the picture sharp in every detail?"},
    {"tape noise|heavy noise|lots of noise|noisy footage|heavy film noise", "Is the picture noisy?",
     "Is the picture free of noise?"},
    {"long shadows", "Are the shadows long?", "Is the scene without any shadows?"},
    {"warm light|warm lamplight|warm candlelight|warm lighting|warm soft light|soft warm light",
     "Is the light warm?", "Is the light cold?"},
    {"cold light|cold lighting|cold blue light", "Is the light cold?", "Is the light warm?"},
    {"webcam footage|webcam clip|webcam recording|webcam video", "Does the video look like webcam footage?",
     "Does the video look like a feature film?"},
    {"washed out colors|washed-out colors|washed out colours|washed-out colours|faded colors",
     "Are the colors washed out?", "Are the colors vivid?"},
    {"vhs|vhs footage|vhs look|vhs aesthetic|vhs style|vhs tape|vhs recording",
     "Does the video look like a VHS tape?", "Does the video look like a modern digital recording?"},
    {"high contrast|high-contrast", "Is the contrast high?", "Is the contrast low?"},
    {"deep shadows|heavy shadows|strong shadows", "Are there deep shadows?",
     "Is the scene without any shadows?"},
    {"soft light|soft lighting|soft daylight|soft natural light|soft blue light|soft morning light|soft "
     "window light",
     "Is the light soft?", "Is the light harsh?"},
    {"handheld camera|hand-held camera|handheld footage|handheld shot|handheld phone footage|handheld "
     "camera footage",
     "Does the video look filmed by hand?", "Is the camera perfectly still?"},
    {"static noise|lots of static", "Is there static noise in the picture?", "Is the picture free of noise?"},
    {"dust and scratches|scratches and dust|film scratches|scratches and flicker|scratched film",
     "Does the picture have scratches as on old film?", "Is the picture clean and free of scratches?"},
    {"dropped frames|stuttering frames|choppy frames|stuttering video", "Is the motion jerky?",
     "Is the motion perfectly smooth?"},
    {"underexposed|under-exposed", "Is the picture underexposed?", "Is the picture overexposed?"},
    {"low quality footage|low quality video|low quality clip|low quality recording|low quality film|very low "
     "quality|low resolution footage|low resolution video|low resolution clip|low-resolution footage",
     "Is the picture of low quality?", "Is the picture crisp and detailed?"},
    {"distorted colors|distorted colours|colors bleeding|colours bleeding|bleeding colors",
     "Do the colors look distorted?", "Do the colors look natural?"},
    {"8mm footage|super 8 home movie|super 8 film|super-8 film|shot on super 8|shot on 35mm|shot on "
     "16mm|shot on film|filmed on 35mm|filmed on 16mm|8mm look|16mm footage|16mm look|super 8 "
     "footage|super-8 footage|shot on 8mm film|shot on "
     "16mm "
     "film|shot on 35mm film|grainy 8mm film|grainy 16mm film",
     "Does the video look shot on film?", "Does the video look like a modern digital recording?"},
    {"tracking lines", "Are there tracking lines in the picture?", ""},
    {"glitch effect|digital glitches", "Does the picture have glitches?", "Is the picture free of glitches?"},
    {"teal color grading|teal colour grading|teal grading|teal tint", "Is the picture tinted teal?",
     "Is the picture tinted pink?"},
    {"symmetrical framing|symmetrical composition|symmetric composition|symmetric framing|perfectly "
     "symmetrical",
     "Is the framing symmetrical?", "Is the framing lopsided?"},
    {"eye-level shot|eye level shot|eye level angle|eye-level angle", "Is the scene seen at eye level?",
     "Is the scene seen from far above?"},
    {"jump cuts", "Are there jump cuts?", "Is the video one shot without cuts?"},
    {"timestamp in the corner|time stamp in the corner|timestamp overlay",
     "Is there a timestamp in the picture?", ""},
    {"cinematic style|cinematic look|cinematic shot|cinematic lighting|cinematic footage|cinematic "
     "video|cinematic scene",
     "Does the video look cinematic?", ""},
    {"summer day|summer morning|summer afternoon|summer evening|summer landscape|in summer|in midsummer",
     "Is it summer?", "Is it winter?"},
    {"spring day|spring morning|springtime|in springtime", "Is it spring?", "Is it autumn?"},
    {"hard shadows|harsh shadows", "Are the shadows hard?", "Are the shadows soft?"},
    {"harsh light|harsh lighting|harsh sunlight", "Is the light harsh?", "Is the light soft?"},
    {"dim light|dim lighting", "Is the light dim?", "Is the light glaring?"},
    {"gimbal shot|steadicam shot|steadicam|smooth camera movement", "Is the camera movement smooth?",
     "Is the camera shaky?"},
    {"steady camera|steady shot|camera stays steady", "Is the camera steady?", "Is the camera shaky?"},
    {"upside-down shot|upside down shot", "Is the picture upside down?", "Is the picture the right way up?"},
    {"light leaks", "Are there light leaks in the picture?", ""},
    {"night-vision footage|night vision footage|night-vision camera footage|night vision camera footage",
     "Does the video look like night-vision footage?", "Is the video in full color?"},
    {"news footage", "Does the video look like news footage?", "Is the video in cartoon style?"},
    {"shot on iphone|shot on an iphone|shot on a phone|shot on my phone|filmed on a phone|filmed with a "
     "phone|phone footage|smartphone footage|cellphone footage|iphone footage",
     "Does the video look filmed with a phone?", "Does the video look like security camera footage?"}};

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
    {"3d animation|3d animated|3d render|3d cartoon|cgi|cgi animation",
     "Does the video look like a 3D animation?", "Is the video photorealistic?"},
    {"pixar|disney|pixar style", "Does the video look like an animated film?",
     "Is the video photorealistic?"},
    {"paper cut-out|paper cutout|papercraft|paper-cut|paper craft",
     "Does the video look like a paper cut-out?", "Is the video photorealistic?"},
    {"noir|film noir|film-noir", "Is the video in film noir style?", "Is the video in cartoon style?"},
    {"documentary|nature documentary", "Does the video look like a documentary?",
     "Is the video in cartoon style?"},
    {"found footage|found-footage", "Does the video look like found footage?",
     "Is the video in cartoon style?"},
    {"ukiyo-e|woodblock print", "Is the video in the style of a woodblock print?",
     "Is the video photorealistic?"},
    {"pop art|pop-art", "Is the video in pop art style?", "Is the video photorealistic?"},
    {"line art|line drawing|hand-drawn", "Does the video look drawn?", "Is the video photorealistic?"},
    {"steampunk", "Is the video in steampunk style?", "Is the video in watercolor style?"},
    {"surreal|surrealist|surrealism", "Is the video surreal?", ""},
    {"vintage|retro|old film|old-film", "Does the video look old?", ""},
    {"cyberpunk", "Is the video in cyberpunk style?", "Is the video in watercolor style?"},
    {"impressionist oil painting", "Is the video in the style of an impressionist painting?",
     "Is the video photorealistic?"},
    {"chibi", "Is the video in chibi style?", "Is the video photorealistic?"},
    {"vaporwave", "Is the video in vaporwave style?", "Is the video in black and white?"},
    {"digital painting", "Does the video look like a digital painting?", "Is the video a clay animation?"},
    {"highly detailed|extremely detailed|ultra detailed|ultra-detailed|hyper detailed|very "
     "detailed|intricate "
     "details|intricate detail",
     "Is the picture rich in detail?", "Is the picture almost without detail?"},
    {"macro", "Is it a close-up?", "Is it a distant view?"},
    {"cinematic", "Does the video look cinematic?", ""},
    {"handheld|hand-held", "Does the video look filmed by hand?", "Is the camera perfectly still?"},
    {"backlit|backlight|backlighting", "Is the scene lit from behind?", "Is the scene lit from the front?"},
    {"bright colors|bright colours", "Are the colors bright?", "Are the colors dull?"}};

}  // namespace drf::templates
