#pragma once
// The general parser's verbs, for words.cpp alone: "base" or "base|contrary". A contrary takes the
// same object and is false wherever the verb is true all along.

#include <map>
#include <string>

namespace drf::templates {

/// The subject changes its place; a sentence by itself.
inline const std::string kMotionVerbs =
    "move run jog sprint gallop walk stroll wander march fly soar glide swim dive crawl jump leap hop climb "
    "roll slide bounce spin rotate drift skate ski surf dance tumble swing trot orbit paddle flow "
    "stumble tiptoe skip hover gallop swirl sway creep limp scurry slither waddle float parade dash twirl "
    "whirl "
    "flutter ascend descend scamper prance swerve plunge sneak slip lunge hurtle stomp stride strut dart "
    "trek skateboard charge stagger pedal meander retreat patrol "
    "skid shuffle tramp bound backflip circle wade hike trudge canter stampede plummet cartwheel "
    "somersault pirouette glide hurtle";

/// States and events that need no object.
inline const std::string kAloneVerbs =
    "stare gaze escape land smile|cry laugh|cry cry|laugh weep|laugh talk speak whisper shout scream sneeze "
    "cough yawn snore "
    "bark|sleep meow howl "
    "roar wink nod bow clap applaud cheer meditate pray blink frown|smile "
    "shine glow flicker sparkle shimmer glitter burn bloom wilt|bloom wither|bloom melt|freeze "
    "explode shatter collapse burst crumble evaporate boil sizzle "
    "drip leak erupt ripple splash fall|rise sink|rise rise|sink shiver tremble vibrate "
    "graze perform wrestle swoop hatch sprout flap panic smolder blaze crash sweat salute gesture splatter "
    "clash creak wobble tilt teeter curl spark drizzle sag shudder chuckle blush faint ignite dim "
    "gather scatter converge flare grin|frown "
    "giggle|cry chuckle|cry sob|laugh hum whistle growl purr hiss chirp squint pant drool quiver squirm "
    "wriggle twitch "
    "billow crackle fizz overflow freeze|melt thaw|freeze deflate dissolve grow|shrink shrink|grow "
    "expand|shrink vanish "
    "disappear pose topple spar wake pounce bob apologize";

/// Where somebody or something is.
inline const std::string kPostureVerbs =
    "dangle recline|stand lounge|stand squat|stand huddle nestle cower|stand slump "
    "kneel|stand sit|stand stand|lie_down lie|stand sleep|run rest|run lean hang perch crouch|stand float "
    "hover";

/// With an object or without one.
inline const std::string kBothVerbs =
    "open|close close|open ride drive eat drink read write cook paint draw sing play sail row wave knit sew "
    "fish type bake chew "
    "iron sweep juggle sketch break crack pop shake bend flip tear twirl stretch blow drop knock nibble "
    "munch fight "
    "reflect conduct scribble";

/// Nothing is asked of these without their object.
inline const std::string kObjectVerbs =
    "pass race tune poke hold carry throw catch push|pull pull|push lift|lower lower|lift raise|lower dust "
    "prepare pour cut chop "
    "slice stir  "
    "shut|open hug kiss pet wear wash clean wipe scrub polish "
    "chase fill|empty toss lick sniff bite kick hit touch grab grip peel build|destroy fold|unfold "
    "unfold|fold "
    "tie|untie untie|tie button zip squeeze feed water plant trim inflate brush comb groom "
    "knead mix whisk fry stack hammer saw drill sharpen carve sculpt mend repair "
    "fix sort shuffle count balance steer "
    "crush smash drag tow load unload unwrap wrap light|extinguish extinguish|light photograph film "
    "follow strum swing press punch scratch shear milk harvest pick "
    "pluck dig sow spray splash decorate adjust examine inspect wag flap shred sign stamp sip "
    "tighten|loosen loosen|tighten split eject tap drape grip clutch cling label trim scold tickle "
    "rip scrape flick snap smear pile toast roast straighten unwrap unbutton unbuckle strap pump crank swat "
    "stroke "
    "caress soothe console trace arrange display adjust polish pluck spray sprinkle dunk soak "
    "rotate drain hoist saddle herd escort trap stab slap bump nuzzle lace mount dismantle befriend poke "
    "ride trail rear greet dribble ring pack cover watch cross enter attack approach surround deliver "
    "rescue protect give bring offer sell serve buy use board swallow devour cradle shove nudge scoop "
    "sprinkle drizzle grate mash grill unroll lock|unlock unlock|lock unfurl fasten buckle rinse mop rake "
    "plow weld forge "
    "embrace tickle herd dodge erase assemble dismantle demolish snatch steal release fetch weave encircle "
    "guide "
    "deflate embroider measure weigh hunt bury shave dip sprinkle unbolt extract stitch glue hoist nail "
    "shovel trample uncork chalk revive pepper wring mow";

/// Known to be verbs, never asked: what they say hangs on what follows, or is not to be seen.
inline const std::string kLightVerbs =
    "knock tear_off hand sell serve dream pretend imagine come go take make get have become turn seem appear "
    "look watch see "
    "show say begin "
    "start stop continue keep try want need "
    "wish hope plan decide like love hate know think feel use put set give let help bring send leave enter "
    "exit "
    "change transform morph cross reach return travel head approach work wait live stay remain "
    "glance "
    "create generate produce depict feature capture include contain reveal emerge vanish disappear "
    "materialize dissolve fade "
    "place add find lose meet face tell ask call point line surround fly_by hide play_with teleport "
    "grow shrink expand fill cast reflect represent prepare gather perform_on tip cause happen occur explore "
    "search "
    "discover celebrate practice enjoy attempt learn study teach compete win fight attack defend protect "
    "save rescue "
    "speed cruise hurry rush float_away drop_off scrape steam guide peck spill foam bubble bloom_out park "
    "stretch_out "
    "linger blend merge split form shape tower stream launch crumple peer peek "
    "lead illuminate bathe drape adorn fill_up overlook wind weave dot scatter strike stand_by encircle "
    "hit_by "
    "order buy wash_away sound ease focus zoom pan tilt pull_back track circle follow_along shift last end "
    "finish complete "
    "rock spread spin_off dominate highlight contrast match resemble wonder believe remember forget allow "
    "force "
    "manage prefer refuse avoid prevent enable deliver receive carry_on";

/// Past and participle where they are not base + "ed": "base past participle".
inline const std::string kIrregular =
    "swim swam swum;run ran run;fly flew flown;ride rode ridden;drive drove driven;eat ate eaten;drink drank "
    "drunk;"
    "write wrote written;draw drew drawn;sing sang sung;hold held held;throw threw thrown;catch caught "
    "caught;"
    "cut cut cut;wear wore worn;bite bit bitten;hit hit hit;break broke broken;build built built;shake shook "
    "shaken;"
    "feed fed fed;spin spun spun;swing swung swung;bend bent bent;light lit lit;blow blew blown;sit sat sat;"
    "stand stood stood;lie lay lain;sleep slept slept;hang hung hung;leap leapt leapt;kneel knelt knelt;"
    "speak spoke spoken;weep wept wept;shine shone shone;burst burst burst;fall fell fallen;sink sank sunk;"
    "rise rose risen;dive dove dived;creep crept crept;slide slid slid;come came come;go went gone;take took "
    "taken;"
    "make made made;get got got;have had had;become became become;see saw seen;show showed shown;say said "
    "said;"
    "begin began begun;keep kept kept;know knew known;think thought thought;feel felt felt;put put put;set "
    "set set;"
    "give gave given;let let let;bring brought brought;send sent sent;leave left left;find found found;"
    "lose lost lost;meet met met;tell told told;grow grew grown;shrink shrank shrunk;win won won;fight "
    "fought fought;"
    "teach taught taught;hide hid hidden;spread spread spread;strike struck struck;wind wound wound;weave "
    "wove woven;"
    "lead led led;cast cast cast;dig dug dug;sew sewed sewn;weave wove woven;forget forgot "
    "forgotten;overflow overflowed overflowed;shut shut shut;tear tore torn;stick stuck stuck;"
    "tie tied tied;untie untied untied;ring rang rung;wake woke woken;freeze froze frozen;steal stole "
    "stolen;sell sold sold;buy bought "
    "bought;split split "
    "split;cling clung clung;stride strode stridden;sneak snuck snuck;shear sheared "
    "shorn";

inline const std::string kDoubling =
    "run jog swim sit hop spin clap hug cut chop stir pet drop nod drip trot skip flip dig wag put get let "
    "set grab step slip "
    "tap hit stop zip shop rub pop trim grip begin knit flap pat strum plan pin scrub dip chat shut win wrap "
    "drag peg hum spar mop nod slip strut skid grip tap split snap strap swat slap unwrap rip dim sag "
    "sip sob unzip mop tip scan pan plot dot slit split drum bat jet blot pluck_ map wrap unwrap skim";

/// The same, of verbs that the lists lack: no words of theirs.
inline const std::string kMoreDoubling =
    "wet dab jab stab wed fan tan hem rim jam ram cram slam swig dub stub snub chug plug shrug rev tug jig "
    "rig splat "
    "sidestep slim brim gun stun cap gap lap nap rap scrap slap trap yap prep chip clip nip ship snip trip "
    "whip cop "
    "crop "
    "flop plop prop slop top cup bar char jar scar star tar stir blur slur spur bet fret net vet fit pit "
    "quit "
    "spit knot pot rot spot squat gut jut rut";

/// Verbs of their own subject alone: a man or an animal does them, a thing does not.
inline const std::string kLivingVerbs =
    "stare gaze tune poke run jog sprint gallop walk stroll wander march swim crawl climb ski skate surf "
    "stumble tiptoe limp "
    "prance scamper trot "
    "smile laugh cry weep talk speak whisper shout scream sneeze cough yawn snore bark meow howl wink nod "
    "bow clap applaud "
    "cheer kneel meditate pray blink frown graze ride eat drink read write cook paint draw sing knit sew "
    "type bake "
    "chew iron sweep juggle sketch wear hug kiss pet wash chop slice stir knead whisk peel fold feed mend "
    "repair sort sip "
    "chase lick sniff bite strum photograph sculpt carve pluck pick harvest prepare polish wipe scrub sit "
    "sleep crouch "
    "sneak lunge stomp stride strut trek skateboard pedal patrol tickle grip clutch scold swat stroke caress "
    "soothe "
    "console arrange saddle escort slap nuzzle inspect examine befriend greet dig pull play rear stretch "
    "grin giggle chuckle sob hum squint pant drool nibble munch "
    "watch attack deliver rescue give bring offer sell serve buy use swallow devour cradle mop rinse rake "
    "mash scribble "
    "erase hike wade trudge embrace tickle steal snatch fetch embroider pose spar cartwheel somersault "
    "pirouette wake pounce apologize bury shave dip shovel uncork wring mow nail glue stitch";

}  // namespace drf::templates
