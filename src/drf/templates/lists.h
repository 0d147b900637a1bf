#pragma once
// The general parser's small words, qualities and relations, for words.cpp alone: strings that are
// read and extended as data. "word|contrary" gives a contrary.

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace drf::templates {

// A row a color: its words, then after '|' the colors that nobody takes it for.
inline const std::vector<std::pair<std::string, std::string>> kColors = {
    {"red crimson scarlet maroon", "blue green white"},
    {"orange", "blue green purple"},
    {"yellow golden blonde blond", "blue purple black"},
    {"green emerald olive", "red purple white"},
    {"blue navy azure turquoise teal cyan", "red yellow orange"},
    {"purple violet lavender", "green yellow orange"},
    {"pink magenta", "green blue black"},
    {"brown beige tan", "blue green purple"},
    {"black", "white yellow red"},
    {"white ivory cream", "black red green"},
    {"gray grey silver", "red green yellow"}};

inline const std::string kMaterials =
    "wooden=made of wood;metal=made of metal;metallic=made of metal;steel=made of metal;stone=made of "
    "stone;marble=made of stone;brick=made of brick;plastic=made of plastic;"
    "cardboard=made of cardboard;leather=made of leather;porcelain=made of porcelain;ceramic=made of "
    "ceramic;"
    "knitted=knitted;straw=made of straw;glass=made of glass;"
    "copper=made of metal;bronze=made of metal;denim=made of denim;velvet=made of velvet;woolen=made of wool;"
    "woollen=made of wool;brass=made of metal;tin=made of metal";

// What a thing of one material is plainly not made of.
inline const std::map<std::string, std::vector<std::string>> kOtherMaterials = {
    {"made of wood", {"made of glass", "made of stone"}},
    {"made of metal", {"made of wood", "made of paper"}},
    {"made of stone", {"made of wood", "made of glass"}},
    {"made of brick", {"made of glass", "made of wood"}},
    {"made of plastic", {"made of wood", "made of stone"}},
    {"made of cardboard", {"made of metal", "made of glass"}},
    {"made of leather", {"made of metal", "made of wood"}},
    {"made of porcelain", {"made of wood", "made of leather"}},
    {"made of ceramic", {"made of wood", "made of leather"}},
    {"knitted", {"made of leather", "made of metal"}},
    {"made of straw", {"made of metal", "made of stone"}},
    {"made of denim", {"made of leather", "made of wool"}},
    {"made of velvet", {"made of leather", "made of metal"}},
    {"made of wool", {"made of leather", "made of metal"}},
    {"made of glass", {"made of wood", "made of brick"}}};

// Contraries to the eye, or "word|" where there is none for sure. "living" of animals and people alone,
// "lifeless" of things alone, "any" of both.
inline const std::vector<std::pair<std::string, std::string>> kPairs = {
    {"living",
     "young|old old|young elderly|young tall|short fat|thin happy|sad sad|happy bald|long-haired "
     "barefoot|in_shoes smiling|crying freckled| tattooed| bearded|clean-shaven hooded| masked| muscular| "
     "winged| chubby|thin skinny|fat slim|fat plump|thin pregnant| blindfolded| gray-haired| grey-haired| "
     "white-haired| red-haired| dark-haired| curly-haired| long-haired|bald silver-haired| shirtless| "
     "middle-aged|"},
    {"lifeless",
     "old|new tall|low empty|full open|closed closed|open round|square square|round broken|intact "
     "cracked|intact thick|thin narrow|wide wide|narrow rusty|shiny frozen|flowing lit|unlit unlit|lit "
     "unopened|open burning|unlit "
     "abandoned| crowded|empty deserted|crowded ornate| carved| colorful| colourful| mossy| ruined|intact "
     "overturned| folded|unfolded icy| leafy|bare cobbled| paved| flooded|dry sunlit|dark moonlit| "
     "candlelit| snow-covered| snow-capped| moss-covered| ivy-covered| steaming| frosty| blooming| glowing| "
     "sparkling| polished| patterned| floral| embroidered| tattered|intact ragged|intact worn| busy|deserted "
     "grassy|bare rocky| sandy| "
     "transparent|opaque long|short short|long ripe|unripe full|empty torn|intact"},
    {"any",
     "big|small large|small huge|tiny giant|tiny small|large tiny|huge wet|dry dry|wet clean|dirty "
     "dirty|clean "
     "muddy|clean striped|plain spotted|plain checkered|plain fluffy|smooth furry|hairless shiny|dull "
     "dusty|spotless little|huge miniature|huge massive|tiny enormous|tiny gigantic|tiny shaggy|smooth "
     "curly|straight straight|curly wrinkled|smooth snowy|snowless "}};

// Adjectives that are known as such and never asked for: opinions, and what no picture shows.
inline const std::string kAdjectives =
    "beautiful pretty cute lovely adorable majestic magnificent elegant graceful handsome ugly scary spooky "
    "creepy eerie "
    "mysterious magical mystical enchanted epic dramatic cinematic dynamic serene peaceful quiet calm "
    "tranquil busy crowded "
    "bustling lively vibrant vivid colorful colourful bright dark dim pale light deep warm cold cool hot raw "
    "fresh soft hard "
    "shy timid proud lazy clumsy grumpy polite rude noble humble evil innocent clever wise loyal retired "
    "talented "
    "determined focused relaxed confident homeless wealthy poor patient determined burnt golden-brown "
    "rough gentle bigger smaller larger taller shorter longer older younger faster slower darker lighter "
    "brighter wider "
    "narrower thicker thinner higher heavier stronger weaker newer smallest biggest largest tallest shortest "
    "oldest "
    "youngest fourth third second "
    "smooth heavy light strong weak fast slow quick sudden lone lonely single solo solitary alone abandoned "
    "forgotten ancient "
    "modern futuristic vintage retro classic antique traditional medieval victorian gothic rustic urban "
    "rural industrial "
    "modern wild tame stray playful curious brave friendly fierce angry excited tired sleepy hungry thirsty "
    "nervous "
    "surprised shocked joyful cheerful gloomy moody tense romantic funny silly weird strange odd unusual "
    "surreal abstract "
    "realistic photorealistic hyperrealistic detailed intricate delicate simple plain minimal minimalist "
    "complex rich luxurious "
    "expensive cheap fancy cozy little mini miniature medium average normal ordinary typical real fake "
    "artificial natural "
    "organic "
    "original new newborn full half whole entire various several many few other same different similar "
    "identical main final "
    "first second third last next previous early late left right upper lower inner outer front rear back top "
    "bottom central "
    "distant far near close nearby high low steep flat sharp blurry blurred clear hazy foggy misty cloudy "
    "stormy rainy sunny "
    "windy snowy icy sandy dusty grassy rocky leafy floral wintry overcast golden_hour moonlit sunlit "
    "backlit dimly brightly "
    "glowing sparkling shimmering shining gleaming leaning towering flowing floating falling rising running "
    "moving flying "
    "sleeping burning lone glossy matte velvet silk cotton woolen denim linen iron copper bronze neon "
    "electric digital "
    "human female male adult middle-aged teenage blind deaf dead alive living sick healthy strong muscular "
    "slim slender "
    "tattooed bearded freckled masked hooded armored armoured shaved shaven "
    "african asian european american japanese chinese indian french italian english german russian korean "
    "mexican "
    "arctic tropical desert coastal underwater aerial outdoor indoor "
    "deserted remote vast endless lush dense thick thin bare barren dry wild overgrown blooming "
    "handheld shaky steady static extreme wide panoramic vertical horizontal diagonal "
    "professional amateur skilled expert local foreign national famous popular important special "
    "perfect great good bad best worst better nice fine amazing incredible stunning breathtaking spectacular "
    "gorgeous "
    "ornate decorated carved painted embroidered woven knitted crocheted polished worn weathered faded "
    "battered shabby ragged "
    "cluttered messy tidy neat hidden secret sacred holy royal "
    "dark-haired long-haired red-haired gray-haired grey-haired white-haired overweight pregnant "
    "desaturated saturated monochrome black-and-white sepia grainy noisy shallow soft-focus "
    "orchestral ambient melancholic nostalgic whimsical dreamy ethereal cyberpunk steampunk dystopian "
    "apocalyptic "
    "post-apocalyptic "
    "heavy oversized enormous gigantic massive colossal immense chubby plump skinny lanky petite "
    "own greedy jealous stubborn brave cowardly gloomy cheeky naughty obedient loving generous cruel vain "
    "arrogant eager reluctant anxious impatient careless careful cautious drunk sober exhausted restless "
    "thoughtful dreamy heroic legendary cursed haunted magic enchanted priceless worthless useless harmless "
    "dangerous poisonous venomous "
    "windless cloudless moonless starless treeless birdless leafless armless legless wingless eyeless "
    "toothless sleeveless windowless wheelless headless faceless "
    "roofless hatless "
    "shoeless tailless hornless doorless handleless riderless driverless branchless stringless maskless "
    "beardless "
    "dull blunt weary asleep awake chipped dented leaky lame upturned upside-down sturdy frail gnarled sleek "
    "slick sticky "
    "greasy soggy damp moist crisp crooked lopsided slanted hollow solid sparse bleak gloomy drab plaid "
    "lamplit "
    "candle-lit half-open half-empty half-full wilted withered dried rolled coiled spilled stuck jammed "
    "fallen lost "
    "leaden inky murky glassy silky velvety rugged jagged twinkling derelict translucent see-through "
    "lukewarm scorching "
    "freezing bustling sleepy drowsy grinning frightened scared terrified startled bored lonely mischievous "
    "stern "
    "solemn sombre somber dignified ragged unkempt tangled matted braided grizzled stooped hunched limping "
    "wounded "
    "stretched twisted bent curved folded wrapped filled covered piled scattered parked seated";

inline const std::string kNumbers[] = {"zero",     "one",      "two",      "three",   "four",    "five",
                                       "six",      "seven",    "eight",    "nine",    "ten",     "eleven",
                                       "twelve",   "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
                                       "eighteen", "nineteen", "twenty"};

inline const std::map<std::string, std::string> kClasses = {
    {"determiner",
     "a an the this that these those his her its their my your our some each every another both all any no"},
    {"part of a thing", "bow hood boot bonnet scale scales bark keys pupils crown horn plates"},
    {"singular", "a an one this that each every another"},
    {"game",
     "football soccer basketball baseball volleyball softball handball dodgeball rugby golf hockey tennis "
     "cricket badminton polo lacrosse billiards bowling"},
    {"uncountable",
     "asphalt tarmac scaffolding dough lemonade toast twine cattle livestock poultry ramen sushi pasta "
     "spaghetti popcorn chocolate cheese bread bamboo "
     "corn "
     "broccoli armor armour "
     "gravel "
     "wildlife salad lettuce "
     "cabbage candy toast gum bacon ham garlic celery confectionery"},
    {"pronoun",
     "he she it they him them that itself himself herself themselves i we you me us someone somebody "
     "something everyone everybody everything anyone anybody anything nobody nothing none one"},
    {"object_pronoun", "him her it them himself herself itself themselves"},
    {"relative", "who which that whose"},
    {"auxiliary", "is are was were be been being has have had does do did 'm 're"},
    {"modal", "can could will would may might must should shall cannot"},
    {"conjunction",
     "and or nor but while as then when where because so if although though until till after before once "
     "since finally afterwards afterward eventually suddenly first meanwhile later and/or"},
    {"preposition",
     "of in on at by with without from to into onto over under through across along around behind beside "
     "between below above "
     "near against toward towards inside outside during for off upon beneath underneath atop among amongst "
     "within like unlike "
     "about amid amidst beyond past except despite per via alongside opposite out down up than"},
    {"framing",
     "video clip footage scene shot view close-up closeup photo photograph picture image film movie "
     "animation render rendering "
     "claymation stop-motion hyperlapse close-ups pov vlog portrait sequence timelapse time-lapse recording "
     "commercial documentary trailer vlog silhouette gif "
     "reel cartoon "
     "montage "
     "illustration painting drawing sketch"},
    {"shows",
     "shows show showing depicts depict depicting features feature featuring captures capture capturing "
     "presents "
     "present presenting portrays portraying follows"},
    {"collective",
     "group flock herd pack bunch pair pile stack row line set lot number variety school swarm handful crowd "
     "team bouquet "
     "collection cluster convoy series flood family"},
    {"measure",
     "piece slice drop cup glass bottle bowl plate jar pot mug can bucket column cloud trail trickle stream "
     "puff ball "
     "bit bag box layer basket scoop spoonful handful sip"},
    {"adverb",
     "very too also just still again together forward backward forwards backwards upward downward upwards "
     "downwards away out "
     "back left right slowly quickly fast always there here now almost straight apart alone high low up down "
     "off over "
     "around along past by twice thrice suddenly gently softly quietly loudly happily gracefully carefully "
     "rapidly "
     "even only far close closer upside sideways home outside inside indoors outdoors nearby upstairs "
     "downstairs "
     "please pls plz thanks lol not never n't extremely slightly fully partly half entirely completely "
     "really quite rather somewhat "
     "more most less "
     "well ahead aside aloft overhead onward instead otherwise however therefore thus meanwhile "
     "maybe perhaps anywhere somewhere everywhere nowhere"},
    {"foreign",
     "el la los las le les der die das den dem un une ein eine einen und et y de du des lo gli uno una en "
     "mit "
     "auf sur avec con para por ist est est\xC3\xA1 het een van op que qui dans al durch il nel della una "
     "sul os uma na no "
     "ni\xC3\xB1o mientras pendant tandis"},
    // Plurals that stand before another noun.
    {"plural_modifier", "sports clothes sales news arms savings goods"},
    // None of those named before.
    {"distinct",
     "other another second third fourth next last different bigger smaller larger taller shorter longer "
     "older "
     "younger faster slower darker lighter brighter wider narrower thicker thinner higher lower closer "
     "heavier "
     "stronger weaker newer smallest biggest largest tallest shortest oldest youngest left right front rear "
     "upper "
     "top bottom middle outer inner"},
    // Of what no animal and no person is.
    {"lifeless",
     "toy rubber plastic plush stuffed wooden wood stone marble bronze metal metallic steel iron copper "
     "silver gold "
     "golden glass crystal porcelain ceramic clay paper cardboard origami lego wax ice snow chocolate "
     "gingerbread "
     "candy gummy balloon inflatable mechanical robot robotic clockwork wind-up papier-mache straw knitted "
     "crocheted "
     "felt cloth rag carved painted sculpted statue jade neon holographic carousel rocking garden topiary "
     "straw "
     "animatronic cake sand jelly sugar"},
    {"unseen", "invisible imaginary imagined missing absent unseen nonexistent hidden"},
    // Verbs of what is heard, smelled, thought: no picture shows it.
    {"unseen_verb",
     "hiss crackle hum purr creak sizzle chirp snore whistle growl buzz beep ring chime toll rumble boom "
     "honk hoot moo neigh bleat cluck quack tweet warble croak clang clank jingle thud "
     "squeak "
     "squeal screech whine whimper tick smell taste think remember forget know believe dream wonder feel "
     "hear listen "
     "hope wish want need love hate like fear apologize regret miss decide plan enjoy understand recall "
     "ponder"},
    {"unit",
     "second minute hour day year k fps mm fps p px percent degree meter metre mile inch foot cm kg am pm x "
     "hz"}};

inline const std::map<std::string, std::string> kRelations = {{"on", "under"},
                                                              {"on top of", "under"},
                                                              {"atop", "under"},
                                                              {"above", "below"},
                                                              {"below", "above"},
                                                              {"under", "on top of"},
                                                              {"underneath", "on top of"},
                                                              {"beneath", "on top of"},
                                                              {"in front of", "behind"},
                                                              {"behind", "in front of"},
                                                              {"next to", "far from"},
                                                              {"beside", "far from"},
                                                              {"near", "far from"},
                                                              {"close to", "far from"},
                                                              {"inside", "outside"},
                                                              {"in", "outside"},
                                                              {"to the left of", "to the right of"},
                                                              {"to the right of", "to the left of"}};

// Spellings of relations.
inline const std::map<std::string, std::string> kSpelledRelations = {
    {"on the left of", "to the left of"},
    {"on the right of", "to the right of"},
    {"left of", "to the left of"},
    {"right of", "to the right of"},
    {"on the left side of", "to the left of"},
    {"on the right side of", "to the right of"},
    {"on the top of", "on top of"},
    {"alongside", "next to"}};

inline const std::map<std::string, std::string> kDirections = {
    {"left", "to the left"},
    {"leftward", "to the left"},
    {"leftwards", "to the left"},
    {"to the left", "to the left"},
    {"from right to left", "to the left"},
    {"right", "to the right"},
    {"rightward", "to the right"},
    {"rightwards", "to the right"},
    {"to the right", "to the right"},
    {"from left to right", "to the right"},
    {"upward", "up"},
    {"upwards", "up"},
    {"downward", "down"},
    {"downwards", "down"},
    {"forward", "forward"},
    {"forwards", "forward"},
    {"backward", "backward"},
    {"backwards", "backward"},
    {"toward the camera", "toward the camera"},
    {"towards the camera", "toward the camera"},
    {"away from the camera", "away from the camera"},
    {"clockwise", "clockwise"},
    {"counterclockwise", "counterclockwise"},
    {"counter-clockwise", "counterclockwise"}};

inline const std::vector<std::pair<std::string, std::string>> kOppositeDirections = {
    {"to the left", "to the right"},
    {"up", "down"},
    {"forward", "backward"},
    {"toward the camera", "away from the camera"},
    {"clockwise", "counterclockwise"}};

inline const std::map<std::string, std::string> kCameraMoves = {{"zoom in", "zoom out"},
                                                                {"zoom out", "zoom in"},
                                                                {"pan left", "pan right"},
                                                                {"pan right", "pan left"},
                                                                {"pan to the left", "pan to the right"},
                                                                {"pan to the right", "pan to the left"},
                                                                {"tilt up", "tilt down"},
                                                                {"tilt down", "tilt up"},
                                                                {"move forward", "move backward"},
                                                                {"move backward", "move forward"},
                                                                {"move left", "move right"},
                                                                {"move right", "move left"},
                                                                {"move closer", "move away"},
                                                                {"pull back", "move closer"},
                                                                {"pull out", "push in"},
                                                                {"push in", "pull back"},
                                                                {"dolly in", "pull back"},
                                                                {"rise", "stay still"},
                                                                {"pan", "stay still"},
                                                                {"orbit", "stay still"},
                                                                {"circle", "stay still"},
                                                                {"rotate", "stay still"},
                                                                {"track", "stay still"},
                                                                {"follow", "stay still"},
                                                                {"stay still", "move"},
                                                                {"remain still", "move"},
                                                                {"spin", "stay still"},
                                                                {"pull away", "push in"},
                                                                {"dolly out", "push in"},
                                                                {"dolly forward", "pull back"},
                                                                {"push forward", "pull back"},
                                                                {"push closer", "pull back"},
                                                                {"tilt upward", "tilt downward"},
                                                                {"tilt downward", "tilt upward"},
                                                                {"glide", "stay still"},
                                                                {"fly", "stay still"},
                                                                {"sweep", "stay still"},
                                                                {"swoop", "stay still"},
                                                                {"descend", "stay still"}};

}  // namespace drf::templates
