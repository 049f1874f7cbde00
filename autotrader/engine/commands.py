"""Commands become replies. A repeated request id gets its first answer; a refusal takes every change back."""

from collections.abc import Callable
from typing import Any

import msgspec

from autotrader.domain.rule import LegName, Origin, Rule, RuleId
from autotrader.engine.adjusting import adjust
from autotrader.engine.book import Turn
from autotrader.engine.corporate import is_held_for_it, watch_again
from autotrader.engine.costs import keep_to_cost
from autotrader.engine.editing import edit_rule
from autotrader.engine.effects import Reply, Unit
from autotrader.engine.events import (
    Add,
    Adjust,
    Cancel,
    Command,
    Decision,
    Edit,
    Held,
    ListRules,
    Pause,
    Resolve,
    Resume,
    ShowRule,
    Status,
    Verb,
)
from autotrader.engine.lifecycle import LegSignal
from autotrader.engine.lint import lint
from autotrader.engine.orders import is_missing
from autotrader.engine.records import IntentStatus, LegRecord, LegStatus, Note, RequestId, RequestRecord, RuleRecord
from autotrader.engine.recovery import declare_absent, is_on_a_persons_word, place_found
from autotrader.engine.rules import RuleDesk, add_rule, cancel_rule, pause_rule, resume_rule
from autotrader.engine.views import View, held_view, intent_of, note_view
from autotrader.errors import AutotraderError, RefusedByState, UnknownThing, UserMistake

DONE, FAILED, WRONG, REFUSED = 0, 1, 2, 5
"""Exit codes of the CLI that a reply can carry."""

READS = (ListRules, ShowRule, Held, Status)
"""Verbs that change nothing: they are answered without a commit and without being remembered."""


def refusal(error: AutotraderError) -> dict[str, Any]:
    """Return the body of a refusal: code, parameters and the exit code that says what the caller may do next."""
    code = REFUSED if isinstance(error, RefusedByState) else WRONG if isinstance(error, UserMistake) else FAILED
    return {"ok": False, "code": error.code, "params": {k: str(v) for k, v in error.params.items()}, "exit": code}


def answer(request: RequestId, body: dict[str, Any]) -> Unit:
    """Return a unit that only answers."""
    return Unit((), (Reply(request, body),))


class CommandDesk:
    """The verbs over one turn. `show_rule`, `list_rules` and `status` come from the engine, which knows the watches."""

    def __init__(
        self,
        desk: RuleDesk,
        show_rule: Callable[[RuleRecord], View],
        list_rules: Callable[[], list[View]],
        status: Callable[[], View],
    ) -> None:
        self.desk = desk
        self.turn: Turn = desk.turn
        self.show_rule = show_rule
        self.list_rules = list_rules
        self.status = status

    def answer(self, command: Command) -> dict[str, Any]:
        """Do a command and return the body of its reply; on a refusal nothing has changed."""
        first = self.turn.book.requests.get(command.id)
        if first is not None:
            body: dict[str, Any] = msgspec.json.decode(first.reply)
            return body
        try:
            body = {"ok": True, "result": self._do(command.verb)}
        except AutotraderError as error:
            self.turn.take_back()
            return refusal(error)
        if not isinstance(command.verb, READS):
            self.turn.put(RequestRecord(command.id, self.turn.now, msgspec.json.encode(body).decode()))
        return body

    def _do(self, verb: Verb) -> View:
        match verb:
            case Add(rule):
                return self._with_warnings(add_rule(self.desk, rule, Origin.CLI))
            case Edit(rule, version):
                return self._edit(rule, version)
            case Pause(rule_id):
                pause_rule(self.desk, rule_id)
                return self._shown(rule_id)
            case Resume(rule_id):
                resume_rule(self.desk, rule_id)
                return self._shown(rule_id)
            case Cancel(rule_id):
                notes = cancel_rule(self.desk, rule_id, Note("leg.cancelled"))
                return {**self._shown(rule_id), "notes": [note_view(note) for note in notes]}
            case Adjust():
                notes = adjust(self.desk, verb)
                return {**self._shown(verb.rule), "notes": [note_view(note) for note in notes]}
            case ShowRule(rule_id):
                return self._with_warnings(self.turn.book.rule(rule_id))
            case ListRules():
                return {"rules": self.list_rules()}
            case Held():
                return {"held": held_view(self.turn.book)}
            case Status():
                return self.status()
            case Resolve(item, decision, order_id):
                return self._resolve(item, decision, order_id)

    def _shown(self, rule_id: RuleId) -> View:
        return {"rule": self.show_rule(self.turn.book.rule(rule_id))}

    def _edit(self, rule: Rule, version: int) -> View:
        known = self.turn.book.rule(rule.id)
        if known.in_file:
            raise RefusedByState("rule.edit_in_file", rule=rule.id)
        if known.version != version:
            raise RefusedByState("rule.changed_meanwhile", rule=rule.id, version=version, present=known.version)
        record, notes = edit_rule(self.desk, rule)
        return {**self._with_warnings(record), "notes": [note_view(note) for note in notes]}

    def _with_warnings(self, record: RuleRecord) -> View:
        """Show a rule, and what is odd about it beside what is known now."""
        ended = self.turn.book.has_ended(record.rule.id)
        found = [] if ended else lint(self.desk.world, self.turn.book, record, self.turn.now)
        return {"rule": self.show_rule(record), "warnings": [note_view(note) for note in found]}

    def _resolve(self, item: str, decision: Decision, order_id: str) -> View:
        intent = intent_of(self.turn.book, item)
        if intent is not None:
            correctable = decision is Decision.PLACED and is_on_a_persons_word(self.turn, intent)
            ended_unseen = decision is Decision.ABSENT and is_missing(intent)
            if intent.status is not IntentStatus.HELD and not correctable and not ended_unseen:
                raise RefusedByState("resolve.unknown", item=item)
            if decision is Decision.PLACED:
                if not order_id:
                    raise UserMistake("resolve.needs_order", item=item)
                place_found(self.turn, intent, order_id)
            elif decision is Decision.ABSENT:
                declare_absent(self.desk.world, self.turn, intent)
            else:
                raise UserMistake("resolve.wrong_choice", item=item, choice=decision.value, choices="placed, absent")
            return {"item": item, "decision": decision.value}
        keep_to_cost(self.desk.world, self.turn, [self._resolve_leg(item, decision).rule])
        return {"item": item, "decision": decision.value}

    def _resolve_leg(self, item: str, decision: Decision) -> LegRecord:
        rule_id, _, leg_name = item.partition("/")
        leg = self.turn.book.legs.get((RuleId(rule_id), LegName(leg_name)))
        if leg is None:
            raise UnknownThing("resolve.unknown", item=item)
        if decision not in (Decision.WATCH, Decision.FIRE, Decision.GIVE_UP):
            raise UserMistake("resolve.wrong_choice", item=item, choice=decision.value, choices="watch, fire, give_up")
        if leg.status is not LegStatus.HELD:
            raise RefusedByState("resolve.unknown", item=item)
        if self.turn.book.intents_of(leg.rule, leg.leg):
            raise RefusedByState("resolve.has_order", item=item, intent=self.turn.book.intents_of(leg.rule, leg.leg)[0].id)
        if is_held_for_it(leg) and decision is not Decision.GIVE_UP:
            if decision is Decision.FIRE:  # which share its level speaks of is the very question
                raise UserMistake("resolve.wrong_choice", item=item, choice=decision.value, choices="watch, give_up")
            watch_again(self.turn, leg, Note("resolved.watch"))
            return leg
        if decision is Decision.FIRE:
            return self.turn.move_leg(leg, LegSignal.WATCH, Note("resolved.fire"), gap_ok=True)
        signal = LegSignal.WATCH if decision is Decision.WATCH else LegSignal.GIVE_UP
        return self.turn.move_leg(leg, signal, Note(f"resolved.{decision.value}"), gap_ok=False)
