//! `seriald book`: ports that are somebody's for a time, or for as long as a command runs.

use std::io::{Write, stdout};
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Value, json};
use seriald::client::{Client, ClientError};
use seriald::clock::{ago, parse};
use seriald::record::Time;
use seriald::state::Booked;
use tokio::process::Command;

use super::asking::runtime;
use super::child::{asked_to_end, end_of};
use super::people::{minute, words};
use super::server::{JOB, Server, own_name};

/// Somebody else has it: try again later. As sysexits(3) has it, so that it is no code of a test's.
const TAKEN: u8 = 75;
/// Where bookings are.
const PATH: &str = "api/v1/bookings";

/// What is booked, or done with bookings. Exits with 0 when it is done, with 75 where somebody else has
/// the ports, and with the code of COMMAND if there is one.
#[derive(Args)]
#[command(subcommand_negates_reqs = true)]
pub struct Book {
    #[command(subcommand)]
    act: Option<Act>,
    #[command(flatten)]
    wish: Wish,
    #[command(flatten)]
    server: Server,
    /// Print what the server answers, as JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Args)]
struct Wish {
    /// The ports, all of them or none; * and ? stand for others, as in 'rack1-*'.
    #[arg(value_name = "PORT", required = true)]
    ports: Vec<String>,
    /// Any so many of them will do.
    #[arg(long, value_name = "N")]
    count: Option<usize>,
    /// From this time on, such as 2026-11-24T09:00:00+01:00. [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse)]
    from: Option<Time>,
    /// For so long, such as 90m or 2h.
    #[arg(long = "for", value_name = "LENGTH", default_value = "1h")]
    length: String,
    /// For this job alone, which says its name in SERIALD_JOB (or, over HTTP, Seriald-Name).
    #[arg(long, value_name = "NAME", env = JOB)]
    job: Option<String>,
    /// What it is for, for others to read.
    #[arg(long)]
    title: Option<String>,
    /// Let programs type meanwhile that come over RFC 2217 and raw TCP, which have no name.
    #[arg(long)]
    programs: bool,
    /// Wait so long until the ports are free, such as 30m; who asks first is served first. [default: do not wait]
    #[arg(long, value_name = "LENGTH", value_parser = wait, conflicts_with = "from")]
    wait: Option<Duration>,
    /// End the booking when this command ends. {} stands for the ports that were booked; SERIALD_PORT has
    /// them too, SERIALD_BOOKING the number of the booking and SERIALD_JOB the job.
    #[arg(value_name = "COMMAND", last = true, conflicts_with = "json")]
    command: Vec<String>,
}

#[derive(Subcommand)]
enum Act {
    /// List the bookings that have not ended.
    List,
    /// Let a booking end so long from now.
    Extend {
        /// Its number, as list has it.
        id: u64,
        /// How long, such as 90m or 2h.
        #[arg(long = "for", value_name = "LENGTH", default_value = "1h")]
        length: String,
    },
    /// End a booking: its ports are free.
    End {
        /// Its number, as list has it.
        id: u64,
    },
}

/// Reads a length of time.
fn wait(text: &str) -> Result<Duration, &'static str> {
    let length = ago(text).map(Duration::from_micros);
    length.ok_or("give a time such as 90s, 30m or 2h")
}

/// A booking, as the server tells of it.
#[derive(Deserialize)]
struct Told {
    ports: Vec<String>,
    #[serde(flatten)]
    booked: Booked,
}

impl Book {
    /// Does it.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let runtime = runtime()?;
        match runtime.block_on(self.act()) {
            Err(error) if is_taken(&error) => {
                eprintln!("seriald: {error:#}");
                Ok(TAKEN.into())
            }
            done => done,
        }
    }

    async fn act(self) -> anyhow::Result<ExitCode> {
        let client = self.server.client()?;
        let show = |told: Value| match self.json {
            true => Ok(writeln!(stdout(), "{told:#}")?),
            false => table(&[told]),
        };
        match self.act {
            None if self.wish.command.is_empty() => show(self.wish.book(&client).await?)?,
            None => return self.wish.run(&client).await,
            Some(Act::List) => {
                let told = client.get(PATH).await?;
                let told: Vec<Value> = serde_json::from_slice(&told)?;
                match self.json {
                    true => writeln!(stdout(), "{:#}", json!(told))?,
                    false => table(&told)?,
                }
            }
            Some(Act::Extend { id, length }) => {
                let change = json!({"for": length});
                show(client.patch(&format!("{PATH}/{id}"), &change).await?)?;
            }
            Some(Act::End { id }) => client.delete(&format!("{PATH}/{id}")).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Wish {
    /// What those are called whose the ports are to be.
    fn name(&self) -> Option<String> {
        self.job().map(str::to_owned).or_else(own_name)
    }

    /// A variable that is set to nothing is not set.
    fn job(&self) -> Option<&str> {
        self.job.as_deref().filter(|job| !job.is_empty())
    }

    /// Books the ports; gives the booking.
    async fn book(&self, client: &Client) -> Result<Value, ClientError> {
        let mut wish = json!({
            "ports": self.ports, "count": self.count, "from": self.from, "for": self.length, "job": self.job(),
            "title": self.title, "programs": self.programs,
        });
        let wait = self.wait.unwrap_or_default();
        if !wait.is_zero() {
            wish["wait"] = wait.as_secs().max(1).into();
        }
        let client = match self.name() {
            Some(name) => client.clone().named(name),
            None => client.clone(),
        };
        client.post_within(wait, PATH, &wish).await
    }

    /// Books the ports for as long as the command runs; its exit code is ours.
    async fn run(&self, client: &Client) -> anyhow::Result<ExitCode> {
        let told = self.book(client).await?;
        let Told { ports, booked } = serde_json::from_value(told)?;
        let ports = ports.join(" ");
        eprintln!(
            "seriald: {ports}: booked until {}, as {}",
            minute(Some(booked.until)),
            booked.id
        );
        let ended = self.run_with(&ports, booked.id).await;
        let freed = client.delete(&format!("{PATH}/{}", booked.id)).await;
        match freed {
            // It was ended before.
            Err(ClientError::Refused { code, .. }) if code == "unknown-booking" => {}
            Err(error) => eprintln!(
                "seriald: {error}; booking {} goes on until its end",
                booked.id
            ),
            Ok(()) => {}
        }
        ended
    }

    /// Runs the command to its end.
    async fn run_with(&self, ports: &str, booking: u64) -> anyhow::Result<ExitCode> {
        // From here on somebody has to give the ports back.
        let asked = asked_to_end()?;
        let program = &self.command[0];
        let arguments = self.command[1..].iter();
        let child = Command::new(program)
            .args(arguments.map(|word| word.replace("{}", ports)))
            .env("SERIALD_PORT", ports)
            .env("SERIALD_BOOKING", booking.to_string())
            .envs(self.name().map(|name| (JOB, name)))
            .stdin(Stdio::inherit())
            .spawn();
        let child = child.with_context(|| format!("{program} cannot be run"))?;
        Ok(end_of(child, asked).await?)
    }
}

fn is_taken(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(ClientError::Refused { code, .. }) if code == "booked")
}

/// A line for each booking.
fn table(all: &[Value]) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "ID\tPORTS\tBY\tFROM\tUNTIL\tTITLE")?;
    for told in all {
        let Told { ports, booked } = Told::deserialize(told)?;
        let (id, by) = (booked.id, booked.by);
        let [from, until] = [booked.from, booked.until].map(|time| minute(Some(time)));
        let (ports, title) = (words(&ports), booked.title.as_deref().unwrap_or("-"));
        writeln!(out, "{id}\t{ports}\t{by}\t{from}\t{until}\t{title}")?;
    }
    Ok(())
}
