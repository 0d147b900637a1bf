#pragma once
// Near twins, by category and group of what is there: things of its narrow kind that everybody can tell from
// it, and what each would be no surprise beside. A word in capitals is a scene, which any of its words tells
// of. A word also stands for its kinds (a sloop is a boat). None that any open air may hold: no waterfall,
// grass or bench. For twins.cpp alone.

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace drf::templates {

// What tells of a scene: places, who is there, and what is never far from it.
inline const std::map<std::string, std::string> kScenes = {
    {"SEA",
     "sea ocean beach shore coast harbor port island bay cliff lagoon pier dock ship boat vessel sailor "
     "captain "
     "pirate fisherman lighthouse anchor wave tide whale dolphin seagull crab diver sail deck marina quay "
     "seaside"},
    {"FARM",
     "farm farmer barn field meadow pasture hay haystack cow sheep goat pig chicken hen rooster horse "
     "tractor "
     "orchard vineyard garden gardener shepherd village ranch plow wheat corn cornfield scarecrow stable "
     "livestock "
     "countryside rural hill windmill"},
    {"WORK",
     "workshop carpenter blacksmith smith forge foundry factory mechanic garage worker craftsman builder "
     "construction mason anvil tool nail plank wood timber engine machine welder cobbler tailor potter mill "
     "repair "
     "carve build bench workbench sculptor studio plumber roof roofer miner mine quarry"},
    {"KITCHEN",
     "kitchen cook chef baker bakery stove oven restaurant cafe bar tavern pub inn dinner breakfast lunch "
     "meal feast "
     "banquet cellar pantry picnic waiter waitress barista bartender table "
     "pot pan "
     "kettle bowl plate cup glass bottle jar jug pour"},
    {"MARKET",
     "market bazaar shop store stall supermarket fair festival vendor merchant seller grocery basket crate"},
    {"HOME",
     "home house room bedroom kitchen bathroom parlor parlour attic family grandmother grandfather baby "
     "child "
     "apartment living_room sofa couch bed armchair fireplace nursery curtain carpet hotel cottage cabin toy "
     "doll"},
    {"OFFICE",
     "office desk library school classroom teacher student scholar scientist professor laboratory lab study "
     "writer "
     "librarian book bookshelf newspaper clerk detective journalist paper ink pen secretary clock"},
    {"CHILD",
     "child children kid boy girl baby toddler toy doll playground birthday party nursery school carnival "
     "park "
     "festival fair puppet clown circus magician kindergarten family"},
    {"CITY",
     "city town street road avenue square plaza alley traffic car taxi bus tram downtown urban skyscraper "
     "shop "
     "crosswalk sidewalk rooftop neighborhood building station policeman pedestrian crowd market bridge "
     "neon"},
    {"WAR",
     "soldier knight warrior samurai ninja viking gladiator pirate castle fortress battle battlefield army "
     "war king "
     "queen guard museum armor sword spear shield cannon arrow archer dragon medieval musketeer pharaoh "
     "legion"},
    {"ROYAL",
     "king queen prince princess royal palace castle knight emperor empress throne court ballroom crown "
     "medieval pharaoh"},
    {"STAGE",
     "stage concert theater theatre band orchestra musician singer dancer ballet opera performance circus "
     "nightclub dance parade street_performer show audience actor guitarist pianist drummer choir studio"},
    {"FOREST",
     "forest wood tree jungle camp campfire mountain hiker hunter river lake cabin trail log bear deer wolf "
     "woodcutter lumberjack ranger tent leaf mushroom"},
    {"DESERT",
     "desert dune sand camel cactus oasis canyon cowboy savanna western egypt pharaoh caravan nomad"},
    {"SNOW",
     "snow winter ice cold glacier arctic polar ski skier igloo frost iceberg penguin blizzard sled "
     "christmas"},
    {"NIGHT", "night dark midnight cave moon star campfire dusk evening lantern candle blackout darkness"},
    {"PARTY",
     "party wedding birthday feast celebration festival banquet carnival groom bride guest gala ball"},
    {"SPORT",
     "stadium athlete match race player gym swimmer runner coach ball team referee tournament boxer skater"},
    {"TRAVEL",
     "airport station train hotel passenger tourist traveler journey trip platform luggage bus pilot "
     "suitcase taxi ferry"}};

inline const std::map<std::string, std::vector<std::pair<std::string, std::string>>> kNearTwins = {
    {"thing.tool",
     {{"hammer", "WORK"},
      {"broom", "HOME CITY WORK witch wizard magician barn sweep clean dust shop janitor"},
      {"shovel", "FARM WORK SNOW beach garden dig grave coal sand"},
      {"screwdriver", "WORK car bicycle clock watch robot"},
      {"axe", "FOREST WORK WAR FARM firewood fire"},
      {"paintbrush", "WORK paint painter artist canvas easel wall"},
      {"ladder", "WORK HOME FARM library roof tree wall firefighter painter paint shelf"},
      {"rake", "FARM garden leaf grass beach park"},
      {"fishing rod", "SEA river lake pond fish boat stream"},
      {"wrench", "WORK car bicycle pipe truck"}}},
    {"thing.tech",
     {{"typewriter", "OFFICE"},
      {"microscope", "OFFICE hospital doctor"},
      {"sewing machine", "WORK HOME cloth fabric dress seamstress"},
      {"telescope", "SEA NIGHT OFFICE astronomer balcony tower"},
      {"television", "HOME OFFICE hotel bar robot"},
      {"washing machine", "HOME laundry laundromat"},
      {"radio", "HOME WORK OFFICE CITY kitchen car"},
      {"hourglass", "OFFICE sand wizard time"},
      {"alarm clock", "HOME bed time watch"}}},
    {"thing.toy",
     {{"kite", "CHILD beach sky park field wind"},
      {"rubber duck", "HOME CHILD bath bathtub water pool pond"},
      {"teddy bear", "CHILD HOME"},
      {"yo-yo", "CHILD"},
      {"toy train", "CHILD HOME station"},
      {"frisbee", "CHILD SPORT dog park beach field"},
      {"chessboard", "OFFICE HOME park chess king knight"},
      {"snowman", "SNOW"},
      {"beach ball", "SEA pool CHILD summer"}}},
    {"thing.light",
     {{"candle", "HOME NIGHT PARTY church temple altar ghost ritual cake"},
      {"flashlight", "NIGHT FOREST WORK policeman attic cellar"},
      {"disco ball", "STAGE PARTY nightclub"},
      {"traffic light", "CITY cyberpunk stall"},
      {"chandelier", "ROYAL HOME hotel theater ballroom lamp door"}}},
    {"thing.carry",
     {{"suitcase", "TRAVEL HOME man woman person"},
      {"shopping cart", "MARKET CITY supermarket"},
      {"backpack", "TRAVEL FOREST CITY school student hiker person man woman boy girl child"},
      {"picnic basket", "FOREST PARTY park meadow beach MARKET KITCHEN FARM blanket"},
      {"treasure chest", "SEA cave WAR gold coin jewel dragon"},
      {"watering can", "FARM HOME flower plant greenhouse"},
      {"umbrella", "rain CITY beach storm cafe puddle"}}},
    {"thing.cloth",
     {{"flag", "WAR SEA parade CITY stadium castle ship school mountain building tower"},
      {"towel", "HOME SEA SPORT pool bath spa sauna barber kitchen"},
      {"pillow", "HOME hotel bed sleep hospital nurse patient doctor bandage sofa couch armchair plane"},
      {"hammock", "SEA FOREST garden porch palm ship swing"},
      {"quilt", "HOME bed sleep picnic"}}},
    {"thing.weapon",
     {{"sword", "WAR ROYAL"},
      {"cannon", "WAR SEA ship castle"},
      {"spear", "WAR hunter"},
      {"crossbow", "WAR hunter"}}},
    {"thing.read",
     {{"newspaper", "CITY OFFICE HOME KITCHEN TRAVEL"},
      {"map", "SEA TRAVEL OFFICE explorer FOREST car WAR"},
      {"postcard", "TRAVEL HOME MARKET"},
      {"scroll", "WAR ROYAL wizard temple monk ancient"}}},
    {"thing.sport",
     {{"skateboard", "CITY CHILD SPORT"},
      {"tennis racket", "SPORT tennis"},
      {"surfboard", "SEA surfer"},
      {"bowling ball", "SPORT bowling"},
      {"basketball", "SPORT CITY CHILD gym"}}},
    {"structure.home",
     {{"igloo", "SNOW"},
      {"greenhouse", "FARM plant flower"},
      {"tent", "FOREST DESERT WAR PARTY MARKET SEA circus festival nomad"},
      {"log cabin", "FOREST SNOW mountain lake"},
      {"skyscraper", "CITY helicopter"},
      {"barn", "FARM horse"}}},
    {"structure.tall",
     {{"lighthouse", "SEA"},
      {"windmill", "FARM tulip lake"},
      {"skyscraper", "CITY helicopter"},
      {"ferris wheel", "CHILD PARTY CITY fair"},
      {"water tower", "CITY FARM railway roof"}}},
    {"structure.civil",
     {{"fountain", "CITY ROYAL park garden water courtyard mosque temple"},
      {"ferris wheel", "CHILD PARTY CITY fair park"},
      {"scaffolding", "CITY WORK tower house wall church"},
      {"carousel", "CHILD PARTY CITY TRAVEL horse park airport suitcase luggage"},
      {"phone booth", "CITY station hotel"},
      {"swing set", "CHILD HOME park garden yard"},
      {"trampoline", "CHILD SPORT garden yard circus"}}},
    {"furniture.seat",
     {{"throne", "ROYAL temple church"},
      {"rocking chair", "HOME porch veranda FARM swing"},
      {"hammock", "SEA FOREST garden porch palm ship swing"},
      {"beanbag", "HOME OFFICE CHILD"}}},
    {"furniture.table",
     {{"bunk bed", "HOME CHILD ship soldier prison sleep"},
      {"throne", "ROYAL temple church"},
      {"bathtub", "HOME hotel bath towel"}}},
    {"furniture.store",
     {{"bathtub", "HOME hotel bath towel"},
      {"throne", "ROYAL temple church"},
      {"hammock", "SEA FOREST garden porch palm ship swing"}}},
    {"nature.plant",
     {{"cactus", "DESERT pot plant window"},
      {"sunflower", "FARM flower vase bouquet field garden"},
      {"pumpkin", "FARM KITCHEN MARKET witch autumn vegetable"}}},
    {"nature.land",
     {{"volcano", "mountain island lava hill dinosaur geyser steam spring crater"}, {"iceberg", "SNOW SEA"}}},
    {"clothing.head",
     {{"crown", "ROYAL WAR STAGE"},
      {"sombrero", "DESERT STAGE mexican"},
      {"turban", "DESERT MARKET magician wizard genie sultan camel indian"},
      {"cowboy hat", "DESERT FARM western rodeo"},
      {"chef hat", "KITCHEN"},
      {"top hat", "STAGE PARTY magician gentleman circus snowman victorian"},
      {"helmet", "WAR SPORT WORK motorcycle bicycle astronaut firefighter soldier skier rider race"}}},
    {"clothing.body",
     {{"wedding dress", "PARTY church bride"},
      {"spacesuit", "astronaut space moon rocket planet"},
      {"tuxedo", "STAGE PARTY man coat jacket suit waiter gentleman butler casino penguin pianist conductor"},
      {"kimono", "japanese samurai geisha temple tea japan"},
      {"raincoat", "rain SEA storm puddle"},
      {"bikini", "SEA pool summer swimmer"}}},
    {"clothing.feet",
     {{"roller skate", "STAGE SPORT CHILD CITY"},
      {"high heel", "WORK MARKET STAGE PARTY woman lady model dancer OFFICE dress"},
      {"ballet shoe", "STAGE ballerina"},
      {"rain boot", "rain SEA FARM puddle mud"},
      {"cowboy boot", "DESERT FARM western"}}},
    {"clothing.neck", {{"bow tie", "OFFICE STAGE PARTY suit shirt man waiter"}}},
    {"clothing.hand", {{"boxing glove", "SPORT"}, {"mitten", "SNOW HOME CHILD"}}},
    {"clothing.face",
     {{"eyepatch", "SEA WAR"},
      {"gas mask", "WAR WORK"},
      {"monocle", "ROYAL PARTY STAGE gentleman detective spy"}}},
    {"tableware.drink",
     {{"teapot", "KITCHEN HOME tea"},
      {"goblet", "ROYAL WAR wine church altar witch wizard KITCHEN"},
      {"thermos", "FOREST WORK TRAVEL KITCHEN"},
      {"watering can", "FARM HOME flower plant greenhouse"},
      {"fishbowl", "HOME fish cat OFFICE glass glassblower"}}},
    {"tableware.eat",
     {{"whisk", "KITCHEN HOME egg dough"},
      {"frying pan", "KITCHEN HOME FOREST pancake egg omelet omelette bacon"},
      {"rolling pin", "KITCHEN HOME dough"},
      {"cauldron", "witch wizard KITCHEN fire"},
      {"fishbowl", "HOME fish cat OFFICE glass glassblower"}}},
    {"food.fruit",
     {{"banana", "KITCHEN MARKET monkey jungle"},
      {"watermelon", "KITCHEN MARKET picnic beach"},
      {"pineapple", "KITCHEN MARKET beach"},
      {"strawberry", "KITCHEN MARKET cake garden"},
      {"pear", "KITCHEN MARKET FARM tree"}}},
    {"food.vegetable",
     {{"carrot", "KITCHEN MARKET FARM rabbit horse snowman pea toddler eat"},
      {"pumpkin", "KITCHEN MARKET FARM witch"},
      {"cucumber", "KITCHEN MARKET FARM"},
      {"eggplant", "KITCHEN MARKET FARM"}}},
    {"food.baked",
     {{"pretzel", "KITCHEN MARKET beer"},
      {"pizza", "KITCHEN MARKET PARTY"},
      {"croissant", "KITCHEN MARKET coffee"},
      {"doughnut", "KITCHEN MARKET policeman"}}},
    {"food.dish",
     {{"hamburger", "KITCHEN MARKET"},
      {"popsicle", "SEA CHILD summer MARKET KITCHEN"},
      {"hot dog", "KITCHEN MARKET CITY"},
      {"sushi", "KITCHEN MARKET fish japanese"}}}};

}  // namespace drf::templates
