//! Packets: what a client and its broker say to each other in MQTT 3.1.1, as bytes. What a client
//! needs that never asks for "exactly once" is all there is here.

use bytes::{Buf, BytesMut};

/// The longest packet that is taken in, in bytes. The payload of a longer one is passed over.
pub const MOST: usize = 128 * 1024;
/// The most that a packet's length can say.
const LONGEST: usize = 268_435_455;

/// Types of packets, in the upper half of the first byte.
const CONNECT: u8 = 1;
const CONNACK: u8 = 2;
const PUBLISH: u8 = 3;
const PUBACK: u8 = 4;
const SUBSCRIBE: u8 = 8;
const SUBACK: u8 = 9;
const PINGREQ: u8 = 12;
const PINGRESP: u8 = 13;
const DISCONNECT: u8 = 14;
/// What SUBACK says of a filter that is not allowed.
const REFUSED: u8 = 0x80;

/// A message, as it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub topic: String,
    pub payload: Vec<u8>,
    /// The broker keeps it for those who come later.
    pub retain: bool,
}

/// What a client says of itself.
pub struct Connect<'a> {
    pub client_id: &'a str,
    pub user: Option<&'a str>,
    pub password: Option<&'a str>,
    /// The broker may take a client for gone that says nothing for one and a half of this, in seconds.
    pub keep_alive: u16,
    /// What the broker publishes when the client is gone without a word.
    pub will: &'a Message,
}

impl Connect<'_> {
    /// Adds the packet. Nothing is left of an earlier connection.
    pub fn put(&self, out: &mut Vec<u8>) {
        let mut flags = 0b0000_0110 | u8::from(self.will.retain) << 5;
        let mut body = Vec::new();
        put_text(&mut body, b"MQTT");
        body.push(4);
        let place = body.len();
        body.push(0);
        body.extend(self.keep_alive.to_be_bytes());
        put_text(&mut body, self.client_id.as_bytes());
        put_text(&mut body, self.will.topic.as_bytes());
        put_text(&mut body, &self.will.payload);
        if let Some(user) = self.user {
            flags |= 0x80;
            put_text(&mut body, user.as_bytes());
        }
        // Without a user there can be none.
        if let Some(password) = self.password.filter(|_| self.user.is_some()) {
            flags |= 0x40;
            put_text(&mut body, password.as_bytes());
        }
        body[place] = flags;
        put(out, CONNECT << 4, &body);
    }
}

/// Adds a message to be published. With a number the broker confirms that it has it.
pub fn put_publish(out: &mut Vec<u8>, message: &Message, number: Option<u16>) {
    let flags = u8::from(message.retain) | u8::from(number.is_some()) << 1;
    let extra = if number.is_some() { 4 } else { 2 };
    let topic = message.topic.as_bytes();
    put_head(
        out,
        PUBLISH << 4 | flags,
        extra + topic.len() + message.payload.len(),
    );
    put_text(out, topic);
    out.extend(number.iter().flat_map(|number| number.to_be_bytes()));
    out.extend_from_slice(&message.payload);
}

/// Adds the wish to be told what is published under these topics.
pub fn put_subscribe(out: &mut Vec<u8>, number: u16, topics: &[String], confirmed: bool) {
    let mut body = number.to_be_bytes().to_vec();
    for topic in topics {
        put_text(&mut body, topic.as_bytes());
        body.push(confirmed.into());
    }
    put(out, SUBSCRIBE << 4 | 2, &body);
}

/// Adds that a message was taken.
pub fn put_taken(out: &mut Vec<u8>, number: u16) {
    put(out, PUBACK << 4, &number.to_be_bytes());
}

/// Adds a question whether the broker is there.
pub fn put_ping(out: &mut Vec<u8>) {
    put(out, PINGREQ << 4, &[]);
}

/// Adds a goodbye: the will is void.
pub fn put_goodbye(out: &mut Vec<u8>) {
    put(out, DISCONNECT << 4, &[]);
}

fn put(out: &mut Vec<u8>, first: u8, body: &[u8]) {
    put_head(out, first, body.len());
    out.extend_from_slice(body);
}

/// The first byte and the length: seven bits in each byte, the lowest first.
fn put_head(out: &mut Vec<u8>, first: u8, length: usize) {
    debug_assert!(length <= LONGEST, "nothing here is that long");
    out.push(first);
    let mut rest = length;
    loop {
        let low = (rest % 128) as u8;
        rest /= 128;
        out.push(if rest > 0 { low | 0x80 } else { low });
        if rest == 0 {
            break;
        }
    }
}

/// A text behind its length. What is longer than can be said is cut; nothing here is.
fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    let text = &text[..text.len().min(usize::from(u16::MAX))];
    out.extend((text.len() as u16).to_be_bytes());
    out.extend_from_slice(text);
}

/// What the broker says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// Whether it lets us in: 0, or why not.
    Connected(u8),
    /// Somebody published this.
    Message {
        message: Message,
        /// By which it is confirmed, if it wants that.
        number: Option<u16>,
    },
    /// The same, but its payload was too long, and was passed over.
    TooLong { topic: String, number: Option<u16> },
    /// It has our message.
    Taken(u16),
    /// It will tell us what we want, or not all.
    Subscribed { refused: bool },
    /// It is there.
    Pong,
    /// Anything else, which has nothing to say to us.
    Other,
}

/// This is no MQTT.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("what it says is not MQTT 3.1.1")]
pub struct NotMqtt;

/// Makes packets out of the pieces in which bytes come.
#[derive(Debug, Default)]
pub struct Decoder {
    pub buffer: BytesMut,
    /// So many bytes of a payload are still to be passed over.
    skip: usize,
}

impl Decoder {
    /// The packet that comes next; nothing where it is not whole.
    pub fn next(&mut self) -> Result<Option<Packet>, NotMqtt> {
        let skipped = self.skip.min(self.buffer.len());
        self.buffer.advance(skipped);
        self.skip -= skipped;
        let Some((first, head, length)) = head(&self.buffer)? else {
            return Ok(None);
        };
        if length > MOST {
            return self.too_long(first, head, length);
        }
        if self.buffer.len() < head + length {
            return Ok(None);
        }
        let packet = self.buffer.split_to(head + length);
        read(first, &packet[head..]).map(Some)
    }

    /// The beginning of a message that is too long.
    fn too_long(
        &mut self,
        first: u8,
        head: usize,
        length: usize,
    ) -> Result<Option<Packet>, NotMqtt> {
        if first >> 4 != PUBLISH {
            return Err(NotMqtt);
        }
        let mut rest = &self.buffer[head..];
        // The longest topic and the number are there with so many bytes.
        if rest.len() < MOST {
            return Ok(None);
        }
        let packet = Packet::TooLong {
            topic: text(&mut rest)?,
            number: if first & 0x06 != 0 {
                Some(number(&mut rest)?)
            } else {
                None
            },
        };
        self.skip = head + length;
        Ok(Some(packet))
    }
}

/// The first byte of what comes next, the length of that and of the length, and the length.
fn head(bytes: &[u8]) -> Result<Option<(u8, usize, usize)>, NotMqtt> {
    let mut length = 0;
    for place in 1..=4 {
        let Some(byte) = bytes.get(place) else {
            return Ok(None);
        };
        length |= usize::from(byte & 0x7f) << (7 * (place - 1));
        if byte & 0x80 == 0 {
            return Ok(Some((bytes[0], place + 1, length)));
        }
    }
    Err(NotMqtt)
}

fn read(first: u8, mut body: &[u8]) -> Result<Packet, NotMqtt> {
    Ok(match first >> 4 {
        CONNACK => match body {
            [_, code] => Packet::Connected(*code),
            _ => return Err(NotMqtt),
        },
        PUBLISH => {
            let topic = text(&mut body)?;
            let number = if first & 0x06 != 0 {
                Some(number(&mut body)?)
            } else {
                None
            };
            let message = Message {
                topic,
                payload: body.to_vec(),
                retain: first & 1 != 0,
            };
            Packet::Message { message, number }
        }
        PUBACK => Packet::Taken(number(&mut body)?),
        SUBACK => {
            number(&mut body)?;
            Packet::Subscribed {
                refused: body.contains(&REFUSED),
            }
        }
        PINGRESP => Packet::Pong,
        _ => Packet::Other,
    })
}

fn number(bytes: &mut &[u8]) -> Result<u16, NotMqtt> {
    let (number, rest) = bytes.split_first_chunk().ok_or(NotMqtt)?;
    *bytes = rest;
    Ok(u16::from_be_bytes(*number))
}

fn text(bytes: &mut &[u8]) -> Result<String, NotMqtt> {
    let length = usize::from(number(bytes)?);
    let (text, rest) = bytes.split_at_checked(length).ok_or(NotMqtt)?;
    *bytes = rest;
    String::from_utf8(text.to_vec()).map_err(|_| NotMqtt)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(topic: &str, payload: &[u8], retain: bool) -> Message {
        Message {
            topic: topic.to_owned(),
            payload: payload.to_vec(),
            retain,
        }
    }

    fn decode(pieces: &[&[u8]]) -> Result<Vec<Packet>, NotMqtt> {
        let (mut decoder, mut all) = (Decoder::default(), Vec::new());
        for piece in pieces {
            decoder.buffer.extend_from_slice(piece);
            while let Some(packet) = decoder.next()? {
                all.push(packet);
            }
        }
        Ok(all)
    }

    #[test]
    fn a_client_says_who_it_is_as_the_standard_has_it() {
        let mut out = Vec::new();
        let connect = Connect {
            client_id: "id",
            user: Some("u"),
            password: Some("p"),
            keep_alive: 60,
            will: &message("t", b"off", true),
        };
        connect.put(&mut out);
        let expected = b"\x10\x1d\0\x04MQTT\x04\xe6\0\x3c\0\x02id\0\x01t\0\x03off\0\x01u\0\x01p";
        assert_eq!(out.len(), 2 + usize::from(out[1]));
        assert_eq!(out[2..], expected[2..]);
        out.clear();
        put_subscribe(&mut out, 7, &["a/+".to_owned()], true);
        assert_eq!(out, b"\x82\x08\0\x07\0\x03a/+\x01");
    }

    #[test]
    fn what_a_broker_says_is_understood() {
        for (bytes, packet) in [
            (&b"\x20\x02\0\x05"[..], Packet::Connected(5)),
            (b"\x40\x02\x01\x02", Packet::Taken(258)),
            (
                b"\x90\x04\0\x07\0\x80",
                Packet::Subscribed { refused: true },
            ),
            (b"\xd0\0", Packet::Pong),
            (b"\xf0\x01x", Packet::Other),
        ] {
            assert_eq!(decode(&[bytes]), Ok(vec![packet]), "{bytes:?}");
        }
        for bytes in [
            &b"\x20\x01\0"[..],
            b"HTTP/1.1 400 Bad Request\r\n",
            b"\x30\xff\xff\xff\xff\x01",
            b"\x30\x03\0\x09x",
            b"\x30\x03\0\x01\xff",
            b"\x32\x03\0\x01x",
            b"\xa0\xff\xff\x7f",
        ] {
            let decoded = decode(&[bytes]);
            assert!(
                decoded.as_ref().is_err() || decoded == Ok(Vec::new()),
                "{bytes:?}: {decoded:?}"
            );
        }
    }

    #[test]
    fn a_message_that_is_too_long_is_passed_over_and_the_next_is_read() {
        let mut bytes = Vec::new();
        put_publish(
            &mut bytes,
            &message("big", &vec![b'x'; 3 * MOST], false),
            Some(9),
        );
        put_publish(&mut bytes, &message("small", b"x", false), None);
        let pieces: Vec<_> = bytes.chunks(10_000).collect();
        let expected = vec![
            Packet::TooLong {
                topic: "big".into(),
                number: Some(9),
            },
            Packet::Message {
                message: message("small", b"x", false),
                number: None,
            },
        ];
        assert_eq!(decode(&pieces), Ok(expected));
    }

    proptest! {
        #[test]
        fn what_is_put_is_read_wherever_it_is_cut(
            topic in "\\PC{0,200}",
            payload in prop::collection::vec(any::<u8>(), 0..300),
            retain in any::<bool>(),
            number in any::<Option<u16>>(),
            cut in any::<prop::sample::Index>(),
        ) {
            let message = Message { topic, payload, retain };
            let mut bytes = Vec::new();
            put_publish(&mut bytes, &message, number);
            put_taken(&mut bytes, 5);
            let cut = cut.index(bytes.len());
            let expected = vec![Packet::Message { message, number }, Packet::Taken(5)];
            prop_assert_eq!(decode(&[&bytes[..cut], &bytes[cut..]]), Ok(expected));
        }

        #[test]
        fn anything_is_read_to_its_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _: Result<_, _> = decode(&[&bytes]);
        }
    }
}
