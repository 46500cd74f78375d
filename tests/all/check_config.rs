//! `seriald check-config`, and the same messages at the start of the server.

use std::fs;

use serde_json::Value;

use crate::rig::device::Device;
use crate::rig::server::{Outcome, run};

const MANY: &str = "\
lisen = [\"127.0.0.1:0\"]
ring = \"8 apples\"
listen = [\"127.0.0.1:4001\", \"127.0.0.1:4001\"]

[port.a]
device = \"/dev/null\"
parity = \"evn\"
data_bits = 9

[port.\"a b\"]
device = \"/dev/x\"

[port.c]
baud = 9600

[port.d]
device = \"/dev/null\"
tcp = \"here\"
";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    async fn check(&self, text: &str, more: &[&str]) -> Outcome {
        let file = self.path("s.toml");
        fs::write(&file, text).unwrap();
        let data = self.path("data");
        run(&[&["check-config", "--data", &data, &file][..], more].concat()).await
    }
}

#[tokio::test]
async fn all_mistakes_are_told_at_once_with_their_lines() {
    let folder = Folder::new();
    let checked = folder.check(MANY, &[]).await;
    assert_eq!(checked.code, Some(2));
    assert_eq!(checked.stdout, "");
    for told in [
        "s.toml:1:1: error: unknown field `lisen`; did you mean `listen`? expected one of ",
        "    1 | lisen = …\n      | ^^^^^\n",
        "s.toml:2:8: error: give a size such as 8MiB, 512KiB or 65536",
        "s.toml:3:29: error: 127.0.0.1:4001: listen has this address already",
        "s.toml:7:10: error: unknown variant `evn`; did you mean `even`? expected one of `none`, `even`",
        "s.toml:8:13: error: 9 data bits are not possible; 5, 6, 7 or 8 are",
        "s.toml:10:7: error: \"a b\" cannot be a port's name",
        "s.toml:13:",
        "error: missing field `device`",
        "s.toml:18:7: error: \"here\" is no address",
    ] {
        assert!(
            checked.stderr.contains(told),
            "{told}\n--- in\n{}",
            checked.stderr
        );
    }
    let serving = run(&["--config", &folder.path("s.toml")]).await;
    assert_eq!(serving.code, Some(1));
    for line in serving.stderr.lines().filter(|line| line.contains("error")) {
        let line = line.trim_start_matches("seriald: ");
        assert!(checked.stderr.contains(line), "{line}");
    }
}

#[tokio::test]
async fn what_is_no_toml_is_told_with_its_place_and_the_rest_too() {
    let folder = Folder::new();
    let checked = folder
        .check("listen = [\nring = 5\n[port.a]\ndevice = /dev/x\n", &[])
        .await;
    assert_eq!(checked.code, Some(2), "{}", checked.stderr);
    assert!(
        checked.stderr.contains("s.toml:4:10: error:"),
        "{}",
        checked.stderr
    );
    let file = folder.path("s.toml");
    fs::write(&file, b"www = \"\xff\"").unwrap();
    let bytes = run(&["check-config", &file]).await;
    assert_eq!(bytes.code, Some(2));
    assert!(
        bytes
            .stderr
            .contains("s.toml:1:8: error: this is not UTF-8"),
        "{}",
        bytes.stderr
    );
    let absent = run(&["check-config", &folder.path("absent.toml")]).await;
    assert_eq!(absent.code, Some(2));
    assert!(
        absent
            .stderr
            .contains("absent.toml: error: it cannot be read"),
        "{}",
        absent.stderr
    );
}

#[tokio::test]
async fn a_file_that_is_fine_is_summed_up() {
    let folder = Folder::new();
    let device = Device::plugged(folder.path("dev"));
    let device = device.link().display();
    let text = format!(
        "listen = [\"127.0.0.1:4001\", \"0.0.0.0:4002\"]\ndiscover = false\n\
         [port.gps]\ndevice = \"{device}\"\nbaud = 9600\nparity = \"even\"\nrfc2217 = \"4003\"\n"
    );
    let checked = folder.check(&text, &[]).await;
    assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""));
    for told in [
        "s.toml is fine. It serves:\n",
        "  the console at http://127.0.0.1:4001/\n",
        "  the console at http://0.0.0.0:4002/, which asks for the token\n",
        &format!("  gps: {device}, 9600 8E1, rfc2217://127.0.0.1:4003\n"),
        "at most 1024 MiB.\n",
    ] {
        assert!(
            checked.stdout.contains(told),
            "{told}\n--- in\n{}",
            checked.stdout
        );
    }
    let checked = folder.check(&text, &["--json"]).await;
    let told: Value = serde_json::from_str(&checked.stdout).unwrap();
    assert_eq!(told["findings"], serde_json::json!([]));
    assert_eq!(
        told["serves"]["ports"][0]["doors"][0],
        "rfc2217://127.0.0.1:4003"
    );
    assert_eq!(told["serves"]["ports"][0]["settings"]["parity"], "even");
}

#[tokio::test]
async fn what_only_does_not_work_now_is_a_warning() {
    let folder = Folder::new();
    let device = Device::plugged(folder.path("dev"));
    let device = device.link().display();
    fs::create_dir_all(folder.path("panels")).unwrap();
    fs::write(folder.path("panels/bad.json"), "{").unwrap();
    fs::create_dir_all(folder.path("www")).unwrap();
    fs::write(folder.path("www/index.html"), "").unwrap();
    fs::write(folder.path("www/page.json"), "[]").unwrap();
    let text = format!(
        "panels = \"{}\"\nwww = \"{}\"\n[port.a]\ndevice = \"{device}\"\n[port.b]\ndevice = \"{device}\"\n\
         [port.c]\ndevice = \"/dev/no-such-device\"\n[port.d]\ndevice = \"/dev/null\"\n\
         [mqtt]\nbroker = \"mqtts://lab\"\nuser = \"u\"\npassword_file = \"/no/secret\"\nca_file = \"/no/ca\"\n\
         [flash.a]\ncommand = [\"no-such-flasher\", \"{{}}\", \"{{file}}\"]\n\
         [flash.b]\ncommand = [\"sh\", \"{{}}\", \"{{file}}\"]\n",
        folder.path("panels"),
        folder.path("www"),
    );
    let checked = folder.check(&text, &["--json"]).await;
    assert_eq!(checked.code, Some(1), "{}", checked.stdout);
    let told: Value = serde_json::from_str(&checked.stdout).unwrap();
    let findings = told["findings"].as_array().unwrap();
    for (line, message) in [
        (1, "panel \"bad\" cannot be used"),
        (2, "page.json"),
        (6, "is the device of a too"),
        (8, "no such device"),
        (
            10,
            "/dev/null: is another kind of device, not a serial port",
        ),
        (14, "/no/secret: No such file"),
        (15, "/no/ca: No such file"),
        (17, "no-such-flasher: there is no such program"),
    ] {
        let is = |finding: &&Value| {
            finding["line"] == line && finding["message"].as_str().unwrap().contains(message)
        };
        let found = findings.iter().find(is);
        assert_eq!(
            found.map(|found| &found["severity"]),
            Some(&"warning".into()),
            "{message}: {told:#}"
        );
    }
    assert_eq!(findings.len(), 8, "{told:#}");
    assert!(told["serves"].is_object());
}

#[tokio::test]
async fn a_flag_that_goes_before_the_file_takes_no_line_of_it() {
    let folder = Folder::new();
    let file = folder.path("s.toml");
    fs::write(&file, "ring = \"8MiB\"\nkeep = 7\n").unwrap();
    let ran = run(&["--config", &file, "--ring", "1"]).await;
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr
            .contains("s.toml: error: --ring 1: it can be from"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr
            .contains("s.toml:2:8: error: 7: it can be from 1 MiB on"),
        "{}",
        ran.stderr
    );
}

#[tokio::test]
async fn what_is_said_of_the_audit_and_of_limits_is_told_where_it_is_wrong() {
    let folder = Folder::new();
    let text = "[audit]\nto = [\"jornald\"]\nkeep = \"1k\"\nsyslog = \"logs\"\n\
                [limits]\nconnections = 0\nheader_time = \"2h\"\nprogram = 1\n";
    let checked = folder.check(text, &[]).await;
    assert_eq!(checked.code, Some(2));
    for told in [
        "s.toml:2:7: error: unknown variant `jornald`; did you mean `journald`?",
        "s.toml:3:8: error: the audit can have from 1MiB to 64GiB",
        "s.toml:4:10: error: \"logs\" is no place of a syslog; give HOST:PORT",
        "s.toml:6:15: error: there can be from 1 to 1048576 connections",
        "s.toml:7:15: error: it can be from 1s to 5min",
        "s.toml:8:1: error: unknown field `program`; did you mean `programs`?",
    ] {
        let stderr = &checked.stderr;
        assert!(stderr.contains(told), "{told}\n--- in\n{stderr}");
    }
}
