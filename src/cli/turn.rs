//! `seriald turn`: shows who may type on a port where one at a time may, and changes it.

use std::io::{Write, stdout};

use clap::{Args, ValueEnum};
use serde_json::json;
use seriald::state::Seen;

use super::asking::{expect_port_name, runtime};
use super::server::Server;
use super::status;

/// What is done about the turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Act {
    /// One at a time may type from now on, until the server ends.
    On,
    /// All who may type can again.
    Off,
    /// Take it, where nobody has it.
    Take,
    /// Ask for it.
    Ask,
    /// Hand it over to one who asks, named with --to.
    Give,
    /// Give it back, or ask no more.
    Leave,
    /// Take it, whoever has it.
    Force,
}

/// Whose turn, and what about it.
#[derive(Args)]
pub struct Turn {
    /// The port.
    port: String,
    /// What to do; without, it is only shown who has the turn. What gives you the turn needs an account,
    /// and a console or another connection of yours at the port.
    #[arg(value_enum)]
    act: Option<Act>,
    /// Whom it is handed to: the client that stands in parentheses behind who asks.
    #[arg(long, value_name = "CLIENT", required_if_eq("act", "give"))]
    to: Option<String>,
    /// Print JSON: who has the turn and who asks for it, null where all who may type can; and who has
    /// booked the port, until when.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

impl Turn {
    /// Does it, and prints who has the turn.
    pub fn run(self) -> anyhow::Result<()> {
        expect_port_name(&self.port)?;
        let client = self.server.client()?;
        let runtime = runtime()?;
        let path = format!("api/v1/ports/{}", self.port);
        let state: Seen = runtime.block_on(async {
            let Some(act) = self.act else {
                return anyhow::Ok(serde_json::from_slice(&client.get(&path).await?)?);
            };
            let act = act.to_possible_value().expect("none is hidden");
            let question = match &self.to {
                Some(to) => json!({"act": act.get_name(), "to": to}),
                None => json!({"act": act.get_name()}),
            };
            let told = client.post(&format!("{path}/turn"), &question).await?;
            Ok(serde_json::from_value(told)?)
        })?;
        let told = match &state.turn {
            turn if self.json => {
                json!({"port": state.name, "turn": turn, "booked": state.booked}).to_string()
            }
            Some(turn) => status::turn(turn),
            None => "all who may type can".to_owned(),
        };
        Ok(writeln!(stdout(), "{told}")?)
    }
}
