"""The marks of all trailing legs. Legs whose marks have met share one: it moves once, and is kept in one row.

To everybody else this is a mapping of mark records; what a shared mark has reached is put in as a record is asked for.
"""

from collections.abc import Iterable, Iterator, MutableMapping

from msgspec.structs import replace

from autotrader.domain.rule import LegName, RuleId
from autotrader.engine.flat import Follower, Group
from autotrader.engine.records import MarkRecord, PeakRecord

Key = tuple[RuleId, LegName]


class Marks(MutableMapping[Key, MarkRecord]):
    """Mark records by leg. `follow` lets a leg's mark go with a group, `leave` ends that where the mark stands then."""

    def __init__(self, records: Iterable[MarkRecord] = (), peaks: Iterable[PeakRecord] = ()) -> None:
        reached = {peak.name: peak for peak in peaks}
        self._own: dict[Key, MarkRecord] = {}
        self._followers: dict[Key, Follower] = {}
        self._born = 0
        self._named: set[str] = set()
        self.moved: dict[Group, None] = {}
        """Groups whose mark has moved since they were last kept."""
        self.loose: dict[Key, None] = {}
        """Legs that have left a group under whose name their mark is kept, or whose mark has moved since it was kept."""
        self._unkept: set[Key] = set()  # taken out, and what they had moved by was not kept
        for record in records:
            peak = reached.get(record.peak)
            whole = record if peak is None else replace(record, price=peak.price, time=peak.time)
            self._own[record.rule, record.leg] = whole

    def __getitem__(self, key: Key) -> MarkRecord:
        record, follower = self._own[key], self._followers.get(key)
        if follower is None:
            return record
        group = follower.group
        return record if group.price == record.price else replace(record, price=group.price, time=group.time)

    def __setitem__(self, key: Key, record: MarkRecord) -> None:
        """Put a mark. One that had moved and was not kept yet is kept with the next flush, also when a turn that was taken back
        puts back what had been: nothing of that turn is written."""
        if self._has_moved(key) or key in self._unkept:
            self.loose[key] = None
        self._own[key] = record
        self._followers.pop(key, None)

    def __delitem__(self, key: Key) -> None:
        if self._has_moved(key) or key in self.loose:
            self._unkept.add(key)
        del self._own[key]
        self._followers.pop(key, None)
        self.loose.pop(key, None)

    def _has_moved(self, key: Key) -> bool:
        follower = self._followers.get(key)
        return follower is not None and follower.group in self.moved

    def __contains__(self, key: object) -> bool:
        return key in self._own

    def __iter__(self) -> Iterator[Key]:
        return iter(self._own)

    def __len__(self) -> int:
        return len(self._own)

    def follow(self, follower: Follower) -> None:
        """Let a leg's mark go with a group from here on; both stand at the same price.

        A group without a name has none of its legs kept under it, so those are not listed one by one.
        """
        key, group = follower.key, follower.group
        self._followers[key] = follower
        unkept = key in self.loose
        self.loose.pop(key, None)
        name = self._own[key].peak
        if name and not group.name and name not in self._named:
            self._named.add(name)  # as it is kept already, after a restart
            group.keep_as(name, [other for other in group.followers() if other is not follower])
        if name and name == group.name:
            return
        if group.unsaved is not None:
            group.unsaved.append(follower)
        if name or unkept or group.size > 1:
            self.moved[group] = None

    def leave(self, key: Key) -> None:
        """Let a leg's mark stand where it is, and be kept alone from here on: also what has moved since it was kept last."""
        record, follower = self._own.get(key), self._followers.get(key)
        if record is None:
            return
        moved = self._has_moved(key)
        if follower is not None:
            record = self._own[key] = self[key]
            del self._followers[key]
        if record.peak or moved:
            self.loose[key] = None

    def to_keep(self, stem: str) -> Iterator[MarkRecord | PeakRecord]:
        """Yield what is to be written so that the store knows every mark: a row for each mark that moved, and one for each leg
        that follows another than before. `stem` begins the names of new shared marks."""
        for group in list(self.moved):
            if group.size:
                yield from self._kept(group, stem)
        for key in list(self.loose):
            record = self._own[key] = replace(self._own[key], peak="")
            yield record
        self.moved.clear()
        self.loose.clear()
        self._unkept.clear()

    def _kept(self, group: Group, stem: str) -> Iterator[MarkRecord | PeakRecord]:
        if group.size == 1 and not group.name:
            for follower in group.followers():
                record = self._own[follower.key] = replace(self[follower.key], peak="")
                yield record
            return
        unsaved = group.unsaved
        if unsaved is None:
            self._born += 1
            group.keep_as(f"{stem}{self._born}", [])
            self._named.add(group.name)
            unsaved = group.followers()
        yield PeakRecord(group.name, group.price, group.time)
        for follower in unsaved:
            if follower.live:
                record = self._own[follower.key] = replace(self[follower.key], peak=group.name)
                yield record
        group.unsaved = []
