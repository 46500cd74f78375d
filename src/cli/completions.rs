//! `seriald completions`: what a shell wants to know of the command line, and how it asks for the names of ports.

use std::io::{Write, stdout};

use clap::{Arg, Args, Command, CommandFactory};
use clap_complete::Shell;

use super::Cli;

/// This program,
const NAME: &str = "seriald";
/// and the command in whose place ports may stand.
const BOOK: &str = "book";
/// What a word is called that names a port, or several.
const PORT: [&str; 2] = ["port", "ports"];

/// Where a command takes a port: its names, asked for when somebody gets there.
const BASH: &str = r#"_seriald_ports() {
    [[ ${cur} == -* ]] || seriald port-names "${COMP_LINE}" 2>/dev/null
}

"#;
const ZSH: &str = r#"
_seriald_ports() {
    local -a names=(${(f)"$(seriald port-names "${words[*]}" 2>/dev/null)"})
    (( ${#names} )) && compadd -a names || _default
}

_seriald() {
"#;
const FISH: &str = "-a '(seriald port-names (commandline) 2>/dev/null)'";

/// Behind -- of a command that runs another program, all is that program's: where each shell begins to look,
/// and what it does then.
const BASH_BEHIND: [&str; 2] = [
    "_seriald() {\n",
    r#"    COMPREPLY=()
    [[ ${COMP_WORDS[1]} =~ ^(RUNNERS)$ && " ${COMP_WORDS[*]:0:COMP_CWORD} " == *" -- "* ]] && return
"#,
];
const ZSH_BEHIND: [&str; 2] = [
    "\n_seriald() {\n",
    r#"    integer end=${words[(i)--]}
    if [[ ${words[2]} == (RUNNERS) ]] && (( end < CURRENT )); then
        shift end words
        (( CURRENT -= end ))
        _normal
        return
    fi
"#,
];
const FISH_BEHIND: [&str; 2] = [
    "function __fish_seriald_using_subcommand\n",
    r#"    contains -- -- (commandline -opc); and string match -qr '^(RUNNERS)$' -- (__fish_seriald_needs_command)
    and return 1
"#,
];

/// For which shell.
#[derive(Args)]
pub struct Completions {
    /// The shell. In bash, zsh and fish the names of ports are completed too: those of the server that
    /// --server or SERIALD_SERVER names.
    shell: Shell,
}

impl Completions {
    /// Prints the script.
    pub fn run(&self) -> anyhow::Result<()> {
        let (mut tree, mut script) = (tree(), Vec::new());
        clap_complete::generate(self.shell, &mut tree, NAME, &mut script);
        let script = String::from_utf8(script)?;
        let takers = takers(&tree);
        let script = match self.shell {
            Shell::Bash => bash(&script, &takers),
            Shell::Zsh => zsh(&script, &takers),
            Shell::Fish => fish(&script, &takers),
            _ => script,
        };
        Ok(stdout().lock().write_all(script.as_bytes())?)
    }
}

/// The commands as people complete them: without those that are hidden, and without words that stand
/// where a command may stand, behind which no script would look for the command.
fn tree() -> Command {
    let command = Cli::command().mut_subcommand(BOOK, |book| without_words(BOOK, &book));
    without_words(NAME, &command).version(env!("CARGO_PKG_VERSION"))
}

fn without_words(name: &'static str, command: &Command) -> Command {
    let options = command.get_arguments();
    let options = options.filter(|argument| !argument.is_positional());
    let commands = command.get_subcommands();
    let commands = commands.filter(|command| !command.is_hide_set());
    Command::new(name)
        .about(command.get_about().cloned().unwrap_or_default())
        .args(options.cloned())
        .subcommands(commands.cloned())
}

/// A command that takes a port.
struct Taker {
    /// Such as `share` and `create`.
    path: Vec<String>,
    /// How else its first word may be.
    aliases: Vec<String>,
    /// Its own commands, in the place of which the port may stand.
    commands: Vec<String>,
    /// Whether the words of another program may follow.
    runs: bool,
}

/// All commands that take a port.
fn takers(tree: &Command) -> Vec<Taker> {
    let mut takers = Vec::new();
    for command in tree.get_subcommands() {
        let name = command.get_name();
        if name == BOOK || takes_port(command) {
            let commands = command.get_subcommands();
            takers.push(Taker {
                path: vec![name.to_owned()],
                aliases: command.get_visible_aliases().map(str::to_owned).collect(),
                commands: commands.map(|own| own.get_name().to_owned()).collect(),
                runs: name == BOOK || command.get_positionals().any(Arg::is_last_set),
            });
        }
        for own in command.get_subcommands().filter(|own| takes_port(own)) {
            takers.push(Taker {
                path: vec![name.to_owned(), own.get_name().to_owned()],
                aliases: Vec::new(),
                commands: Vec::new(),
                runs: false,
            });
        }
    }
    takers
}

/// The script, with what is done behind --.
fn behind(script: &str, [begin, more]: [&str; 2], takers: &[Taker]) -> String {
    let runners = takers.iter().filter(|taker| taker.runs);
    let runners: Vec<_> = runners.map(|taker| &*taker.path[0]).collect();
    let more = more.replace("RUNNERS", &runners.join("|"));
    script.replacen(begin, &format!("{begin}{more}"), 1)
}

fn takes_port(command: &Command) -> bool {
    let mut words = command.get_positionals();
    words.any(|word| PORT.contains(&word.get_id().as_str()))
}

/// Behind the label of a command stands what it takes, in one line.
fn bash(script: &str, takers: &[Taker]) -> String {
    let label = |taker: &Taker| format!("seriald__subcmd__{})", taker.path.join("__subcmd__"));
    let labels: Vec<_> = takers.iter().map(label).collect();
    let script = behind(script, BASH_BEHIND, takers);
    let (mut changed, mut is_in) = (BASH.to_owned(), false);
    for line in script.lines() {
        if line.trim().starts_with("opts=\"") && std::mem::take(&mut is_in) {
            changed.push_str(line.trim_end_matches('"'));
            changed.push_str(" $(_seriald_ports)\"\n");
            continue;
        }
        is_in = is_in || labels.iter().any(|label| label == line.trim());
        changed.push_str(line);
        changed.push('\n');
    }
    changed
}

/// Each word that is a port stands in a line that begins with its name.
fn zsh(script: &str, takers: &[Taker]) -> String {
    let word = |line: &str| {
        let what = line.strip_suffix(":_default' \\")?;
        let name = what.split(" -- ").next()?;
        let name = name.trim_start_matches(['\'', '*', ':']);
        let is_port = PORT.contains(&name);
        is_port.then(|| format!("{what}:_seriald_ports' \\"))
    };
    let lines = script.lines();
    let lines: Vec<_> = lines
        .map(|line| word(line).unwrap_or_else(|| line.to_owned()))
        .collect();
    let script = behind(&lines.join("\n"), ZSH_BEHIND, takers);
    let mut script = script.replacen("\n_seriald() {\n", ZSH, 1);
    for taker in takers.iter().filter(|taker| !taker.commands.is_empty()) {
        script = or_ports(&script, &taker.path[0], &taker.commands.join("|"));
    }
    script + "\n"
}

/// The script with ports too where a command of this command may stand, and its options behind them.
fn or_ports(script: &str, name: &str, commands: &str) -> String {
    const BEGIN: &str = "_arguments \"${_arguments_options[@]}\" : \\\n";
    let label = format!("\n({name})\n{BEGIN}");
    let known = format!("_seriald__subcmd__{name}_commands");
    let Some((before, behind)) = script.split_once(&label) else {
        return script.to_owned();
    };
    let options = behind.split("\":: :_seriald").next().unwrap_or_default();
    format!(
        "{before}\n({name})\nif (( ! ${{words[(I)({commands})]}} )); then\n{BEGIN}{options}\
         '*: :{{ {known}; _seriald_ports }}' \\\n&& ret=0\nreturn ret\nfi\n{BEGIN}{behind}"
    )
}

/// Files are no ports, but another program may take them.
fn fish(script: &str, takers: &[Taker]) -> String {
    let script = behind(script, FISH_BEHIND, takers);
    let line = |taker: &Taker| {
        let first = [&taker.path[..1], &taker.aliases].concat().join(" ");
        let mut condition = format!("__fish_seriald_using_subcommand {first}");
        if let Some(second) = taker.path.get(1) {
            condition += &format!("; and __fish_seen_subcommand_from {second}");
        }
        if !taker.commands.is_empty() {
            let commands = taker.commands.join(" ");
            condition += &format!("; and not __fish_seen_subcommand_from {commands}");
        }
        let files = if taker.runs { "" } else { "-f " };
        format!("complete -c seriald -n \"{condition}\" {files}{FISH}\n")
    };
    script + &takers.iter().map(line).collect::<String>()
}
