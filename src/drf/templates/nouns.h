#pragma once
// The general parser's nouns, for nouns.cpp alone: strings that are read and extended as data.
// Each row: category.group, then words: ';' parts kin (words that may name one thing and are never each
// other's contrast), ' ' the words of one kin, "noun/plural" gives an irregular plural, '_' a blank. Twins
// come from another group of the same category: what one group holds is often seen together, two groups are
// not.

#include <string>
#include <utility>
#include <vector>

namespace drf::templates {

inline const std::vector<std::pair<std::string, std::string>> kNouns = {
    {"person.plain",
     "man gentleman guy;woman/women lady;boy;girl schoolgirl;baby toddler infant;child/children "
     "kid;person/people pedestrian passenger;friend;crowd;stranger;neighbor neighbour;tourist visitor "
     "traveler traveller;student;couple;brother;sister;mother mom mum;father dad;grandmother "
     "grandma;grandfather "
     "grandpa;son;daughter;grandson;granddaughter;husband;wife/"
     "wives;uncle;aunt;twin;bride;groom;customer;owner;guest;hero"},
    {"person.trade",
     "dancer ballerina;chef cook baker;doctor surgeon;nurse;athlete runner sprinter gymnast;skier "
     "snowboarder;cyclist biker motorcyclist;driver;pilot;artist painter;musician violinist guitarist "
     "pianist drummer trumpeter saxophonist;worker builder;policeman/policemen policewoman/policewomen "
     "officer;barista bartender;waiter waitress/waitresses;fisherman/fishermen;carpenter;blacksmith "
     "potter glass_blower glassblower;tailor seamstress;shepherd;hiker climber mountaineer;scientist "
     "chemist;engineer "
     "mechanic;barber;model;boxer wrestler;butcher;jockey rider;diver;referee;postman/postmen;nun"},
    {"person.figure",
     "astronaut cosmonaut;knight;king;queen;prince;princess;magician wizard sorcerer;witch;pirate;cowboy "
     "cowgirl;firefighter "
     "fireman/firemen;clown;samurai/samurai;ninja;viking;mermaid;detective;superhero;angel;fairy;elf/"
     "elves;ghost phantom specter;zombie;vampire;alien;giant;robot android "
     "cyborg;monster;scarecrow;skeleton;mummy;dwarf/dwarves;gladiator;geisha;mime"},
    {"animal.pet", "dog puppy corgi poodle labrador terrier dachshund husky;cat kitten;goldfish/goldfish"},
    {"animal.farm",
     "horse pony foal stallion mare;cow calf/calves bull ox/oxen;sheep/sheep lamb ram;pig piglet;chicken hen "
     "rooster chick;donkey mule;llama alpaca"},
    {"animal.savanna",
     "lion lioness;tiger;leopard cheetah jaguar panther;elephant;giraffe;zebra;monkey chimpanzee "
     "ape;gorilla;kangaroo;koala;camel;rhinoceros rhino;hippopotamus hippo;antelope "
     "gazelle;meerkat;ostrich;hyena"},
    {"animal.forest",
     "bear panda;wolf/wolves;fox;deer/deer stag fawn;squirrel chipmunk;rabbit bunny hare;mouse/mice "
     "rat;hedgehog;raccoon;beaver;badger;boar;moose/moose;owl;woodpecker;bat;skunk;sloth;mole"},
    {"animal.water",
     "shark;whale orca;dolphin;octopus squid;jellyfish/jellyfish;crab lobster;seal;otter;fish/fish carp "
     "koi/koi salmon/salmon;starfish/starfish;clownfish/clownfish"},
    {"animal.cold", "penguin;walrus;reindeer/reindeer"},
    {"animal.bird",
     "parrot macaw parakeet;eagle hawk falcon;swan;peacock;duck duckling;goose/geese gosling;crow raven "
     "magpie;seagull gull;pigeon dove;heron crane stork;sparrow robin;bird"},
    {"animal.reptile",
     "snake;lizard iguana gecko chameleon;crocodile alligator;frog toad;turtle tortoise;dinosaur"},
    {"animal.insect",
     "butterfly moth;bee wasp bumblebee;ant;spider;snail slug;ladybug ladybird;beetle;grasshopper "
     "cricket;caterpillar worm;mosquito/mosquitoes"},
    {"animal.myth", "dragon;unicorn;phoenix;centaur"},
    {"beast.any", "animal;insect;creature;pet;beast;wildlife/wildlife"},
    {"vehicle.road",
     "car sedan convertible limousine;truck lorry pickup;bus;van;taxi cab;motorcycle motorbike scooter "
     "moped"},
    {"vehicle.rail", "train locomotive;tram streetcar"},
    {"vehicle.water", "boat sailboat rowboat ship yacht canoe kayak raft ferry gondola speedboat;submarine"},
    {"vehicle.air", "airplane plane jet aeroplane;helicopter;hot-air_balloon;airship zeppelin"},
    {"vehicle.space", "rocket spaceship spacecraft;satellite;ufo"},
    {"vehicle.cycle", "bicycle bike tricycle;unicycle;skateboard;wheelchair"},
    {"vehicle.farm", "tractor;carriage wagon cart;wheelbarrow;sled sleigh;bulldozer excavator"},
    {"shape.solid", "cube box block;sphere ball;pyramid cone;cylinder tube;ring donut torus"},
    {"instrument.any",
     "guitar;piano keyboard;violin fiddle viola;drum;trumpet trombone;flute clarinet;harp;accordion"},
    {"furniture.seat", "chair armchair stool;bench;sofa couch;throne;swing;hammock;rocking_chair"},
    {"furniture.table", "table desk;counter;podium"},
    {"furniture.bed", "bed crib;bathtub"},
    {"furniture.store",
     "shelf/shelves bookshelf/bookshelves bookcase;cupboard cabinet wardrobe closet dresser;chest;drawer"},
    {"clothing.face", "mask;sunglasses/sunglasses glasses/glasses goggles/goggles;eyepatch"},
    {"tableware.drink", "cup mug teacup;glass;bottle flask;jar;kettle teapot;pitcher jug;barrel;goblet"},
    {"tableware.eat",
     "plate dish saucer;bowl;spoon;fork;knife/knives;pot;pan frying_pan skillet;tray;chopsticks/chopsticks"},
    {"tableware.decor", "vase;candlestick chandelier;flowerpot"},
    {"structure.tall",
     "tower;skyscraper;lighthouse;windmill;castle palace fortress;church cathedral;temple pagoda "
     "shrine;pyramid;chimney;clock_tower"},
    {"structure.home",
     "house cottage cabin hut villa mansion bungalow "
     "shack;building;barn;tent;igloo;greenhouse;treehouse;shed"},
    {"structure.civil",
     "bridge;fountain;statue sculpture;fence;gate;well;wall;staircase;pillar column;billboard;pier dock "
     "jetty;scaffolding;arch;tunnel;roof;ramp;streetlight lamppost;carousel;ferris_wheel;gravestone "
     "tombstone;mailbox;signpost;hedge;birdcage;playground;trampoline;see-saw seesaw;campfire "
     "bonfire;escalator"},
    {"thing.light", "lamp lantern floor_lamp;candle;torch flashlight;headlight;light_bulb;spotlight"},
    {"thing.fixture", "dashboard;traffic_light;seat"},
    {"thing.sky", "balloon;kite;parachute;firework;paper_plane"},
    {"thing.carry",
     "basket;bag backpack handbag;suitcase briefcase;umbrella parasol;bucket;envelope;parcel package"},
    {"thing.read", "book notebook;newspaper magazine;letter;map;clipboard;scroll"},
    {"thing.tech",
     "phone smartphone;laptop computer;television "
     "tv;clock;watch;camera;typewriter;microphone;monitor;microscope;telescope;radio;sewing_machine;washing_"
     "machine;hourglass;compass;globe"},
    {"thing.tool",
     "hammer;ladder;rope;key;pen pencil;brush "
     "paintbrush;broom;shovel;axe;saw;needle;scissors/"
     "scissors;hose;wrench;net;fishing_rod;whisk;anvil;wand;rake;bowstring;whip;chain;hook"},
    {"thing.toy",
     "doll;teddy_bear;toy;snowman/snowmen;puppet;football basketball soccer_ball tennis_ball baseball "
     "beach_ball;frisbee;bubble "
     "soap_bubble;marble;domino/"
     "dominoes;wooden_block;pinwheel;chessboard;trophy;paper_boat;origami_crane;ice_cube;surfboard;snowball"},
    {"thing.weapon", "sword katana;shield;bow;arrow;spear;cannon"},
    {"thing.part",
     "window windowpane;door;mirror;flag;sign;wheel;coin;chalkboard blackboard;curtain;rug carpet;pillow "
     "cushion;blanket;towel;picture_frame;poster;crystal;net;gravel/gravel"},
    {"food.fruit",
     "apple;banana;orange;lemon lime;strawberry;cherry;grape;watermelon melon;pear;peach;pineapple;blueberry "
     "raspberry;coconut;mango"},
    {"food.vegetable",
     "tomato;carrot;potato;mushroom;pumpkin;onion;cucumber;cabbage lettuce;broccoli/broccoli;corn/corn"},
    {"food.baked",
     "cake cupcake;cookie biscuit;pizza;bread/bread loaf/loaves;pancake waffle;croissant;pretzel"},
    {"food.dish",
     "sandwich hamburger burger hot_dog;egg;sushi/sushi;noodle spaghetti/spaghetti pasta/pasta "
     "ramen/ramen;salad;popcorn/popcorn;cheese/cheese;chocolate chocolate_bar;ice_cream/ice_cream "
     "popsicle;lollipop candy/candies"},
    {"nature.plant",
     "tree oak pine birch willow;flower rose tulip sunflower daisy lily "
     "orchid;leaf/leaves;bush;cactus/cacti;palm_tree;cherry_blossom blossom;bamboo/bamboo;branch twig;log"},
    {"nature.land",
     "rock stone boulder pebble;mountain;hill;cliff;waterfall;volcano/volcanoes;iceberg "
     "glacier;cave;island;dune;shell seashell;feather;puddle;stream;crater"},
    {"nature.sky",
     "cloud;star;moon;sun;rainbow;planet;comet meteor;wave;snowflake;tornado/tornadoes;spark;raindrop"},
    {"mass.drink", "water;milk;coffee espresso;tea;juice;wine;beer;honey;soup;lemonade"},
    {"mass.ground", "grass;sand;snow;mud;lava;ice"},
    {"mass.air", "smoke fog mist steam;dust;lightning;confetti;rain"},
    {"mass.stuff",
     "liquid;armor armour;paint;flour;dough;wax;wool;fabric "
     "cloth;glass_shards;paper;hay;foam;seaweed;moss;fire flame/flames"},
    {"clothing.head", "hat cap top_hat;helmet;crown tiara;hood;headscarf;turban;wig;headphones/headphones"},
    {"clothing.neck", "scarf/scarves;tie necktie bow_tie;necklace;collar"},
    {"clothing.body",
     "shirt t-shirt blouse sweater hoodie cardigan;dress gown wedding_dress;coat jacket lab_coat;suit "
     "tuxedo;skirt;robe cloak cape kimono;uniform school_uniform;vest;bikini swimsuit;spacesuit"},
    {"clothing.legs", "jeans/jeans trousers/trousers pants/pants shorts/shorts"},
    {"clothing.feet", "shoe boot sneaker running_shoe sandal slipper;sock"},
    {"clothing.hand", "glove mitten;bracelet;belt"},
    // Where a video is set. The group says what kind of place; no two of one group exclude each other surely.
    {"place.home", "kitchen;bedroom;living_room;bathroom;attic;basement cellar;hallway corridor;garage"},
    {"place.public",
     "office;restaurant cafe diner bistro;classroom;library;museum;hospital;supermarket;laboratory "
     "lab;workshop studio;gym;"
     "church;"
     "theater theatre;bakery;barbershop;factory;bar "
     "pub;hotel;warehouse;courtroom;ballroom;casino;greenhouse"},
    {"place.town",
     "city downtown metropolis;street road alley highway avenue boulevard;market marketplace bazaar;town "
     "village;station "
     "subway;parking_lot;rooftop;plaza;airport;stadium arena;courtyard;cemetery graveyard;zoo"},
    {"place.wild",
     "forest woods/woods woodland jungle rainforest;desert;field meadow prairie cornfield pasture;park "
     "garden;canyon;swamp;"
     "vineyard orchard;savanna savannah;farm;tundra"},
    {"place.shore",
     "beach shore seaside;harbor harbour port marina;lake pond;river creek canal;ocean sea;swimming_pool"},
    {"place.beyond", "outer_space;underwater;space_station"}};

}  // namespace drf::templates
