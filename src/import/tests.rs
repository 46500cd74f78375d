//! Whole files, as they are found.

use proptest::prelude::*;

use super::*;
use crate::config::{File, PortSpec};
use crate::diagnostic::Severity;

/// What comes out, which our own reader takes.
fn made(format: Format, text: &str) -> (Vec<PortSpec>, File, String) {
    let import = import(format, Path::new("other.conf"), text);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("seriald.toml");
    std::fs::write(&path, &import.config).unwrap();
    let loaded = File::read(&path).unwrap_or_else(|report| panic!("{report}\n{}", import.config));
    assert_eq!(loaded.ports.len(), import.ports);
    (loaded.ports, loaded.file, import.report.to_string())
}

fn port(ports: &[PortSpec], name: &str) -> String {
    let port = ports.iter().find(|port| port.name == name);
    let port = port.unwrap_or_else(|| panic!("no {name} in {ports:?}"));
    format!("{} {}", port.device.display(), port.settings.line)
}

fn doors(file: &File, name: &str) -> Vec<String> {
    let own = file.entrances.iter();
    let own = own.filter(|(_, entrance)| entrance.port.as_deref() == Some(name));
    own.map(|(dialect, entrance)| format!("{dialect} {}", entrance.address))
        .collect()
}

const YAML_1: &str = r#"%YAML 1.1
---
define: &confver 1.0
default:
  name: speed
  value: 115200n81
define: &base "/dev/serial/by-path/pci-0000:00:1d.0"
define: &usb0 "*(base)-usb-0:1.8.2.4:1.0"
connection: &con0
  accepter: tcp,127.0.0.1,2012
  connector: serialdev,/dev/ttyS0,9600n81,local
  trace-both: '/var/log/trace-\p'
connection: &con0-telnet
  accepter: telnet(rfc2217),tcp,2013
  connector: serialdev,
             /dev/ttyS0,
             9600n81,local
connection: &slow
  accepter: telnet,tcp,localhost,2014
  enable: off
  timeout: 30
  connector: serialdev,*(usb0)-port0,rtscts dtr=off
  options:
    kickolduser: true
    banner: hello
rotator: &rot1
  accepter: telnet,tcp,2020
  connections: [ *con0, *con0-telnet ]
connection: &secret
  accepter: telnet,mux,certauth,ssl,sctp,2005
  connector: serialdev,/dev/ttyS9,9600e71
connection: &sol
  accepter: telnet,tcp,3022
  connector: ipmisol,lan -U admin -P *{pwfile} 192.168.27.37,115200
"#;

#[test]
fn version_1_of_ser2net_yaml_is_carried_over_and_what_is_not_is_told_with_its_line() {
    let (ports, file, told) = made(Format::Ser2netYaml, YAML_1);
    assert_eq!(port(&ports, "con0"), "/dev/ttyS0 9600 8N1");
    assert_eq!(
        doors(&file, "con0"),
        ["rfc2217 127.0.0.1:2013", "tcp 127.0.0.1:2012"]
    );
    let usb = "/dev/serial/by-path/pci-0000:00:1d.0-usb-0:1.8.2.4:1.0-port0";
    assert_eq!(port(&ports, "slow"), format!("{usb} 115200 8N1 rtscts"));
    assert_eq!(doors(&file, "slow"), [""; 0]);
    assert_eq!(port(&ports, "secret"), "/dev/ttyS9 9600 7E1");
    assert_eq!(ports.len(), 3);
    for expected in [
        "port 2013: programs on this machine alone",
        ":21:3: warning: clients that are silent are not disconnected",
        ":25:5: warning: banner: ",
        ":26:1: warning: there are no rotators here",
        "\"sctp\" is not listened on; the port has no door",
        "\"ipmisol\" is no serial device",
    ] {
        assert!(told.contains(expected), "{expected}\n--- in\n{told}");
    }
    assert!(!told.contains("2012"), "{told}");
}

#[test]
fn version_2_of_ser2net_yaml_is_carried_over() {
    let text = "%YAML 1.1\n---\ndefines:\n  dev: /dev/ttyUSB1\ndefaults:\n  speed:\n    value: 19200e72\n\
                connections:\n  ttyUSB0:\n    accepter: telnet(rfc2217,mode=server),tcp,4001\n    \
                connector: serialdev,/dev/ttyUSB0\n  rack.3:\n    accepter: tcp,'::1',4002\n    \
                connector: serialdev,=(dev),1200n82,rs485=off\n";
    let (ports, file, told) = made(Format::Ser2netYaml, text);
    assert_eq!(port(&ports, "ttyUSB0"), "/dev/ttyUSB0 19200 7E2");
    assert_eq!(doors(&file, "ttyUSB0"), ["rfc2217 127.0.0.1:4001"]);
    assert_eq!(port(&ports, "rack.3"), "/dev/ttyUSB1 1200 8N2");
    assert!(
        told.contains("is no number") || doors(&file, "rack.3") == ["tcp [::1]:4002"],
        "{told}"
    );
}

#[test]
fn lines_of_ser2net_3_are_carried_over() {
    let text = "# old\nBANNER:hi:Hello \\p\nDEVICE:usb:/dev/serial/by-path/pci-0:1.0-port0\n\
                3001:telnet:0:/dev/ttyS0:9600 8DATABITS NONE 1STOPBIT remctl max-connections=3\n\
                192.168.27.3,2001:raw:600:/dev/ttyS1:19200 EVEN 7DATABITS XONXOFF \\\n  LOCAL -RTSCTS hi\n\
                localhost,2002:raw:0:usb:115200\n2003:off:0:/dev/ttyS2:9600N81\n5001:rawlp:10:/dev/lp0\nnonsense\n";
    let (ports, file, told) = made(Format::Ser2netConf, text);
    assert_eq!(port(&ports, "ttyS0"), "/dev/ttyS0 9600 8N1");
    assert_eq!(doors(&file, "ttyS0"), ["rfc2217 127.0.0.1:3001"]);
    assert_eq!(port(&ports, "ttyS1"), "/dev/ttyS1 19200 7E1 xonxoff");
    assert_eq!(
        port(&ports, "pci-0-1.0-port0"),
        "/dev/serial/by-path/pci-0:1.0-port0 115200 8N1"
    );
    assert_eq!(doors(&file, "pci-0-1.0-port0"), ["tcp localhost:2002"]);
    assert_eq!(doors(&file, "ttyS2"), [""; 0]);
    for expected in [
        ":2:1: warning: nothing is sent by itself",
        ":5:1: warning: 192.168.27.3, port 2001: programs on this machine alone",
        ":5:1: warning: after 600 s of silence",
        ":5:1: warning: \"hi\" is not carried over",
        ":9:1: warning: printers are not served",
        ":10:1: warning: this is no line of ser2net 3",
    ] {
        assert!(told.contains(expected), "{expected}\n--- in\n{told}");
    }
}

#[test]
fn consoles_of_conserver_are_carried_over() {
    let text = "default full { rw *; }\ndefault * { logfile /var/consoles/&; include full; master localhost; }\n\
                default cyclades { type device; device /dev/ttyC.; devicesubst .=Pd;\n  portbase -1; baud 9600; parity none; }\n\
                console modem1.conserver.com { include cyclades; port 2; break 4; }\n\
                console plc { type device; device /dev/ttyS0; baud 19200; parity even; options !ixon,crtscts,cstopb,hupcl; }\n\
                console web { type host; host ts1; port 80; }\nbreak 4 { string \"\\z\"; }\naccess * { trusted 127.0.0.1; }\n\
                console far { include cyclades; port 3; master other.example; include nowhere; }\nconsole torn {";
    let (ports, _, told) = made(Format::Conserver, text);
    assert_eq!(
        port(&ports, "modem1.conserver.com"),
        "/dev/ttyC1 9600 8N1 xonxoff"
    );
    assert_eq!(port(&ports, "plc"), "/dev/ttyS0 19200 7E2 rtscts");
    assert_eq!(port(&ports, "far"), "/dev/ttyC2 9600 8N1 xonxoff");
    assert_eq!(ports.len(), 3);
    for expected in [
        ":1:19: warning: rw: who may type",
        ":7:9: warning: the console \"web\" is of type \"host\"",
        ":8:1: warning: sequences for a BREAK",
        ":9:1: warning: who may connect",
        ":10:48: warning: master: the device is on that machine",
        ":10:71: warning: there is no default \"nowhere\"",
        ":11:15: error: a keyword, its value and ; is expected here",
    ] {
        assert!(told.contains(expected), "{expected}\n--- in\n{told}");
    }
    assert_eq!(
        told.matches("rw: who may type").count(),
        1,
        "a default is told once"
    );
}

#[test]
fn names_and_doors_that_come_twice_are_made_different_or_told() {
    let text = "4000:raw:0:/dev/a/x:9600\n4000:raw:0:/dev/b/x:9600\n4001:raw:0:/dev/a/x:19200\n";
    let (ports, file, told) = made(Format::Ser2netConf, text);
    assert_eq!(port(&ports, "x-2"), "/dev/b/x 9600 8N1");
    assert_eq!(file.entrances.len(), 1);
    for expected in [
        ":2:1: warning: the TCP port 4000 is taken already",
        ":3:1: warning: the device is that of [port.x], which has other settings",
        ":3:1: warning: [port.x] has a door for tcp already",
    ] {
        assert!(told.contains(expected), "{expected}\n--- in\n{told}");
    }
}

#[test]
fn a_file_that_is_something_else_is_an_error() {
    let import = import(Format::Ser2netYaml, Path::new("x.yaml"), "a: [");
    assert_eq!(
        (import.ports, import.report.worst()),
        (0, Some(Severity::Error))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn whatever_comes_in_what_comes_out_can_be_read(
        format in 0..3usize,
        pieces in prop::collection::vec(prop_oneof![
            Just("connection: &c\n  accepter: tcp,1\n  connector: serialdev,/dev/x\u{1b}\",9600\n"),
            Just("connections:\n  a b:\n    accepter: telnet,tcp,2\n    connector: serialdev,\\,0\n"),
            Just("3001:raw:0:/dev/\"x'\\y:0 9DATABITS\n"),
            Just("localhost,1:telnet:x:dev:MARK 2STOPBITS\n"),
            Just("console \"a\n]\" { type device; device \"/dev/#'\"; baud 0; }\n"),
            Just("default * { type device; device &; devicesubst &=cs; }\nconsole \u{e9} {}\n"),
            Just("}\n"), Just("\\\n"), Just("---\n"), Just(":raw::"), Just("\"\n"), Just("\u{0}\r\n"),
        ], 0..12),
    ) {
        made(Format::ALL[format], &pieces.concat());
    }
}
