//! `seriald check-config`: what is wrong with a configuration file, and what it would serve.

use std::io::{Write, stdout};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};
use seriald::access::PeopleFile;
use seriald::config::{File, PortSpec};
use seriald::diagnostic::Severity;
use seriald::server::{Listener, Options, Plan, survey};
use seriald::state::Records;

use super::Common;
use super::asking::runtime;

/// The server would start, but something in the file does not work now.
const WARNINGS: u8 = 1;
/// The server would not start.
const ERRORS: u8 = 2;

/// What is checked. Exits with 0 if all is well, 1 if the server would start but something does not work
/// now, such as a device that is away, and 2 if it would not start.
#[derive(Args)]
pub struct CheckConfig {
    /// The file.
    file: PathBuf,
    /// Where panels are, unless the file says so. [default: the platform's data folder]
    #[arg(long, value_name = "DIR", env = "SERIALD_DATA")]
    data: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl CheckConfig {
    /// Says what is wrong on stderr, and what would be served on stdout.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let (report, served) = match File::load(&self.file) {
            Err(unreadable) => (unreadable, None),
            Ok(loaded) => {
                let (mut report, source) = (loaded.report, loaded.source);
                let common = Common {
                    data: self.data,
                    ..Common::default()
                };
                let options = common.merge(Vec::new(), "", loaded.file, loaded.ports);
                let runtime = runtime()?;
                let (plan, odd) = runtime.block_on(async {
                    let plan = Plan::of(&options).await;
                    (plan, survey(&options).await)
                });
                source.locate(plan.diagnostics.clone(), &mut report);
                source.locate(odd, &mut report);
                (report, Some((options, plan)))
            }
        };
        let worst = report.worst();
        let served = served.filter(|_| worst != Some(Severity::Error));
        let mut out = stdout().lock();
        if self.json {
            let all = json!({
                "file": self.file,
                "findings": report.findings(),
                "serves": served.as_ref().map(|(options, plan)| as_json(options, plan)),
            });
            writeln!(out, "{all:#}")?;
        } else {
            if worst.is_some() {
                eprintln!("{report}");
            }
            if let Some((options, plan)) = &served {
                let verdict = match worst {
                    None => "is fine",
                    Some(_) => "can be used",
                };
                writeln!(out, "{} {verdict}. It serves:", self.file.display())?;
                summary(&mut out, options, plan)?;
            }
        }
        Ok(match worst {
            None => ExitCode::SUCCESS,
            Some(Severity::Warning) => WARNINGS.into(),
            Some(Severity::Error) => ERRORS.into(),
        })
    }
}

/// The links of programs to a port.
fn doors(plan: &Plan, port: &PortSpec) -> Vec<String> {
    let own = plan.entrances.iter();
    let own = own.filter(|entrance| entrance.port.as_deref() == Some(&port.name));
    own.flat_map(|entrance| {
        let scheme = entrance.dialect.scheme(entrance.tls);
        let link = move |address| format!("{scheme}://{address}");
        entrance.addresses.iter().map(link)
    })
    .collect()
}

/// The links of browsers, and where each listens.
fn links(plan: &Plan) -> impl Iterator<Item = (String, SocketAddr)> {
    let addresses = |listener: &Listener| {
        let scheme = |address| ["http", "https"][usize::from(listener.speaks_tls(address))];
        let link = |address| (format!("{}://{address}/", scheme(address)), address);
        listener
            .addresses
            .iter()
            .copied()
            .map(link)
            .collect::<Vec<_>>()
    };
    plan.listeners.iter().flat_map(addresses)
}

fn summary(out: &mut impl Write, options: &Options, plan: &Plan) -> std::io::Result<()> {
    let people = |data: &PathBuf| PeopleFile::within(data).read().ok()?;
    let people = options.data.as_ref().and_then(people);
    let accounts = people.is_some_and(|people| !people.users.is_empty());
    for (link, address) in links(plan) {
        let asks = match address.ip().is_loopback() || options.no_auth {
            _ if options.login.any() => ", which asks everybody who they are",
            _ if accounts => ", which asks for a name and a password",
            true => "",
            false => ", which asks for the token",
        };
        writeln!(out, "  the console at {link}{asks}")?;
    }
    for port in &options.ports {
        let (name, device) = (&port.name, port.device.display());
        write!(out, "  {name}: {device}, {}", port.settings.line)?;
        for link in doors(plan, port) {
            write!(out, ", {link}")?;
        }
        writeln!(out)?;
    }
    if options.discover {
        writeln!(out, "  other ports that are found, opened when asked for")?;
    }
    match &options.data {
        Some(data)
            if options.record.others != Records::None || !options.record.ports.is_empty() =>
        {
            let most = options.keep.bytes >> 20;
            writeln!(out, "Recorded in {}, at most {most} MiB.", data.display())
        }
        _ => writeln!(out, "Nothing is recorded."),
    }
}

fn as_json(options: &Options, plan: &Plan) -> Value {
    let ports = options.ports.iter().map(|port| {
        json!({
            "name": port.name,
            "device": port.device,
            "settings": port.settings,
            "doors": doors(plan, port),
        })
    });
    let listen = links(plan).map(|(link, _)| link);
    json!({
        "listen": listen.collect::<Vec<_>>(),
        "ports": ports.collect::<Vec<_>>(),
        "discover": options.discover,
        "data": options.data,
    })
}
