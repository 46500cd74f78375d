//! Loans of one agent: devices that the server has let go of, for as long as the agent is here.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde_json::json;
use tokio::sync::oneshot;
use tokio_util::task::AbortOnDropHandle;

use super::tools::{Failure, Outcome, Tools, path};

/// What is lent, by the port's name. A loan ends when it is dropped.
#[derive(Default)]
pub struct Loans(Mutex<HashMap<String, Loan>>);

struct Loan {
    /// Why it ended, if it has by itself.
    ended: oneshot::Receiver<String>,
    _holding: AbortOnDropHandle<()>,
}

/// What is borrowed, for what.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lend {
    port: String,
    to: String,
    seconds: Option<u64>,
}

/// What is given back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiveBack {
    port: String,
}

impl Loans {
    /// Has the server let go of a device.
    pub async fn lend(tools: &Tools, wish: Lend) -> Outcome {
        let path = path(&wish.port, "/lend")?;
        let mut question = json!({"to": wish.to});
        if let Some(seconds) = wish.seconds {
            question["seconds"] = json!(seconds);
        }
        let mut loan = tools.client().follow(&path, &question).await?;
        let Some(begun) = loan.line().await? else {
            return Err(Failure(
                "the server ended; ask again when it runs".to_owned(),
            ));
        };
        let (tell, ended) = oneshot::channel();
        let holding = AbortOnDropHandle::new(tokio::spawn(async move {
            let why = match loan.line().await {
                Ok(Some(told)) => told["ended"].as_str().unwrap_or("server").to_owned(),
                Ok(None) | Err(_) => "server".to_owned(),
            };
            // Nobody may ask any more.
            let _: Result<(), _> = tell.send(why);
        }));
        let mut loans = tools.loans.0.lock().unwrap_or_else(PoisonError::into_inner);
        let loan = Loan {
            ended,
            _holding: holding,
        };
        loans.insert(wish.port, loan);
        Ok(begun)
    }

    /// Ends a loan, and tells if it had ended already.
    pub async fn give_back(tools: &Tools, wish: GiveBack) -> Outcome {
        let mut loans = tools.loans.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut loan) = loans.remove(&wish.port) else {
            return Err(Failure(format!(
                "{} was not lent by this session; lend begins that",
                wish.port
            )));
        };
        Ok(match loan.ended.try_recv() {
            Ok(why) => json!({"given_back": false, "ended_before": why}),
            Err(_) => json!({"given_back": true}),
        })
    }
}
