// What a caption tells beside its nouns and verbs: by a pronoun, by words for the picture.
#include <gtest/gtest.h>

#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

TEST(ToldKinds, APronounTellsManOrWomanOfTheOnlyPerson) {
  expect_asked({
      {"A mechanic lifts the hood of a car, then wipes his hands on a rag", "Is the mechanic male?"},
      {"A pianist closes the lid and puts on her coat", "Is the pianist female?"},
      {"A chef tastes the soup. He adds salt.", "Is the chef male?"},
      {"a dancer spinning on a stage with her arms raised", "Is the dancer female?"},
      {"A farmer leans on his fence", "Is the farmer male?"},
      {"The hiker stops at a stream and fills her bottle", "Is the hiker female?"},
      {"A nurse folds a blanket before she leaves the room", "Is the nurse female?"},
      {"The judge bangs his gavel on the desk", "Is the judge male?"},
      {"A mail carrier drops a letter and looks at her bicycle", "Is the mail carrier female?"},
      {"A chef and his wife cook soup", "Is the chef male?"},
  });
  EXPECT_EQ(twin_of("A pianist closes the lid and puts on her coat", "Is the pianist female?"),
            "Is the pianist male?");
  expect_unmentioned({
      {"A nurse hands a patient his crutches", "male?"},
      {"A teacher and a student share her lunch", "male?"},
      {"A barber trims a man's beard while he reads", "male?"},
      {"A mechanic polishes an old sailboat until she shines", "male?"},
      {"A woman waits for a doctor. She reads.", "male?"},
      {"An astronaut plants her flag", "male?"},
      {"A diver checks his mask", "male?"},
      {"A man and a chef cook his soup", "female?"},
      {"A farmer strokes a cow. She moos.", "male?"},
      {"Two dancers bow and one of them lifts her skirt", "male?"},
      {"A singer dressed as a pirate lifts his sword", "male?"},
      {"A close-up of a pianist's fingers as she plays", "male?"},
      {"Maria hands the baker her coat", "male?"},
      {"A boy carries his bag", "male?"},
      {"A robot barista learns to dance, a customer claps, he bows", "male?"},
      {"The silhouette of a dancer lifts her arms", "male?"},
      {"The mechanic turns into a frog and loses his hat", "male?"},
      {"A gardener waters the roses", "male?"},
      {"A knight lowers his visor", "male?"},
      {"A dancer lifts her arms and his hat falls", "male?"},
      {"A guard stops a guard with her dog", "male?"},
  });
}

TEST(ToldKinds, AHeadingBeforeAColonIsNothingSeen) {
  expect_unmentioned({
      {"Gossip column: the singer waves at a camera", "column"},
      {"A letter from grandma: the gardener waters the beans", "grandma"},
      {"A letter from grandma: the gardener waters the beans", "letter"},
      {"Fortune cookie: a dentist juggles apples", "cookie"},
      {"Ship's log: fog, a bell, a trawler", "log"},
      {"Postcard from nowhere: a caravan on a beach", "postcard"},
  });
  expect_asked({
      {"A letter on a desk: the wind lifts it", "Is there a letter?"},
      {"A dog and a cookie: the dog eats the cookie", "Is there a cookie?"},
      {"A farm at dawn: a rooster crows", "Is the setting a farm?"},
      {"A boy reads a letter: it is from a girl", "Is there a letter?"},
  });
}

TEST(ToldKinds, WordsForThePictureAreAsked) {
  expect_asked({
      {"a ladybug on a blade of grass, macro", "Is it a close-up?"},
      {"A dog running over a field, handheld, 4k", "Does the video look filmed by hand?"},
      {"a wooden boat on a lake in summer", "Is it summer?"},
      {"A ferry on a river, painted like an impressionist oil painting",
       "Is the video in the style of an impressionist painting?"},
      {"A cat on a roof, in the style of claymation", "Is the video a clay animation?"},
      {"A sleeping fox, made as a stop-motion felt animation", "Is the video a stop-motion animation?"},
      {"night vision footage of a fox in a garden", "Does the video look like night-vision footage?"},
      {"a dog stealing a sausage, shot on iphone", "Does the video look filmed with a phone?"},
      {"A photorealistic close-up of a snail on a leaf", "Is the video photorealistic?"},
      {"a castle on a hill, highly detailed", "Is the picture rich in detail?"},
      {"Upside-down shot of a boy on a swing", "Is the picture upside down?"},
      {"old home movie of a picnic, light leaks", "Are there light leaks in the picture?"},
  });
  expect_unmentioned({
      {"A boy draws like a cartoon", "cartoon style"},
      {"A highly detailed tattoo on the arm of a man", "rich in detail"},
      {"A man holds a handheld fan", "filmed by hand"},
      {"A macro lens lies on a desk", "close-up"},
      {"A scientist pours a blue liquid into a beaker. Macro lens, 60 fps.", "close-up"},
      {"A dress of bright colors hangs on a line", "colors bright"},
      {"The end of a summer day on a farm", "summer"},
      {"A cloud that looks like an oil painting", "oil painting"},
      {"A backlit keyboard on a desk", "lit from behind"},
      {"A clip of a child who loves vintage car animation books", "look old"},
      {"A man laughs at the news on a phone", "news footage"},
  });
}

}  // namespace
}  // namespace drf::templates
