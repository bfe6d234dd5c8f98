//! Drives the official Rust SDK, as published, against a local exchange on port 3001 and prints one JSON line a check.

use ethers::signers::{LocalWallet, Signer};
use ethers::types::H160;
use hyperliquid_rust_sdk::{
    BaseUrl, ClientCancelRequest, ClientCancelRequestCloid, ClientLimit, ClientModifyRequest,
    ClientOrder, ClientOrderRequest, ClientTrigger, ExchangeClient, ExchangeDataStatus,
    ExchangeResponseStatus, InfoClient, Message, Subscription,
};
use std::collections::HashSet;
use std::future::Future;
use std::time::Duration;
use uuid::Uuid;

type Outcome = Result<String, String>;

async fn check(name: &str, run: impl Future<Output = Outcome>) {
    let (outcome, detail) = match run.await {
        Ok(detail) => ("passed", detail),
        Err(detail) => ("failed", detail),
    };
    println!("{}", serde_json::json!({"name": name, "outcome": outcome, "detail": detail}));
}

fn text(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

fn statuses(answer: ExchangeResponseStatus) -> Result<Vec<ExchangeDataStatus>, String> {
    match answer {
        ExchangeResponseStatus::Ok(ok) => Ok(ok.data.map(|data| data.statuses).unwrap_or_default()),
        ExchangeResponseStatus::Err(error) => Err(error),
    }
}

fn done(answer: ExchangeResponseStatus) -> Outcome {
    statuses(answer).map(|_| String::new())
}

fn resting(answer: ExchangeResponseStatus) -> Result<u64, String> {
    match statuses(answer)?.first() {
        Some(ExchangeDataStatus::Resting(order)) => Ok(order.oid),
        other => Err(format!("expected to rest: {other:?}")),
    }
}

fn filled(answer: ExchangeResponseStatus) -> Outcome {
    match statuses(answer)?.first() {
        Some(ExchangeDataStatus::Filled(order)) => Ok(order.avg_px.clone()),
        other => Err(format!("expected to fill: {other:?}")),
    }
}

fn succeeded(answer: ExchangeResponseStatus) -> Outcome {
    match statuses(answer)?.first() {
        Some(ExchangeDataStatus::Success) => Ok(String::new()),
        other => Err(format!("expected success: {other:?}")),
    }
}

fn order(px: f64, sz: f64, tif: &str, cloid: Option<Uuid>) -> ClientOrderRequest {
    ClientOrderRequest {
        asset: "BTC".to_string(),
        is_buy: true,
        reduce_only: false,
        limit_px: px,
        sz,
        cloid,
        order_type: ClientOrder::Limit(ClientLimit { tif: tif.to_string() }),
    }
}

async fn touch(info: &InfoClient) -> Result<(f64, f64), String> {
    let book = info.l2_snapshot("BTC".to_string()).await.map_err(text)?;
    let px = |side: usize| book.levels[side][0].px.parse::<f64>().map_err(text);
    Ok((px(0)?, px(1)?))
}

/// An IOC far through the book, as a market order is.
async fn take(
    info: &InfoClient,
    exchange: &ExchangeClient,
    asset: &str,
    sz: f64,
    is_buy: bool,
) -> Outcome {
    let book = info.l2_snapshot(asset.to_string()).await.map_err(text)?;
    let best = book.levels[usize::from(is_buy)][0].px.parse::<f64>().map_err(text)?;
    let limit_px = (best * if is_buy { 1.02 } else { 0.98 }).round();
    let wanted = ClientOrderRequest {
        asset: asset.to_string(),
        is_buy,
        ..order(limit_px, sz, "Ioc", None)
    };
    filled(exchange.order(wanted, None).await.map_err(text)?)
}

async fn fund(user: H160, body: &str) {
    let body = body.replace("USER", &format!("{user:?}"));
    reqwest::Client::new()
        .post("http://localhost:3001/local/faucet")
        .body(body)
        .send()
        .await
        .expect("the faucet answers");
}

async fn orders(info: &InfoClient, exchange: &ExchangeClient, user: H160) {
    check("order, query by oid, cancel", async {
        let (bid, _) = touch(info).await?;
        let placed = exchange.order(order((bid * 0.99).round(), 0.001, "Gtc", None), None).await;
        let oid = resting(placed.map_err(text)?)?;
        let found = info.query_order_by_oid(user, oid).await.map_err(text)?;
        if found.order.is_none() {
            return Err(text(found));
        }
        let cancel = ClientCancelRequest { asset: "BTC".to_string(), oid };
        succeeded(exchange.cancel(cancel, None).await.map_err(text)?)
    })
    .await;
    check("order with cloid, cancel by cloid", async {
        let (bid, _) = touch(info).await?;
        let cloid = Uuid::new_v4();
        let placed = exchange.order(order((bid * 0.99).round(), 0.001, "Alo", Some(cloid)), None);
        resting(placed.await.map_err(text)?)?;
        let cancel = ClientCancelRequestCloid { asset: "BTC".to_string(), cloid };
        succeeded(exchange.cancel_by_cloid(cancel, None).await.map_err(text)?)
    })
    .await;
    check("bulk order, modify, bulk cancel", async {
        let (bid, _) = touch(info).await?;
        let at = |by: f64| order((bid * by).round(), 0.001, "Alo", None);
        let placed = exchange.bulk_order(vec![at(0.99), at(0.98)], None).await.map_err(text)?;
        let oids: Vec<u64> = statuses(placed)?
            .into_iter()
            .filter_map(|status| match status {
                ExchangeDataStatus::Resting(order) => Some(order.oid),
                _ => None,
            })
            .collect();
        let modify = ClientModifyRequest { oid: oids[0], order: at(0.97) };
        let fresh = resting(exchange.modify(modify, None).await.map_err(text)?)?;
        let cancels = [fresh, oids[1]]
            .map(|oid| ClientCancelRequest { asset: "BTC".to_string(), oid })
            .into_iter()
            .collect();
        let answers = statuses(exchange.bulk_cancel(cancels, None).await.map_err(text)?)?;
        if answers.iter().all(|status| matches!(status, ExchangeDataStatus::Success)) {
            Ok(String::new())
        } else {
            Err(text(answers))
        }
    })
    .await;
    check("stop order, cancel", async {
        let (bid, _) = touch(info).await?;
        let trigger_px = (bid * 0.9).round();
        let stop = ClientOrderRequest {
            is_buy: false,
            reduce_only: true,
            order_type: ClientOrder::Trigger(ClientTrigger {
                is_market: true,
                trigger_px,
                tpsl: "sl".to_string(),
            }),
            ..order(trigger_px, 0.001, "Gtc", None)
        };
        let oid = resting(exchange.order(stop, None).await.map_err(text)?)?;
        let cancel = ClientCancelRequest { asset: "BTC".to_string(), oid };
        succeeded(exchange.cancel(cancel, None).await.map_err(text)?)
    })
    .await;
    check("taking and closing (market_open knows the public addresses only)", async {
        take(info, exchange, "BTC", 0.01, true).await?;
        take(info, exchange, "BTC", 0.01, false).await
    })
    .await;
}

async fn account(info: &InfoClient, exchange: &ExchangeClient, carol: &str) {
    check("leverage", async {
        done(exchange.update_leverage(5, "BTC", true, None).await.map_err(text)?)?;
        done(exchange.update_leverage(5, "ETH", false, None).await.map_err(text)?)
    })
    .await;
    check("isolated margin", async {
        take(info, exchange, "ETH", 0.1, true).await?;
        done(exchange.update_isolated_margin(10.0, "ETH", None).await.map_err(text)?)
    })
    .await;
    check("usdc transfer, class transfer, withdrawal", async {
        done(exchange.usdc_transfer("5", carol, None).await.map_err(text)?)?;
        done(exchange.class_transfer(20.0, false, None).await.map_err(text)?)?;
        done(exchange.class_transfer(5.0, true, None).await.map_err(text)?)?;
        done(exchange.withdraw_from_bridge("5", carol, None).await.map_err(text)?)
    })
    .await;
    check("spot transfer", async {
        let usdc = "USDC:0x6d1e7cde53ba9467b783cb7c530ce054";
        done(exchange.spot_transfer("5", carol, usdc, None).await.map_err(text)?)
    })
    .await;
    check("a builder's fee is signed by the wrong scheme in this SDK, and refused as on the venue", async {
        let rate = "0.01%".to_string();
        let answer = exchange.approve_builder_fee(carol.to_string(), rate, None).await;
        match answer.map_err(text)? {
            ExchangeResponseStatus::Err(error) if error.starts_with("Must deposit") => Ok(error),
            other => Err(text(other)),
        }
    })
    .await;
    check("approve an agent, trade through it", async {
        let (key, answer) = exchange.approve_agent(None).await.map_err(text)?;
        done(answer)?;
        let wallet: LocalWallet = key.parse().map_err(text)?;
        let agent = ExchangeClient::new(None, wallet, Some(BaseUrl::Localhost), None, None)
            .await
            .map_err(text)?;
        let cancel = ClientCancelRequest { asset: "BTC".to_string(), oid: 1 };
        match statuses(agent.cancel(cancel, None).await.map_err(text)?)?.first() {
            Some(ExchangeDataStatus::Error(error)) => Ok(error.clone()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
}

async fn infos(info: &InfoClient, user: H160) {
    check("info: markets", async {
        info.meta().await.map_err(text)?;
        info.spot_meta().await.map_err(text)?;
        info.all_mids().await.map_err(text)?;
        info.recent_trades("BTC".to_string()).await.map_err(text)?;
        info.funding_history("BTC".to_string(), 0, None).await.map_err(text)?;
        let now = 1_900_000_000_000;
        let candles = info.candles_snapshot("BTC".to_string(), "1m".to_string(), 0, now);
        Ok(format!("{} candles", candles.await.map_err(text)?.len()))
    })
    .await;
    check("info: spot contexts", async {
        info.spot_meta_and_asset_contexts().await.map_err(text).map(|_| String::new())
    })
    .await;
    check("info: account", async {
        info.user_state(user).await.map_err(text)?;
        info.user_states(vec![user]).await.map_err(text)?;
        info.open_orders(user).await.map_err(text)?;
        info.user_token_balances(user).await.map_err(text)?;
        info.user_fees(user).await.map_err(text)?;
        info.user_fills(user).await.map_err(text)?;
        info.user_funding_history(user, 0, None).await.map_err(text)?;
        info.historical_orders(user).await.map_err(text)?;
        Ok(String::new())
    })
    .await;
    check("info: referral", async {
        info.query_referral_state(user).await.map_err(text).map(|_| String::new())
    })
    .await;
}

fn named(message: &Message) -> Option<&'static str> {
    match message {
        Message::AllMids(_) => Some("allMids"),
        Message::Trades(_) => Some("trades"),
        Message::L2Book(_) => Some("l2Book"),
        Message::User(_) => Some("user"),
        Message::UserFills(_) => Some("userFills"),
        Message::Candle(_) => Some("candle"),
        Message::OrderUpdates(_) => Some("orderUpdates"),
        Message::UserFundings(_) => Some("userFundings"),
        Message::UserNonFundingLedgerUpdates(_) => Some("userNonFundingLedgerUpdates"),
        Message::WebData2(_) => Some("webData2"),
        Message::ActiveAssetCtx(_) => Some("activeAssetCtx"),
        _ => None,
    }
}

async fn sockets(exchange: &ExchangeClient, user: H160) {
    check("WebSocket: every channel of the SDK is understood", async {
        let mut info = InfoClient::new(None, Some(BaseUrl::Localhost)).await.map_err(text)?;
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let coin = || "BTC".to_string();
        let wanted = vec![
            Subscription::AllMids,
            Subscription::Trades { coin: coin() },
            Subscription::L2Book { coin: coin() },
            Subscription::Candle { coin: coin(), interval: "1m".to_string() },
            Subscription::ActiveAssetCtx { coin: coin() },
            Subscription::OrderUpdates { user },
            Subscription::UserEvents { user },
            Subscription::UserFills { user },
            Subscription::UserFundings { user },
            Subscription::UserNonFundingLedgerUpdates { user },
            Subscription::WebData2 { user },
        ];
        let count = wanted.len();
        for subscription in wanted {
            info.subscribe(subscription, sender.clone()).await.map_err(text)?;
        }
        take(&info, exchange, "BTC", 0.001, true).await?;
        let mut seen = HashSet::new();
        let listen = async {
            while let Some(message) = receiver.recv().await {
                if let Message::HyperliquidError(error) = &message {
                    return Err(error.clone());
                }
                seen.extend(named(&message));
                if seen.len() == count {
                    return Ok(());
                }
            }
            Ok(())
        };
        let ended = tokio::time::timeout(Duration::from_secs(20), listen).await;
        match ended {
            Ok(Ok(())) => Ok(format!("{count} channels")),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(format!("only {seen:?}")),
        }
    })
    .await;
}

#[tokio::main]
async fn main() {
    let key = "5151515151515151515151515151515151515151515151515151515151515152";
    let wallet: LocalWallet = key.parse().expect("a key");
    let user = wallet.address();
    let carol = "0x5e9ee1089755c3435139848e47e6635505d5a13a";
    fund(user, r#"{"user":"USER","dex":"","usd":"100000"}"#).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let info = InfoClient::new(None, Some(BaseUrl::Localhost)).await.expect("an info client");
    let exchange = ExchangeClient::new(None, wallet, Some(BaseUrl::Localhost), None, None)
        .await
        .expect("an exchange client");
    infos(&info, user).await;
    orders(&info, &exchange, user).await;
    sockets(&exchange, user).await;
    account(&info, &exchange, carol).await;
}
