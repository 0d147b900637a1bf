// The order that a word tells, of clauses in their own words; what a video starts and ends with; and
// lookalikes.
#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

TEST(StoryOrders, AClauseOfTimeWithADoerOfItsOwn) {
  expect_asked({
      {"As soon as the clock strikes midnight, the mannequins in the shop window start to breathe.",
       "Does the clock strike midnight before the mannequins start to breathe?"},
      {"A fox runs along a moving train. Once the train enters a tunnel the screen goes dark.",
       "Does the train enter a tunnel before the screen goes dark?"},
      {"An ice cube in a glass of whisky shrinks little by little until only water is left on the surface.",
       "Does the ice cube shrink little by little before only water is left on the surface?"},
      {"A snowman melts until only a carrot and two buttons are left on the grass.",
       "Does the snowman melt before only a carrot and two buttons are left on the grass?"},
      {"Before she dives, the swimmer adjusts her goggles.",
       "Does the swimmer adjust her goggles before diving?"},
      {"Two kids find a broken arcade machine behind a gas station. When they plug it in, a pixel dragon "
       "jumps out.",
       "Do the two kids plug the arcade machine in before the pixel dragon jumps out?"},
      {"A kid lets go of a swing, the empty swing keeps rocking and slows down until it stops.",
       "Does the empty swing slow down before stopping?"},
  });
  EXPECT_EQ(twin_of("A fisherman pulls and pulls until a rusty bicycle comes out of the pond.",
                    "Does the fisherman pull before the rusty bicycle comes out of the pond?"),
            "Does the rusty bicycle come out of the pond before the fisherman pulls?");
  expect_unmentioned({
      {"The dog does not bark until the cat arrives.", " before "},
      {"The cat looks like a dog until you see its tail.", " before "},
      {"When the grandma sees it she chases the goat with a broom.", " before "},
      {"The clown juggles balls, cups and plates until midnight.", " before "},
      {"The boy wants to fly before the sun sets.", " before "},
      {"Once a week a nun feeds the ducks.", " before "},
      {"If the glass falls, then it breaks.", " before "},
      {"A dancer spins as the music swells, then the crowd cheers.", " before "},
  });
}

TEST(StoryOrders, ThenAndFinally) {
  expect_asked({
      {"A mechanic lifts the hood, checks the oil, and finally slams the hood shut.",
       "Does the mechanic check the oil before slamming the hood shut?"},
      {"First the barber wets the customer's hair, then he cuts the fringe, and at last he holds up a "
       "mirror.",
       "Does the barber cut the fringe before holding up a mirror?"},
      {"camera spins around a couple kissing in a stadium then flies up over the crowd",
       "Does the camera spin around a couple kissing in a stadium before flying up over the crowd?"},
      {"A vlog of a guy with a mullet. He takes one bite, stays calm for a second, and then turns bright "
       "red.",
       "Does the guy stay calm for a second before turning bright red?"},
  });
  expect_unmentioned({
      {"A man nearly falls off the ladder, then climbs down.", " before "},
      {"A girl hears a noise, then opens the door.", " before "},
      {"A cat chases a mouse, then it hides under the sofa.", " before "},
      {"A man gives a boy a ball, then he runs away.", " before "},
      {"A photo of a man who then becomes king hangs on the wall.", " before "},
      {"The chef would cut the fish, then serve it.", " before "},
      {"A painter mixes blue and yellow, then green.", " before "},
      {"In reverse: a vase shatters, then falls up onto the shelf.", " before "},
  });
}

TEST(StoryOrders, ADeedThatIsOverBeforeTheNext) {
  expect_asked({
      {"A water balloon hits a cactus and splashes the wall behind it",
       "Does the water balloon hit a cactus before splashing the wall behind the cactus?"},
      {"A man picks up a tiny gear with tweezers, drops it into the case, and then winds the crown.",
       "Does the man drop the gear into the case before winding the crown?"},
  });
  expect_unmentioned({
      {"A boy in a straw hat sits on a fence and eats a plum.", " before "},
      {"A clown lifts his hat and winks at the crowd.", " before "},
      {"A machine drops bottles and fills boxes over and over.", " before "},
  });
}

TEST(StoryOrders, WhatAVideoStartsAndEndsWith) {
  expect_asked({
      {"A baker ties a rope. The last shot shows an empty bakery with the lights off.",
       "Does the video end with an empty bakery with the lights off?"},
      {"Shaky phone video, no music, ends on the empty plate.", "Does the video end with the empty plate?"},
      {"It begins on a single candle flame and ends on a table full of guests.",
       "Does the video start with a single candle flame?"},
      {"Time-lapse of a city going from day to night", "Does it go from day to night in the video?"},
      {"The mannequins stand in the window again, but the dog is gone.",
       "Is the dog gone at the end of the video?"},
  });
  EXPECT_EQ(
      twin_of(
          "Starting on a close-up of a violinist's fingers, the camera pulls back to reveal the orchestra",
          "Does the video start with a close-up of a violinist's fingers?"),
      "Does the video end with a close-up of a violinist's fingers?");
  expect_unmentioned({
      {"The rope ends with a hook.", "the video end"},
      {"The concert ends with a firework.", "the video end"},
      {"The bridge opens with a speech.", "the video start"},
      {"The last scene is being filmed while a crew watches.", "the video end"},
      {"The final shot of the match is a smash.", "the video end"},
      {"A boat tour from dawn to dusk is advertised on a poster.", "from dawn"},
  });
}

TEST(StoryOrders, PhrasesThatSayThatItComesNext) {
  expect_asked({
      {"The diver touches the shell, and only then does the pearl glow.",
       "Does the diver touch the shell before the pearl glows?"},
      {"The dog sits down. Only after that does the trainer throw the ball.",
       "Does the dog sit down before the trainer throws the ball?"},
      {"The knight bows, the king nods, and last of all the trumpeters lower their trumpets.",
       "Does the king nod before the trumpeters lower their trumpets?"},
      {"A goalie puts on her gloves, slaps both posts and only then walks to the line.",
       "Does the goalie put on her gloves before walking to the line?"},
      {"A car stops, next a woman in red gets out, and lastly a dog jumps out.",
       "Does the woman get out before the dog jumps out?"},
      {"A boy hides behind the sofa until his sister counts to ten, then he sneaks out.",
       "Does the boy hide behind the sofa before sneaking out?"},
      {"Drone shot circling a lighthouse, then descending to the beach.",
       "Does the camera circle a lighthouse before descending to the beach?"},
  });
  expect_unmentioned({
      {"Only then do prices fall, the sign reads.", " before "},
      {"The wizard only then understands the riddle.", " before "},
      {"With that hat the clown looks tall.", " before "},
      {"A tracking dog following a scent, then barking at a tree.", "camera"},
      {"Drone racers circling a tower, then cheering fans in the stands.", "camera"},
      {"The barber shaves the man, and only after that he trims the beard.", " before "},
      {"A judge takes a nap, tells a joke, and then leaves.", "nap before"},
  });
}

TEST(StoryOrders, WhatAClauseOfTimeTellsOf) {
  expect_asked({
      {"By the time the bus arrives, the snowman has melted.",
       "Does the snowman melt before the bus arrives?"},
      {"Once everyone on the bus sits down, the driver closes the door.",
       "Does everyone on the bus sit down before the driver closes the door?"},
      {"Rows of houses stay hidden until the fog lifts.",
       "Do the rows of houses stay hidden before the fog lifts?"},
      {"When the elevator doors finally open, a clown steps out.",
       "Do the elevator doors open before the clown steps out?"},
      {"A monk lights a candle just before the rain begins.",
       "Does the monk light a candle before the rain begins?"},
      {"After closing the lid, she shakes the jar.", "Does the person close the lid before shaking the jar?"},
      {"A chef torches the sugar. Before serving it she taps the crust.",
       "Does the chef tap the crust before serving the sugar?"},
  });
  expect_unmentioned({
      {"By the time of the kings, the walls were painted.", " before "},
      {"The snowman has melted, and the bus arrives.", " before "},
      {"As soon as possible, the crew leaves.", " before "},
      {"A train passes every hour until the last one leaves.", " before "},
      {"The kids haven't eaten until now.", " before "},
      {"Before rain the air is still.", " before "},
  });
}

TEST(StoryOrders, AVerbThatIsTheOnlyOneOfItsClause) {
  expect_asked({
      {"A winger dives over the line before sidestepping a tackler.",
       "Does the winger dive over the line before sidestepping the tackler?"},
      {"The ice cracks and then a fox jumps onto the shore.",
       "Does the ice crack before the fox jumps onto the shore?"},
      {"The pot boils over, and right after that the lights go out.",
       "Does the pot boil over before the lights go out?"},
      {"A shuttle lifts off. A few minutes later, the boosters drop into the sea.",
       "Does the shuttle lift off before the boosters drop into the sea?"},
      {"An old man winds a clock. As soon as it strikes twelve, a wooden bird pops out.",
       "Does the clock strike twelve before the wooden bird pops out?"},
      {"A camera orbits a statue until the sun comes into view, then drops to street level.",
       "Does the camera orbit a statue before dropping to street level?"},
      {"A time traveler steps out of a booth and goes back inside before the door closes.",
       "Does the time traveler go inside before the door closes?"},
      {"A wizard bows, and after a few seconds the tent flies away.",
       "Does the wizard bow before the tent flies away?"},
  });
  expect_unmentioned({
      {"A woman walks home without a coat until it snows.", "coat snow"},
      {"A man at a window waits until it is dark.", "window dark"},
      {"A small gray hand reaches out before the lid closes.", "hand reaches before"},
      {"The later train is full, and then the earlier one comes.", " before "},
      {"The street lamps in the fog and then a dark park.", " before "},
      {"A pile of stone steps up to the temple and then a gate.", " before "},
      {"In the end a girl plants it in a park.", "the end in"},
      {"Suddenly the lights go out, and when they come back on, the puppet is standing in the ring.",
       "before the puppet is"},
  });
}

TEST(StoryOrders, ACaptionWithoutAFiniteVerb) {
  expect_asked({
      {"A dog digging a hole until it finds a bone", "Does the dog dig a hole before finding a bone?"},
      {"An ice cream cone melting until only a puddle is left",
       "Does the ice cream cone melt before only the puddle is left?"},
      {"Two kids building a sandcastle before a wave washes it away",
       "Do the two kids build a sandcastle before the wave washes the sandcastle away?"},
      {"A barista pouring milk, then handing the cup to a customer",
       "Does the barista pour milk before handing the cup to a customer?"},
      {"A plane taking off and then disappearing into the clouds",
       "Does the plane take off before disappearing into the clouds?"},
  });
  expect_unmentioned({
      {"A man wearing a hat, then another man in a coat.", " before "},
      {"A dog barking at a cat, and a bird sings.", " before "},
      {"A woman holding a kite before a mirror", " before "},
      {"A building before a storm, then a rainbow", " before "},
      {"A swimming pool, a diving board, then a slide", " before "},
  });
}

TEST(StoryOrders, WhomAPronounMeansBehindAClauseOfTime) {
  expect_asked({
      {"After the guard turns the corner, two kids crawl out of the vent. They reach the vault just before "
       "the "
       "lights come back on.",
       "Do the two kids reach the vault before the lights come back on?"},
      {"The girls rise on their toes, and when the pianist stops they drop to the floor.",
       "Does the pianist stop before the girls drop to the floor?"},
      {"In the shallows a crocodile lies still until a gazelle bends down.",
       "Does the crocodile lie still before the gazelle bends down?"},
      {"Unboxing: he cuts the tape, lifts the lid and only then looks inside.",
       "Does the person lift the lid before looking inside?"},
      {"Once the helicopter arrives, everyone on the roof of the bakery waves towels.",
       "Does the helicopter arrive before everyone on the roof of the bakery waves towels?"},
      {"A boy draws a door on the wall with chalk, and then it opens.",
       "Does the boy draw a door on the wall with chalk before the door opens?"},
      {"A drummer pawns a cymbal to pay for a hearing aid. Years later a street kid finds it in the shop.",
       "Does the drummer pawn a cymbal before the street kid finds the cymbal in the shop?"},
      {"First the postman rings the bell, then a dog barks behind the door.",
       "Does the postman ring the bell before the dog barks behind the door?"},
      {"A kid blows out a candle and afterwards everyone claps.",
       "Does the kid blow out a candle before everyone claps?"},
  });
  expect_unmentioned({
      {"A silent film clown sits on a bench that isn't there. After a while the bench appears.",
       "on a bench before"},
      {"A gazelle leaps away. Soon the water is calm again.", "calm again"},
      {"A girl opens a box. Then her reflection keeps smiling.", "before"},
      {"A king snores on his throne; as soon as the jester tickles him, he sneezes.", " before "},
      {"A polar bear rears up. Soon a seal is in its jaws.", "in its jaws"},
      {"After the radio dies, the engine stops.", "before"},
      {"A girl and two dogs run. Then they bark until the door opens.", "the girl bark"},
      {"Ice drops into a shaker, next comes the gin, then the bartender shakes the shaker.", "come"},
      {"The detective puts a photo on the table, the suspect looks away, and finally he breaks down in "
       "tears.",
       "before breaking down"},
      {"A toy soldier wakes up after the children go to bed, and together they cross the dark house.",
       "cross the dark"},
  });
}

TEST(StoryOrders, WhatComesLast) {
  expect_asked({
      {"They enter a contest and win it. In the final scene the king gives the frog a tiny golden crown.",
       "Does the video end with the king giving the frog a tiny golden crown?"},
      {"It ends with the judge laughing behind his hand.",
       "Does the video end with the judge laughing behind his hand?"},
      {"We open on a hand turning a key. We close on the two sisters hugging in the rain.",
       "Does the video end with the two sisters hugging in the rain?"},
      {"The video concludes with a shot of the moon over the lake.",
       "Does the video end with a shot of the moon over the lake?"},
      {"The shot starts on a spinning wheel and ends on the mountain pass behind her.",
       "Does the video end with the mountain pass?"},
      {"The video ends as a whale jumps over the boat.",
       "Does the video end with a whale jumping over the boat?"},
      {"The camera glides through a window, circles a piano, and ends on a sleeping cat.",
       "Does the video end with a sleeping cat?"},
      {"A waiter drops a tray. Cut to black.", "Does the video end with a black screen?"},
  });
  expect_unmentioned({
      {"We open the box on the table.", "the video start"},
      {"A lawyer closes with a joke while the jury laughs.", "the video end"},
      {"At the end of the pier a boy sits.", "the video end"},
      {"By the end of the street a dog sleeps.", "the end of the video"},
      {"A girl drops a jar. The shirt fades to black.", "black screen"},
      {"In the end zone the player dances.", "the video end"},
      {"In the end the king sleeps. Then a dog barks.", "the video end"},
  });
}

}  // namespace
}  // namespace drf::templates
