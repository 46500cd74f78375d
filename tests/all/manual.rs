//! `seriald completions` and `seriald man`.

use std::fs;

use crate::rig::server::run;

#[tokio::test]
async fn every_shell_gets_a_script_that_knows_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let printed = run(&["completions", shell]).await;
        assert_eq!(printed.code, Some(0), "{shell}: {}", printed.stderr);
        for word in ["check-config", "import", "lend", "expect"] {
            assert!(printed.stdout.contains(word), "{shell}: {word}");
        }
        assert!(!printed.stdout.contains("demo-device --link"), "{shell}");
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
