// Which of two deeds a caption has first, on sentences that no rule was made for: read one by one, and kept.
#include "tests/unit/caption_asked.h"

namespace drf::critic {
namespace {

TEST(ClauseOrders, WhatComesFirstIsAsked) {
  expect_asked({
      {"First the juggler drops a pin, then he picks it up and bows.", "Does the juggler pick up the pin before bowing?"},
      {"The archer draws the bow, aims, and finally shoots the arrow.", "Does the archer aim before shooting the arrow?"},
      {"After the waiter sets down the tray, the guests begin to eat.", "Does the waiter set down the tray before the guests begin to eat?"},
      {"When the traffic light turns green, the cyclist rides off.", "Does the traffic light turn green before the cyclist rides off?"},
      {"A diver climbs the ladder and jumps into the pool.", "Does the diver climb the ladder before jumping into the pool?"},
      {"A chef takes off his apron and sits down at the table.", "Does the chef take off the apron before sitting down at the table?"},
      {"A monkey grabs a banana and climbs up a palm tree.", "Does the monkey grab the banana before climbing up the palm tree?"},
      {"A thief opens the window and crawls into the room.", "Does the thief open the window before crawling into the room?"},
      {"A knight draws his sword and charges at the dragon.", "Does the knight draw the sword before charging at the dragon?"},
      {"A robot picks up a wrench and tightens a screw.", "Does the robot pick up the wrench before tightening the screw?"},
      {"A toddler drops a spoon and it clatters on the floor.", "Does the toddler drop the spoon before the spoon clatters on the floor?"},
      {"A wizard taps a pumpkin with his wand and it turns into a carriage.", "Does the wizard tap the pumpkin before the pumpkin turns into a carriage?"},
      {"A golfer hits the ball and it rolls into the hole.", "Does the golfer hit the ball before the ball rolls into the hole?"},
      {"A girl pricks a balloon with a needle and it bursts.", "Does the girl prick the balloon before the balloon bursts?"},
      {"A stone hits the window and the pane shatters.", "Does the stone hit the window before the pane shatters?"},
      {"The lights go out. A moment later a ghost appears.", "Do the lights go out before the ghost appears?"},
      {"A pianist walks onto the stage, bows to the audience and sits down at the piano.", "Does the pianist walk onto the stage before bowing?"},
      {"A pianist walks onto the stage, bows to the audience and sits down at the piano.", "Does the pianist bow before sitting down at the piano?"},
      {"A fox jumps over a fence and disappears into the bushes.", "Does the fox jump over the fence before disappearing into the bushes?"},
      {"A man puts on his hat, takes his umbrella and leaves the house.", "Does the man put on the hat before taking the umbrella?"},
      {"A man puts on his hat, takes his umbrella and leaves the house.", "Does the man take the umbrella before leaving the house?"},
      {"A bird lands on a branch and folds its wings.", "Does the bird land on the branch before folding its wings?"},
      {"A skier falls, gets up and skis on.", "Does the skier fall before getting up?"},
      {"A rocket lifts off and vanishes into the clouds.", "Does the rocket lift off before vanishing into the clouds?"},
      {"A dog digs a hole and buries a bone in it.", "Does the dog dig the hole before burying the bone?"},
      {"A magician waves his wand and a rabbit hops out of the hat.", "Does the magician wave the wand before the rabbit hops out of the hat?"},
      {"A waitress drops a plate, and it breaks into pieces.", "Does the waitress drop the plate before the plate breaks into pieces?"},
      {"The door opens and a tall man steps out.", "Does the door open before the man steps out?"},
      {"A seal dives into the water and comes up with a fish.", "Does the seal dive into the water before coming up?"},
      {"A gardener digs up a carrot, wipes it on his trousers and eats it.", "Does the gardener dig up the carrot before wiping it?"},
      {"A gardener digs up a carrot, wipes it on his trousers and eats it.", "Does the gardener wipe the carrot before eating it?"},
      {"A chick hatches from an egg and hops out of the nest.", "Does the chick hatch from the egg before hopping out of the nest?"},
      {"The ferry leaves the dock and sails toward the island.", "Does the ferry leave the dock before sailing toward the island?"},
      {"A conductor enters the hall and greets the orchestra.", "Does the conductor enter the hall before greeting the orchestra?"},
      {"A kid jumps off the swing and lands on his feet.", "Does the kid jump off the swing before landing on his feet?"},
      {"The hot air balloon lifts off and drifts over the vineyards.", "Does the hot air balloon lift off before drifting over the vineyards?"},
      {"An old woman sits down on a bench and feeds the pigeons.", "Does the woman sit down on the bench before feeding the pigeons?"},
      {"A surgeon puts on gloves and picks up a scalpel.", "Does the surgeon put on gloves before picking up the scalpel?"},
      {"A man stops his motorbike, takes off his helmet and wipes his forehead.", "Does the man stop the motorbike before taking off the helmet?"},
      {"A tiger walks out of the jungle and drinks from the river.", "Does the tiger walk out of the jungle before drinking from the river?"},
      {"A little girl blows on a dandelion and the seeds fly away.", "Does the girl blow on the dandelion before the seeds fly away?"},
      {"A cat knocks over a vase, and the vase shatters on the tiles.", "Does the cat knock over the vase before the vase shatters on the tiles?"},
      {"A penguin waddles to the edge of the ice, slips and falls into the water.", "Does the penguin slip before falling into the water?"},
      {"A magician pulls a scarf out of his sleeve and bows.", "Does the magician pull the scarf out of the sleeve before bowing?"},
      {"A pickpocket bumps into a tourist, takes his wallet and disappears in the crowd.", "Does the pickpocket bump into a tourist before taking the wallet?"},
      {"A pickpocket bumps into a tourist, takes his wallet and disappears in the crowd.", "Does the pickpocket take the wallet before disappearing in the crowd?"},
      {"A gardener plants a seed and waters it.", "Does the gardener plant the seed before watering it?"},
      {"A clown opens an umbrella and confetti falls on the crowd.", "Does the clown open the umbrella before the confetti falls on the crowd?"},
      {"A swimmer climbs onto the block, adjusts her goggles and dives into the pool.", "Does the swimmer climb onto the block before adjusting the goggles?"},
      {"A man slips on a banana peel and falls into a fountain.", "Does the man slip before falling into a fountain?"},
      {"A lifeguard jumps down from her tower, runs across the sand and dives into the surf.", "Does the lifeguard jump down from the tower before running across the sand?"},
      {"An octopus opens a jar and takes out a crab.", "Does the octopus open the jar before taking out the crab?"},
      {"A delivery drone descends, drops a parcel on the porch and flies off.", "Does the delivery drone drop the parcel before flying off?"},
      {"A toy train comes out of the tunnel, crosses the bridge and stops at the station.", "Does the toy train cross the bridge before stopping?"},
      {"A pianist closes the lid, stands up and walks off the stage.", "Does the pianist stand up before walking off the stage?"},
      {"A man with a backpack gets on the tram and sits down next to a sleeping boy.", "Does the man get on the tram before sitting down?"},
      {"A crab crawls out of its hole, grabs a shrimp and disappears under a rock.", "Does the crab crawl out of the hole before grabbing the shrimp?"},
      {"The wolf blows and the straw house collapses.", "Does the wolf blow before the house collapses?"},
      {"A jogger ties her laces, puts on her headphones and runs along the canal.", "Does the jogger put on the headphones before running along the canal?"},
      {"First the curtain opens, then a spotlight comes on, and finally a singer walks onto the stage.", "Does the curtain open before the spotlight comes on?"},
      {"A soldier salutes, turns around and marches away.", "Does the soldier turn around before marching away?"},
      {"A cowboy mounts his horse and rides toward the mountains.", "Does the cowboy mount the horse before riding toward the mountains?"},
      {"A butcher sharpens his knife and slices the ham.", "Does the butcher sharpen the knife before slicing the ham?"},
      {"An apple falls from the tree and rolls down the hill.", "Does the apple fall from the tree before rolling down the hill?"},
      {"A sparrow hops onto a windowsill, pecks at crumbs and flies away.", "Does the sparrow peck at crumbs before flying away?"},
      {"A swimmer touches the wall, turns and swims back.", "Does the swimmer touch the wall before swimming back?"},
      {"A barber shakes out the cape and drapes it over a customer.", "Does the barber shake out the cape before draping it?"},
      {"A small robot rolls into the kitchen. It picks up a spoon and stirs the soup.", "Does the robot roll into the kitchen before picking up the spoon?"},
      {"A small robot rolls into the kitchen. It picks up a spoon and stirs the soup.", "Does the robot pick up the spoon before stirring the soup?"},
      {"A knight stops at a bridge. He raises his sword.", "Does the knight stop at the bridge before raising the sword?"},
      {"A frog jumps into a pond. It swims under a lily pad.", "Does the frog jump into a pond before swimming under the lily pad?"},
  });
}

// At once, over and over, by several, as a part of the other deed, or not told.
TEST(ClauseOrders, WhatMayBeAtOnceHasNoOrder) {
  for (const char* prompt : {
           "A singer dances and sings on a stage.",
           "A woman smiles and waves at the camera.",
           "A man walks and talks on the phone.",
           "A chef chops onions and stirs the soup.",
           "A robot repairs cars and builds houses in a workshop.",
           "Two chefs bake bread and fry eggs in a kitchen.",
           "A girl raises her arm and opens her mouth.",
           "A drummer closes his eyes and shakes his head.",
           "A boy opens and closes a box again and again.",
           "A cat jumps up and down and meows.",
           "A soldier lifts his rifle and shouts.",
           "A runner crosses the finish line and breaks the tape.",
           "A man holds an umbrella and carries a suitcase.",
           "A puppet raises its hand and nods repeatedly.",
           "A child drops a plate and cries.",
           "A dancer kicks her leg and spins.",
           "A machine fills bottles and closes them with caps all day.",
           "Every morning a monk opens the gate and sweeps the yard.",
           "A dog barks and a cat hisses.",
           "A boy hits a drum and a girl plays the flute.",
           "A woman pushes a pram and a dog runs beside her.",
           "A clown throws balls in the air and juggles them.",
           "A blacksmith hits the iron and sparks fly.",
           "A man presses a button and holds a lever.",
           "A teacher points at the board and explains.",
           "A juggler catches a ball and throws another one.",
           "The crowd claps and the band plays.",
           "Reversed footage of a man picking up a cup and drinking from it.",
           "A man opens the door or closes the window.",
           "A girl wants to open the box and take out the doll.",
           "A cook tastes the soup while he adds salt.",
           "The waves hit the rocks and break.",
           "A bird sits on a wire and opens its beak.",
           "A looping clip of a ball that falls and bounces back.",
           "A cowboy rides into town and sings.",
           "A woman in a red coat stops and a man in a black suit walks past.",
           "A man is wearing a hat that he puts on and takes off.",
           "A worker loads boxes and unloads crates at a dock.",
           "A boy pulls a rope and opens a curtain.",
           "Someone rings the doorbell and a dog barks.",
           "A kid blows out the candles and everyone claps.",
           "A woman opens her umbrella as it starts to rain.",
           "A bulldozer pushes over a wall and a worker claps.",
           "The lighthouse flashes and a ship sounds its horn.",
           "The escalator stops and the shoppers look around.",
           "A robot arm welds a door to a car and sparks fly.",
           "As the curtain rises, the dancers begin to move.",
           "A rider falls off her horse and the crowd gasps.",
           "A violinist lifts her bow and closes her eyes.",
           "A street performer juggles knives and balances a chair on his chin.",
           "A soldier marches and salutes.",
           "A fan opens and closes and hides a dancer's face.",
           "A wolf howls at the moon and the pack answers.",
           "Children run into the sea and splash each other.",
           "Two swans land on the lake and swim side by side.",
           "A chef bakes a cake. He cracks three eggs into a bowl.",
           "A man opens a parcel. He cuts the string with a knife.",
           "A woman walks into a room. She is wearing a red dress.",
           "A man gets out of a taxi. He holds an umbrella.",
           "A dancer kneels on the stage. Her partner lifts a lantern."
       }) {
    EXPECT_FALSE(mentions(prompt, " before ")) << prompt;
  }
}

// Each order has its near twin, turned round.
TEST(ClauseOrders, TheTwinIsTurnedRound) {
  const std::string cards = "A stone hits the window and the pane shatters.";
  EXPECT_EQ(twin_of(cards, "Does the stone hit the window before the pane shatters?"),
            "Does the pane shatter before the stone hits the window?");
  const std::string gate = "A farmer digs up a carrot, wipes it and eats it.";
  EXPECT_EQ(twin_of(gate, "Does the farmer wipe the carrot before eating it?"),
            "Does the farmer eat the carrot before wiping it?");
}

TEST(ClauseOrders, WhatADeedIsDoneForLeavesItAsked) {
  expect_asked({{"A sailor splices the rope to mend the net.", "Does the sailor splice the rope?"}});
  expect_unmentioned({{"A captain orders a sailor to drop the anchor", "order the sailor?"},
                      {"A coach signals a runner to start", "signal the runner?"}});
}

}  // namespace
}  // namespace drf::critic
