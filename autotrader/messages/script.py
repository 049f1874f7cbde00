"""What is said of a script for the simulated exchange: of its lines that are none, and of what happens, for people."""

ENGLISH: dict[str, str] = {
    "script.bad_line": "this cannot be read: {what}; what a line may be is in `autotrader exchange run --help`",
    "script.bad_number": "{value} is not a number that an exchange could take; write at most {digits} digits before and after the point",
    "script.bad_phase": "{phase!r} is not a phase of {market}; write one of {known}",
    "script.bad_market": "{market!r} is not a market; write one of {known}",
    "script.bad_limits": "the lower limit {lower} is not under the upper limit {upper}; write them the other way round",
    "script.bad_ladder": "these price steps are none: write [[from, step], …] upwards from 0, every step above 0",
    "script.market_late": "the market was chosen before; only the first line can choose it",
    # what happens, told to a person
    "script.error": "line {line}: {reason}",
    "script.accepted": "{id}: accepted",
    "script.rejected": "{id}: rejected, {reason}",
    "script.trade": "{quantity} at {price}: {buy} buys from {sell}",
    "script.cancelled": "{id}: {quantity} cancelled, {reason}",
    "script.rest": "{id}: {quantity} wait at {price}",
    "script.amended": "{id}: now {quantity} at {price}, {place}",
    "script.place_kept": "its place in the queue kept",
    "script.place_lost": "at the end of the queue",
    "script.activated": "{id}: activated by {price}",
    "script.converted": "{id}: {quantity} are a market order now",
    "script.auction": "auction: {volume} at {price}",
    "script.no_auction": "auction: nothing crosses",
    "script.phase": "phase {phase}",
    "script.interrupted": "volatility interruption ({rule}): a trade at {price} did not happen",
    "script.halted": "trading is halted",
    "script.book": "asks {asks} | bids {bids} | last {last}",
    "script.at_market": "the market price",
    "script.nothing": "none",
}

KOREAN: dict[str, str] = {}
