#pragma once
// What a negated twin asks for, by the category of what is there where near.h has nothing: nouns
// that the eye cannot take for it, and the words beside which each would be no surprise. For
// twins.cpp alone.

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace drf::templates {

inline const std::map<std::string, std::vector<std::pair<std::string, std::string>>> kTwinPools = {
    {"animal",
     {{"dog",
       "park owner home wolf family house shepherd hunter garden sled farm street village beach town square "
       "plaza pigeon kid boy girl yard porch"},
      {"cat",
       "home house family roof witch alley kitchen sofa window street village farm town windowsill yard "
       "neighborhood grandma"},
      {"horse",
       "village town farm field ranch cowboy race stable knight carriage farmer barn prince meadow hay polo "
       "western"},
      {"sheep", "village farm field meadow shepherd hill farmer pasture wool barn"},
      {"elephant", "zoo savanna circus waterhole jungle safari africa savannah"},
      {"lion", "zoo savanna circus safari africa savannah"},
      {"bear", "forest zoo mountain honey circus woods arctic teddy snow ice iceberg river campfire tent"},
      {"rabbit", "forest field garden meadow hat magician easter grass"},
      {"penguin", "ice snow iceberg zoo arctic antarctic polar"},
      {"dolphin", "sea ocean boat beach ship water pool island sailboat"},
      {"owl", "night forest tree witch wizard barn woods"},
      {"frog", "pond lake swamp river prince princess rain leaf lily"},
      {"snake", "desert jungle grass cave pirate"},
      {"butterfly",
       "yard farm porch field bird flower garden meadow field tulip rose sunflower spring blossom"}}},
    {"beast", {}},
    {"vehicle",
     {{"train", "city street station railway rail track tunnel bridge passenger"},
      {"sailboat", "sea ocean lake harbor beach river canal shore port island water sailor pier coast"},
      {"helicopter", "city rescue sky army airport mountain police soldier"},
      {"tractor",
       "farm field barn farmer hay vineyard cornfield rural village wheat plow plough snowplow bulldozer "
       "excavator digger harvester trailer"},
      {"motorcycle", "street road highway city town traffic garage biker alley biker leather"},
      {"submarine", "sea ocean underwater navy ship diver"},
      {"bus", "street road city station town school traffic stop passenger taxi bus_stop airport"}}},
    {"person",
     {{"astronaut", "space rocket moon planet star space_station"},
      {"clown", "circus party carnival birthday festival parade children costume"},
      {"knight",
       "castle sword armor horse dragon medieval king queen prince princess guard soldier assassin army "
       "warrior battle fantasy game"},
      {"pirate", "ship sea treasure sword parrot sailor island boat captain"},
      {"ballerina",
       "perform skate stage theater theatre ballet concert dance dancer studio soloist corps choreography"},
      {"firefighter", "fire burn smoke flame building rescue explosion"},
      {"samurai", "katana sword bamboo japanese japan warrior soldier ninja guard assassin game battle"},
      {"cowboy", "horse desert ranch farm cattle cow rodeo western hat"},
      {"nun", "choir robe church monk temple monastery school"}}},
    {"instrument",
     {{"guitar",
       "dance village party festival wedding parade bonfire street band concert orchestra music stage "
       "musician"},
      {"violin",
       "dance village party festival wedding parade bonfire street band concert orchestra music stage "
       "musician"},
      {"trumpet",
       "dance village party festival wedding parade bonfire street band concert orchestra music stage "
       "musician parade"},
      {"drum",
       "dance village party festival wedding parade bonfire street band concert orchestra music stage "
       "musician parade"},
      {"harp",
       "dance village party festival wedding parade bonfire street band concert orchestra music stage "
       "musician angel"},
      {"accordion",
       "dance village party festival wedding parade bonfire street band concert orchestra music stage "
       "musician"}}},
    {"furniture",
     {{"bathtub",
       "bathroom hotel home house bath toilet shower towel soap shampoo toothbrush mirror sink rubber_duck "
       "bubble"},
      {"hammock", "beach garden palm camp island tree porch summer vacation tropical sailor ship deck"},
      {"throne", "king queen castle palace prince princess royal crown knight palace hall medieval"},
      {"bed",
       "bedroom hotel hospital room apartment home house sleep night living_room toy doll puppet midnight "
       "pillow blanket pajamas nursery nurse patient lullaby asleep bedside wardrobe closet alarm teddy "
       "child children kid baby dream bedtime cabin attic lamp nightstand drawer"}}},
    {"tableware",
     {{"teapot",
       "tea kitchen cafe restaurant breakfast shelf cup table frying_pan pan cook kettle stove chef coffee "
       "saucer mug"},
      {"barrel",
       "butter churn haystack spinning wine cellar ship bar farm beer pirate workshop tavern dock harbor pub "
       "brewery vineyard castle medieval siege army goblin knight cave basement"},
      {"goblet", "king queen knight castle wine feast medieval witch wizard throne church altar banquet"}}},
    {"structure",
     {{"lighthouse", "sea ocean beach cliff harbor coast island shore ship boat pier"},
      {"windmill",
       "field meadow farm tulip rural landscape hill village desert lake prairie countryside horizon dutch "
       "road barn"},
      {"castle",
       "building wall gate ruins inn hotel tower "
       "hill knight king queen princess prince medieval village mountain cliff dragon forest fantasy wizard"},
      {"skyscraper", "city street office urban helicopter rooftop roof downtown neon traffic shop"},
      {"igloo", "snow ice arctic penguin winter"},
      {"tent", "camp campfire forest festival desert hiker mountain circus market beach fair wedding"},
      {"greenhouse", "garden plant flower farm gardener tomato vegetable"},
      {"pyramid",
       "desert sand camel egypt temple ruins tomb cone triangle block brick cube stack domino card cup "
       "wooden_block"},
      {"carousel",
       "park carnival fair festival children playground horse airport suitcase luggage baggage terminal"}}},
    {"thing",
     {{"balloon",
       "birthday party child children carnival festival fair sky parade boy girl party circus clown kite "
       "fair"},
      {"kite", "sky beach park child wind children boy girl field parachute balloon string"},
      {"typewriter", "office desk writer detective table library letter study journalist newspaper noir"},
      {"telescope",
       "night star astronomer observatory scientist balcony moon tower captain pirate ship sailor roof"},
      {"globe",
       "library school classroom office desk map teacher study explorer geography ship captain glass "
       "glassblower bubble"},
      {"teddy bear",
       "child children bedroom toy baby boy girl doll kid nursery midnight toyshop sleep puppet chest"},
      {"sword",
       "knight king samurai armor castle pirate battle shield soldier museum viking gladiator ninja"},
      {"hourglass", "sand desk wizard time library clock midnight"},
      {"parachute", "sky plane airplane jump soldier kite balloon"},
      {"frisbee", "dog park beach field"},
      {"snowman", "snow winter cold ice child"},
      {"anvil", "blacksmith workshop hammer forge"}}},
    {"food",
     {{"banana", "kitchen market fruit monkey supermarket basket bowl breakfast pantry grocery"},
      {"watermelon", "market fruit summer picnic beach supermarket"},
      {"pizza", "kitchen restaurant party oven chef italian cafe cook fridge tavern bakery"},
      {"pineapple", "kitchen market fruit tropical supermarket beach basket bowl"},
      {"carrot",
       "kitchen rabbit garden market soup chef snowman horse supermarket cook pantry vegetable grocery"},
      {"pretzel", "bakery baker market festival bar kitchen tavern pub cafe beer"}}},
    {"nature",
     {{"cactus", "desert mexican western cowboy canyon plant flowerpot"},
      {"volcano", "mountain island lava hill geyser steam spring crater"},
      {"iceberg", "sea ocean arctic ice ship penguin polar snow water walrus"}}},
    {"clothing",
     {{"crown", "king queen prince princess royal throne"},
      {"helmet",
       "knight motorcycle soldier cyclist miner bicycle racing astronaut skier armor race firefighter  "
       "construction builder cyclist"
       "skateboard"},
      {"eyepatch", "pirate ship"},
      {"wedding dress", "bride wedding groom church"}}},
    {"shape",
     {{"cube", "box block dice square ice ice_cube sugar cheese"},
      {"sphere",
       "ball circle globe scoop ice_cream moon planet bubble orange apple balloon marble drop droplet"},
      {"pyramid", "triangle cone ice_cream"},
      {"cylinder", "tube can pillar"}}},
    {"mass.ground",
     {{"sand",
       "beach desert shore dune hourglass sea island river track circus arena race playground construction "
       "builder bricklayer lake "
       "camel"},
      {"snow", "winter mountain cold ice polar"},
      {"lava", "volcano"}}},
    {"mass.drink",
     {{"milk",
       "restaurant customer waiter cafe kitchen breakfast fridge refrigerator juice mom mother supermarket "
       "cow cookie coffee tea cat farm baby cake cereal"},
      {"lemonade", "restaurant customer waiter cafe bar summer picnic lemon party table glass bar"},
      {"lava", "volcano"}}},
    {"mass.air",
     {{"confetti", "party carnival festival parade birthday wedding celebrate paper"},
      {"lightning", "storm rain thunder sky night cloud stormy"},
      {"snow", "winter mountain cold ice polar fog mist cloud"}}},
    {"mass.stuff",
     {{"confetti", "party carnival festival parade birthday wedding celebrate paper"},
      {"seaweed", "sea ocean beach water fish sushi"}}},
    {"place.home",
     {{"classroom", "school teacher student child"},
      {"supermarket", "shop food"},
      {"street", "window car house"},
      {"forest", "tree window mountain hill"}}},
    {"place.public",
     {{"bedroom", "bed hotel home"},
      {"beach", "sea sand ocean"},
      {"forest", "tree garden mountain hill valley train"},
      {"swimming pool", "hotel gym water swim"}}},
    {"place.town",
     {{"beach", "sea sand ocean harbor"},
      {"forest", "tree park mountain hill valley"},
      {"kitchen", "cook food"},
      {"desert", "sand dust"}}},
    {"place.wild",
     {{"kitchen", "cook food"},
      {"harbor", "sea boat ship lake"},
      {"subway", "train city"},
      {"classroom", "school teacher student"}}},
    {"place.shore",
     {{"desert", "sand salt dry dune cactus"},
      {"kitchen", "cook food"},
      {"library", "book"},
      {"parking lot", "car truck van"}}},
    {"place.beyond", {{"kitchen", "cook food"}, {"street", "car road"}, {"vineyard", "grape wine"}}}};

}  // namespace drf::templates
