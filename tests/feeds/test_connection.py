"""A link that comes back by itself, against scripted venues on loopback."""

import asyncio
import json

import pytest
from links import HYNIX, NAME, SAMSUNG, CountsPings, Naps, Notebook, feed_to, print_of, running, says, venue
from waiting import until
from websockets.asyncio.server import ServerConnection

from autotrader.brokers.upbit.dialect import UpbitDialect
from autotrader.domain.tick import InstrumentId
from autotrader.feeds.conversation import place_of


async def test_a_venue_that_accepts_and_then_closes_is_dialled_ever_more_rarely() -> None:
    naps, notebook = Naps(last=9), Notebook()
    async with venue(says(then_stays=False)) as place, running(feed_to(place.url, sleep=naps), notebook):
        await until(naps.over.is_set)
        assert place.dials == 9
    assert naps.taken == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert notebook.states == ["down"]


async def test_a_frame_that_is_no_sign_of_life_does_not_shorten_the_pause() -> None:
    naps, notebook = Naps(last=4), Notebook()
    async with venue(says("nonsense", then_stays=False)) as place, running(feed_to(place.url, sleep=naps), notebook):
        await until(naps.over.is_set)
    assert naps.taken == [0.5, 1, 2, 4]
    assert "up" not in notebook.states


async def test_the_first_valid_frame_makes_the_link_up_and_pauses_short() -> None:
    naps, notebook = Naps(last=4), Notebook()
    async with venue(says(print_of(70000), then_stays=False)) as place, running(feed_to(place.url, sleep=naps), notebook):
        await until(naps.over.is_set)
    assert naps.taken == [0.5] * 4
    assert notebook.states == ["up", "down"] * 4


async def test_a_port_where_nobody_listens_is_down_once_with_its_reason() -> None:
    async with venue() as place:
        url = place.url
    naps, notebook = Naps(last=3), Notebook()
    async with running(feed_to(url, sleep=naps), notebook):
        await until(naps.over.is_set)
    assert naps.taken == [0.5, 1, 2]
    assert notebook.states == ["down"]
    assert url.removeprefix("ws://") in notebook.links[0][1]


async def test_with_nothing_wanted_nobody_is_dialled() -> None:
    notebook = Notebook()
    async with venue() as place:
        feed = feed_to(place.url, wanted=())
        async with running(feed, notebook):
            for _ in range(50):
                await asyncio.sleep(0)
            assert place.dials == 0
            feed.subscribe(frozenset({SAMSUNG}))
            await until(lambda: notebook.states == ["up"])


async def test_every_connection_subscribes_to_the_whole_list() -> None:
    notebook = Notebook()
    async with venue() as place:

        async def hang_up(connection: ServerConnection) -> None:
            place.heard.append(str(await connection.recv()))

        place.script = [hang_up, *place.script]
        async with running(feed_to(place.url, wanted=(SAMSUNG, HYNIX)), notebook):
            await until(lambda: len(place.heard) == 2)
    assert [json.loads(said) for said in place.heard] == [{"subscribe": [HYNIX, SAMSUNG]}] * 2


async def test_a_second_list_replaces_the_first_on_the_same_connection() -> None:
    notebook = Notebook()
    async with venue() as place:
        feed = feed_to(place.url)
        async with running(feed, notebook):
            await until(lambda: len(place.heard) == 1)
            feed.subscribe(frozenset({HYNIX}))
            feed.subscribe(frozenset({HYNIX}))
            await until(lambda: len(place.heard) == 2)
        assert place.dials == 1
    assert json.loads(place.heard[1]) == {"subscribe": [HYNIX]}


async def test_an_emptied_list_hangs_up_and_a_new_one_dials_again() -> None:
    notebook = Notebook()
    async with venue() as place:
        feed = feed_to(place.url)
        async with running(feed, notebook):
            await until(lambda: notebook.states == ["up"])
            feed.subscribe(frozenset())
            await until(lambda: notebook.states == ["up", "down"])
            assert notebook.links[1][1] == "no rule needs this feed now"
            assert place.dials == 1
            feed.subscribe(frozenset({HYNIX}))
            await until(lambda: notebook.states == ["up", "down", "up"])


async def test_a_link_without_frames_and_pongs_is_stale_and_dialled_again() -> None:
    async def freeze(connection: ServerConnection) -> None:
        await connection.send(print_of(70000))
        connection.transport.pause_reading()
        await connection.wait_closed()

    notebook = Notebook()
    async with venue(freeze, says(print_of(70100))) as place, running(feed_to(place.url, stale=0.2), notebook):
        await until(lambda: notebook.states == ["up", "stale", "up"])
        assert notebook.links[1][1] == "nothing came for 0.2 s, not even an answer to a ping"
        assert place.dials == 2
    assert [tick.price for tick in notebook.ticks] == [70000, 70100]


async def test_a_quiet_link_that_answers_pings_is_not_stale() -> None:
    notebook, before = Notebook(), CountsPings.pings
    async with venue(says(print_of(70000))) as place, running(feed_to(place.url, stale=0.6), notebook):
        await until(lambda: CountsPings.pings >= before + 5)
        assert place.dials == 1
    assert notebook.states == ["up"]


async def test_a_stale_link_that_cannot_be_dialled_again_is_down() -> None:
    async def freeze(connection: ServerConnection) -> None:
        await connection.send(print_of(70000))
        connection.transport.pause_reading()
        await connection.wait_closed()

    naps, notebook = Naps(last=4), Notebook()
    async with venue(freeze, says(then_stays=False)) as place, running(feed_to(place.url, stale=0.1, sleep=naps), notebook):
        await until(naps.over.is_set)
    assert notebook.states == ["up", "stale", "down"]


async def test_an_error_frame_ends_the_connection_and_its_words_are_the_reason() -> None:
    naps, notebook = Naps(last=3), Notebook()
    refusal = '{"error":{"name":"INVALID_PARAM","message":"nope 은 지원하지 않는 타입입니다."}}'.encode()
    async with venue(says(refusal)) as place:
        feed = feed_to(place.url, sleep=naps, dialect=UpbitDialect(NAME), wanted=[InstrumentId("UPBIT:KRW-BTC")])
        async with running(feed, notebook):
            await until(naps.over.is_set)
        assert place.dials == 3
    assert naps.taken == [0.5, 1, 2]
    assert notebook.links == [
        (notebook.links[0][0], "the venue refused what we asked: INVALID_PARAM: nope 은 지원하지 않는 타입입니다.", "")
    ]


async def test_an_unreadable_frame_is_counted_and_the_link_goes_on() -> None:
    notebook = Notebook()
    script = says(print_of(70000), "{", b"\xff\xfe", '{"type":"weather"}', print_of(70100))
    async with venue(script) as place, running(feed_to(place.url), notebook):
        await until(lambda: len(notebook.ticks) == 2)
    assert notebook.dropped == [("unreadable", "")] * 3
    assert notebook.states == ["up"]


@pytest.mark.parametrize("binary", [False, True], ids=["text frames", "binary frames"])
async def test_text_and_binary_frames_are_read_alike(binary: bool) -> None:
    notebook = Notebook()
    frame = print_of("68123.50")
    async with venue(says(frame.encode() if binary else frame)) as place, running(feed_to(place.url), notebook):
        await until(lambda: notebook.ticks)
    assert str(notebook.ticks[0].price) == "68123.50"
    assert notebook.raw == [frame.encode()]


async def test_a_code_that_never_speaks_is_reported_once_a_connection() -> None:
    notebook = Notebook()
    async with venue(says(print_of(70000))) as place:
        feed = feed_to(place.url, silent=0.05, wanted=(SAMSUNG, HYNIX))
        async with running(feed, notebook):
            await until(lambda: notebook.dropped)
            feed.subscribe(frozenset({SAMSUNG, HYNIX, InstrumentId("KRX:000000")}))
            await until(lambda: len(notebook.dropped) > 1)
    assert notebook.dropped == [("silent", HYNIX), ("silent", "KRX:000000")]


async def test_a_full_inbox_slows_the_reader_and_loses_nothing() -> None:
    notebook = Notebook(full=True)
    frames = [print_of(70000 + place, sequence=place + 1) for place in range(500)]
    async with venue(says(*frames)) as place, running(feed_to(place.url), notebook):
        await until(lambda: notebook.asked > 20)
        assert len(notebook.raw) < len(frames)
        notebook.full = False
        await until(lambda: len(notebook.ticks) == len(frames))
    assert [tick.sequence for tick in notebook.ticks] == list(range(1, 501))


async def test_an_inbox_that_stays_full_does_not_stop_the_reader_for_ever() -> None:
    notebook = Notebook(full=True)
    async with venue(says(*[print_of(70000)] * 130)) as place, running(feed_to(place.url), notebook):
        await until(lambda: len(notebook.ticks) == 130)


async def test_a_quiet_link_that_answers_shows_the_watchdog_its_progress_once_a_look() -> None:
    notebook = Notebook()
    async with venue(says(print_of(70000))) as place, running(feed_to(place.url, stale=0.08), notebook):
        await until(lambda: notebook.raw.count(b"") >= 3)
    assert (notebook.states, len(notebook.ticks), notebook.dropped) == (["up"], 1, [])


@pytest.mark.parametrize("url", ["wss://me:secret@venue.example:443/ws?key=secret", "wss://venue.example:443/ws"])
def test_a_place_is_named_without_the_secrets_of_its_url(url: str) -> None:
    assert place_of(url) == "venue.example:443"
