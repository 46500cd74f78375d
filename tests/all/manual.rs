//! `seriald completions` and `seriald man`, and commands that are misspelt.

use std::fs;
use std::path::Path;

use tokio::process::Command;

use crate::rig::server::run;
use crate::rig::terminal::Terminal;
use crate::rig::{Rig, soon};

#[tokio::test]
async fn every_shell_gets_a_script_that_knows_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let printed = run(&["completions", shell]).await;
        assert_eq!(printed.code, Some(0), "{shell}: {}", printed.stderr);
        for word in ["check-config", "import", "lend", "expect"] {
            assert!(printed.stdout.contains(word), "{shell}: {word}");
        }
        assert!(!printed.stdout.contains("demo-device"), "{shell}");
    }
    let other = run(&["completions", "tcsh"]).await;
    assert_eq!(other.code, Some(2));
    assert!(other.stderr.contains("zsh"), "{}", other.stderr);
}

#[tokio::test]
async fn the_bash_script_is_one_that_bash_takes() {
    let script = run(&["completions", "bash"]).await.stdout;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seriald.bash");
    fs::write(&file, script).unwrap();
    let asked = format!(
        "set -e; source {}; COMP_WORDS=(seriald check); COMP_CWORD=1; _seriald seriald check seriald; echo ${{COMPREPLY[@]}}",
        file.display()
    );
    let bash = std::process::Command::new("bash")
        .args(["-c", &asked])
        .output();
    let Ok(bash) = bash else {
        eprintln!("skipped: there is no bash");
        return;
    };
    assert_eq!(
        String::from_utf8_lossy(&bash.stdout).trim(),
        "check-config",
        "{bash:?}"
    );
}

#[tokio::test]
async fn bash_completes_the_names_of_the_ports_that_a_server_has() {
    let rig = Rig::start(&["dev", "door"]).await;
    let script = run(&["completions", "bash"]).await.stdout;
    let file = rig.folder.path().join("seriald.bash");
    fs::write(&file, script).unwrap();
    let server = format!("http://{}", rig.server.address());
    let folder = Path::new(env!("CARGO_BIN_EXE_seriald")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    for (line, server, completed) in [
        ("seriald attach d", Some(&*server), "dev door"),
        ("seriald log do", Some(&*server), "door"),
        (&*format!("seriald send --server {server} de"), None, "dev"),
        ("seriald attach --ec", Some(&*server), "--echo"),
        ("seriald book do", Some(&*server), "door"),
        ("seriald book li", Some(&*server), "list"),
        ("seriald book door -- d", Some(&*server), ""),
        ("seriald lend dev -- cat d", Some(&*server), ""),
        ("seriald share create do", Some(&*server), "door"),
        ("seriald share list d", Some(&*server), ""),
        ("seriald port-n", Some(&*server), ""),
        ("seriald serve d", Some(&*server), ""),
        ("seriald attach d", Some("http://127.0.0.1:1"), ""),
        ("seriald attach d", Some("nonsense"), ""),
    ] {
        let asked = format!(
            "source {}; COMP_LINE='{line}'; COMP_WORDS=($COMP_LINE); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _seriald seriald \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"; echo ${{COMPREPLY[@]}}",
            file.display()
        );
        let mut bash = Command::new("bash");
        bash.args(["-c", &asked]).env("PATH", &path);
        bash.env_remove("SERIALD_SERVER");
        bash.envs(server.map(|server| ("SERIALD_SERVER", server)));
        let Ok(bash) = soon("it answers", bash.output()).await else {
            eprintln!("skipped: there is no bash");
            return;
        };
        let said = [bash.stdout, bash.stderr].map(|said| String::from_utf8(said).unwrap());
        assert_eq!([said[0].trim(), &said[1]], [completed, ""], "{line}");
    }
}

#[tokio::test]
async fn zsh_and_fish_complete_them_too() {
    let rig = Rig::start(&["dev", "door"]).await;
    let folder = Path::new(env!("CARGO_BIN_EXE_seriald")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let server = format!("http://{}", rig.server.address());
    let own = rig.folder.path();
    for (shell, name) in [("zsh", "_seriald"), ("fish", "seriald.fish")] {
        let script = run(&["completions", shell]).await.stdout;
        fs::write(own.join(name), script).unwrap();
    }
    let source = own.join("seriald.fish");
    let here = own.join("here");
    fs::create_dir(&here).unwrap();
    fs::write(here.join("doorstep"), "").unwrap();
    for (line, offered, others) in [
        ("attach do", &["door"][..], &["dev", "doorstep"][..]),
        ("lend dev -- do", &["doorstep"], &["door"]),
        ("book dev -- do", &["doorstep"], &["door"]),
        ("book dev -- ", &["doorstep"], &["dev", "list"]),
        ("book ", &["dev", "door", "list", "extend", "end"], &[]),
        ("book list ", &[], &["dev", "door", "extend"]),
        ("share ", &["create", "list", "revoke"], &["dev"]),
        ("share create d", &["dev", "door"], &[]),
        ("share list ", &[], &["dev"]),
        ("", &["attach", "token"], &["port-names", "demo-device"]),
        ("token create --us", &["--user"], &[]),
    ] {
        let asked = format!("source {}; complete -C 'seriald {line}'", source.display());
        let mut fish = Command::new("fish");
        fish.args(["--no-config", "-c", &asked]).env("PATH", &path);
        fish.current_dir(&here).env("SERIALD_SERVER", &server);
        let Ok(fish) = soon("it answers", fish.output()).await else {
            eprintln!("skipped: there is no fish");
            break;
        };
        let found = String::from_utf8(fish.stdout).unwrap();
        let found: Vec<_> = found
            .lines()
            .filter_map(|line| line.split('\t').next())
            .collect();
        for word in offered {
            assert!(found.contains(word), "{line}: {word} in {found:?}");
        }
        for word in others {
            assert!(!found.contains(word), "{line}: {word} in {found:?}");
        }
    }
    if !Path::new("/usr/bin/zsh").exists() {
        return eprintln!("skipped: there is no zsh");
    }
    let mut zsh = std::process::Command::new("/usr/bin/zsh");
    zsh.args(["-f", "-i"]).env("PATH", &path);
    zsh.env("SERIALD_SERVER", &server).env("TERM", "dumb");
    let mut zsh = Terminal::run(zsh, 80, 24);
    let begin = format!("fpath=({} $fpath)\rautoload -U compinit\r", own.display());
    zsh.press(begin + "compinit -u -D; echo re''ady\r");
    zsh.until("ready").await;
    for (line, completed) in [
        ("attach do", "attach door "),
        ("attach --ec", "attach --echo "),
        ("book do", "book door "),
        ("book li", "book list "),
        ("book door de", "book door dev "),
        ("book door --cou", "book door --count="),
        ("book door -- doo", "book door -- doo"),
        ("book door -- mkfif", "book door -- mkfifo "),
        (
            "lend dev -- seriald attach do",
            "lend dev -- seriald attach door ",
        ),
        ("book extend --fo", "book extend --for="),
        ("share cr", "share create "),
        ("share create do", "share create door "),
        ("user rem", "user remove "),
        ("token rev", "token revoke "),
        ("port-n", "port-n"),
    ] {
        // Ctrl-U throws the line before away; what is typed behind this one shows that the shell is done.
        zsh.press(format!("\x15seriald {line}\t@"));
        let shown = drawn(&zsh.until("@").await);
        let completed = format!("seriald {completed}@");
        assert!(shown.ends_with(&completed), "{line}: {shown:?}");
    }
}

/// What stands in the last line, up to the cursor, where the shell draws some of it again.
fn drawn(text: &str) -> String {
    let (mut line, mut at) = (Vec::new(), 0);
    for letter in text.chars() {
        match letter {
            '\r' | '\n' => at = 0,
            '\x08' => at -= 1,
            letter if letter.is_control() => {}
            letter => {
                line.truncate(at);
                line.push(letter);
                at += 1;
            }
        }
    }
    line[..at].iter().collect()
}

#[tokio::test]
async fn there_is_a_page_for_each_command() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    let written = run(&["man", pages.to_str().unwrap()]).await;
    assert_eq!(written.code, Some(0), "{}", written.stderr);
    let page = |name: &str| fs::read_to_string(pages.join(name)).unwrap();
    assert!(page("seriald.1").contains(".TH seriald 1"));
    assert!(page("seriald-send.1").contains("expect"));
    assert!(!pages.join("seriald-demo-device.1").exists());
    let printed = run(&["man"]).await;
    assert!(printed.stdout.contains("Serial ports on the web"));
}

#[tokio::test]
async fn a_command_that_is_misspelt_is_no_port() {
    for (typed, meant) in [("atach", "attach"), ("prots", "ports"), ("tial", "tail")] {
        let told = run(&[typed, "dev"]).await;
        assert_eq!(told.code, Some(1), "{}", told.stderr);
        let meant = format!("did you mean: seriald {meant}\n");
        assert!(told.stderr.ends_with(&meant), "{}", told.stderr);
    }
}
