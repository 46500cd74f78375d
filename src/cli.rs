//! The command line: flags and commands in, exit code out. stdout is for results, stderr for talk.

mod asking;
#[cfg(unix)]
mod attach;
mod audit;
mod book;
mod check_config;
mod child;
mod completions;
mod export;
mod import;
mod lend;
mod line_end;
mod log;
mod manual;
mod mark;
mod mcp;
mod new_page;
mod people;
mod place;
mod port_names;
mod ports;
mod progress;
mod recordings;
mod say;
mod search;
mod send;
mod server;
mod share;
mod slip;
mod status;
mod stderr;
mod tls;
mod token;
mod turn;
mod user;
mod walk;

use std::collections::BTreeMap;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand};
use ipnet::IpNet;
use seriald::config::{Entrance, File, PortSpec, Report, Source, bytes, network};
use seriald::diagnostic::Key;
use seriald::doors::Dialect;
use seriald::journal::Policy;
use seriald::server::{Options, Server, Unfit};
use seriald::state::Records;
use seriald::store::Keep;

const DEFAULT_LISTEN: &str = "127.0.0.1:8080";
/// What is kept of all recordings, in bytes.
const DEFAULT_KEEP: u64 = 1 << 30;
/// The journal of each port in memory, in bytes.
const DEFAULT_RING: usize = 8 << 20;
/// What holds the password for the broker.
const MQTT_PASSWORD: &str = "SERIALD_MQTT_PASSWORD";

/// Serial ports on the web: a live console for any number of browsers.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Serve ports (the same as no command).
    Serve(Serve),
    /// Serve built-in demo devices, for people without hardware.
    #[cfg(unix)]
    Demo(Common),
    /// Say what is wrong with a configuration file, and what it would serve. Nothing is opened.
    CheckConfig(check_config::CheckConfig),
    /// Make a configuration file out of one of ser2net or conserver, and say what was left out.
    Import(import::Import),
    /// List the serial ports of this machine, or those of a server.
    Ports(ports::Ports),
    /// Sit at a port: what you type goes to the device, what it says comes here. Ctrl-] ? tells the keys.
    #[cfg(unix)]
    Attach(attach::Attach),
    /// Save what was recorded of a port; no server is needed.
    Export(export::Export),
    /// Show the last lines that were recorded of a port, and what comes; with --server of a port elsewhere.
    #[command(visible_alias = "tail")]
    Log(log::Log),
    /// Look for a text in what was recorded; no server is needed.
    #[command(visible_alias = "grep")]
    Search(search::Search),
    /// Show who did what, as the server wrote it down; no server is needed.
    Audit(audit::Audit),
    /// Write to a port, and wait for the reply if you like; for scripts.
    Send(send::Send),
    /// Pin a text to this moment of a port; for scripts. Prints its offset.
    Mark(mark::Mark),
    /// Say a line to all who watch a port. It stands in the journal, and does not reach the device.
    Say(say::Say),
    /// Show who may type on a port where one at a time may; take the turn, ask for it, hand it over.
    Turn(turn::Turn),
    /// Run a program that needs a port's device for itself, such as a flasher. The port lets go of the
    /// device, those who watch stay, and it comes back when the program ends.
    Lend(lend::Lend),
    /// Book ports for a time: others see whose they are, and do nothing there. With a command behind --
    /// for as long as that runs. Also lists bookings, extends and ends them.
    Book(book::Book),
    /// Let a coding agent use the ports, by the Model Context Protocol over stdin and stdout.
    Mcp(mcp::Mcp),
    /// Make, list, change and remove accounts. The first makes the server ask everybody who they are.
    User(user::User),
    /// Make, list and revoke tokens, by which programs come in.
    Token(token::Token),
    /// Make, list and revoke links to a port, for people without an account.
    Share(share::Share),
    /// Make a folder with a page of your own to begin with.
    NewPage(new_page::NewPage),
    /// Print what a shell needs to complete commands, flags and the names of ports.
    Completions(completions::Completions),
    /// Write the pages of the manual.
    Man(manual::Man),
    /// Print the names of the ports that a server has, for shells.
    #[command(hide = true)]
    PortNames(port_names::PortNames),
    /// Act as a demo device at the far end of a pseudo terminal.
    #[cfg(unix)]
    #[command(hide = true)]
    DemoDevice {
        /// sensor, arm, login or stream.
        kind: seriald::demo::Kind,
        /// Make this path a link to the pseudo terminal.
        #[arg(long)]
        link: Option<PathBuf>,
    },
}

#[derive(Args)]
struct Serve {
    /// The ports: [NAME=]DEVICE[@BAUD[,8N1][,rtscts|xonxoff]], for example
    /// arduino=/dev/ttyACM0@115200,8N1. Without any, all that are found are listed, and opened when asked.
    #[arg(value_name = "PORT")]
    devices: Vec<PortSpec>,
    #[command(flatten)]
    common: Common,
}

#[derive(Args, Default)]
struct Common {
    /// Listen here; may be given several times. Without accounts any address but loopback asks for a
    /// token, which is printed once, as a link. In front, https:// or http:// says whether TLS is spoken
    /// there; else it is on all addresses but loopback, where there is a certificate.
    /// [default: 127.0.0.1:8080]
    #[arg(
        long,
        value_name = "HOST:PORT",
        env = "SERIALD_LISTEN",
        value_delimiter = ','
    )]
    listen: Vec<String>,
    /// Let programs use a port over RFC 2217 here, for example arduino=127.0.0.1:4000 or 4000; may be
    /// given several times. No NAME: the first port. Only this machine can be let in; see --no-auth.
    /// With tls:// in front of the address it is spoken within TLS.
    #[arg(
        long,
        value_name = "[NAME=]ADDR",
        env = "SERIALD_RFC2217",
        value_delimiter = ','
    )]
    rfc2217: Vec<Entrance>,
    /// The same over raw TCP: the port's bytes and nothing else.
    #[arg(
        long,
        value_name = "[NAME=]ADDR",
        env = "SERIALD_TCP",
        value_delimiter = ','
    )]
    tcp: Vec<Entrance>,
    #[command(flatten)]
    tls: tls::TlsWish,
    /// Believe this reverse proxy (an address, or a network such as 10.0.0.0/8) what it says in
    /// X-Forwarded-For, X-Forwarded-Proto and Forwarded; may be given several times.
    #[arg(
        long,
        value_name = "ADDR[/BITS]",
        env = "SERIALD_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_parser = network
    )]
    trusted_proxies: Vec<IpNet>,
    /// Serve the files of this folder at /; the console stays at /console/.
    #[arg(long, value_name = "DIR", env = "SERIALD_WWW")]
    www: Option<PathBuf>,
    /// Keep what is to be kept in this folder. [default: the platform's data folder]
    #[arg(long, value_name = "DIR", env = "SERIALD_DATA")]
    data: Option<PathBuf>,
    /// Keep panels in this folder. [default: panels in the folder for what is kept]
    #[arg(long, value_name = "DIR", env = "SERIALD_PANELS")]
    panels: Option<PathBuf>,
    /// Record nothing on disk.
    #[arg(long, env = "SERIALD_NO_RECORD", value_parser = BoolishValueParser::new())]
    no_record: bool,
    /// Keep at most so much of all recordings; the oldest goes first. [default: 1GiB]
    #[arg(long, value_name = "SIZE", env = "SERIALD_KEEP", value_parser = bytes)]
    keep: Option<usize>,
    /// Keep recordings no longer than so many days. [default: for ever, within --keep]
    #[arg(long, value_name = "DAYS", env = "SERIALD_KEEP_DAYS")]
    keep_days: Option<u32>,
    /// Read this TOML file; flags go before it.
    #[arg(long, value_name = "FILE", env = "SERIALD_CONFIG")]
    config: Option<PathBuf>,
    /// Answer to this host name too; may be given several times.
    #[arg(
        long,
        value_name = "NAME",
        env = "SERIALD_ALLOW_HOST",
        value_delimiter = ','
    )]
    allow_host: Vec<String>,
    /// Let pages of this origin (https://lab.example) use the server; may be given several times.
    #[arg(
        long,
        value_name = "ORIGIN",
        env = "SERIALD_ALLOW_ORIGIN",
        value_delimiter = ','
    )]
    allow_origin: Vec<String>,
    /// Ask nobody for a token: whoever reaches the address can type on the ports. Not beside accounts.
    #[arg(long, env = "SERIALD_NO_AUTH", value_parser = BoolishValueParser::new())]
    no_auth: bool,
    /// Make a new token and print its link; the old one is void.
    #[arg(long)]
    new_token: bool,
    /// List only the ports that are named, not what else is plugged in.
    #[arg(long, env = "SERIALD_NO_DISCOVER", value_parser = BoolishValueParser::new())]
    no_discover: bool,
    /// Keep so many bytes of each port in memory, for example 8MiB. [default: 8MiB]
    #[arg(long, value_name = "SIZE", env = "SERIALD_RING", value_parser = bytes)]
    ring: Option<usize>,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_writer(|| stderr::Stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("SERIALD_LOG")
                .unwrap_or_else(|_| "info".into()),
        )
        .init();
    let done = match cli.command {
        None => slip::expect_none(&cli.serve.devices).and_then(|()| serve(cli.serve)),
        Some(Command::Serve(serve_args)) => serve(serve_args),
        #[cfg(unix)]
        Some(Command::Demo(common)) => demo(common),
        Some(Command::Ports(wish)) => wish.run(),
        #[cfg(unix)]
        Some(Command::Attach(attach)) => return attach.run(),
        Some(Command::CheckConfig(wish)) => return ended(wish.run()),
        Some(Command::Import(wish)) => return wish.run(),
        Some(Command::Completions(wish)) => wish.run(),
        Some(Command::PortNames(wish)) => wish.run(),
        Some(Command::Man(wish)) => wish.run(),
        Some(Command::Export(wish)) => export::run(wish),
        Some(Command::Log(wish)) => log::run(wish),
        Some(Command::Search(wish)) => return search::run(wish),
        Some(Command::Audit(wish)) => wish.run(),
        Some(Command::Send(wish)) => return send::run(&wish),
        Some(Command::Mark(mark)) => mark.run(),
        Some(Command::Say(say)) => say.run(),
        Some(Command::Turn(turn)) => turn.run(),
        Some(Command::Mcp(mcp)) => mcp.run(),
        Some(Command::User(user)) => user.run(),
        Some(Command::Token(token)) => token.run(),
        Some(Command::Share(share)) => share.run(),
        Some(Command::NewPage(page)) => page.run(),
        Some(Command::Lend(lend)) => return ended(lend.run()),
        Some(Command::Book(book)) => return ended(book.run()),
        #[cfg(unix)]
        Some(Command::DemoDevice { kind, link }) => seriald::demo::run(kind, link.as_deref()),
    };
    ended(done.map(|()| ExitCode::SUCCESS))
}

/// Tells what went wrong.
fn ended(done: anyhow::Result<ExitCode>) -> ExitCode {
    match done {
        Ok(code) => code,
        // Who reads the results has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("seriald: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

fn serve(Serve { devices, common }: Serve) -> anyhow::Result<()> {
    let (options, source) = common.resolve(devices, "")?;
    run(options, source.as_ref())
}

#[cfg(unix)]
fn demo(common: Common) -> anyhow::Result<()> {
    use anyhow::Context;
    use seriald::demo::{DEVICES, spawn};

    let program = std::env::current_exe().context("where is this program?")?;
    let devices = DEVICES
        .iter()
        .map(|(name, kind, baud)| {
            let device = spawn(*kind, &program)?;
            let spec = format!("{name}={}@{baud}", device.path().display()).parse()?;
            Ok((device, spec))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let (_devices, ports): (Vec<_>, Vec<_>) = devices.into_iter().unzip();
    let (options, source) = common.resolve(ports, "demo")?;
    run(options, source.as_ref())
}

fn run(options: Options, source: Option<&Source>) -> anyhow::Result<()> {
    // One thread serves all: the work is small pieces, and handing them from thread to thread
    // would cost more time than a second core saves. Drivers block on threads of their own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(async {
        let stop = stop_signal()?;
        let server = Server::open(options).await;
        let server = server.map_err(|error| located(error, source))?;
        let mut out = std::io::stdout().lock();
        for link in server.links() {
            // Nobody may be reading; that is no reason not to serve.
            let _: std::io::Result<()> = writeln!(out, "seriald is at {link}");
        }
        for (port, link) in server.entrances() {
            let _: std::io::Result<()> = writeln!(out, "{port} is at {link}");
        }
        if let Some(fingerprint) = server.own_fingerprint() {
            eprintln!("Nobody vouches for the certificate but this: {fingerprint}");
        }
        if server.asks_for_known_token() {
            eprintln!("Other machines need the token printed at the first start; --new-token makes a new one.");
        }
        drop(out);
        server.run(stop).await;
        anyhow::Ok(())
    });
    // A driver that is stuck in open or close must not keep the program from ending.
    runtime.shutdown_background();
    done
}

/// What is wrong with the options, with its places in the file that they are from.
fn located(error: anyhow::Error, source: Option<&Source>) -> anyhow::Error {
    let Some(source) = source else {
        return error;
    };
    match error.downcast::<Unfit>() {
        Err(other) => other,
        Ok(Unfit(diagnostics)) => {
            let mut report = Report::new(source.path());
            source.locate(diagnostics, &mut report);
            report.into()
        }
    }
}

/// Ready when the program is asked to end; a second request ends it at once.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut requests = StopRequests::new()?;
    Ok(async move {
        requests.next().await;
        tokio::spawn(async move {
            requests.next().await;
            std::process::exit(130);
        });
    })
}

/// The system's and the user's requests to end the program.
#[cfg(unix)]
struct StopRequests {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopRequests {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// The user's requests to end the program.
#[cfg(windows)]
struct StopRequests(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl StopRequests {
    fn new() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}

impl Common {
    /// What flags and environment say, then the file, then the defaults. What is kept is kept in
    /// `corner` of the platform's data folder. Where the rest stands in the file is told too.
    fn resolve(
        self,
        ports: Vec<PortSpec>,
        corner: &str,
    ) -> anyhow::Result<(Options, Option<Source>)> {
        let Some(path) = &self.config else {
            let options = self.merge(ports, corner, File::default(), Vec::new());
            return Ok((options, None));
        };
        let loaded = File::read(path)?;
        let mut source = loaded.source;
        for key in self.given(&ports) {
            source.forget(&key);
        }
        let mut file = loaded.file;
        if let Some(mqtt) = &mut file.mqtt {
            let read = mqtt.read_password(std::env::var(MQTT_PASSWORD).ok());
            read.map_err(|error| anyhow::anyhow!("{}: [mqtt]: {error}", path.display()))?;
        }
        let options = self.merge(ports, corner, file, loaded.ports);
        Ok((options, Some(source)))
    }

    /// The keys of the file that flags and environment go before.
    fn given(&self, ports: &[PortSpec]) -> Vec<Key> {
        let top = [
            ("listen", !self.listen.is_empty()),
            ("www", self.www.is_some()),
            ("panels", self.panels.is_some()),
            ("keep", self.keep.is_some()),
            ("keep_days", self.keep_days.is_some()),
            ("ring", self.ring.is_some()),
            ("trusted_proxies", !self.trusted_proxies.is_empty()),
        ];
        let top = top.into_iter().filter(|(_, is_given)| *is_given);
        let devices = ports.iter().map(|port| Key::of_port(&port.name, "device"));
        let entrances = [(Dialect::Rfc2217, &self.rfc2217), (Dialect::Tcp, &self.tcp)];
        let entrances = entrances.into_iter().flat_map(|(dialect, all)| {
            let named = all.iter().filter_map(|entrance| entrance.port.clone());
            named.map(move |port| Key::of_port(port, dialect.key()))
        });
        let top = top.map(|(name, _)| Key::top(name));
        let top = top.chain(self.tls.given());
        top.chain(devices).chain(entrances).collect()
    }

    fn merge(
        self,
        mut ports: Vec<PortSpec>,
        corner: &str,
        file: File,
        of_file: Vec<PortSpec>,
    ) -> Options {
        let named: Vec<_> = ports.iter().map(|port| port.name.clone()).collect();
        ports.extend(
            of_file
                .into_iter()
                .filter(|port| !named.contains(&port.name)),
        );
        let [rfc2217, tcp] = [(Dialect::Rfc2217, self.rfc2217), (Dialect::Tcp, self.tcp)]
            .map(|(dialect, all)| all.into_iter().map(move |entrance| (dialect, entrance)));
        let mut entrances: Vec<_> = rfc2217.chain(tcp).collect();
        let given = entrances.clone();
        entrances.extend(file.entrances.into_iter().filter(|(dialect, entrance)| {
            let same =
                |(other, given): &(_, Entrance)| other == dialect && given.port == entrance.port;
            !given.iter().any(same)
        }));
        let listen = first(self.listen, file.listen);
        let tls = self.tls.over(file.tls);
        let own_data = || Some(recordings::own_folder()?.join(corner));
        let data = self.data.or(file.data).or_else(own_data);
        let own_panels = || Some(data.as_ref()?.join("panels"));
        let panels = self.panels.or(file.panels).or_else(own_panels);
        let recordings = self
            .no_record
            .then(BTreeMap::new)
            .unwrap_or(file.recordings);
        let days = |days: u32| Duration::from_secs(u64::from(days) * 24 * 3600);
        let record = Policy {
            others: if self.no_record || data.is_none() {
                Records::None
            } else {
                file.record.unwrap_or(Records::All)
            },
            ports: recordings
                .iter()
                .filter_map(|(name, own)| Some((name.clone(), own.record?)))
                .collect(),
        };
        let keep = Keep {
            bytes: self
                .keep
                .or(file.keep)
                .map_or(DEFAULT_KEEP, |keep| keep as u64),
            age: self.keep_days.or(file.keep_days).map(days),
            ports: recordings
                .into_iter()
                .map(|(name, own)| {
                    (
                        name,
                        (own.keep.map(|keep| keep as u64), own.keep_days.map(days)),
                    )
                })
                .collect(),
        };
        Options {
            record,
            keep,
            durability: file.durability.unwrap_or_default(),
            listen: if listen.is_empty() {
                vec![DEFAULT_LISTEN.to_owned()]
            } else {
                listen
            },
            // What is wrong with it was told when it was read.
            certificate: tls.certificate().ok().flatten(),
            redirect: tls.redirect,
            trusted_proxies: first(self.trusted_proxies, file.trusted_proxies),
            www: self.www.or(file.www),
            data,
            panels,
            allow_host: first(self.allow_host, file.allow_host),
            allow_origin: first(self.allow_origin, file.allow_origin),
            allow: file.allow,
            login: file.login,
            no_auth: self.no_auth,
            new_token: self.new_token,
            discover: !self.no_discover && file.discover.unwrap_or(true),
            ring: self.ring.or(file.ring).unwrap_or(DEFAULT_RING),
            ports,
            entrances,
            manners: file.manners,
            flash: file.flash,
            audit: file.audit,
            booking: file.booking,
            limits: file.limits,
            mqtt: file.mqtt,
        }
    }
}

/// The flags, or else what the file says.
fn first<T>(flags: Vec<T>, file: Option<Vec<T>>) -> Vec<T> {
    if flags.is_empty() {
        file.unwrap_or_default()
    } else {
        flags
    }
}
