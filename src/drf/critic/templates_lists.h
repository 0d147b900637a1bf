#pragma once
// The general parser's word lists, for templates_words.cpp alone. They are strings so that they can be read
// and extended as data: ';' parts kin (words that may name one thing), ' ' the words of one kin,
// "noun/plural" gives an irregular plural, "word|contrary" a contrary.

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace drf::critic {

inline const std::map<std::string, std::string> kNouns = {
    {"person",
     "man;woman/women lady;boy;girl;baby;child/children "
     "kid;person/people;crowd;couple;friend;dancer;chef;cook;"
     "doctor;nurse;teacher;student;soldier;knight;king;queen;prince;princess;astronaut;athlete;runner;"
     "swimmer;"
     "surfer;skier;skateboarder;cyclist;driver;pilot;farmer;artist;painter;musician;singer;guitarist;pianist;"
     "magician;robot;witch;wizard;pirate;cowboy;player;worker;firefighter;policeman;monk;clown;barista"},
    {"animal",
     "dog puppy;cat kitten;horse pony foal;cow calf/calves bull;sheep/sheep lamb;goat;pig piglet;rabbit "
     "bunny;"
     "chicken hen rooster;duck duckling;goose/geese;swan;owl;eagle hawk;parrot;penguin;flamingo;peacock;"
     "lion lioness;tiger;leopard cheetah;bear panda;wolf/wolves;fox;deer/deer "
     "stag;elephant;giraffe;zebra;monkey;"
     "gorilla;kangaroo;koala;squirrel;mouse/mice rat hamster;hedgehog;turtle tortoise;frog toad;snake;lizard;"
     "crocodile alligator;dinosaur;dragon;unicorn;shark;whale;dolphin;octopus;jellyfish/jellyfish;crab;"
     "butterfly;bee;ant;spider;snail;camel;otter;seal"},
    {"creature", "bird seagull crow;fish/fish goldfish/goldfish"},
    {"beast", "animal;insect;creature;pet"},
    {"vehicle",
     "car sedan convertible;truck lorry;bus;van;train locomotive tram;bicycle bike;motorcycle motorbike "
     "scooter;"
     "boat sailboat rowboat ship yacht canoe;airplane plane jet;helicopter;rocket spaceship;tractor;taxi;"
     "skateboard;submarine;carriage wagon"},
    {"shape", "ball;cube box block;sphere;pyramid;cylinder;triangle;square;cone"},
    {"instrument", "guitar;piano;violin;drum;trumpet;flute;saxophone;harp"},
    {"furniture", "chair;table desk;bed;sofa couch;bench;shelf/shelves;cupboard cabinet wardrobe"},
    {"tableware", "cup mug;glass;bottle;plate;bowl;spoon;fork;knife/knives;pot pan;kettle teapot;vase"},
    {"structure",
     "bridge;tower skyscraper;house cottage cabin;castle "
     "palace;church;building;windmill;lighthouse;tent;fence;"
     "wall;fountain;statue"},
    {"thing",
     "balloon;kite;umbrella;book;newspaper;phone smartphone;laptop computer;television;clock watch;lamp "
     "lantern;"
     "candle;door;window;mirror;basket;bag backpack suitcase;key;pen "
     "pencil;brush;flag;sign;rope;ladder;hammer;"
     "sword;shield;coin;doll;toy;snowman;wheel;fire campfire;firework;bubble;football basketball"},
    {"food",
     "apple;banana;orange;lemon;strawberry;cherry;grape;watermelon;tomato;carrot;potato;mushroom;cake "
     "cupcake;"
     "cookie;pizza;sandwich hamburger burger;egg;donut"},
    {"nature",
     "tree oak;flower rose tulip sunflower;leaf/leaves;bush;cactus/cacti;rock stone "
     "boulder;cloud;star;moon;sun;"
     "rainbow;waterfall;volcano;iceberg;wave;planet;island"},
    {"mass",
     "water;milk;coffee;tea;juice;wine;grass;sand;snow;ice;smoke;fog;steam;dust;lightning;lava;paint;hair;"
     "fur"},
    {"clothing",
     "hat cap helmet;shirt t-shirt blouse;dress gown;coat jacket;suit;scarf/scarves;shoe boot "
     "sneaker;glove;tie;"
     "skirt;apron;crown;mask;necklace;sunglasses/sunglasses glasses/glasses;jeans/jeans trousers/trousers "
     "pants/pants;uniform;robe;sweater"}};

inline const std::string kFarNouns = "giraffe;submarine;snowman;windmill;lighthouse;octopus;volcano;tractor";

inline const std::string kColors =
    "red crimson scarlet maroon;orange;yellow gold golden blonde;green emerald olive;"
    "blue navy azure turquoise teal cyan;purple violet lavender;pink magenta;brown beige tan;black;"
    "white ivory cream;gray grey silver";

inline const std::string kMaterials =
    "wooden=made of wood;metal=made of metal;metallic=made of metal;steel=made of metal;iron=made of metal;"
    "stone=made of stone;marble=made of stone;brick=made of brick;plastic=made of plastic;paper=made of "
    "paper;"
    "cardboard=made of paper;leather=made of leather;porcelain=made of porcelain;ceramic=made of porcelain;"
    "woolen=made of wool;knitted=made of wool;clay=made of clay";

inline const std::string kPairs =
    "big|small large|small huge|tiny giant|tiny small|large little|large tiny|huge young|old new|old "
    "elderly|young old|young tall|short long|short wet|dry dry|wet empty|full full|empty open|closed "
    "closed|open "
    "happy|sad "
    "sad|happy round|square square|round clean|dirty dirty|clean broken|intact bright|dark dark|bright "
    "thick|thin thin|thick narrow|wide wide|narrow rough|smooth transparent|opaque striped|plain "
    "spotted|plain "
    "fluffy|hairless shiny|dull";

inline const std::string kMotionVerbs =
    "run jog sprint gallop walk stroll wander march fly soar glide swim dive crawl jump leap hop climb ride "
    "drive "
    "roll slide bounce spin rotate move drift skate ski surf sail race chase dance fall tumble descend "
    "ascend "
    "travel cross approach enter leave float swing trot cruise speed orbit paddle flow";

inline const std::string kOtherVerbs =
    "sit|stand stand|sit lie|stand sleep|run rest|run kneel|stand smile|cry laugh|cry cry|laugh talk|sleep "
    "speak|sleep sing|sleep hold| carry| throw| toss| catch| push|pull pull|push lift|drop drop|lift pour| "
    "cut| "
    "chop| slice| cook|sleep stir| bake| write|sleep draw|sleep paint|sleep read|sleep eat|sleep drink|sleep "
    "play|sleep open|close close|open wave|sleep clap|sleep hug| kiss| pet| wear| wash| clean| type|sleep "
    "burn| "
    "melt|freeze freeze|melt grow|shrink shrink|grow bloom|wither explode| shine| glow| rise|sink sink|rise "
    "blow| drip| splash| look| watch| say| pick| place| put| hang| boil| shatter| break| serve| juggle| "
    "lick| sniff| fill| show| feature| depict| capture| nod|sleep bark|sleep perform|sleep work|sleep "
    "cheer|sleep hug| point|";

inline const std::string kDoubling =
    "run jog swim sit hop spin clap hug cut chop stir pet drop nod drip trot skip flip dig wag put get let "
    "set grab "
    "step slip tap hit stop zip shop rub";

inline const std::string kNumbers[] = {"zero",     "one",      "two",      "three",   "four",    "five",
                                       "six",      "seven",    "eight",    "nine",    "ten",     "eleven",
                                       "twelve",   "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
                                       "eighteen", "nineteen", "twenty"};

inline const std::map<std::string, std::string> kClasses = {
    {"determiner", "a an the this that these those his her its their my your our some each every another"},
    {"singular", "a an one this that each every another"},
    {"pronoun", "he she it they him them who which that itself himself herself themselves i we you"},
    {"auxiliary",
     "is are was were be been being has have had does do did can could will would may might must"},
    {"conjunction", "and or but while as then when where because so if than although until after before"},
    {"preposition",
     "of in on at by with without from to into onto over under through across along around behind beside "
     "between "
     "below above near against toward towards inside outside during for off past upon beneath atop among "
     "within "
     "like about amid underneath beyond down up"},
    {"framing",
     "video clip footage scene shot view close-up closeup photo photograph picture image film movie "
     "animation "
     "render rendering portrait sequence style timelapse foreground side front back top bottom middle center "
     "centre edge left right camera frame screen lens background sky ground floor distance air way day night "
     "time "
     "morning evening afternoon light"},
    {"collective",
     "group flock herd pack bunch pair pile stack piece slice row line set couple lot number variety school "
     "swarm handful"},
    {"adverb",
     "very too also just still again together forward backward forwards backwards upward downward upwards "
     "downwards away out back left right slowly quickly fast not never always there here now all both almost "
     "straight apart alone high low several many few various"},
    {"not_verb",
     "evening morning ceiling clothing painting something nothing anything everything during spring string "
     "wedding building being meeting thing king ring wing sling railing lighting setting ending opening"},
    {"foreign",
     "el la los las le les der die das den dem un une ein eine einen und et y de du des il lo gli uno una en "
     "mit "
     "auf sur avec con para por im ist est est\xC3\xA1 het een van op que qui dans al"}};

inline const std::vector<std::pair<std::string, std::string>> kTimesAndWeather = {
    {"at night|by night|nighttime|night sky|moonlit", "Is it night?|Is it day?"},
    {"in daylight|daytime|at noon|midday|broad daylight", "Is it day?|Is it night?"},
    {"sunset|sunrise|golden hour|dusk|dawn", "Is the sun low in the sky?|Is it the middle of the night?"},
    {"in the rain|rainy|raining|rainstorm|rain", "Is it raining?|Is it snowing?"},
    {"snowing|snowy|snowstorm|snowfall|blizzard|falling snow", "Is there snow?|Is it raining?"},
    {"foggy|misty", "Is it foggy?|Is the air clear?"},
    {"sunny|in the sun|sunlit|bright sunlight", "Is it sunny?|Is it raining?"},
    {"stormy|thunderstorm", "Is the weather stormy?|Is the weather calm?"},
    {"slow motion|slow-motion|slowmo", "Is the video in slow motion?|Is the video sped up?"},
    {"timelapse|time-lapse|time lapse|hyperlapse", "Is the video a time-lapse?|Is the video in slow motion?"},
    {"aerial view|aerial shot|drone shot|drone view|bird 's eye view|from above",
     "Is the scene seen from above?|Is the scene seen from the ground?"},
    {"close-up|closeup|close up|macro shot", "Is it a close-up?|Is it a distant view?"},
    {"wide shot|wide view|panoramic view|wide-angle shot", "Is it a wide view?|Is it a close-up?"}};

// The words of one setting or style, its question, and one that cannot be true as well.
struct Look {
  std::string words, question, twin;
};

inline const std::vector<Look> kSettings = {
    {"beach shore seaside", "Is the setting a beach?", "Is the setting a forest?"},
    {"forest woods jungle rainforest", "Is the setting a forest?", "Is the setting a city?"},
    {"desert dunes", "Is the setting a desert?", "Is the setting a forest?"},
    {"city downtown metropolis", "Is the setting a city?", "Is the setting a desert?"},
    {"street road alley highway", "Is the setting a street?", "Is the setting a kitchen?"},
    {"park garden", "Is the setting a park or garden?", "Is the setting a desert?"},
    {"field meadow prairie", "Is the setting a field?", "Is the setting a city?"},
    {"mountain mountains hills canyon cliff", "Is the setting in the mountains?", "Is the setting a room?"},
    {"kitchen", "Is the setting a kitchen?", "Is the setting a street?"},
    {"bedroom", "Is the setting a bedroom?", "Is the setting a kitchen?"},
    {"office", "Is the setting an office?", "Is the setting a beach?"},
    {"restaurant cafe bar", "Is the setting a restaurant?", "Is the setting a bedroom?"},
    {"classroom school", "Is the setting a classroom?", "Is the setting a street?"},
    {"library", "Is the setting a library?", "Is the setting a beach?"},
    {"stadium arena", "Is the setting a stadium?", "Is the setting a kitchen?"},
    {"stage concert", "Is the setting a stage?", "Is the setting a beach?"},
    {"ocean sea underwater", "Is the setting the sea?", "Is the setting a desert?"},
    {"lake pond river", "Is the setting a lake or river?", "Is the setting a desert?"},
    {"space outer-space", "Is the setting outer space?", "Is the setting a street?"},
    {"farm barn", "Is the setting a farm?", "Is the setting a city?"}};

inline const std::vector<Look> kStyles = {
    {"cartoon", "Is the video in cartoon style?", "Is the video photorealistic?"},
    {"anime manga", "Is the video in anime style?", "Is the video photorealistic?"},
    {"watercolor watercolour", "Is the video in watercolor style?", "Is the video photorealistic?"},
    {"oil-painting impressionist", "Is the video in the style of an oil painting?",
     "Is the video photorealistic?"},
    {"sketch pencil-drawing", "Is the video a pencil sketch?", "Is the video photorealistic?"},
    {"claymation", "Is the video a clay animation?", "Is the video in watercolor style?"},
    {"pixel-art 8-bit", "Is the video in pixel art style?", "Is the video photorealistic?"},
    {"realistic photorealistic photo-realistic documentary", "Is the video photorealistic?",
     "Is the video in cartoon style?"},
    {"cyberpunk", "Is the video in cyberpunk style?", "Is the video in watercolor style?"},
    {"origami", "Is the video in origami style?", "Is the video photorealistic?"}};

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
                                                              {"outside", "inside"},
                                                              {"in", "outside"},
                                                              {"left of", "right of"},
                                                              {"to the left of", "to the right of"},
                                                              {"to the right of", "to the left of"},
                                                              {"over", "under"}};

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
    {"up", "up"},
    {"upward", "up"},
    {"upwards", "up"},
    {"down", "down"},
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
                                                                {"pan", "stay still"},
                                                                {"orbit", "stay still"},
                                                                {"circle", "stay still"},
                                                                {"rotate", "stay still"},
                                                                {"track", "stay still"},
                                                                {"follow", "stay still"}};

}  // namespace drf::critic
