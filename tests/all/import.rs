//! `seriald import`, and ser2net itself as the judge of the sample.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::rig::server::run;

/// Where Debian puts it.
const SER2NET: &str = "/usr/sbin/ser2net";

const SAMPLE: &str = "\
%YAML 1.1
---
define: &speed 19200e71
default:
  name: local
  value: true
  class: serialdev
connection: &gps
  accepter: telnet(rfc2217),tcp,127.0.0.1,24001
  connector: serialdev,/dev/ttyS0,*(speed)
  options:
    kickolduser: true
connection: &plc
  accepter: tcp,localhost,24002
  connector: serialdev,
             /dev/ttyS1,
             9600n81,rtscts
";

#[tokio::test]
async fn what_is_imported_passes_the_check_and_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (from, to) = (path("ser2net.yaml"), path("seriald.toml"));
    fs::write(&from, SAMPLE).unwrap();
    let made = run(&["import", &from, "-o", &to]).await;
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert!(
        made.stderr.contains("2 ports carried over"),
        "{}",
        made.stderr
    );
    let checked = run(&["check-config", "--data", &path("data"), &to]).await;
    assert!(checked.code < Some(2), "{}", checked.stderr);
    for told in [
        "gps: /dev/ttyS0, 19200 7E1, rfc2217://127.0.0.1:24001",
        "plc: /dev/ttyS1, 9600 8N1 rtscts",
    ] {
        assert!(
            checked.stdout.contains(told),
            "{told}\n--- in\n{}",
            checked.stdout
        );
    }
    let again = run(&["import", &from, "-o", &to]).await;
    assert_eq!(again.code, Some(2));
    assert!(again.stderr.contains("--force"), "{}", again.stderr);
    let forced = run(&["import", &from, "-o", &to, "--force"]).await;
    assert_eq!(forced.code, Some(0), "{}", forced.stderr);
    let nowhere = path("nowhere/seriald.toml");
    let refused = run(&["import", &from, "-o", &nowhere]).await;
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains(&nowhere), "{}", refused.stderr);
    assert!(!refused.stderr.contains("--force"), "{}", refused.stderr);
}

/// A file as people have it: that of the package, which uses a name for a text.
#[tokio::test]
async fn the_file_that_debian_brings_is_carried_over() {
    const FILE: &str = "/etc/ser2net.yaml";
    if !Path::new(FILE).exists() {
        eprintln!("skipped: there is no {FILE}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("seriald.toml");
    let made = run(&["import", FILE, "-o", to.to_str().unwrap()]).await;
    assert_eq!(made.code, Some(1), "{}", made.stderr);
    let data = folder.path().join("data");
    let checked = run(&[
        "check-config",
        "--data",
        data.to_str().unwrap(),
        to.to_str().unwrap(),
    ])
    .await;
    for told in [
        "con0096: /dev/ttyS0, 9600 8N1, socket://127.0.0.1:2000",
        "con1096: /dev/ttyS1, 9600 8N1, socket://127.0.0.1:2001",
    ] {
        assert!(
            checked.stdout.contains(told),
            "{told}\n--- in\n{}{}",
            checked.stdout,
            checked.stderr
        );
    }
}

#[tokio::test]
async fn what_is_left_out_is_told_with_its_line_and_by_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let old = path("old.conf");
    fs::write(
        &old,
        "3001:telnet:60:/dev/ttyS0:9600 8DATABITS NONE 1STOPBIT\n",
    )
    .unwrap();
    let made = run(&["import", &old]).await;
    assert_eq!(made.code, Some(1), "{}", made.stderr);
    assert!(
        made.stdout.contains("rfc2217 = \"127.0.0.1:3001\""),
        "{}",
        made.stdout
    );
    assert!(
        made.stderr.contains("old.conf:1:1: warning: after 60 s"),
        "{}",
        made.stderr
    );
    let odd = path("odd.txt");
    fs::write(&odd, "").unwrap();
    for (arguments, named) in [
        (vec!["import", &odd], "--format"),
        (vec!["import", "--format", "inittab", &odd], "conserver.cf"),
        (vec!["import", "/no/such.yaml"], "/no/such.yaml"),
    ] {
        let ran = run(&arguments).await;
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains(named), "{}", ran.stderr);
    }
}

#[tokio::test]
async fn included_files_are_found_beside_the_one_that_names_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::create_dir(path("ports.d")).unwrap();
    fs::write(path("ser2net.yaml"), "include: ports.d/*.yaml\n").unwrap();
    let gps = "connection: &gps\n  accepter: telnet(rfc2217),ssl,tcp,127.0.0.1,24001\n  connector: serialdev,/dev/ttyS0\n";
    fs::write(path("ports.d/gps.yaml"), gps).unwrap();
    let made = run(&["import", &path("ser2net.yaml")]).await;
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    for line in [
        "[tls]\ncert = \"/etc/ser2net/ser2net.crt\"",
        "rfc2217 = \"tls://127.0.0.1:24001\"",
    ] {
        assert!(
            made.stdout.contains(line),
            "{line}\n--- in\n{}",
            made.stdout
        );
    }
    fs::write(path("ports.d/torn.yaml"), "connection: [").unwrap();
    let made = run(&["import", &path("ser2net.yaml")]).await;
    assert_eq!(made.code, Some(1), "{}", made.stderr);
    assert!(
        made.stderr.contains("ports.d/torn.yaml:1:"),
        "{}",
        made.stderr
    );
}

/// The other program understands the sample as we do: it listens where the doors are.
#[tokio::test]
async fn the_sample_is_one_that_ser2net_takes() {
    if !Path::new(SER2NET).exists() {
        eprintln!("skipped: there is no {SER2NET}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ser2net.yaml");
    fs::write(&file, SAMPLE).unwrap();
    let mut child = Command::new(SER2NET)
        .args(["-n", "-d", "-l", "-c"])
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let listens = crate::rig::until("ser2net listens", || {
        let reached =
            [24001, 24002].map(|port| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        assert!(
            child.try_wait().unwrap().is_none(),
            "ser2net refused the sample"
        );
        reached == [true, true]
    });
    listens.await;
    child.kill().unwrap();
    child.wait().unwrap();
}
