#pragma once
// More of the general parser's nouns, in the form of nouns.h and read after them: further things,
// and words that are never asked for by themselves. For nouns.cpp alone.

#include <string>
#include <utility>
#include <vector>

namespace drf::templates {

// More of each, whose groups lend no twins to verbs' objects.
inline const std::vector<std::pair<std::string, std::string>> kMoreNouns = {
    {"person.plain", "commuter;shopper;camper;jogger;backpacker;villager;bystander onlooker;newborn"},
    {"person.trade",
     "skater ice_skater figure_skater;rower kayaker;astronomer;welder;lumberjack;hairdresser "
     "stylist;cashier;guard;coach trainer;busker street_performer;guitar_player;janitor;courier "
     "mailman/mailmen;flight_attendant;sushi_chef pastry_chef;weaver;shoemaker "
     "cobbler;fencer;judge;veterinarian vet;reporter newscaster presenter;cameraman/cameramen;skydiver "
     "parachutist;windsurfer;snorkeler;beggar;thief/thieves burglar robber;prisoner;spy;gamer;bricklayer "
     "construction_worker roofer;vendor street_vendor merchant;tap_dancer ballet_dancer breakdancer "
     "belly_dancer;sumo_wrestler;tightrope_walker trapeze_artist;truck_driver taxi_driver "
     "bus_driver;cheerleader;choir;assistant;apprentice;trader"},
    {"person.figure",
     "troll goblin orc ogre;gnome leprechaun;demon devil;warrior;shaman;pharaoh;emperor "
     "empress/empresses;jester;caveman/cavemen;mannequin;santa;cyclops/cyclopes;nymph;spaceman/spacemen"},
    {"animal.pet",
     "golden_retriever german_shepherd bulldog beagle chihuahua dalmatian collie greyhound retriever "
     "hound;tabby;guinea_pig;ferret"},
    {"animal.farm", "buffalo/buffalo bison/bison;yak"},
    {"animal.savanna", "baboon orangutan;lemur;warthog;wildebeest;armadillo;anteater;tapir"},
    {"animal.forest",
     "red_panda;polar_bear grizzly_bear grizzly;porcupine;weasel;coyote jackal;lynx bobcat cougar "
     "puma;elk/elk;opossum possum"},
    {"animal.water",
     "manta_ray;sea_turtle;sea_lion;humpback_whale humpback killer_whale blue_whale "
     "beluga;piranha;eel;trout/trout "
     "tuna/tuna;swordfish/swordfish;angelfish/angelfish;pufferfish/pufferfish;shrimp/shrimp "
     "prawn;hermit_crab;anglerfish/anglerfish"},
    {"animal.bird", "finch canary bluebird;pheasant quail;snowy_owl barn_owl"},
    {"animal.reptile",
     "komodo_dragon;python cobra viper rattlesnake;salamander newt axolotl;tadpole;t-rex triceratops "
     "velociraptor stegosaurus pterodactyl"},
    {"animal.insect", "monarch_butterfly;mantis praying_mantis;centipede millipede;honeybee hornet"},
    {"animal.myth", "kraken;werewolf/werewolves;hydra;gargoyle;pegasus"},
    {"vehicle.fire",
     "fire_truck fire_engine;police_car;school_bus;food_truck ice_cream_truck dump_truck garbage_truck "
     "pickup_truck;sports_car race_car racecar minivan hatchback;campervan caravan;go-kart "
     "golf_cart;tank;rickshaw;forklift;snowplow"},
    {"vehicle.rails",
     "steam_train steam_locomotive bullet_train freight_train;cable_car;roller_coaster;monorail"},
    {"vehicle.sea",
     "fishing_boat pirate_ship cargo_ship cruise_ship warship lifeboat sailing_boat sailing_ship motorboat "
     "houseboat tugboat rowing_boat trawler;jet_ski"},
    {"vehicle.flying", "fighter_jet biplane seaplane airliner;hot_air_balloon;hang_glider paraglider;blimp"},
    {"vehicle.stars", "space_shuttle starship;rover mars_rover;flying_saucer;lunar_lander"},
    {"vehicle.small", "stroller;snowboard;toboggan sledge;roller_skate;ice_skate;shopping_cart"},
    {"furniture.more",
     "dining_table coffee_table kitchen_table pool_table "
     "picnic_table;office_chair;park_bench;nightstand;bunk_bed mattress;beanbag;fireplace;easel"},
    {"clothing.more",
     "raincoat parka overcoat trench_coat;pajamas/pajamas pyjamas/pyjamas;overalls/overalls;tutu "
     "leotard;beret fedora sombrero bowler_hat straw_hat cowboy_hat beanie baseball_cap party_hat sun_hat "
     "bonnet;veil;leggings/leggings;wetsuit hazmat_suit jumpsuit tracksuit;costume "
     "outfit;high_heel;bandana;monocle;flip-flop"},
    {"tableware.more",
     "wine_glass champagne_glass;coffee_cup paper_cup;thermos;wok "
     "saucepan;ladle;spatula;rolling_pin;cutting_board;cauldron;napkin;sieve;measuring_cup;fishbowl "
     "fish_tank aquarium;terrarium"},
    {"structure.more",
     "gazebo "
     "pavilion;cathedral;ruins/"
     "ruins;aqueduct;totem_pole;water_tower;wind_turbine;dam;phone_booth;fire_hydrant hydrant;trash_can "
     "garbage_can dustbin;vending_machine;stall kiosk;sandcastle;birdhouse;doghouse "
     "kennel;beehive;nest;spiderweb cobweb web;archway;doorway;porch patio terrace veranda;driveway;sidewalk "
     "pavement;railway railroad;swing_set;sandbox;basketball_hoop "
     "hoop;scoreboard;altar;catapult;gas_station;traffic_cone;log_cabin;log_fire;stepping_stone"},
    {"place.more",
     "nursery;dining_room;backyard yard lawn;bookstore bookshop;coffee_shop;cafeteria canteen;"
     "salon;arcade;nightclub;bowling_alley;concert_hall opera_house;art_gallery gallery;"
     "laundromat;grocery_store;shopping_mall mall;elevator;waiting_room;locker_room;dojo;chapel;"
     "train_station subway_station bus_station;ice_rink skate_park;planetarium;lobby;control_room;"
     "cockpit;auditorium;alleyway;intersection crossroads;town_square;country_road dirt_road;"
     "construction_site;junkyard;amusement_park theme_park fairground;racetrack;valley;"
     "gorge ravine;steppe plains;hillside mountainside;wheat_field rice_field;"
     "bamboo_forest pine_forest;oasis;marsh wetland;wasteland;bay lagoon;coral_reef reef;"
     "waterhole;coast coastline;boardwalk;hot_spring;battlefield;campsite;neighborhood;riverbank;"
     "shoreline;lakeside;clearing;glade;quarry;catwalk;runway;boxing_ring;stage;room"},
    {"thing.glow", "fairy_light string_light;neon_sign;street_lamp street_light;disco_ball"},
    {"thing.hold",
     "purse;shopping_bag paper_bag plastic_bag;crate;picnic_basket;lunchbox;gift "
     "gift_box;treasure_chest;sack;cardboard_box;watering_can;cage;birdcage"},
    {"thing.page", "postcard;diary;calendar;ticket;passport;blueprint;leaflet"},
    {"thing.more",
     "alarm_clock pocket_watch wristwatch stopwatch grandfather_clock;record_player gramophone "
     "turntable;vinyl_record;projector;printer;joystick "
     "game_controller;calculator;magnifying_glass;binoculars/"
     "binoculars;hairdryer;vacuum_cleaner;lawnmower;gear cogwheel "
     "cog;music_box;telephone;slot_machine;refrigerator fridge;stove;toaster;microwave;blender "
     "mixer;conveyor_belt;hologram"},
    {"thing.craft",
     "screwdriver;pliers/pliers;chisel;pitchfork;scythe sickle;sponge;toothbrush "
     "hairbrush;lipstick;canvas;fishing_net;anchor;lasso;saddle;spinning_wheel "
     "loom;yarn;boomerang;dart;chess_piece;dice/"
     "dice;playing_card;puzzle;yo-yo;spinning_top;jump_rope;hula_hoop;rubber_duck;toy_car toy_train toy_boat "
     "toy_robot "
     "toy_soldier;action_figure;stuffed_animal;water_balloon;bowling_ball;bowling_pin;golf_ball;baseball_bat;"
     "tennis_racket racket;volleyball;dumbbell "
     "barbell;punching_bag;treadmill;medal;lightsaber;crystal_ball;snow_globe;paper_airplane;paper_crane;"
     "cigarette;yoga_mat"},
    {"thing.bits",
     "brick;plank;footprint;quilt;steering_wheel;tire tyre;pearl;diamond gem jewel ruby "
     "sapphire;skull;fossil;padlock;doorknob;icicle;pine_cone;nail_polish;horseshoe;tile;cobblestone"},
    {"food.more",
     "kiwi;plum;fig;papaya;pomegranate;olive;walnut peanut almond acorn chestnut nut;garlic;bell_pepper "
     "chili;eggplant;cauliflower;turnip;bagel baguette;doughnut;macaron;birthday_cake wedding_cake "
     "chocolate_cake;pastry;taco burrito;kebab sausage;omelette "
     "omelet;gingerbread_man/gingerbread_men;ice_cream_cone;seed"},
    {"mass.more",
     "champagne;cocktail;smoothie milkshake;soda cola;syrup;sauce ketchup;whiskey;hot_chocolate;"
     "soil;rice;cereal;butter;yarn;sawdust;glitter;ivy;algae;pollen;slime;jelly;whipped_cream;"
     "cotton_candy;bacon;soap;ink;glue"},
    {"nature.more",
     "sapling seedling;fern;apple_tree pine_tree oak_tree cherry_tree maple_tree christmas_tree "
     "willow_tree;maple;water_lily lily_pad;houseplant potted_plant;haystack hay_bale;tree_stump "
     "stump;geyser;avalanche;whirlpool;ice_floe;full_moon crescent_moon;shooting_star;aurora "
     "northern_lights/northern_lights;galaxy nebula;lightning_bolt;asteroid;black_hole;hurricane "
     "cyclone;sunbeam;coral;thundercloud "
     "storm_cloud;rock_formation;stalactite;mushroom_cloud;poppy/poppies;tree_trunk;tree_branch;rose_bush"},
    {"thing.more",
     "tripod;prism;handrail;escalator;wind_chime;windsock;weather_vane;power_drill;steam_iron;trash_bag;"
     "lunch_bag;ironing_board;shower_head;coat_rack;syringe;test_tube;crayon;ruler;camera_lens;lens_cap;"
     "flash_drive;cable;plug;charger;headset;controller;vr_headset;circuit_board;satellite_dish;solar_panel;"
     "control_panel;gong;xylophone;bagpipe;maraca;cymbal;music_stand;sheet_music"},
    {"thing.glow",
     "neon_light;christmas_light;light_strip;stage_light;street_light;glow_stick;lava_lamp;desk_lamp;table_"
     "lamp;paper_lantern;sky_lantern;oil_lamp;gas_lamp;birthday_candle"},
    {"thing.bits",
     "droplet water_droplet "
     "dewdrop;puzzle_piece;bowling_pin;pin;bolt;screw;hatch;bullet;button;feather_duster;thread;badge;"
     "handcuff;lever;pipe;headstone;fishbone;claw_machine;tin_can can;milk_carton "
     "carton;egg_carton;pizza_box;shoebox;gift_bag;flower_pot;plant_pot;perfume_bottle;water_bottle;wine_"
     "bottle;beer_bottle;beer_mug;steamer"},
    {"person.trade",
     "tour_guide;zookeeper;delivery_driver "
     "delivery_man/delivery_men;security_guard;police_officer;race_car_driver;rock_climber;football_player "
     "soccer_player basketball_player tennis_player baseball_player hockey_player "
     "chess_player;marathon_runner;street_artist;street_musician;opera_singer;rapper;opponent;dj;shopkeeper;"
     "bullfighter;caretaker;scuba_diver;crossing_guard;ranger "
     "park_ranger;bell_ringer;mail_carrier;dog_walker;window_cleaner;garbage_collector;nanny;babysitter;"
     "chauffeur;spectator;news_anchor anchorman/anchormen anchorwoman/anchorwomen;meteorologist"},
    {"nature.more",
     "gas_giant;autumn_leaf/autumn_leaves "
     "fallen_leaf/fallen_leaves;cornstalk;coconut_palm;sunflower_seed;peony/"
     "peonies;waterspout;sand_dune;riverbed;rock_pool;ice_cave;lava_flow;mountain_peak "
     "peak;mountain_range;tree_line;treetop;stalk;reed;driftwood_log"},
    {"structure.more",
     "footbridge rope_bridge;fire_escape;water_wheel;chicken_coop;horse_stable "
     "stable;bus_shelter;picket_fence;spiral_staircase;diving_board;goalpost;market_stall food_stall "
     "food_cart;puppet_theater;bell_tower;torii_gate;log_pile;snow_fort;bird_bath;lamp_post;grandstand;"
     "revolving_door;shipwreck wreck;oil_rig;moat"},
    {"place.more",
     "landscape desert_landscape mountain_landscape winter_landscape;rice_paddy;bowling_lane;"
     "rooftop_garden;street_market night_market food_market flea_market;tea_house;barn_loft;maze;"
     "boathouse;hangar;dressing_room;operating_room;throne_room;prison_cell cell;trench;"
     "mine_shaft;sewer;fitting_room;hotel_room;hospital_room;science_lab;pizzeria;food_court;"
     "ski_slope slope;soccer_field football_field;basketball_court tennis_court;skating_rink;"
     "pine_grove grove;parking_garage;toy_shop toy_store;flower_shop;pet_shop;candy_store;"
     "record_store;city_square;city_street;village_street;village_square;country_lane;"
     "forest_path mountain_path;forest_clearing;mountain_road coastal_road;fishing_village;"
     "ghost_town;shop store"},
    {"food.more",
     "strawberry_ice_cream;ice_lolly;waffle_cone;fruit_salad;fried_egg "
     "boiled_egg;toast;skewer;hot_pot;rice_ball;spring_roll;apple_pie;cheesecake;roast_chicken;turkey_leg;"
     "chicken_wing;french_fry/french_fries;candy_cane;candy_bar;gummy_bear;cinnamon_roll;cappuccino "
     "latte;sweet_potato;bean;lime_wedge;lemon_slice"},
    {"clothing.more",
     "hairband "
     "headband;leg_warmer;ski_goggles/ski_goggles;ski_suit;tank_top;hawaiian_shirt;flannel_shirt;rain_boot "
     "rubber_boot cowboy_boot;ballet_shoe;clog;loafer;evening_gown;ball_gown;maid_outfit;sports_jersey "
     "jersey;football_helmet;hard_hat;chef_hat;witch_hat;flower_crown;face_mask "
     "gas_mask;space_helmet;oven_mitt;boxing_glove;brooch"},
    {"animal.pet",
     "golden_retriever_puppy;tabby_cat;persian_cat;siamese_cat;border_collie;german_shepherd_dog;budgie;"
     "gerbil"},
    {"animal.bird", "bald_eagle golden_eagle;barn_swallow;blue_jay"},
    {"animal.water", "sea_otter;hammerhead;clown_fish;sea_snail;crayfish"},
    {"vehicle.fire",
     "moving_van;delivery_truck "
     "delivery_van;tow_truck;monster_truck;toy_truck;steamroller;cement_mixer;combine_harvester;hearse;"
     "stagecoach;chariot"},
    {"vehicle.sea",
     "paddleboat pedal_boat;steamship "
     "steamboat;viking_ship;canal_boat;inflatable_boat;dinghy;gunboat;life_raft"}};

// Words that stay within phrases and are never asked for by themselves.
inline const std::vector<std::pair<std::string, std::string>> kUnseenNouns = {
    {"body.part",
     "hair;beard;moustache "
     "mustache;hand;arm;leg;foot/feet;head;face;eye;ear;nose;mouth;lip;finger;tail;wing;paw;fur;"
     "shoulder;forearm;ankle;waist;thigh;shin;chin;back;neck;chest;skin;claw;horn;antler;tooth/"
     "teeth;tongue;knee;hoof/"
     "hooves;belly;wrist;lap;eyebrow;freckle;"
     "fin;beak;mane;toe;elbow;hip;thumb;fist;palm;cheek;forehead;dreadlock;braid;ponytail;tattoo;heart;bone;"
     "tear"},
    {"part.of",
     "drone side end top bottom middle center centre edge corner front rear surface rim base tip row line "
     "part "
     "half/halves "
     "piece slice layer "
     "square floor ground ceiling sky air horizon distance background foreground shadow shade reflection "
     "light sunlight moonlight "
     "daylight backlight "
     "darkness color colour pattern stripe shape size crack hole crowd step deck path track trail lane leash "
     "handle seat lid "
     "button "
     "screen string thread wire pole stick board bar cage pocket page word "
     "text menu stand stage scene interior exterior wind breeze weather storm night day morning evening "
     "afternoon noon midnight dawn dusk sunset sunrise twilight season summer winter autumn spring time "
     "moment second minute hour way "
     "life world place spot area room space home dashboard bumper rail reins/reins convoy school_bus tile "
     "shower spool net traffic "
     "tire tyre engine shop store shop_window city_light chair_leg salt sugar oil rear_bumper traffic_light "
     "stain crumb bead petal stem root bark dashboard drop droplet splash puff trickle plume"},
    {"abstract.any",
     "silhouette flock herd pack bunch pile stack group team bouquet collection cluster school swarm handful "
     "family "
     "mood atmosphere feeling emotion sense style manner kind sort type variety number lot bit couple pair "
     "set series amount "
     "thirties twenties forties fifties sixties age year month week decade century speed pace rhythm motion "
     "movement action "
     "activity event party birthday wedding ceremony festival carnival race game match sport chess croquet "
     "football_game "
     "tennis music song tune sound noise silence voice "
     "beauty joy love anger fear sadness happiness calm peace chaos mystery magic power energy force gravity "
     "strength effect "
     "idea dream memory story tale history future past present reality fantasy nature culture tradition "
     "luxury quality "
     "resolution detail focus blur depth exposure contrast saturation grain vignette tone palette vibe "
     "aesthetic composition "
     "angle perspective view shot close-up closeup frame lens camera_angle bokeh quality masterpiece "
     "art artwork painting drawing sketch illustration cartoon anime manga cinema movie film video clip "
     "footage animation "
     "render rendering image photo "
     "photograph photography picture documentary commercial advertisement trailer viewer audience spectator "
     "member "
     "strike rush attempt purpose reason result process progress success failure help care attention look "
     "smile laugh cry "
     "walk run jump ride drive play dance drink fall rise turn spin twist roll slide swing swim dive flight "
     "climb step "
     "kick punch hit touch kiss hug wave break pop tie rear stretch flash glow shine flicker sparkle crash "
     "fight chase march "
     "parade leap hop rest sleep work talk speech call sign_language point pick hold grip catch throw toss "
     "pass paddle row "
     "ski skate sail surf blow bite scratch cut chop slice stir pour drip splash spray burst cover watch "
     "water park plant "
     "light fire fish duck fly train ship cook guard guide lead follow visit search watch stare gaze glance "
     "nod bow clap "
     "cheer shout scream whisper sing cough sneeze yawn wink blink use show display feature board land park "
     "form stamp "
     "trim snack meal breakfast lunch dinner feast traffic crossing journey trip travel tour adventure "
     "mission task job "
     "experiment trick performance concert show lesson exercise yoga practice training competition"}};

}  // namespace drf::templates
