//! `seriald completions`: what a shell wants to know of the command line, and how it asks for the names of ports.

use std::io::{Write, stdout};

use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;

use super::Cli;

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
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "seriald", &mut script);
        let script = with_names(self.shell, &String::from_utf8(script)?);
        Ok(stdout().lock().write_all(script.as_bytes())?)
    }
}

/// The script with the names of ports where commands take one.
fn with_names(shell: Shell, script: &str) -> String {
    let cli = Cli::command();
    let takes_port = |command: &&Command| {
        let mut arguments = command.get_positionals();
        // What is served is named by devices.
        let is_port = |id: &str| ["port", "ports"].contains(&id) && command.get_name() != "serve";
        arguments.any(|argument| is_port(argument.get_id().as_str()))
    };
    let commands = cli.get_subcommands().filter(takes_port);
    let commands: Vec<_> = commands
        .flat_map(Command::get_name_and_visible_aliases)
        .collect();
    match shell {
        Shell::Bash => {
            let named = |line: &str| {
                let options = line.strip_suffix('"')?;
                let is_it = options.trim().starts_with("opts=");
                is_it.then(|| format!("{options} $(_seriald_ports)\""))
            };
            let label = "seriald__subcmd__";
            BASH.to_owned() + &in_commands(script, &commands, label, named)
        }
        Shell::Zsh => {
            let named = |line: &str| {
                let what = line.strip_suffix(":_default' \\")?;
                let begin = what
                    .split(" -- ")
                    .next()?
                    .trim_start_matches(['\'', '*', ':']);
                ["port", "ports"]
                    .contains(&begin)
                    .then(|| format!("{what}:_seriald_ports' \\"))
            };
            // Devices may stand where commands do, behind which zsh would look for the command.
            let lines = script
                .lines()
                .filter(|line| !line.starts_with("'::ports -- "));
            let script = lines
                .collect::<Vec<_>>()
                .join("\n")
                .replace("$line[2]", "$line[1]");
            in_commands(&script, &commands, "(", named).replacen("\n_seriald() {\n", ZSH, 1)
        }
        Shell::Fish => {
            let commands = commands.join(" ");
            let condition = format!("__fish_seriald_using_subcommand {commands}");
            format!("{script}complete -c seriald -n \"{condition}\" {FISH}\n")
        }
        _ => script.to_owned(),
    }
}

/// The script with lines changed that stand behind the label of one of these commands, which ends in a parenthesis.
fn in_commands(
    script: &str,
    commands: &[&str],
    label: &str,
    change: impl Fn(&str) -> Option<String>,
) -> String {
    let mut is_in = false;
    let mut changed = String::new();
    for line in script.lines() {
        let named = line.trim().strip_prefix(label);
        if let Some(command) = named.and_then(|named| named.strip_suffix(')')) {
            is_in = commands.contains(&command);
        }
        let new = Some(line).filter(|_| is_in).and_then(&change);
        changed.push_str(new.as_deref().unwrap_or(line));
        changed.push('\n');
    }
    changed
}
