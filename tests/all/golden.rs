//! The golden frames of `tests/wire`: what the other end reads too.

use bytes::Bytes;
use serde_json::{Value, json};
use seriald::record::{Gap, Kind, Offset, Record, Time, Why};
use seriald::right::Right;
use seriald::state::Seen;
use seriald::values::{Reading, Series, Value as Measured};
use seriald::wire::frame::{Content, Frame, frames};
use seriald::wire::talk::{self, Answer, Ask, Code, LIMITS, Limits, Page, Refusal, Say};
use seriald::wire::{Write, put_gap, put_reading, put_record, put_series};

fn golden(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("a list of cases")
}

fn hex(text: &Value) -> Vec<u8> {
    let digits = text.as_str().expect("hex digits").as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

#[test]
fn records_are_put_on_the_wire_as_the_golden_frames_say() {
    for case in golden(include_str!("../wire/records.json")) {
        if case.get("decode_only").is_some() {
            continue;
        }
        let mut message = Vec::new();
        for record in case["records"].as_array().unwrap() {
            let number = |field: &str| record[field].as_u64().unwrap();
            let (channel, offset) = (number("channel") as u16, Offset(number("offset")));
            let kind = match record["kind"].as_str().unwrap() {
                "gap" => {
                    put_gap(
                        &mut message,
                        channel,
                        Gap {
                            from: offset,
                            to: Offset(number("to")),
                            why: record["why"].as_str().map_or(Why::Dropped, |why| {
                                serde_json::from_str(&format!("{why:?}")).unwrap()
                            }),
                        },
                        Time(number("time")),
                    );
                    continue;
                }
                "rx" => Kind::Rx,
                "tx" => Kind::Tx,
                _ => Kind::Note,
            };
            let bytes = match kind {
                Kind::Note => record["text"].as_str().unwrap().as_bytes().to_vec(),
                Kind::Rx | Kind::Tx => hex(&record["payload_hex"]),
            };
            let record = Record {
                kind,
                offset,
                time: Time(number("time")),
                author: record["author"].as_str(),
                bytes: &bytes,
            };
            put_record(
                &mut message,
                channel,
                case["records"][0]["live"] == true,
                &record,
            );
        }
        if case["records"]
            .as_array()
            .unwrap()
            .windows(2)
            .all(|two| two[0]["live"] == two[1]["live"])
        {
            assert_eq!(message, hex(&case["hex"]), "{}", case["name"]);
        }
    }
}

#[test]
fn values_are_put_on_the_wire_as_the_golden_frames_say() {
    for case in golden(include_str!("../wire/values.json")) {
        let mut message = Vec::new();
        for frame in case["frames"].as_array().unwrap() {
            let number = |field: &str| frame[field].as_u64().unwrap();
            let (channel, live) = (number("channel") as u16, frame["live"] == true);
            let told = &frame["series"];
            let series = Series {
                name: told["name"].as_str().unwrap_or_default().to_owned(),
                unit: told["unit"].as_str().map(str::to_owned),
            };
            let values = frame["values"].as_array().into_iter().flatten();
            let values: Vec<_> = values
                .map(|value| Measured {
                    series: value[0].as_u64().unwrap() as u16,
                    value: value[1].as_f64().unwrap_or(f64::NAN),
                })
                .collect();
            let reading = Reading {
                offset: Offset(number("offset")),
                length: frame["length"].as_u64().unwrap_or_default() as u32,
                time: Time(number("time")),
                values: &values,
                series: &vec![series; 256],
            };
            match told["series"].as_u64() {
                Some(series) => {
                    put_series(&mut message, channel, live, series as u16, &reading);
                }
                None => put_reading(&mut message, channel, live, &reading),
            }
        }
        assert_eq!(message, hex(&case["hex"]), "{}", case["name"]);
    }
}

/// A frame in the words of the golden ones.
fn told(frame: &Frame<'_>) -> Option<Value> {
    let mut told = match frame.content {
        Content::Record(record) => {
            let mut told =
                json!({"kind": record.kind, "offset": record.offset, "time": record.time});
            match record.kind {
                Kind::Note => told["text"] = String::from_utf8_lossy(record.bytes).into(),
                Kind::Rx | Kind::Tx => {
                    told["payload_hex"] = seriald::hex::encode(record.bytes).into()
                }
            }
            if let Some(author) = record.author {
                told["author"] = author.into();
            }
            told
        }
        Content::Gap(gap, time) => {
            let mut told = json!({"kind": "gap", "offset": gap.from, "time": time, "to": gap.to});
            if gap.why != Why::Dropped {
                told["why"] = json!(gap.why);
            }
            told
        }
        Content::Unknown => return None,
    };
    told["live"] = frame.live.into();
    told["channel"] = frame.channel.into();
    Some(told)
}

#[test]
fn records_are_read_as_the_golden_frames_say_up_to_where_they_are_damaged() {
    let whole = golden(include_str!("../wire/records.json"));
    let damaged = golden(include_str!("../wire/damaged.json"));
    let is_damaged = [false, true].into_iter();
    for (cases, is_damaged) in [whole, damaged].into_iter().zip(is_damaged) {
        for case in cases {
            let message = hex(&case["hex"]);
            let read: Vec<_> = frames(&message).collect();
            let good = read.iter().flatten().filter_map(told).collect::<Vec<_>>();
            let mut expected = case["records"].clone();
            for record in expected.as_array_mut().unwrap() {
                record.as_object_mut().unwrap().remove("note");
            }
            assert_eq!(json!(good), expected, "{}", case["name"]);
            assert_eq!(
                read.iter().any(Result::is_err),
                is_damaged,
                "{}",
                case["name"]
            );
        }
    }
}

#[test]
fn writes_are_read_as_the_golden_frames_say() {
    for case in golden(include_str!("../wire/writes.json")) {
        let expected = Write {
            channel: case["channel"].as_u64().unwrap() as u16,
            id: case["id"].as_u64().unwrap() as u32,
            answer: case["answer"].as_bool().unwrap(),
            bytes: hex(&case["payload_hex"]).into(),
        };
        let message = Bytes::from(hex(&case["hex"]));
        assert_eq!(Write::parse(&message), Ok(expected), "{}", case["name"]);
        for length in 0..8 {
            assert!(Write::parse(&message.slice(..length)).is_err());
        }
    }
}

#[test]
fn every_question_of_a_client_is_understood() {
    let talk: Value = serde_json::from_str(include_str!("../wire/talk.json")).unwrap();
    for question in talk["client"].as_array().unwrap() {
        let ask: Ask = serde_json::from_value(question.clone())
            .unwrap_or_else(|error| panic!("{question}: {error}"));
        assert_eq!(ask.id.map(u64::from), question["id"].as_u64());
    }
}

#[test]
fn every_word_of_the_server_is_said_as_the_golden_talk_has_it() {
    let talk: Value = serde_json::from_str(include_str!("../wire/talk.json")).unwrap();
    for golden in talk["server"].as_array().unwrap() {
        assert_eq!(said(golden), *golden);
    }
}

/// The golden message, read into our words and said again.
fn said(golden: &Value) -> Value {
    let text = |field: &str| golden[field].as_str().unwrap_or_default();
    let number = |field: &str| golden[field].as_u64().unwrap_or_default();
    let id = golden.get("id").map(|id| id.as_u64().unwrap() as u32);
    let port = |value: &Value| serde_json::from_value::<Seen>(value.clone()).unwrap();
    let changed;
    let pages: Vec<Page>;
    let refusal;
    let panels: Vec<talk::Panel>;
    let alert: talk::Alert;
    let say = match text("type") {
        "hello" => Say::Hello {
            protocol: number("protocol") as u32,
            version: text("version"),
            boot: text("boot"),
            client: text("client"),
            name: text("name"),
            time: Time(number("time")),
            may: &Right::ALL,
            limits: Limits { ..LIMITS },
        },
        "ports" => Say::Ports {
            ports: golden["ports"]
                .as_array()
                .unwrap()
                .iter()
                .map(port)
                .collect(),
        },
        "port" => {
            changed = port(&golden["port"]);
            Say::Port { port: &changed }
        }
        "pages" => {
            pages = serde_json::from_value(golden["pages"].clone()).unwrap();
            Say::Pages { pages: &pages }
        }
        "ended" => Say::Ended {
            channel: number("channel") as u16,
        },
        "alert" => {
            alert = serde_json::from_value(golden.clone()).unwrap();
            Say::Alert(&alert)
        }
        "panels" => {
            panels = serde_json::from_value(golden["panels"].clone()).unwrap();
            Say::Panels { panels: &panels }
        }
        "port-gone" => Say::PortGone { name: text("name") },
        "subscribed" => Say::Subscribed {
            id,
            port: text("port"),
            channel: number("channel") as u16,
            journal: number("journal") as u32,
            from: Offset(number("from")),
            oldest: Offset(number("oldest")),
            head: Offset(number("head")),
        },
        "started" => Say::Started {
            id,
            run: number("run") as u32,
        },
        "written" => Say::Written {
            id,
            offset: Offset(number("offset")),
            length: number("length") as usize,
        },
        "done" => Say::Done {
            id,
            answer: Answer {
                actual: golden
                    .get("actual")
                    .map(|line| serde_json::from_value(line.clone()).unwrap()),
                entries: golden
                    .get("entries")
                    .map(|all| serde_json::from_value(all.clone()).unwrap()),
                doors: golden
                    .get("doors")
                    .map(|doors| serde_json::from_value(doors.clone()).unwrap()),
                offset: golden
                    .get("offset")
                    .filter(|_| golden.get("match").is_none())
                    .map(|offset| serde_json::from_value(offset.clone()).unwrap()),
                name: golden
                    .get("name")
                    .map(|name| name.as_str().unwrap().to_owned()),
                reply: golden
                    .get("match")
                    .map(|_| serde_json::from_value(golden.clone()).unwrap()),
            },
        },
        "error" => {
            let code: Code = serde_json::from_value(golden["code"].clone()).unwrap();
            let numbers = golden.as_object().unwrap().iter();
            let numbers = numbers.filter(|(name, value)| {
                *name != "id" && value.is_number()
                    || ["text", "step", "at", "holder"].contains(&name.as_str())
            });
            refusal = numbers.fold(
                Refusal::new(code, text("message")),
                |refusal, (name, value)| refusal.with(name, value.clone()),
            );
            Say::Error {
                id,
                refusal: &refusal,
            }
        }
        other => panic!("{other} is not known"),
    };
    serde_json::from_str(&say.to_text()).unwrap()
}
