//! `seriald share`: links to one port of a server that runs, for people without an account.

use std::io::{Write, stdout};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use seriald::client::Client;
use seriald::place::Place;
use seriald::record::Time;

use super::asking::runtime;
use super::people::{length, minute};
use super::place::Stretch;
use super::server::Server;

/// The links that let guests in.
#[derive(Args)]
pub struct Share {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    server: Server,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Act {
    /// Make a link to a port, and print it. It is told this once.
    Create(Wish),
    /// List your links, or all if you administer the server. Their secrets are not known.
    List,
    /// Void a link. What is open by it ends.
    Revoke {
        /// Its id, as list has it.
        id: String,
    },
}

#[derive(Args)]
struct Wish {
    /// The port. Whoever has the link sees what passes over it, now and earlier; with --from or --to that
    /// stretch and nothing else.
    port: String,
    #[command(flatten)]
    stretch: Stretch,
    /// Let them type too.
    #[arg(long = "type", conflicts_with_all = ["panel", "from", "to"])]
    types: bool,
    /// Let them use this panel, and nothing else.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["page", "at", "from", "to"])]
    panel: Option<String>,
    /// Let it open this page of your own, such as oven/.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["at", "from", "to"])]
    page: Option<String>,
    /// Let it open this moment: an offset of the port's journal.
    #[arg(long, value_name = "OFFSET")]
    at: Option<u64>,
    /// Let it end after so long, such as 2h or 7d.
    #[arg(long = "for", value_name = "TIME", default_value = "1d", value_parser = length)]
    life: u64,
    /// What it is for; guests read it. [default: the port]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// The address by which they reach the server. [default: that of --server]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

impl Share {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let runtime = runtime()?;
        let client = self.server.client()?;
        match self.act {
            Act::Create(wish) => runtime.block_on(create(&client, wish, self.json)),
            Act::List => {
                let listed = runtime.block_on(client.get("api/v1/shares"))?;
                list(&serde_json::from_slice(&listed)?, self.json)
            }
            Act::Revoke { id } => {
                Ok(runtime.block_on(client.delete(&format!("api/v1/shares/{id}")))?)
            }
        }
    }
}

async fn create(client: &Client, wish: Wish, as_json: bool) -> anyhow::Result<()> {
    let place = |place: Option<Place>| place.map(|place| place.to_string());
    let question = json!({
        "port": wish.port,
        "title": wish.title,
        "may": wish.types.then_some("type"),
        "panel": wish.panel,
        "page": wish.page,
        "offset": wish.at,
        "from": place(wish.stretch.from),
        "to": place(wish.stretch.to),
        "expires": Time::now().0.saturating_add(wish.life),
    });
    let mut made = client.post("api/v1/shares", &question).await?;
    let base = wish.url.as_deref().unwrap_or(client.server());
    let path = made["path"].as_str().unwrap_or_default();
    let link = format!("{}/{path}", base.trim_end_matches('/'));
    let mut out = stdout().lock();
    if as_json {
        made["link"] = link.into();
        writeln!(out, "{made:#}")?;
        return Ok(());
    }
    writeln!(out, "{link}")?;
    let (id, ends) = (text(&made, "id"), minute(time(&made, "expires")));
    if let Some((from, to)) = excerpt(&made) {
        let bytes = to - from;
        eprintln!("seriald: it shows {bytes} bytes, from offset {from} to {to}, and nothing else");
    }
    eprintln!("seriald: this is told once. It is link {id}, and ends at {ends}.");
    if is_here_alone(base) {
        eprintln!("seriald: nobody else reaches {base}; --url names the address that they use");
    }
    Ok(())
}

/// Whether an address is that of the machine itself, whichever it is.
fn is_here_alone(base: &str) -> bool {
    let host = base.split_once("://").map_or(base, |(_, rest)| rest);
    ["localhost", "127.", "[::1]"]
        .iter()
        .any(|here| host.starts_with(here))
}

fn list(all: &Value, as_json: bool) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    if as_json {
        writeln!(out, "{all:#}")?;
        return Ok(());
    }
    writeln!(
        out,
        "ID\tBY\tTITLE\tPORT\tMAY\tEXPIRES\tLAST USED\tUSES\tRESTS"
    )?;
    for share in all.as_array().into_iter().flatten() {
        let may = match share["panel"].as_str() {
            Some(panel) => format!("use {panel}"),
            None => match excerpt(share) {
                Some((from, to)) => format!("see from {from} to {to}"),
                None => text(share, "may"),
            },
        };
        let (expires, used) = (
            minute(time(share, "expires")),
            minute(time(share, "last_used")),
        );
        let [id, by, title, port] = ["id", "by", "title", "port"].map(|name| text(share, name));
        let (uses, rests) = (&share["uses"], rests(share));
        writeln!(
            out,
            "{id}\t{by}\t{title}\t{port}\t{may}\t{expires}\t{used}\t{uses}\t{rests}"
        )?;
    }
    Ok(())
}

/// When it rests, if it goes by what others say of who made it.
fn rests(share: &Value) -> String {
    let told = &share["elsewhere"];
    match time(told, "until") {
        None if told.is_object() => "now".to_owned(),
        until => minute(until),
    }
}

/// Where the excerpt begins and ends that is all a guest sees.
fn excerpt(share: &Value) -> Option<(u64, u64)> {
    let excerpt = &share["excerpt"];
    excerpt["from"].as_u64().zip(excerpt["to"].as_u64())
}

fn text(of: &Value, name: &str) -> String {
    of[name].as_str().unwrap_or("-").to_owned()
}

fn time(of: &Value, name: &str) -> Option<Time> {
    of[name].as_u64().map(Time)
}
