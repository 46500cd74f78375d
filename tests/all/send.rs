//! `seriald send`: scripts write to a port and wait for the reply.

use serde_json::{Value, json};

use crate::rig::Rig;

#[tokio::test]
async fn a_text_is_sent_with_a_line_end_unless_told_and_hex_and_stdin_as_they_are() {
    let rig = Rig::start(&["dev"]).await;
    for (arguments, stdin, sent) in [
        (&["dev", "led", "on"][..], &b""[..], &b"led on\n"[..]),
        (&["--end", "crlf", "dev", "--", "-x"], b"", b"-x\r\n"),
        (&["--end", "none", "dev", "AT"], b"", b"AT"),
        (&["--hex", "dev", "00 ff", "0a"], b"", b"\x00\xff\x0a"),
        (&["dev"], b"from \xff\r", b"from \xff\r"),
    ] {
        let ran = rig.shell("send", arguments, stdin).await;
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (Some(0), ""),
            "{}",
            ran.stderr
        );
        assert_eq!(rig.device("dev").read(sent.len()).await, sent);
    }
}

#[tokio::test]
async fn the_reply_is_printed_up_to_the_match() {
    let rig = Rig::start(&["dev"]).await;
    let device = rig.device("dev");
    let answers = async {
        device.read(3).await;
        device.send(b"one moment\r\nv = 4.8 V\r\nmore").await;
    };
    let arguments = ["dev", "v?", "--expect", "V$", "--json"];
    let (ran, ()) = tokio::join!(rig.shell("send", &arguments, b""), answers);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let reply: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(reply["text"], "one moment\r\nv = 4.8 V");
    assert_eq!(reply["match"], json!(["V"]));

    let answers = async {
        device.read(3).await;
        device.send(b"4.9\n").await;
    };
    let arguments = ["dev", "v?", "--expect", "[0-9.]+"];
    let (ran, ()) = tokio::join!(rig.shell("send", &arguments, b""), answers);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "4.9\n"));
}

#[tokio::test]
async fn a_reply_that_does_not_come_is_told_with_what_came_instead_and_by_the_exit_code() {
    let rig = Rig::start(&["dev"]).await;
    let device = rig.device("dev");
    let answers = async {
        device.read(3).await;
        device.send(b"ERROR 7\r\n").await;
    };
    let arguments = ["dev", "v?", "--expect", "OK", "--timeout", "1000"];
    let (ran, ()) = tokio::join!(rig.shell("send", &arguments, b""), answers);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.contains("ERROR 7"), "{}", ran.stderr);
    assert!(ran.stderr.contains("within 1000 ms"), "{}", ran.stderr);
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_with_the_way_out() {
    let rig = Rig::start(&["dev"]).await;
    let much = vec![b'x'; 65_537];
    for (arguments, stdin, says) in [
        (&["gps", "x"][..], &b""[..], "there are: dev"),
        (&["a/b", "x"], b"", "cannot be a port's name"),
        (&["--hex", "dev", "0x"], b"", "is not a hex digit"),
        (
            &["--expect", "(", "dev", "x"],
            b"",
            "--expect <PATTERN>': the expression is broken at character 1: unclosed group",
        ),
        (&["--timeout", "0", "dev", "x"], b"", "1..=3600000"),
        (
            &["dev"],
            &much,
            "65536 bytes that go into one write; seriald attach dev sends",
        ),
    ] {
        let ran = rig.shell("send", arguments, stdin).await;
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{arguments:?}: {}", ran.stderr);
    }
    assert_eq!(rig.device("dev").unread(), b"");
}
