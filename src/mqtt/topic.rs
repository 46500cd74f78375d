//! Topics: the names under which a port's words and orders go over a broker.

use crate::config::Mqtt;

/// What a port can be told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Send a text and a line's end.
    Send,
    /// Write bytes as they are.
    Write,
    /// Change something.
    Set,
}

/// How all topics begin.
#[derive(Clone, Debug)]
pub struct Topics(String);

impl Topics {
    /// Those of this configuration.
    pub fn new(mqtt: &Mqtt) -> Self {
        Self(mqtt.prefix.clone())
    }

    /// Whether the server is there.
    pub fn status(&self) -> String {
        format!("{}/status", self.0)
    }

    /// Something of a port.
    pub fn of(&self, port: &str, what: &str) -> String {
        format!("{}/{port}/{what}", self.0)
    }

    /// The values of a series.
    pub fn value(&self, port: &str, series: &str) -> String {
        format!("{}/{port}/value/{}", self.0, level(series))
    }

    /// Under which ports are told what to do.
    pub fn orders(&self) -> Vec<String> {
        let all = ["send", "write", "set"].iter();
        all.map(|order| format!("{}/+/{order}", self.0)).collect()
    }

    /// Which port is told what by a topic.
    pub fn order<'a>(&self, topic: &'a str) -> Option<(&'a str, Order)> {
        let rest = topic.strip_prefix(&self.0)?.strip_prefix('/')?;
        let (port, order) = rest.split_once('/')?;
        let order = match order {
            "send" => Order::Send,
            "write" => Order::Write,
            "set" => Order::Set,
            _ => return None,
        };
        Some((port, order))
    }
}

/// A stranger's name as one level of a topic. Two names never become one.
fn level(name: &str) -> String {
    escaped(name, '%', |letter| {
        !letter.is_control() && !"/+#%".contains(letter)
    })
}

/// A name as Home Assistant takes it: letters, digits, `-` and `_`.
pub fn id(name: &str) -> String {
    escaped(name, '_', |letter| {
        letter.is_ascii_alphanumeric() || "-_".contains(letter)
    })
}

/// The bytes of letters that do not fit, each as two hex digits behind `sign`.
fn escaped(name: &str, sign: char, fits: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in name.chars() {
        if fits(letter) {
            out.push(letter);
            continue;
        }
        let mut bytes = [0; 4];
        for byte in letter.encode_utf8(&mut bytes).bytes() {
            out.push_str(&format!("{sign}{byte:02x}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn topics() -> Topics {
        Topics("lab/serial".to_owned())
    }

    #[test]
    fn names_of_series_stay_within_their_level() {
        for (name, topic) in [
            ("temp", "lab/serial/w/value/temp"),
            ("pos.x", "lab/serial/w/value/pos.x"),
            ("a b °C", "lab/serial/w/value/a b °C"),
            ("a/b", "lab/serial/w/value/a%2fb"),
            ("+", "lab/serial/w/value/%2b"),
            ("#100%", "lab/serial/w/value/%23100%25"),
        ] {
            assert_eq!(topics().value("w", name), topic);
        }
        assert_eq!(id("pos.x [°C]"), "pos_2ex_20_5b_c2_b0C_5d");
    }

    #[test]
    fn an_order_is_told_from_everything_else() {
        for (topic, order) in [
            ("lab/serial/w/send", Some(("w", Order::Send))),
            ("lab/serial/w/set", Some(("w", Order::Set))),
            (
                "lab/serial/no such port/write",
                Some(("no such port", Order::Write)),
            ),
            ("lab/serial/w/line", None),
            ("lab/serial/w/x/send", None),
            ("lab/serial/send", None),
            ("lab/serialw/send", None),
            ("elsewhere/w/send", None),
            ("", None),
        ] {
            assert_eq!(topics().order(topic), order, "{topic}");
        }
    }

    proptest! {
        #[test]
        fn two_names_never_become_one(one in "[a%/+#25fb]{0,6}", other in "[a%/+#25fb]{0,6}") {
            prop_assert_eq!(one == other, level(&one) == level(&other));
            prop_assert!(!level(&one).contains(['/', '+', '#']));
        }
    }
}
