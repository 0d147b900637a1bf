#pragma once
// Which verbs take which objects, for the twins of deeds: a row a kind of deed, its verbs and what each of
// them may be done to, as natural English. A deed is asked of another object only where a row holds both, and
// that is an object of the same row. For twins.cpp alone.

#include <string>
#include <utility>
#include <vector>

namespace drf::templates {

inline const std::vector<std::pair<std::string, std::string>> kDoneTo = {
    {"play", "guitar piano violin drum trumpet flute harp accordion"},
    {"carry hold tune", "guitar violin trumpet flute accordion"},
    {"read", "book newspaper letter map scroll"},
    {"carry hold drop grab catch", "book newspaper letter map scroll"},
    {"carry hold lift drop grab drag pull", "basket suitcase bucket"},
    {"carry hold open close shut", "umbrella suitcase"},
    {"drive board approach overtake pass follow chase wash", "car truck bus taxi motorcycle"},
    {"ride push", "bicycle unicycle skateboard motorcycle"},
    {"eat bite hold pick throw catch juggle drop grab wash", "apple banana orange strawberry pear pineapple"},
    {"peel", "apple banana orange potato carrot"},
    {"cut chop slice", "apple lemon watermelon tomato carrot potato onion cucumber pumpkin mushroom cabbage"},
    {"eat bite bake cut slice", "cake pizza pancake croissant pretzel"},
    {"hold lift raise drop grab", "cup bottle kettle jar"}};

}  // namespace drf::templates
