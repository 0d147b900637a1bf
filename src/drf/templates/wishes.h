#pragma once
// By which words a prompt wishes what a question on physics or quality would count as a fault, a row a kind
// of event or look, with the questions that it contradicts. For generic.cpp alone. What is too much
// costs a question, what is missing makes a wrong one.
//
//   s keeps shape and color   m moves smoothly       e stays in existence   t touches without merging
//   g falls                   l natural limbs        h legs, wheels seen    r stays broken
//   b sharp                   n no artifacts         d no spots             x natural exposure
//   f natural face            k no blocky patches    p no watermark       i stays what it is
//   v a person stays who he is
//   o water flows, smoke drifts, cloth bends, buildings stand
//
// Words are beginnings of words or of their second half ("close-up"); '=' whole words, '_' a blank.

#include <string>
#include <vector>

namespace drf::templates {

struct Wish {
  std::string contradicts, words;
};

inline const std::vector<Wish> kWishes = {
    // Change of state, by heat and cold.
    {"setmi",
     "melt thaw ooze drip evaporat boil simmer sizzl steam smolder smoulder scorch charred charring "
     "toast grill roast bak fry =fried =fries =cook =cooks cooking cooked brew caramel solidif condens "
     "freez froz frost defrost sublimat ferment curdle"},
    // Breaking.
    {"setmiv",
     "break broke shatter smash crack split snap burst =pop =pops popping popped explo erupt blast "
     "deton demolish destroy destruct collaps crumbl crash collid collision crush crumpl =tear =tears "
     "=tearing tore torn =rip =rips ripping ripped shred fractur disintegrat wreck topple dented "
     "puncture implod avalanche landslide earthquake ruin damag bombard"},
    // Growing, ageing, spreading.
    {"seiv",
     "grow grew sprout bloom blossom germinat hatch wilt wither shriv =age aging =ages ripen ripe rot decay "
     "mold rust erod tarnish mature develop evolv shrink shrank divid multipl duplicat replicat"},
    {"se",
     "expand swell inflat deflat stretch unfold unfurl unroll open petal spread enlarg accumulat thicken "
     "thinn lengthen shorten widen"},
    // Turning into something else.
    {"setmliov",
     "morph transform transmut metamorph shapeshift shape-shift =turn =turns =turned =turning becom became "
     "convert chang mutat merg fus blend dissolv fad switch swap alter reshap reform revers rewind chameleon "
     "camouflag iridesc color-chang colour-chang possess comes_to_life come_to_life coming_to_life "
     "comes_alive come_alive disguis costum unmask unveil rotoscop deepfake"},
    {"setm", "restor reassembl reconstruct repair mend"},
    // Magic and what has no body.
    {"setmlgfiov",
     "magic wizard witch sorcer spell conjur summon enchant genie fairy fairies wand potion curs "
     "teleport portal vanish disappear materializ materialis dematerial invisib levitat illusion ghost "
     "spirit phantom spectr apparition haunt poltergeist hologra project psychic telekine supernatural "
     "superpower superhero"},
    // Making.
    {"se",
     "build built construct assembl stack sculpt carv paint draw drew sketch writ wrote knit sew weav "
     "wove craft fold origami potter pottery mould clay knead dough shap =forms =forming print weld "
     "forg decorat engrav doodl embroider stitch install unpack unwrap wrap =pack =packs packing "
     "undress dressing makeup shav haircut =ties =tying unty untie unzip unbutton"},
    // Cutting, eating, pouring, washing.
    {"set",
     "=cut =cuts cutting slic chop dicing diced peel trim mow shear harvest pluck eat =ate eaten bite "
     "=bit biting chew drink drank sip lick swallow devour munch nibbl gobbl feed fed pour spill "
     "splash splatter sprinkl drizzl stir whisk mix spray squirt leak wash rins clean wip scrub mop "
     "soak dip dunk dye stain drench flood =fills filling empti squeez squash squish flatten"},
    // Fluids and what has no firm shape.
    {"st",
     "water wave liquid fluid splash puddle bubbl foam soap honey ink jelly slime wax lava mud sand "
     "dust powder smoke smok fog mist cloud fire flame confetti snow rain ocean =sea =seas seaside "
     "river lake pond waterfall fountain surf surg =tide =flow =flows =flowing stream gush swirl "
     "ripple balloon jellyfish octopus squid soup sauce syrup milk batter cream butter =gel =goo"},
    // Cloth, hair and leaves in the wind.
    {"s",
     "flutter billow flap =wind =winds windy breez gust flag cape cloak curtain sail kite scarf mane "
     "hair feather =fur furry"},
    // Light that comes and goes.
    {"sme",
     "flicker flash strob lightning thunder firework spark ember twinkl sparkl glitter shimmer blink "
     "glow gleam glint laser disco neon lantern candle torch campfire bonfire blaz burn headlight "
     "siren aurora sunrise sunset eclips =lit =lights lamp projector"},
    // Coming and going.
    {"e",
     "leav left enter exit depart arriv escap hide hid hiding emerg rush swarm crowd =pass =passes "
     "=passing =passed traffic parade =out =away =off =through =into =behind =past =across =by throw "
     "threw toss shoot launch fire drop dive dove plung sink sank submerg surfac =land =lands =landing "
     "take_off takes_off taking_off fly flies flying flock appear reveal cover peek peer steal stole "
     "take took remov bring brought replac board serv deliver"},
    // Jerks.
    {"m",
     "=star =stars starry gopro go-pro action_cam rollercoaster roller-coaster roller_coaster vlog "
     "selfie helmet_cam bodycam violen splatter skid swerv wild franti jerk twitch shak shaky shook "
     "trembl vibrat rattl jolt stutter stumbl trip limp hop bounc jump leap leapt skip kick punch hit "
     "slam pound hammer drum drill typ =tap =taps tapping beat knock galop sudden rapid abrupt fast "
     "quick race racing rush frantic chaotic robot mechanic clockwork puppet marionette handheld "
     "hand-held bumpy turbulen wobbl shiver quiver convuls spasm dance danc popping breakdanc boxing "
     "fight battle"},
    // Cuts and transitions.
    {"setmbxiov",
     "=cut =cuts montage transition split-screen split_screen splitscreen slideshow collage jump_cut "
     "jump-cut scene_change scene_cut cross-fade crossfade fade flashback intercut flip_through "
     "sequence music_video trailer overlay superimpos double_exposure double-exposure "
     "multiple_exposure picture-in-picture mirrored kaleidoscop"},
    // Another time.
    {"setmiov",
     "time-lapse timelapse time_lapse hyperlapse fast-forward fast_forward sped_up sped-up speed_up "
     "seasons day_to_night from_day from_night night_to_day over_time years months through_the_ages "
     "century freeze_frame bullet_time bullet-time =loop =gif cinemagraph backward rewind revers"},
    // Made pictures.
    {"setmlbndxfo",
     "stop-motion stop_motion claymation plasticine cutout cut-out paper_cut puppet flipbook cartoon "
     "anime manga animat pixel 8-bit 16-bit 8_bit voxel minecraft lego felt crochet knitted_style "
     "embroider stained_glass mosaic watercolor watercolour painting oil_paint acrylic fresco mural "
     "impressionis pointillis expressionis cubis van_gogh monet picasso sketch charcoal pencil crayon "
     "ink chalk doodle illustrat comic storybook low-poly low_poly cel-shad cel_shad video_game "
     "videogame game-like isometric silhouette shadow_puppet papercraft origami ukiyo woodcut linocut "
     "engraving graffiti vector line_art blueprint diagram infographic emoji pop_art art_deco "
     "risograph collage"},
    // Dreams and the unreal.
    {"setmglbdxfiov",
     "surreal dream psychedelic abstract fractal glitch datamosh hallucinat "
     "trippy kaleidoscop vortex "
     "wormhole liquid_metal simulat matrix hyperspace parallel_univers mirror_dimension impossible "
     "optical_illusion escher dali melting_clock cosmic nebula ethereal fantasy mythic"},
    // What is only supposed: "what if gravity stopped".
    {"giov", "gravity what_if would_happen would_it"},
    // Old or poor recordings.
    {"mbndxkf",
     "vhs 8mm 16mm 35mm super_8 super-8 old_film film_reel silent_film vintage retro sepia "
     "found-footage found_footage cctv security_cam security_foot surveillance dashcam bodycam "
     "body_cam doorbell webcam nanny_cam lo-fi lofi low-res low_res low_quality low-quality camcorder "
     "home_video home_movie polaroid daguerreotype archiv newsreel crt analog analogue betamax static "
     "noise noisy grain scan_line scanline tracking_error corrupt compress interference night_vision "
     "night-vision infrared thermal x-ray xray ultrasound sonar radar satellite hidden_camera "
     "trail_camera trail_cam phone_video amateur 1920s 1930s 1940s 1950s 1960s 1970s 1980s 1990s "
     "degraded worn_out damaged burnt"},
    // A damaged picture.
    {"ndx",
     "overexpos over-expos underexpos under-expos washed_out washed-out blown_out blown-out flare glare "
     "light_leak film_burn burnt_film burned_film faded_film dirty_lens scratched_lens cracked_lens "
     "smudged_lens jpeg pixelat blocky interlac ghosting banding aberration vignet dropout rolling_shutter "
     "moire faded_color faded_colour faded_footage bleached_out"},
    // A bent picture.
    {"s",
     "fish-eye fisheye fish_eye lens gopro go-pro reflection mirror prism magnif funhouse "
     "carnival_mirror mirage heat_haze shadow"},
    // Blur and lens.
    {"bd",
     "blur out_of_focus out-of-focus defocus unfocused bokeh soft_focus soft-focus soft-lit tilt-shift "
     "tilt_shift fish-eye fisheye fish_eye lens anamorphic macro microscop telescop vaseline frosted "
     "foggy_glass steamy rack_focus rack_foc focus long_exposure long-exposure light_trail motion-blur "
     "smear smudg streak through_glass through_a_window rain-soaked raindrop droplet condensation hazy "
     "haz heat_haze mirage fog mist underwater murky distort warped reflection refract prism magnif "
     "binocular viewfinder"},
    // A style by name, storms, and what is made of something else.
    {"bndxo", "in_the_style_of style_of ghibli pixar tapestry"},
    {"mbdx", "thunder rainstorm snowstorm hailstorm downpour"},
    {"slhfo", "made_of made_from made_entirely"},
    // Dark, bright and coloured light.
    {"x",
     "dark night midnight dusk dawn twilight sunset sunrise silhouet backlit backlight shadow dim "
     "gloom unlit moon =star =stars starry starlight starlit neon glow candle lantern torch fire flame "
     "lava lightning flash strobe spotlight stage concert club disco cave tunnel basement cellar "
     "underground =mine sewer noir low-key low_key high-key high_key high_contrast overexpos "
     "over-expos underexpos under-expos washed_out washed-out blown blind bright white_room white_void "
     "whiteout white_out black_background black_screen pitch blackout =sun sunlight sunlit eclipse "
     "laser ultraviolet uv_light blacklight monochrome black_and_white black-and-white sepia hologram "
     "screen glare flare dazzl harsh eerie spooky horror haunted gothic fog mist storm snow blizzard "
     "desert_sun headlight =lit =lights golden_hour blue_hour"},
    // Not the usual number of limbs.
    {"l",
     "headless two-headed three-headed multi-headed many-headed six-fing three-fing four-fing legless "
     "armless limbless amput prosthe peg_leg one-leg one-arm one_leg one_arm one-eyed two-legged "
     "three-leg three-arm four-arm four-leg six-leg six-arm eight-leg multi-arm multi-limb extra_leg "
     "extra_arm extra_limb extra_head extra_finger missing_leg missing_arm missing_limb deform mutant "
     "hybrid half-human half_human half-horse centaur mermaid minotaur sphinx hydra cyclops cerberus "
     "chimera tentacle hooves_for"},
    // Faces that are hidden, made up or pulled.
    {"f",
     "back_to_the_camera from_behind from_above from_below turn_away turned_away facing_away walk_away "
     "walks_away walking_away horizon scuba diver diving snorkel skier skiing snowboard welder welding "
     "surgeon beekeep fenc fencer boxer hockey goalkeep motorcycl biker racing_driver astronaut "
     "cosmonaut knight ninja burqa niqab balaclava bandag helmet mask visor goggles gas_mask "
     "face_paint facepaint painted clown mime geisha zombie vampire monster alien skeleton skull robot "
     "android cyborg mannequin statue puppet doll scarecrow swim underwater =hand =hands fingers feet "
     "foot shoes boots legs silhouet shadow distant distance far tiny aerial drone crowd wide_shot "
     "wide_angle panoram grimac pout wink chew scream shout yell sneez cough yawn cry cries crying sob "
     "weep laugh =sing =sings =singing kiss blow puff stick_out tongue distort wrinkl =scar =scars "
     "scarred bruis wound blood injur asleep sleep pillow blanket umbrella_cover headscarf veil hood "
     "wig"},
    // Spots that are meant.
    {"d",
     "corner glitch hud overlay vignet frame border letterbox splat splash spray dot dotted spot "
     "spotted speck freckl glitter confetti sequin bubble droplet drop raindrop drizzl dust dusty dirt "
     "dirty mud muddy stain scratch scuff crumb seed pollen particle petal leaf leaves pebble gravel "
     "star stars starry firefl spark ember ash snow rain hail polka ladybug ladybird leopard cheetah "
     "dalmatian giraffe jaguar fawn insect fly flies =bee =bees swarm bird butterfl moth gnat mosquito "
     "paint ink blood sesame poppy sprinkl pepper salt sand bokeh flare light lights watermark logo "
     "subtitle timestamp caption"},
    {"si", "catches_fire catch_fire catching_fire caught_fire set_on_fire sets_on_fire"},
    // What else bears on shape and color.
    {"s",
     "falls_off fall_off comes_off come_off breaks_off break_off drops_off pop cut tear rip cook =mix =mixes "
     "=mixing bend bent reveal flower shed light lit zip dress "
     "accordion concertin bagpipe bellows slinky trombone "
     "dissol undergo age season =dip sharpen prun wet dry iron tie"},
    // What else bears on existence.
    {"e",
     "stuffing stuffs swallow slime pop pops consum diving bubbl smoke fog mist flame rain snow cloud wave "
     "confetti dust cut "
     "cuts scene_chang then dispers scatter spawn camera pan pans zoom light lit shooting_star drift "
     "cook street carnival rush_hour station market busy screen monitor television cross"},
    // What else bears on smooth motion.
    {"m",
     "fire flame clay cut cuts quick_cut pop tap_danc club concert party flutter light low_fps gif "
     "trampoline jig television screen monitor firefl error whip_pan whip-pan"},
    // What else bears on contact.
    {"t",
     "through dive dives diving plung swim swims swimming sink absorb transparent into grow cut pierc "
     "stab shoot stuck enter underwater sea pool bath dough clay pop bury buri sew knit needle thread "
     "fork spoon fish"},
    // What else bears on limbs.
    {"l",
     "alien monster creature robot android cyborg skeleton statue sculpture doll toy teddy wheelchair "
     "limb clay grow close-up closeup close_up portrait macro face bust underwater fish snake worm "
     "snail whale octopus squid spider insect caterpillar butterfly bee jellyfish crab angel zombie "
     "dragon dinosaur wing wings extra missing centipede stick_figure stick-figure drawing"},
    // What else bears on sharpness.
    {"b",
     "smok steam depth_of_field motion_blur film_grain speed fast rush racing fly_by soft rain snow "
     "blizzard storm dust sandstorm lomo handheld shaky hand-held close-up dark shallow nostalgi"},
    // What else bears on artifacts.
    {"n",
     "film_grain glitch datamosh scratch dust halftone black_and_white black-and-white error artifact "
     "television lomo snow rain confetti ash spark blizzard sandstorm psychedelic abstract newspaper"},
    // What else bears on spots.
    {"d",
     "blossom drip film explo burst shatter split-screen blizzard storm foam halftone grunge bullet "
     "bee pigeon firework galaxy space milky moon sun spool mold mould"},
    // What else bears on exposure.
    {"x",
     "high-contrast strob explo campfire space drawing star stars volcano sun eclips lamp lit "
     "cyberpunk underwater light lights motion_graphic screen_recording screencast infographic"},
    // What else bears on watermarks.
    {"p",
     "text sign word words title caption subtitle logo watermark letter label poster billboard "
     "chalkboard blackboard neon screen news newspaper book page menu graffiti writ says say reads "
     "reading read shop store market brand credit ticker banner write map meme comic manga interface "
     "hud timestamp vhs cctv dashcam advert commercial trailer street storefront monitor clock print"},
    // What else bears on blocky patches.
    {"k",
     "glitch pixel 8-bit datamosh mosaic error minecraft voxel lego artifact stained_glass stained-glass "
     "low_poly "
     "low-poly cutout cut-out cut_paper paper_cut cross-stitch cross_stitch quilt patchwork tapestry collage "
     "cubis tangram papercraft embroider"},
    // What else bears on gravity.
    {"g",
     "float hover upward space weightless zero-g zero_g underwater antigravity balloon feather moon fly "
     "flies "
     "flying wing smoke steam bubble confetti petal blossom leaf leaves snow dust upside reverse "
     "invert swim dive screen_recording screencast motion_graphic"},
    // What else bears on legs and wheels.
    {"h",
     "close-up closeup close_up portrait macro robe gown dress cloak kimono silhouette waist "
     "upper_body face fog mist dark night snow water grass river sea aerial above distance distant far "
     "treadmill wheelchair inside interior behind sidecar tank"},
    // What else bears on what stays broken.
    {"r", "reverse rewind backward repair magic wizard witch surreal dream time-lapse whole mend spell"},
    // What else bears on faces.
    {"f",
     "behind back blur dark night fog mist above wide headless faceless clay hand hands paint makeup "
     "space suit spacesuit drawing top-down overhead morph transform black_and_white style horror "
     "macro close-up_of"}};

// What may happen while things keep their shape, their color and their place in the world: where a prompt has
// another verb, or a word that no list knows, neither is asked.
inline const std::string kCalmVerbs =
    "be have do sit stand lie sleep rest lean hang perch kneel crouch walk run jog sprint gallop trot stroll "
    "wander march climb glide roll rotate spin drift orbit swing sway swim crawl ride drive row sail steer "
    "skate "
    "ski paddle stare gaze look watch see smile talk speak whisper shout call nod bow clap applaud cheer "
    "meditate "
    "pray graze salute gesture bark meow howl hold carry wear push pull drag tow lift raise lower hug pet "
    "chase "
    "follow lead guide point read play strum tune balance film photograph lick sniff wait stay remain live "
    "work listen think enjoy face overlook surround show feature depict capture film portray float hover wag "
    "brush "
    "comb sweep polish examine inspect adjust touch press count sort guard protect sing greet befriend "
    "travel move "
    "head line contain hold circle park place set fill cover adorn frame wave chat relax pose observe study";

}  // namespace drf::templates
