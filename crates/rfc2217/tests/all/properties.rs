//! What holds for any bytes, cut anywhere.

use proptest::prelude::*;
use rfc2217_server::{
    Answer, Control, Event, MAX_SUBNEGOTIATION, Parity, Purge, Reply, Request, Server, StopSize,
    client, escape,
};

use crate::client::Client;

/// An event that owns its data, neighbouring data joined.
#[derive(Debug, PartialEq)]
enum Seen {
    Data(Vec<u8>),
    Break,
    Request(Request),
    Reply(Reply),
    Agreed,
}

fn see(server: &mut Server, mut input: &[u8], seen: &mut Vec<Seen>) {
    while let Some(event) = server.next(&mut input) {
        match event {
            Event::Data(data) => {
                assert!(!data.is_empty());
                match seen.last_mut() {
                    Some(Seen::Data(before)) => before.extend_from_slice(data),
                    _ => seen.push(Seen::Data(data.to_vec())),
                }
            }
            Event::Break => seen.push(Seen::Break),
            Event::Request(request) => seen.push(Seen::Request(request)),
            Event::Reply(reply) => seen.push(Seen::Reply(reply)),
            Event::Agreed => seen.push(Seen::Agreed),
        }
    }
    assert!(input.is_empty());
}

fn all(input: &[u8]) -> Vec<Seen> {
    let mut seen = Vec::new();
    see(&mut Server::new(), input, &mut seen);
    seen
}

/// Bytes among which those that mean something to telnet are frequent.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => Just(255_u8),
        3 => prop::sample::select(&[250_u8, 240, 251, 252, 253, 254, 243, 246][..]),
        2 => Just(44_u8),
        2 => prop::sample::select(&[b'\r', 0, b'\n'][..]),
        3 => 0..20_u8,
        1 => any::<u8>(),
    ];
    prop::collection::vec(byte, 0..600)
}

fn request() -> impl Strategy<Value = Request> {
    let code = prop_oneof![Just(0_u8), 5..=8_u8];
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..100).prop_map(Request::Signature),
        any::<u32>().prop_map(|baud| Request::Baud(Some(baud).filter(|baud| *baud > 0))),
        code.prop_map(|bits| Request::DataSize(Some(bits).filter(|bits| *bits > 0))),
        (0..=5_u8).prop_map(|code| Request::Parity(Parity::from_code(code))),
        (0..=3_u8).prop_map(|code| Request::StopSize(StopSize::from_code(code))),
        (0..=19_u8)
            .prop_map(|code| Request::Control(Control::from_code(code).expect("defined up to 19"))),
        any::<u8>().prop_map(Request::LineStateMask),
        any::<u8>().prop_map(Request::ModemStateMask),
        (1..=3_u8).prop_map(|code| Request::Purge(Purge::from_code(code).expect("defined"))),
        prop::sample::select(vec![
            Request::LineState,
            Request::ModemState,
            Request::Suspend,
            Request::Resume
        ]),
    ]
}

proptest! {
    #[test]
    fn any_cut_of_the_input_gives_the_same_events(
        input in hostile(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(input.len() + 1)).collect();
        cuts.extend([0, input.len()]);
        cuts.sort_unstable();
        let (mut server, mut seen) = (Server::new(), Vec::new());
        for pair in cuts.windows(2) {
            see(&mut server, &input[pair[0]..pair[1]], &mut seen);
        }
        prop_assert_eq!(seen, all(&input));
    }

    #[test]
    fn what_goes_out_is_bounded_by_what_came_in(input in hostile()) {
        let (mut data, mut replies) = (0, 0);
        for event in all(&input) {
            match event {
                Seen::Data(bytes) => data += bytes.len(),
                Seen::Reply(reply) => replies += reply.as_bytes().len(),
                _ => {}
            }
        }
        prop_assert!(data <= input.len());
        // The dearest is two bytes that ask whether anybody is there.
        prop_assert!(replies <= input.len() * 9 / 2 + 9);
    }

    #[test]
    fn escaped_data_comes_back_as_it_was(
        data in prop::collection::vec(prop_oneof![Just(255_u8), Just(13), Just(0), any::<u8>()], 0..300),
    ) {
        let mut sent = client::GREETING.to_vec();
        escape(&data, &mut sent);
        let mut got = Vec::new();
        for event in all(&sent) {
            if let Seen::Data(bytes) = event {
                got.extend(bytes);
            }
        }
        prop_assert_eq!(&got, &data);
        let (mut me, mut sent) = (Client::default(), Vec::new());
        escape(&data, &mut sent);
        me.take(&sent);
        prop_assert_eq!(&me.data, &data);
    }

    #[test]
    fn every_request_is_read_as_it_was_meant(requests in prop::collection::vec(request(), 0..20)) {
        let mut sent = Vec::new();
        requests.iter().for_each(|request| request.encode(&mut sent));
        let got: Vec<_> = all(&sent)
            .into_iter()
            .map(|seen| match seen {
                Seen::Request(request) => request,
                other => panic!("{other:?}"),
            })
            .collect();
        prop_assert_eq!(got, requests);
    }

    #[test]
    fn every_answer_is_read_as_it_was_meant(baud in any::<u32>(), byte in any::<u8>(), text in prop::collection::vec(any::<u8>(), 0..50)) {
        let mut answers = vec![
            Answer::Signature(text),
            Answer::Baud(baud),
            Answer::DataSize(byte),
            Answer::LineState(byte),
            Answer::ModemState(byte),
            Answer::Suspend,
            Answer::Resume,
            Answer::LineStateMask(byte),
            Answer::ModemStateMask(byte),
        ];
        answers.extend(Parity::from_code(byte % 8).map(Answer::Parity));
        answers.extend(StopSize::from_code(byte % 4).map(Answer::StopSize));
        answers.extend(Control::from_code(byte % 20).map(Answer::Control));
        answers.extend(Purge::from_code(byte % 4).map(Answer::Purge));
        let (mut me, mut sent) = (Client::default(), Vec::new());
        answers.iter().for_each(|answer| answer.encode(&mut sent));
        me.take(&sent);
        prop_assert_eq!(me.answers, answers);
    }
}

#[test]
fn an_endless_subnegotiation_is_skipped_and_what_follows_is_read() {
    for (length, read) in [
        (MAX_SUBNEGOTIATION - 2, true),
        (MAX_SUBNEGOTIATION - 1, false),
        (1 << 20, false),
    ] {
        let mut input = vec![255, 250, 44, 0];
        input.extend(std::iter::repeat_n(b'x', length));
        input.extend([255, 240]);
        input.extend(b"data");
        let seen = all(&input);
        assert_eq!(seen.len(), 1 + usize::from(read), "{length}");
        assert_eq!(seen.last(), Some(&Seen::Data(b"data".to_vec())));
    }
}

#[test]
fn a_torn_subnegotiation_gives_way_to_the_command_that_tears_it() {
    let torn = [255, 250, 44, 1, 0, 255, 243, b'a'];
    assert_eq!(all(&torn), [Seen::Break, Seen::Data(b"a".to_vec())]);
}

#[test]
fn enter_of_a_telnet_user_is_a_carriage_return_and_a_program_means_its_nul() {
    let typed = [b'a', 13, 0, b'b', 13, 10, 13, 0];
    assert_eq!(all(&typed), [Seen::Data(b"a\rb\r\n\r".to_vec())]);
    let mut program = vec![255, 251, 0];
    program.extend(typed);
    assert_eq!(all(&program), [Seen::Data(typed.to_vec())]);
    let mut program = vec![255, 251, 44];
    program.extend(typed);
    assert_eq!(all(&program), [Seen::Agreed, Seen::Data(typed.to_vec())]);
}

#[test]
fn what_the_option_does_not_define_is_skipped_or_a_question() {
    let undefined = [
        &[99, 1][..],
        &[1, 0, 0][..],
        &[5][..],
        &[5, 20][..],
        &[12, 4][..],
        &[],
    ];
    for payload in undefined {
        let input = [&[255, 250, 44][..], payload, &[255, 240]].concat();
        assert_eq!(all(&input), [], "{payload:?}");
    }
    let nine_bits = [255, 250, 44, 2, 9, 255, 240];
    assert_eq!(all(&nine_bits), [Seen::Request(Request::DataSize(None))]);
    // Another option's subnegotiation.
    assert_eq!(all(&[255, 250, 31, 0, 80, 0, 24, 255, 240]), []);
}

#[test]
fn somebody_is_there() {
    let seen = all(&[255, 246, 255, 241]);
    let [Seen::Reply(reply)] = &seen[..] else {
        panic!("{seen:?}");
    };
    assert_eq!(reply.as_bytes(), b"\r\n[yes]\r\n");
}
