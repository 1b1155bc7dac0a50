"""Where a story begins: the household it is about, what the register says of it, and the words that stand for it."""

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from engine.domain.changes.register import HOUSEHOLD
from engine.domain.register import Household
from engine.queries import scenario_facts as facts
from engine.store.register import read_household
from engine.store.rehearsal import say_of_land
from engine.usecases.scenarios.drawings import words_of_drawings, words_of_new_land
from engine.usecases.scenarios.stage import Differs
from engine.usecases.scenarios.story import words_of, words_of_other
from engine.usecases.scenarios.surveys import words_of_surveys
from engine.usecases.scenarios.transfers import set_stage
from engine.usecases.scenarios.without_land import give_land_back, new_household, new_party, take_out

if TYPE_CHECKING:
    from engine.usecases.scenarios.play import Play

WITHOUT = ("none", "never")  # ``contract`` of a story: no longer one, or none ever
NEVER = "never"
NEW_PARTY = "new"  # ``party`` of a story: one that has no parcel in the register


def set_scene(play: "Play") -> None:
    """Committed. Differs where the register has nobody of whom the story could be told."""
    with play.stage.sessions(play.county) as session:
        code = household_asked(play, session)
        if code is None:
            raise Differs("登记簿里没有符合条件的承包方")
        household = read_household(session, play.county, code)
        assert household is not None
        if play.story.farmland is not None:
            say_of_land(session, play.county, [one.id for one in household.parcels], play.story.farmland)
            session.commit()
        play.code, play.words = code, words_of(household)
        play.words |= words_of_drawings(session, household, play.story.start)
        play.words |= words_of_surveys(session, household, play.story.start)
        set_stage(play, session, household)
        play.before = facts.read_holding(session, play.county, code)
        if play.story.other:
            play.words |= bring_in_another(play, session, household)
        if play.story.vacant:
            play.words |= words_of_vacant_land(play, session, household)
        if play.story.contract in WITHOUT:
            play.words |= words_of_free_land(play, session, household)
        session.commit()


def bring_in_another(play: "Play", session: Session, household: Household) -> dict[str, Any]:
    """The household that takes part beside the one that the story is about, of the same issuing party."""
    story, party = play.story, household.issuing_party.code
    if story.contract == NEVER:
        play.other = new_household(session, play.county, party, play.stage.clock.now()).code
    else:
        asked = story.contract, story.parcels, story.members
        play.other = facts.first_household(session, play.county, *asked, except_code=play.code, party=party)
    another = play.other and read_household(session, play.county, play.other)
    if not another:
        raise Differs("该发包方没有符合条件的另一户")
    free = facts.free_parcels(session, play.county, party)
    return words_of_other(household, another) | ({"$free_parcel": free[0]} if free else {})


def words_of_vacant_land(play: "Play", session: Session, household: Household) -> dict[str, Any]:
    """Land among the issuing party's that was never surveyed, as ``vacant`` of the story's household asks."""
    besides = [code for code in (play.code, play.other) if code]
    party = household.issuing_party.code
    code = facts.first_household(session, play.county, "in_force", 3, party=party, except_codes=besides)
    third = code and read_household(session, play.county, code)
    if not third:
        raise Differs("该发包方没有第三户")
    play.vacant = take_out(session, third, play.stage.clock.now())
    return words_of_new_land(session, household, play.vacant)


def words_of_free_land(play: "Play", session: Session, household: Household) -> dict[str, Any]:
    """What a household without land may be given: registered parcels that nobody holds, and land that is in no register."""
    free = facts.free_parcels(session, play.county, household.issuing_party.code)
    words: dict[str, Any] = {f"$free_parcel_{n}": one for n, one in enumerate(free, 1)}
    words["$held_parcel"] = facts.held_parcel(session, play.county, household)
    return words | (words_of_new_land(session, household, play.vacant) if play.vacant else {})


def household_asked(play: "Play", session: Session) -> str | None:
    """Without a contract: as the stage is set, since the demonstration's households all have land."""
    story, now = play.story, play.stage.clock.now()
    if story.contract not in WITHOUT:
        asked = story.contract, story.parcels, story.members
        return facts.first_household(
            session, play.county, *asked, kind=story.kind, except_codes=play.left_alone
        )
    least, kind = (2, HOUSEHOLD) if story.party else (story.parcels, story.kind)
    code = facts.first_household(session, play.county, "in_force", least, kind=kind)
    household = code and read_household(session, play.county, code)
    if not household:
        return None
    if story.contract == NEVER:
        party = household.issuing_party.code
        if story.party == NEW_PARTY:
            party = new_party(session, play.county, party, now)
        if story.party:
            play.vacant = take_out(session, household, now)
        return new_household(session, play.county, party, now, story.kind).code
    give_land_back(session, household, now)
    return household.code
