"""Drives the official Python SDK, as published, against a local exchange and prints one JSON line a check."""

import json
import sys
import threading
import time
import traceback
import urllib.request

import eth_account
from hyperliquid.exchange import Exchange
from hyperliquid.info import Info
from hyperliquid.utils.signing import get_timestamp_ms
from hyperliquid.utils.types import Cloid

URL = sys.argv[1]
DEXES = ["", "km", "mkts"]
COIN = "km:US500"
LOT = 0.1
USDH = "USDH:0x54e00a5988577cb0b0c9ab0cb6ef7f4b"
USDC = "USDC:0x6d1e7cde53ba9467b783cb7c530ce054"
BUILDER = "0x8c967e73e6b15087c42a10d344cff4c96d877f1d"

alice = eth_account.Account.from_key("0x" + "51" * 32)
bob = eth_account.Account.from_key("0x" + "52" * 32)
carol = eth_account.Account.from_key("0x" + "53" * 32)


def faucet(address, dex, usd, token=None):
    body = {"user": address.lower(), "dex": dex, "usd": usd}
    if token is not None:
        body["token"] = token
    request = urllib.request.Request(f"{URL}/local/faucet", json.dumps(body).encode())
    urllib.request.urlopen(request).read()


def check(name):
    def run(function):
        try:
            detail = function()
            row = {"name": name, "outcome": "passed", "detail": "" if detail is None else str(detail)}
        except Exception as error:  # every failure is a row of the table
            line = traceback.extract_tb(error.__traceback__)[-1].lineno
            row = {"name": name, "outcome": "failed", "detail": f"line {line}: {type(error).__name__}: {error}"}
        print(json.dumps(row), flush=True)
        return function

    return run


def ok(answer):
    assert answer["status"] == "ok", answer
    return answer["response"]


def statuses(answer):
    return ok(answer)["data"]["statuses"]


def resting(answer):
    status = statuses(answer)[0]
    assert "resting" in status, status
    return status["resting"]["oid"]


def refused(answer, text):
    assert answer["status"] == "err" and text in answer["response"], answer
    return answer["response"]


def until(condition, what, seconds=12):
    deadline = time.time() + seconds
    while time.time() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited in vain for {what}")


for user, dex, usd in [(alice, "", "5000000"), (alice, "km", "20000"), (alice, "mkts", "5000"), (bob, "", "100000"), (bob, "km", "20000")]:
    faucet(user.address, dex, usd)

info = Info(URL, skip_ws=False, perp_dexs=DEXES)
exchange = Exchange(alice, URL, perp_dexs=DEXES)
taker = Exchange(bob, URL, perp_dexs=DEXES)


def touch(coin=COIN):
    def read():
        bids, asks = info.l2_snapshot(coin)["levels"]
        return (float(bids[0]["px"]), float(asks[0]["px"])) if bids and asks else None

    return until(read, f"a book of {coin}")


def away(px, is_buy, by=0.01):
    return float(f"{px * (1 - by if is_buy else 1 + by):.5g}")


@check("Info() and Exchange() start without HIP-3 names")
def _():
    plain = Exchange(alice, URL)
    assert plain.info.name_to_asset("BTC") == 0
    return ", ".join(plain.info.name_to_coin)


@check("HIP-3 names resolve to asset ids")
def _():
    assert [info.name_to_asset(coin) for coin in [COIN, "mkts:US500", "mkts:USTECH"]] == [110000, 120000, 120001]


@check("info: markets")
def _():
    assert COIN in info.all_mids("km")
    assert info.meta("mkts")["collateralToken"] == 0
    meta, contexts = info.meta_and_asset_ctxs()
    assert len(meta["universe"]) == len(contexts)
    info.spot_meta()
    info.spot_meta_and_asset_ctxs()
    now = get_timestamp_ms()
    info.funding_history("BTC", now - 3_600_000)
    info.funding_history("BTC", now - 3_600_000, now)
    info.candles_snapshot("BTC", "1m", now - 3_600_000, now)
    info.query_perp_deploy_auction_status()


@check("info: account")
def _():
    address = alice.address
    state = info.user_state(address, "km")
    assert state["marginSummary"]["accountValue"] == "20000.0", state["marginSummary"]
    for read in [
        info.spot_user_state, info.open_orders, info.frontend_open_orders, info.user_fills, info.user_fees,
        info.user_staking_summary, info.user_staking_delegations, info.user_staking_rewards, info.delegator_history,
        info.query_referral_state, info.query_sub_accounts, info.query_user_to_multi_sig_signers,
        info.query_user_dex_abstraction_state, info.query_user_abstraction_state, info.historical_orders,
        info.portfolio, info.user_twap_slice_fills, info.user_vault_equities, info.user_role, info.user_rate_limit,
        info.query_spot_deploy_auction_status, info.extra_agents,
    ]:
        try:
            read(address)
        except Exception as error:
            raise AssertionError(f"{read.__name__}: {error}") from error
        time.sleep(0.4)
    info.user_fills_by_time(address, 0)
    info.user_funding_history(address, 0)
    info.user_non_funding_ledger_updates(address, 0)


@check("order, query by oid, cancel")
def _():
    bid, _ask = touch()
    oid = resting(exchange.order(COIN, True, LOT, away(bid, True), {"limit": {"tif": "Gtc"}}))
    found = info.query_order_by_oid(alice.address, oid)
    assert found["order"]["status"] == "open", found
    assert statuses(exchange.cancel(COIN, oid)) == ["success"]
    assert statuses(exchange.cancel(COIN, oid))[0]["error"].endswith("asset=110000")


@check("order with cloid, query by cloid, cancel by cloid")
def _():
    bid, _ask = touch()
    cloid = Cloid.from_str("0x00000000000000000000000000000001")
    oid = resting(exchange.order(COIN, True, LOT, away(bid, True), {"limit": {"tif": "Alo"}}, cloid=cloid))
    assert info.query_order_by_cloid(alice.address, cloid)["order"]["order"]["oid"] == oid
    assert statuses(exchange.cancel_by_cloid(COIN, cloid)) == ["success"]


@check("bulk orders, bulk modify, bulk cancel")
def _():
    bid, ask = touch()
    requests = [
        {"coin": COIN, "is_buy": is_buy, "sz": LOT, "limit_px": away(px, is_buy, by), "order_type": {"limit": {"tif": "Alo"}}, "reduce_only": False}
        for is_buy, px in [(True, bid), (False, ask)]
        for by in [0.01, 0.02]
    ]
    oids = [status["resting"]["oid"] for status in statuses(exchange.bulk_orders(requests))]
    changed = [{"oid": oid, "order": {**request, "sz": 2 * LOT}} for oid, request in zip(oids, requests)]
    fresh = [status["resting"]["oid"] for status in statuses(exchange.bulk_modify_orders_new(changed))]
    assert not set(oids) & set(fresh)
    assert statuses(exchange.bulk_cancel([{"coin": COIN, "oid": oid} for oid in fresh])) == ["success"] * 4


@check("modify by oid and by cloid")
def _():
    bid, _ask = touch()
    alo = {"limit": {"tif": "Alo"}}
    first, second = Cloid.from_int(2**100 + 1), Cloid.from_int(2**100 + 2)
    oid = resting(exchange.order(COIN, True, LOT, away(bid, True), alo, cloid=first))
    resting(exchange.modify_order(oid, COIN, True, LOT, away(bid, True, 0.02), alo, cloid=first))
    resting(exchange.modify_order(first, COIN, True, LOT, away(bid, True, 0.03), alo, cloid=second))
    assert statuses(exchange.cancel_by_cloid(COIN, second)) == ["success"]


@check("post-only order that would match is refused with the touch")
def _():
    _bid, ask = touch()
    status = statuses(exchange.order(COIN, True, LOT, away(ask, True, -0.01), {"limit": {"tif": "Alo"}}))[0]
    assert status["error"].startswith("Post only order would have immediately matched, bbo was "), status


@check("market_open, position, market_close")
def _():
    filled = statuses(exchange.market_open(COIN, True, LOT))[0]
    assert filled["filled"]["totalSz"] == "0.1", filled
    position = info.user_state(alice.address, "km")["assetPositions"][0]["position"]
    assert position["szi"] == "0.1", position
    assert "filled" in statuses(exchange.market_close(COIN))[0]
    assert info.user_state(alice.address, "km")["assetPositions"] == []


@check("leverage: cross and isolated")
def _():
    ok(exchange.update_leverage(10, COIN))
    ok(exchange.update_leverage(21, "ETH"))
    refused(exchange.update_leverage(100, "ETH"), "Invalid leverage value")
    ok(exchange.update_leverage(5, "ETH", False))


@check("isolated margin: added to a position")
def _():
    assert "filled" in statuses(exchange.market_open("ETH", True, 0.5))[0]
    before = info.user_state(alice.address)["assetPositions"][0]["position"]
    ok(exchange.update_isolated_margin(100, "ETH"))
    after = info.user_state(alice.address)["assetPositions"][0]["position"]
    added = float(after["leverage"]["rawUsd"]) - float(before["leverage"]["rawUsd"])
    assert abs(added - 100) < 1e-6, (before, after)
    ok(exchange.update_isolated_margin(-50, "ETH"))
    assert "filled" in statuses(exchange.market_close("ETH"))[0]
    ok(exchange.update_leverage(20, "ETH"))


@check("TP/SL: stop and take-profit on a position, cancel")
def _():
    bid, ask = touch()
    assert "filled" in statuses(exchange.market_open(COIN, True, LOT))[0]
    stop = {"trigger": {"triggerPx": away(bid, True, 0.05), "isMarket": True, "tpsl": "sl"}}
    take = {"trigger": {"triggerPx": away(ask, False, 0.05), "isMarket": True, "tpsl": "tp"}}
    oids = [
        resting(exchange.order(COIN, False, LOT, away(bid, True, 0.06), stop, reduce_only=True)),
        resting(exchange.order(COIN, False, LOT, away(ask, False, 0.04), take, reduce_only=True)),
    ]
    rows = {row["oid"]: row for row in info.frontend_open_orders(alice.address, "km")}
    assert [rows[oid]["orderType"] for oid in oids] == ["Stop Market", "Take Profit Market"], rows
    assert all(rows[oid]["isTrigger"] for oid in oids)
    assert statuses(exchange.bulk_cancel([{"coin": COIN, "oid": oid} for oid in oids])) == ["success"] * 2
    wrong = {"trigger": {"triggerPx": away(ask, False, 0.05), "isMarket": True, "tpsl": "sl"}}
    status = statuses(exchange.order(COIN, False, LOT, away(ask, False, 0.04), wrong, reduce_only=True))[0]
    assert "Invalid TP/SL price" in status["error"], status
    assert "filled" in statuses(exchange.market_close(COIN))[0]


@check("TP/SL: parent with children (normalTpsl)")
def _():
    bid, ask = touch()
    order = {"coin": COIN, "is_buy": True, "sz": LOT, "limit_px": away(bid, True), "order_type": {"limit": {"tif": "Gtc"}}, "reduce_only": False}
    take = {**order, "is_buy": False, "limit_px": away(ask, False, 0.05), "order_type": {"trigger": {"isMarket": True, "triggerPx": away(ask, False, 0.05), "tpsl": "tp"}}, "reduce_only": True}
    stop = {**order, "is_buy": False, "limit_px": away(bid, True, 0.05), "order_type": {"trigger": {"isMarket": True, "triggerPx": away(bid, True, 0.05), "tpsl": "sl"}}, "reduce_only": True}
    answer = statuses(exchange.bulk_orders([order, take, stop], grouping="normalTpsl"))
    assert answer[1:] == ["waitingForFill", "waitingForFill"], answer
    assert statuses(exchange.cancel(COIN, answer[0]["resting"]["oid"])) == ["success"]
    assert info.frontend_open_orders(alice.address, "km") == []


@check("adding-liquidity loop: quotes follow the touch, fills are told")
def _():
    fills = []
    info.subscribe({"type": "userEvents", "user": bob.address}, lambda message: fills.extend(message["data"].get("fills", [])))
    alo = {"limit": {"tif": "Alo"}}
    live = {}
    deadline = time.time() + 8
    while time.time() < deadline and not fills:
        bid, ask = touch()
        for is_buy, px in [(True, bid), (False, ask)]:
            held = live.get(is_buy)
            if held is not None and held[1] == px:
                continue
            if held is not None:
                taker.cancel(COIN, held[0])
                del live[is_buy]
            status = statuses(taker.order(COIN, is_buy, LOT, px, alo))[0]
            if "resting" in status:
                live[is_buy] = (status["resting"]["oid"], px)
        time.sleep(0.2)
    for oid, _px in live.values():
        taker.cancel(COIN, oid)
    assert info.open_orders(bob.address, "km") == []
    return f"{len(fills)} fills"


@check("WebSocket: every channel that the SDK can route")
def _():
    wanted = [
        {"type": "allMids"}, {"type": "l2Book", "coin": COIN}, {"type": "bbo", "coin": COIN},
        {"type": "trades", "coin": "BTC"}, {"type": "candle", "coin": "BTC", "interval": "1m"},
        {"type": "activeAssetCtx", "coin": COIN}, {"type": "activeAssetData", "coin": COIN, "user": alice.address},
        {"type": "userFills", "user": alice.address}, {"type": "userFundings", "user": alice.address},
        {"type": "userNonFundingLedgerUpdates", "user": alice.address}, {"type": "webData2", "user": alice.address},
        {"type": "orderUpdates", "user": alice.address},
    ]
    seen = {}
    for subscription in wanted:
        info.subscribe(subscription, lambda message, kind=subscription["type"]: seen.setdefault(kind, message))
    touch("BTC")
    oid = resting(exchange.order(COIN, True, LOT, away(touch()[0], True), {"limit": {"tif": "Alo"}}))
    exchange.cancel(COIN, oid)
    until(lambda: len(seen) == len(wanted) or (len(seen) == len(wanted) - 1 and "candle" not in seen), f"{[w['type'] for w in wanted if w['type'] not in seen]}", 20)
    return ", ".join(sorted(seen))


@check("schedule cancel: refused without volume, then set, fired")
def _():
    refused(exchange.schedule_cancel(get_timestamp_ms() + 60_000), "Cannot set scheduled cancel time until enough volume traded")
    for _round in range(40):
        if float(info.user_rate_limit(alice.address)["cumVlm"]) > 1_000_000:
            break
        exchange.market_open("BTC", True, 5)
        exchange.market_close("BTC")
    # The book may hold less than that within the client's slippage.
    until(lambda: exchange.market_close("BTC") is None, "a flat position", 20)
    refused(exchange.schedule_cancel(get_timestamp_ms() + 1_000), "Scheduled cancel time too early")
    resting(exchange.order("BTC", True, 0.01, away(touch("BTC")[0], True), {"limit": {"tif": "Alo"}}))
    ok(exchange.schedule_cancel(get_timestamp_ms() + 60_000))
    ok(exchange.schedule_cancel(None))
    ok(exchange.schedule_cancel(get_timestamp_ms() + 6_000))
    until(lambda: info.open_orders(alice.address) == [], "the scheduled cancel", 10)
    assert info.historical_orders(alice.address)[0]["status"] == "scheduledCancel"


@check("agents: unnamed and named, trade for the account")
def _():
    for name in [None, "mm1"]:
        answer, key = exchange.approve_agent(name)
        ok(answer)
        agent = Exchange(eth_account.Account.from_key(key), URL, account_address=alice.address, perp_dexs=DEXES)
        oid = resting(agent.order(COIN, True, LOT, away(touch()[0], True), {"limit": {"tif": "Alo"}}))
        assert statuses(agent.cancel(COIN, oid)) == ["success"]
    assert [agent["name"] for agent in info.extra_agents(alice.address)] == ["mm1"]


@check("usd transfer to another account")
def _():
    before = float(info.user_state(carol.address)["withdrawable"])
    ok(exchange.usd_transfer(25, carol.address))
    assert float(info.user_state(carol.address)["withdrawable"]) > before
    refused(exchange.usd_transfer(1e9, carol.address), "Insufficient balance")


@check("usd class transfer between perps and spot")
def _():
    ok(exchange.usd_class_transfer(1_000, False))
    balances = {row["coin"]: row for row in info.spot_user_state(alice.address)["balances"]}
    assert float(balances["USDC"]["total"]) == 1_000, balances
    ok(exchange.usd_class_transfer(400, True))
    balances = {row["coin"]: row for row in info.spot_user_state(alice.address)["balances"]}
    assert float(balances["USDC"]["total"]) == 600, balances


@check("spot transfer to another account")
def _():
    ok(exchange.spot_transfer(100, carol.address, USDC))
    assert info.spot_user_state(carol.address)["balances"][0]["coin"] == "USDC"


@check("send asset: spot to a dex and back, wrong token refused")
def _():
    ok(exchange.send_asset(alice.address, "km", "spot", USDH, 500))
    balances = {row["coin"]: row for row in info.spot_user_state(alice.address)["balances"]}
    assert float(balances["USDH"]["total"]) == 500, balances
    ok(exchange.send_asset(alice.address, "spot", "km", USDH, 500))
    answer = exchange.send_asset(alice.address, "spot", "km", USDC, 5)
    assert answer["status"] == "err", answer
    return answer["response"]


@check("withdraw")
def _():
    ok(exchange.withdraw_from_bridge(10, alice.address))


@check("sub-account: created, funded, traded for, emptied")
def _():
    sub = exchange.create_sub_account("maker")["response"]["data"]
    ok(exchange.sub_account_transfer(sub, True, 500_000_000))
    assert info.query_sub_accounts(alice.address)[0]["subAccountUser"] == sub
    trader = Exchange(alice, URL, vault_address=sub, perp_dexs=DEXES)
    oid = resting(trader.order("BTC", True, 0.001, away(touch("BTC")[0], True), {"limit": {"tif": "Alo"}}))
    assert [row["oid"] for row in info.open_orders(sub)] == [oid]
    assert statuses(trader.cancel("BTC", oid)) == ["success"]
    ok(exchange.sub_account_transfer(sub, False, 500_000_000))
    refused(exchange.vault_usd_transfer(carol.address, True, 1), "Vault not registered")


@check("builder: approve, order with fee, unapproved refused")
def _():
    order = {"limit": {"tif": "Ioc"}}
    ask = touch("BTC")[1]
    status = statuses(exchange.order("BTC", True, 0.01, away(ask, False), order, builder={"b": BUILDER, "f": 1}))[0]
    assert "Builder fee has not been approved" in status["error"], status
    ok(exchange.approve_builder_fee(BUILDER, "0.001%"))
    status = statuses(exchange.market_open("BTC", True, 0.01, builder={"b": BUILDER, "f": 1}))[0]
    assert "filled" in status, status
    fill = info.user_fills(alice.address)[0]
    assert float(fill["builderFee"]) > 0, fill
    exchange.market_close("BTC")


@check("account mode: unified and back")
def _():
    ok(exchange.user_set_abstraction(alice.address, "unifiedAccount"))
    assert info.query_user_abstraction_state(alice.address) == "unifiedAccount"
    refused(exchange.usd_class_transfer(1, True), "Action disabled when unified account is active")
    assert "resting" in statuses(exchange.order("mkts:US500", True, LOT, away(touch("mkts:US500")[0], True), {"limit": {"tif": "Alo"}}))[0]
    hold = {row["coin"]: row["hold"] for row in info.spot_user_state(alice.address)["balances"]}
    assert float(hold["USDC"]) > 0, hold
    exchange.cancel("mkts:US500", info.open_orders(alice.address, "mkts")[0]["oid"])
    ok(exchange.user_set_abstraction(alice.address, "disabled"))


@check("noop burns a nonce, expiry is kept")
def _():
    nonce = get_timestamp_ms()
    ok(exchange.noop(nonce))
    refused(exchange.noop(nonce), "Invalid nonce: duplicate nonce")
    exchange.set_expires_after(get_timestamp_ms() - 1_000)
    refused(exchange.schedule_cancel(None), "Action already expired")
    exchange.set_expires_after(None)


@check("a stranger is named by its address")
def _():
    stranger = Exchange(eth_account.Account.from_key("0x" + "77" * 32), URL, perp_dexs=DEXES)
    refused(stranger.cancel(COIN, 1), "does not exist.")


info.disconnect_websocket()
for thread in threading.enumerate():
    if thread is not threading.main_thread():
        thread.join(1)
