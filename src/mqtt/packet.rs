//! Packets: what a client says to its broker in MQTT 3.1.1, as bytes. What a client needs that never asks for
//! "exactly once" is all there is here.

use std::time::Duration;

/// The most that a packet's length can say.
const LONGEST: usize = 268_435_455;

/// Types of packets, in the upper half of the first byte.
const CONNECT: u8 = 1;
pub(super) const PUBLISH: u8 = 3;
pub(super) const PUBACK: u8 = 4;
const SUBSCRIBE: u8 = 8;
const PINGREQ: u8 = 12;
const DISCONNECT: u8 = 14;

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
    /// The broker may take a client for gone that says nothing for one and a half of this.
    pub keep_alive: Duration,
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
        let seconds = u16::try_from(self.keep_alive.as_secs()).unwrap_or(u16::MAX);
        body.extend(seconds.to_be_bytes());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_says_who_it_is_as_the_standard_has_it() {
        let mut out = Vec::new();
        let connect = Connect {
            client_id: "id",
            user: Some("u"),
            password: Some("p"),
            keep_alive: Duration::from_secs(60),
            will: &Message {
                topic: "t".to_owned(),
                payload: b"off".to_vec(),
                retain: true,
            },
        };
        connect.put(&mut out);
        let expected = b"\x10\x1d\0\x04MQTT\x04\xe6\0\x3c\0\x02id\0\x01t\0\x03off\0\x01u\0\x01p";
        assert_eq!(out.len(), 2 + usize::from(out[1]));
        assert_eq!(out[2..], expected[2..]);
        out.clear();
        put_subscribe(&mut out, 7, &["a/+".to_owned()], true);
        assert_eq!(out, b"\x82\x08\0\x07\0\x03a/+\x01");
    }
}
