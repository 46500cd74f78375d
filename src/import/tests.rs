//! Whole files, as they are found.

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::config::{File, PortSpec};

/// Files by their paths.
struct Named<'a>(&'a [(&'a str, &'a str)]);

impl Files for Named<'_> {
    fn text(&self, path: &Path) -> Result<String, String> {
        let mut all = self.0.iter();
        let found = all.find(|(name, _)| Path::new(name) == path);
        let text = found.map(|(_, text)| (*text).to_owned());
        text.ok_or_else(|| format!("{}: there is none", path.display()))
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let names = self.0.iter().map(|(name, _)| Path::new(name));
        let inside = names.filter(|name| name.parent() == Some(folder));
        inside
            .map(|name| name.file_name().unwrap().to_str().unwrap().to_owned())
            .collect()
    }

    fn one_path(&self, path: &Path) -> PathBuf {
        let mut one = PathBuf::new();
        for part in path {
            match part.to_str() {
                Some("..") => drop(one.pop()),
                _ => one.push(part),
            }
        }
        one
    }
}

/// What comes out, which our own reader takes.
fn made(format: Format, text: &str) -> (Vec<PortSpec>, File, String) {
    made_of(format, &[("other.conf", text)])
}

/// The same of several files, the first of which is named.
fn made_of(format: Format, files: &[(&str, &str)]) -> (Vec<PortSpec>, File, String) {
    let import = import(format, Path::new(files[0].0), &Named(files)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("seriald.toml");
    std::fs::write(&path, &import.config).unwrap();
    let loaded = File::read(&path).unwrap_or_else(|report| panic!("{report}\n{}", import.config));
    assert_eq!(loaded.ports.len(), import.ports);
    let told: Vec<_> = import.reports.iter().map(Report::to_string).collect();
    (loaded.ports, loaded.file, told.join("\n"))
}

fn port(ports: &[PortSpec], name: &str) -> String {
    let port = ports.iter().find(|port| port.name == name);
    let port = port.unwrap_or_else(|| panic!("no {name} in {ports:?}"));
    format!("{} {}", port.device.display(), port.settings.line)
}

fn doors(file: &File, name: &str) -> Vec<String> {
    let own = file.entrances.iter();
    let own = own.filter(|(_, entrance)| entrance.port.as_deref() == Some(name));
    let shown = own.map(|(dialect, entrance)| {
        let scheme = if entrance.tls { "tls://" } else { "" };
        format!("{dialect} {scheme}{}", entrance.address)
    });
    shown.collect()
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
fn tls_of_ser2net_is_carried_over_unless_clients_are_asked_who_they_are() {
    let text = "%YAML 1.1\n---\ndefault:\n  name: cert\n  value: /etc/lab.crt\n  class: ssl\n\
                connection: &gps\n  accepter: telnet(rfc2217),ssl(key=/etc/lab.key,cert=/etc/lab.crt),tcp,127.0.0.1,4001\n  \
                connector: serialdev,/dev/ttyS0\n\
                connection: &raw\n  accepter: ssl(key=/etc/lab.key),tcp,::1,4002\n  connector: serialdev,/dev/ttyS1\n\
                connection: &own\n  accepter: ssl(clientauth,CA=/etc/ca),tcp,localhost,4003\n  connector: serialdev,/dev/ttyS2\n\
                connection: &keys\n  accepter: telnet,mux,certauth,ssl,tcp,localhost,4004\n  connector: serialdev,/dev/ttyS3\n";
    let (ports, file, told) = made(Format::Ser2netYaml, text);
    assert_eq!(ports.len(), 4);
    assert_eq!(doors(&file, "gps"), ["rfc2217 tls://127.0.0.1:4001"]);
    assert_eq!(doors(&file, "raw"), ["tcp tls://[::1]:4002"]);
    assert_eq!(doors(&file, "own"), [""; 0]);
    assert_eq!(doors(&file, "keys"), [""; 0]);
    assert_eq!(file.tls.cert, Some("/etc/lab.crt".into()));
    assert_eq!(file.tls.key, Some("/etc/lab.key".into()));
    for expected in [
        ":11:13: warning: all doors have the certificate \"/etc/lab.crt\" here",
        ":14:13: warning: programs are not asked for certificates of their own",
        ":17:13: warning: \"mux\" is not spoken",
    ] {
        assert!(told.contains(expected), "{expected}\n--- in\n{told}");
    }
}

#[test]
fn files_that_are_included_are_read_where_they_are_named() {
    let (ports, file, told) = made_of(
        Format::Ser2netYaml,
        &[
            (
                "etc/ser2net.yaml",
                "define: &speed 19200n81\ninclude: ports.d/*.yaml\ninclude: gone.yaml\ninclude: no*\ndefine: &late x\n",
            ),
            (
                "etc/ports.d/b.yaml",
                "define: &own *late\nconnection: &b\n  accepter: *door\n  connector: serialdev,/dev/b\n  timeout: 3\n",
            ),
            (
                "etc/ports.d/a.yaml",
                "connection: &a\n  accepter: tcp,127.0.0.1,4001\n  connector: serialdev,/dev/a,*(speed)\ninclude: ../ser2net.yaml\n---\ndefine: &door tcp,127.0.0.1,4002\n",
            ),
            ("etc/ports.d/.c.yaml", "nonsense"),
        ],
    );
    assert_eq!(port(&ports, "a"), "/dev/a 19200 8N1");
    assert_eq!(doors(&file, "b"), ["tcp 127.0.0.1:4002"]);
    assert_eq!((ports[0].name.as_str(), ports.len()), ("a", 2));
    for expected in [
        "etc/ser2net.yaml:3:10: error: etc/gone.yaml: there is none",
        "etc/ser2net.yaml:4:10: warning: etc/no*: there is no such file",
        "etc/ports.d/b.yaml:1:9: warning: nothing of the name \"late\" is defined above",
        "etc/ports.d/b.yaml:5:3: warning: clients that are silent",
        "etc/ports.d/a.yaml:4:10: error: etc/ports.d/../ser2net.yaml: it would read itself",
    ] {
        assert!(told.contains(expected), "{expected}\n--- in\n{told}");
    }

    let (ports, _, told) = made_of(
        Format::Conserver,
        &[
            (
                "conserver.cf",
                "#include cf/defaults\nconsole plc { include full; device /dev/ttyS0; }\n#include conserver.cf\n",
            ),
            (
                "cf/defaults",
                "default full { type device; baud 19200; options !ixon; rw *; }\n#include more\n",
            ),
            (
                "cf/more",
                "console gps { include full; device /dev/ttyS1; }",
            ),
        ],
    );
    assert_eq!(port(&ports, "gps"), "/dev/ttyS1 19200 8N1");
    assert_eq!(port(&ports, "plc"), "/dev/ttyS0 19200 8N1");
    for expected in [
        "cf/defaults:1:59: warning: rw: who may type",
        "conserver.cf:3:1: error: conserver.cf: it would read itself",
    ] {
        assert!(told.contains(expected), "{expected}\n--- in\n{told}");
    }
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
fn what_a_second_way_to_a_device_changes_is_said() {
    let text = "4000:raw:0:/dev/x:9600\n4001:telnet:0:/dev/x:9600\n";
    let import = import(Format::Ser2netConf, Path::new("x"), &Named(&[("x", text)])).unwrap();
    assert!(
        import.config.contains("# Was plain telnet"),
        "{}",
        import.config
    );
}

#[test]
fn a_file_that_is_something_else_is_an_error() {
    let files = Named(&[("x.yaml", "a: [")]);
    let made = import(Format::Ser2netYaml, Path::new("x.yaml"), &files).unwrap();
    assert_eq!((made.ports, made.worst()), (0, Some(Severity::Error)));
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
            Just("include: "), Just("#include other.conf\n"), Just("other.*\n"),
            Just("}\n"), Just("\\\n"), Just("---\n"), Just(":raw::"), Just("\"\n"), Just("\u{0}\r\n"),
        ], 0..12),
    ) {
        made(Format::ALL[format], &pieces.concat());
    }
}
