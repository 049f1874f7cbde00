"""The legs that one print has met, in all views of its instrument, fired in one order: exits first, whoever saw them."""

from collections.abc import Sequence

from autotrader.domain.tick import Tick
from autotrader.engine.effects import Unit
from autotrader.engine.prints import Gate, PrintStory


class Volley:
    """A print and its stories, one a view. The turns of the stories are merged, so that no entry of one view goes before an exit
    of another (semantics 2.15, safety L3)."""

    def __init__(self, tick: Tick, stories: Sequence[PrintStory]) -> None:
        self.tick = tick
        self.stories = stories

    @property
    def unfired(self) -> bool:
        """Tell whether legs have not had their turn."""
        return any(story.unfired for story in self.stories)

    def fire(self, gate: Gate, most: int) -> list[Unit]:
        """Fire the next legs, so many at most; return all units made since the last time."""
        units = [unit for story in self.stories for unit in story.taken()]
        if len(self.stories) == 1:
            self.stories[0].fire(self.tick, gate, most)
            return [*units, *self.stories[0].taken()]
        for _ in range(most):
            turns = [(turn, number) for number, story in enumerate(self.stories) if (turn := story.turn) is not None]
            if not turns:
                break
            story = self.stories[min(turns)[1]]
            story.fire(self.tick, gate, 1)
            units += story.taken()
        return units
