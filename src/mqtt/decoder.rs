//! The decoder: what a broker says, out of the pieces in which its bytes come.

use bytes::{Buf, BytesMut};

use super::packet::{Message, PUBACK, PUBLISH};

/// The longest packet that is taken in, in bytes. The payload of a longer one is passed over.
const MOST: usize = 128 * 1024;

/// Types of packets that only a broker sends.
const CONNACK: u8 = 2;
const SUBACK: u8 = 9;
const PINGRESP: u8 = 13;
/// What SUBACK says of a filter that is not allowed.
const REFUSED: u8 = 0x80;

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
    use crate::mqtt::packet::{put_publish, put_taken};

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
