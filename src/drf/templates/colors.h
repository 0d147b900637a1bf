#pragma once
// Colors of two words, for words.cpp alone: a word right before a color that says which one is
// meant. Such a pair is one word of the caption ("a lime green scooter" has no lime), asked as a whole, with
// the twins of its color.

#include <map>
#include <string>

namespace drf::templates {

inline const std::map<std::string, std::string> kShades = {
    {"red", "cherry brick blood ruby wine candy tomato apple lipstick rust neon rose cranberry fire"},
    {"orange", "burnt neon pumpkin tangerine rust coral amber safety traffic"},
    {"yellow", "lemon canary mustard butter neon sunflower banana honey corn straw sun taxi"},
    {"green",
     "lime mint forest olive sea emerald moss apple neon hunter pea sage army jade kelly bottle acid "
     "pistachio "
     "avocado grass leaf racing slime teal toxic"},
    {"blue",
     "navy sky baby royal powder midnight electric ice cobalt steel sapphire cornflower ocean denim neon "
     "turquoise slate teal peacock robin azure aqua sea"},
    {"purple", "royal neon plum grape lavender eggplant violet amethyst"},
    {"pink", "hot neon baby bubblegum candy dusty rose salmon shocking coral blush pastel flamingo"},
    {"brown", "chocolate coffee chestnut rust golden walnut mud nut cinnamon caramel"},
    {"black", "jet coal ink raven onyx ebony"},
    {"white", "off snow pearl ivory milk bone cream eggshell chalk"},
    {"gray", "slate charcoal steel ash dove silver storm pearl iron smoke"},
    {"grey", "slate charcoal steel ash dove silver storm pearl iron smoke"}};

}  // namespace drf::templates
