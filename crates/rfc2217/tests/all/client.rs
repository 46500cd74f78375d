//! A small client: it tells the server's bytes apart and knows what it was answered.

use rfc2217_server::{Answer, Control, Event, GREETING, Purge, Request, Server, client, escape};

/// What a client has learned from the server.
#[derive(Default)]
pub struct Client {
    pub data: Vec<u8>,
    pub answers: Vec<Answer>,
    /// Verb and option.
    pub said: Vec<(u8, u8)>,
}

impl Client {
    /// Takes everything that the server has sent; it ends on a whole command.
    pub fn take(&mut self, bytes: &[u8]) {
        let mut rest = bytes.iter().copied();
        while let Some(byte) = rest.next() {
            if byte != 255 {
                self.data.push(byte);
                continue;
            }
            match rest.next().expect("a command behind IAC") {
                255 => self.data.push(255),
                verb @ 251..=254 => self.said.push((verb, rest.next().expect("an option"))),
                250 => {
                    let mut inside = Vec::new();
                    loop {
                        match rest.next().expect("an end") {
                            255 => match rest.next().expect("a command") {
                                240 => break,
                                255 => inside.push(255),
                                other => panic!("IAC {other} in a subnegotiation"),
                            },
                            byte => inside.push(byte),
                        }
                    }
                    assert_eq!(inside[0], 44);
                    let answer = Answer::decode(inside[1], &inside[2..]);
                    self.answers.push(answer.expect("a defined answer"));
                }
                other => panic!("IAC {other}"),
            }
        }
    }
}

/// A port that echoes, and can do every speed up to 115200.
struct Echo {
    server: Server,
    baud: u32,
    breaks: usize,
}

impl Echo {
    fn serve(&mut self, mut input: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        while let Some(event) = self.server.next(&mut input) {
            match event {
                Event::Data(data) => escape(data, &mut out),
                Event::Reply(reply) => out.extend_from_slice(reply.as_bytes()),
                Event::Break => self.breaks += 1,
                Event::Agreed => Answer::ModemState(16).encode(&mut out),
                Event::Request(Request::Baud(asked)) => {
                    self.baud = asked.unwrap_or(self.baud).min(115_200);
                    Answer::Baud(self.baud).encode(&mut out);
                }
                Event::Request(Request::Control(control)) => {
                    Answer::Control(control).encode(&mut out);
                }
                Event::Request(Request::Purge(purge)) => Answer::Purge(purge).encode(&mut out),
                Event::Request(other) => panic!("{other:?}"),
            }
        }
        out
    }
}

#[test]
fn a_client_opens_a_port_as_programs_do() {
    let (mut me, mut echo) = (
        Client::default(),
        Echo {
            server: Server::new(),
            baud: 9600,
            breaks: 0,
        },
    );
    me.take(&GREETING);
    assert!(me.said.contains(&(253, 44)), "DO COM-PORT-OPTION");
    me.take(&echo.serve(&client::GREETING));
    assert_eq!(me.answers, [Answer::ModemState(16)]);
    let mut sent = Vec::new();
    for request in [
        Request::Baud(Some(57600)),
        // Its bytes hold an IAC.
        Request::Baud(Some(65_535)),
        Request::Baud(Some(4_000_000)),
        Request::Baud(None),
        Request::Control(Control::DtrOn),
        Request::Purge(Purge::Both),
    ] {
        request.encode(&mut sent);
    }
    sent.extend(client::BREAK);
    me.answers.clear();
    me.take(&echo.serve(&sent));
    assert_eq!(
        me.answers,
        [
            Answer::Baud(57600),
            Answer::Baud(65_535),
            Answer::Baud(115_200),
            Answer::Baud(115_200),
            Answer::Control(Control::DtrOn),
            Answer::Purge(Purge::Both),
        ]
    );
    assert_eq!(echo.breaks, 1);
    let every: Vec<u8> = (0..=255).chain([13, 0, 13, 10, 255, 255, 240]).collect();
    let mut sent = Vec::new();
    escape(&every, &mut sent);
    me.take(&echo.serve(&sent));
    assert_eq!(me.data, every);
}
