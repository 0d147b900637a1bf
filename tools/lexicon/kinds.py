"""What of WordNet can be seen, and of which kind: for make.py alone.

A synset has the kind of its nearest hypernym that is named here; one without such a hypernym, or whose nearest stands in UNSEEN, is
not asked for. "word.06": the word's first sense of lexicographer file 06 (lexnames(5WN)); "word.06.2": its second there. The kinds
are the parser's categories and groups (templates/nouns.h).
"""

KINDS = {
    # Persons of whom a picture does not show what they are.
    "person.shy": "person.03 relative.18 lover.18 unfortunate.18 creditor.18 capitalist.18 "
                  "good_person.18 bad_person.18 adversary.18 advocate.18 peer.18 inhabitant.18 "
                  "native.18 religious_person.18 owner.18 victim.18 candidate.18 contestant.18 authority.18 optimist.18 "
                  "nonreligious_person.18 experimenter.18 user.18 debtor.18 thinker.18 acquaintance.18 person_of_color.18 "
                  "economist.18 "
                  "investor.18 financier.18 unskilled_person.18 unwelcome_person.18 admirer.18 follower.18 supporter.18 associate.18 ",
    "person.plain": "adult.18 juvenile.18",
    "person.trade": "worker.18 entertainer.18 performer.18 artist.18 professional.18 athlete.18 player.18 serviceman.18 combatant.18 "
                    "clergyman.18 religious.18 craftsman.18.3 craftsman.18 traveler.18 servant.18 expert.18 intellectual.18 communicator.18 representative.18 agent.18 executive.18 politician.18 philosopher.18 "
                    "smith.18 maker.18 creator.18 businessman.18 leader.18 negotiator.18 critic.18",
    "person.figure": "imaginary_being.18 ruler.18 aristocrat.18 noble.18",
    "animal.wild": "animal.03 mammal.05",
    "animal.myth": "mythical_monster.18 mythical_creature.18",
    "animal.pet": "dog.05 domestic_cat.05 hamster.05",
    "animal.farm": "equine.05 cattle.05 sheep.05 goat.05 swine.05 domestic_fowl.05 camel.05",
    "animal.bird": "bird.05",
    "animal.water": "aquatic_vertebrate.05 aquatic_mammal.05 crustacean.05 mollusk.05 coelenterate.05 echinoderm.05",
    "animal.reptile": "reptile.05 amphibian.05",
    "animal.insect": "arthropod.05 worm.05 snail.05 slug.05",
    "nature.plant": "plant.03 fungus.20 plant_part.20 tree.20",
    "nature.land": "island.17 islet.17 spall.17 fragment.17 web.17 geological_formation.17 rock.17 ice_mass.17",
    "nature.sky": "cloud.17 celestial_body.17",
    "nature.bits": "natural_object.03",
    "food.fruit": "edible_fruit.13",
    "food.vegetable": "vegetable.13",
    "food.baked": "baked_goods.13",
    "food.dish": "sweet.13.2 dainty.13 appetizer.13 nut.20 piece.13 treat.13 candy.13 food.13 food.03 dish.13 sweet.13",
    "mass.drink": "beverage.13 soup.13",
    "mass.stuff": "concoction.13 syrup.13 sugar.13 sweetening.13 flavorer.13 grain.13 meal.13.2 foodstuff.13 fabric.06 sauce.13 condiment.13 powder.27 metal.27 wood.27 cheese.13 flour.13 cream.13",
    "vehicle.road": "conveyance.06 wheeled_vehicle.06 motor_vehicle.06",
    "vehicle.rail": "train.06 railcar.06 locomotive.06 streetcar.06",
    "vehicle.water": "vessel.06",
    "vehicle.air": "aircraft.06",
    "vehicle.space": "spacecraft.06 rocket.06",
    "vehicle.cycle": "bicycle.06 tricycle.06 unicycle.06 motorcycle.06",
    "vehicle.farm": "cart.06 wagon.06 carriage.06.2 sled.06 tractor.06",
    "instrument.any": "musical_instrument.06",
    "furniture.seat": "furniture.06 seat.06",
    "furniture.table": "table.06 desk.06",
    "furniture.bed": "bed.06",
    "furniture.store": "cabinet.06 chest_of_drawers.06 shelf.06 wardrobe.06",
    "clothing.body": "clothing.06 garment.06 armor.06",
    "clothing.head": "headdress.06 wig.06",
    "clothing.feet": "footwear.06 footwear.06.2",
    "clothing.hand": "handwear.06 bracelet.06 belt.06",
    "clothing.neck": "neckwear.06 necklace.06 scarf.06",
    "clothing.legs": "trouser.06",
    "clothing.face": "mask.06 spectacles.06 goggles.06",
    "clothing.trim": "jewelry.06",
    "tableware.drink": "vessel.06.2 bottle.06 drinking_vessel.06 glass.06",
    "tableware.eat": "tableware.06 crockery.06 cutlery.06.2 kitchen_utensil.06 dish.06 bowl.06",
    "thing.carry": "container.06 bag.06 box.06 basket.06 baggage.06",
    "structure.civil": "walk.06 path.06 recess.06 platform.06 beam.06 grave.06 paving_stone.06 burial_chamber.06 enclosure.06 pool.06 panel.06 structure.06 facility.06 obstruction.06 establishment.06 memorial.06 fountain.06.2 sculpture.06 fence.06",
    "structure.tall": "tower.06 place_of_worship.06 castle.06",
    "structure.home": "building.06 dwelling.06 housing.06 shelter.06 tent.06",
    "place.public": "room.06 mercantile_establishment.06 place_of_business.06 museum.06 workplace.06 hospital.06 institution.06 theater.06 "
                    "school.06",
    "place.town": "road.06 thoroughfare.06 municipality.15 marketplace.06",
    "place.shore": "body_of_water.17 shore.17",
    "place.wild": "valley.17 natural_depression.17 wetland.17 plain.17 land.17 moor.17 tract.15 woodland.17 vegetation.14 plot.15 field.15 yard.06 garden.06",
    "thing.light": "lamp.06 source_of_illumination.06 candle.06",
    "thing.tool": "tool.06 implement.06 hand_tool.06",
    "thing.weapon": "weapon.06 gun.06 sword.06",
    "thing.toy": "plaything.06 game_equipment.06 ball.06 doll.06",
    "thing.tech": "instrument.06 machine.06 electronic_equipment.06 home_appliance.06 camera.06 clock.06 timepiece.06",
    "thing.sport": "sports_equipment.06",
    "thing.cloth": "furnishing.06 blanket.06 cushion.06 towel.06 cloth_covering.06 rug.06 curtain.06 flag.06",
    "thing.more": "tube.06 wire.06 cord.06 lace.06 cigarette.06 cigar.06 firework.06 curio.06 chamber.06 board.06 keepsake.06 loudspeaker.06 tyre.06 marker.06 device.06 equipment.06 decoration.06 toiletry.06 fastener.06 stick.06 rope.06 mirror.06 float.06 jewel.06 "
                  "coin.21 signboard.06 book.10 letter.10 map.06 block.06",
    # Things of no kind that has twins.
    "thing.open": "artifact.03 object.03",
    "body.part": "body_part.08 hair.08 process.08 tissue.08",
}

# Whose hyponyms a picture does not show as such.
UNSEEN = (
    "organism.03 microorganism.05 way.06 surface.06 line.06 system.06 drug.06 software.10 component.06 section.06 part.06 layer.06 "
    "area.06 strip.06 circuit.06 computer_circuit.06 "
    "memory_device.06 explosive_device.06 "
    "nutriment.13 ingredient.13 diet.13 meal.13 course.13 feed.13 ration.13 plant_organ.20 "
    "reproductive_structure.20 plant_process.20 relation.03 "
    "group.03 location.03 depository.06 transducer.06 means.06 gear.06.2 public_transport.06 "
    "coating.06 connection.06 space.06 compartment.06 "
    "storey.06 ammunition.06 charge.06 area.15 bomb.06 mine.06 nest_egg.06 "
    "organ.08 gland.08 cell.03 internal_organ.08 muscle.08 nerve.08 artery.08 vein.08 bone.08 membrane.08 duct.08"
)
