//! Searches over journals that were made up, held against what a simple look at everything finds.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::journal::Step;
use crate::record::{Gap, Note, What, Why};
use crate::span::{Entry, Span};

/// A journal that was made up, with gaps.
#[derive(Clone, Debug, Default)]
struct Past {
    entries: Vec<Entry>,
    bytes: BTreeMap<Offset, Vec<u8>>,
    gaps: Vec<Gap>,
    head: Offset,
}

/// Bytes that belong together, and where each stands.
struct Thread {
    kind: Kind,
    author: Option<Arc<str>>,
    bytes: Vec<u8>,
    offsets: Vec<Offset>,
    ended: bool,
}

impl Past {
    fn add(&mut self, kind: Kind, author: Option<&str>, bytes: &[u8]) {
        self.entries.push(Entry {
            offset: self.head,
            time: Time(1000 + self.head.0),
            length: bytes.len(),
            kind,
            author: author.map(Into::into),
        });
        self.bytes.insert(self.head, bytes.to_vec());
        self.head = self.head.plus(bytes.len());
    }

    fn note(&mut self, text: &str) {
        let note = Note {
            by: Some("anna".to_owned()),
            ..Note::new(What::Mark, text)
        };
        self.add(Kind::Note, None, &serde_json::to_vec(&note).unwrap());
    }

    fn lose(&mut self, bytes: usize, why: Why) {
        let (from, to) = (self.head, self.head.plus(bytes));
        self.gaps.push(Gap { from, to, why });
        self.head = to;
    }

    fn read(&self, from: Offset, limit: usize, span: &mut Span) -> Option<Step> {
        if let Some(gap) = self
            .gaps
            .iter()
            .find(|gap| gap.from <= from && from < gap.to)
        {
            return Some(Step::Gap(Gap { from, ..*gap }));
        }
        let next = self.gaps.iter().map(|gap| gap.from).find(|gap| *gap > from);
        let entries = self.entries.iter().filter(|entry| entry.end() > from);
        let entries = entries.take_while(|entry| next.is_none_or(|next| entry.offset < next));
        let copy = |offset: Offset, length, into: &mut Vec<u8>| {
            let (start, bytes) = self.bytes.range(..=offset).next_back().unwrap();
            into.extend_from_slice(&bytes[offset.since(*start) as usize..][..length]);
        };
        span.fill(entries, copy, from, limit, |_, _| 0);
        (!span.is_empty()).then_some(Step::Span)
    }

    fn sweep<'a>(&'a self, port: &str, query: &'a Query, sizes: Sizes) -> Sweep<'a> {
        let read = |from, limit, span: &mut _| self.read(from, limit, span);
        Sweep::new(
            port.to_owned(),
            Box::new(read),
            query,
            Offset(0)..self.head,
            sizes,
        )
    }

    /// The bytes that belong together, and each Note's text.
    fn threads(&self) -> Vec<Thread> {
        let mut threads: Vec<Thread> = Vec::new();
        let mut gaps = self.gaps.iter().peekable();
        for entry in &self.entries {
            while let Some(gap) = gaps.next_if(|gap| gap.from <= entry.offset) {
                for thread in &mut threads {
                    thread.ended |= gap.why != Why::Withheld || thread.kind == Kind::Tx;
                }
            }
            let mut bytes = self.bytes[&entry.offset].clone();
            let mut offsets: Vec<_> = (entry.offset.0..entry.end().0).map(Offset).collect();
            if entry.kind == Kind::Note {
                let note: Note = serde_json::from_slice(&bytes).unwrap();
                bytes = note.text.into();
                offsets = vec![entry.offset; bytes.len()];
            }
            let goes_on = |thread: &&mut Thread| {
                thread.kind == entry.kind && thread.author == entry.author && !thread.ended
            };
            if let Some(thread) = threads.iter_mut().find(goes_on) {
                thread.bytes.append(&mut bytes);
                thread.offsets.append(&mut offsets);
            } else {
                threads.push(Thread {
                    kind: entry.kind,
                    author: entry.author.clone(),
                    bytes,
                    offsets,
                    ended: entry.kind == Kind::Note,
                });
            }
        }
        threads
    }

    /// Where a simple look at everything finds something, oldest first.
    fn naive(&self, query: &Query) -> Vec<Offset> {
        let mut found = Vec::new();
        for thread in self.threads() {
            let mut at = 0;
            while query.kinds.contains(thread.kind)
                && at <= thread.bytes.len()
                && let Some(range) = query.pattern.find(&thread.bytes, at)
            {
                at = range.end.max(range.start + 1);
                if !range.is_empty() {
                    found.push(thread.offsets[range.start]);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn query(pattern: Pattern, kinds: &[Kind], order: Order) -> Query {
    Query {
        pattern,
        kinds: kinds.into(),
        order,
        limit: 10_000,
        context: 0,
    }
}

/// Everything that is told; the last as a number of matches and where it goes on.
fn told(query: &Query, sweeps: Vec<Sweep<'_>>) -> (Vec<Match>, Option<More>) {
    let (mut found, mut end) = (Vec::new(), None);
    let done = merge(query, sweeps.into_iter(), |event| {
        match event {
            Event::Match(one) => found.push(one),
            Event::Progress { searched, of } => assert!(searched <= of),
            Event::End { matches, more } => end = Some((matches, more)),
        }
        ControlFlow::Continue(())
    });
    assert!(done.is_continue());
    let (matches, more) = end.expect("an end");
    assert_eq!(matches, found.len());
    (found, more)
}

#[derive(Clone, Debug)]
enum Act {
    Rx(Vec<u8>),
    Tx(bool, Vec<u8>),
    Note(String),
    Gap(usize, Why),
}

fn act() -> impl Strategy<Value = Act> {
    let some = |least| {
        let letters = prop::sample::select(b"aab\r\n\n".to_vec());
        prop::collection::vec(letters, least..9)
    };
    let why = prop::sample::select(vec![Why::Dropped, Why::Withheld, Why::Crash]);
    prop_oneof![
        8 => some(1).prop_map(Act::Rx),
        4 => (any::<bool>(), some(1)).prop_map(|(who, bytes)| Act::Tx(who, bytes)),
        1 => "[ab]{0,4}".prop_map(Act::Note),
        1 => (1..40usize, why).prop_map(|(bytes, why)| Act::Gap(bytes, why)),
    ]
}

fn past(acts: &[Act]) -> Past {
    let mut past = Past::default();
    for act in acts {
        match act {
            Act::Rx(bytes) => past.add(Kind::Rx, None, bytes),
            Act::Tx(true, bytes) => past.add(Kind::Tx, Some("anna"), bytes),
            Act::Tx(false, bytes) => past.add(Kind::Tx, Some("bob"), bytes),
            Act::Note(text) => past.note(text),
            Act::Gap(bytes, why) => past.lose(*bytes, *why),
        }
    }
    past
}

proptest! {
    #[test]
    fn a_search_finds_what_a_look_at_everything_finds_whatever_the_windows_are(
        acts in prop::collection::vec(act(), 1..60),
        expression in prop::sample::select(vec![
            "a", "ab", "aa", "b", "a+", "a*", "^a", "b$", "[ab]+", "^.*$", r"\bab?\b", "a\nb", "a|",
        ]),
        kinds in prop::sample::subsequence(vec![Kind::Rx, Kind::Tx, Kind::Note], 1..=3),
        (window, newest, limit) in (1..60u64, any::<bool>(), 1..9usize),
    ) {
        let past = past(&acts);
        let order = if newest { Order::Newest } else { Order::Oldest };
        let pattern = Pattern::regex(expression, false).unwrap();
        let mut query = query(pattern, &kinds, order);
        let mut expected = past.naive(&query);
        if newest {
            expected.reverse();
        }
        // Everything lies within reach of every window: what is found must be the same to the byte.
        let sizes = Sizes { window, around: 4000 };
        let (found, more) = told(&query, vec![past.sweep("one", &query, sizes)]);
        let offsets: Vec<_> = found.iter().map(|found| found.offset).collect();
        prop_assert_eq!(&offsets, &expected);
        prop_assert_eq!(more, None);

        // The same page by page.
        query.limit = limit;
        let (mut pages, mut left) = (Vec::new(), Offset(0)..past.head);
        loop {
            let read = |from, limit, span: &mut _| past.read(from, limit, span);
            let sweep = Sweep::new("one".into(), Box::new(read), &query, left.clone(), sizes);
            let (found, more) = told(&query, vec![sweep]);
            prop_assert!(found.len() <= limit);
            pages.extend(found.iter().map(|found| found.offset));
            match (more, order) {
                (None, _) => break,
                (Some(More(places)), Order::Newest) => left.end = places[0].1,
                (Some(More(places)), Order::Oldest) => left.start = places[0].1,
            }
        }
        prop_assert_eq!(pages, expected);
    }

    #[test]
    fn with_little_around_a_window_short_lines_are_found_all_the_same(
        lines in prop::collection::vec(("[ab]{0,12}", 1..5usize), 1..40),
        (window, newest) in (1..60u64, any::<bool>()),
    ) {
        let mut past = Past::default();
        for (line, cut) in &lines {
            for piece in format!("{line}\r\n").as_bytes().chunks(*cut) {
                past.add(Kind::Rx, None, piece);
                past.add(Kind::Tx, None, b"x");
            }
        }
        let order = if newest { Order::Newest } else { Order::Oldest };
        let query = query(Pattern::regex("[ab]+|a+b", true).unwrap(), &[Kind::Rx], order);
        let mut expected = past.naive(&query);
        if newest {
            expected.reverse();
        }
        // A line of 14 bytes with as many typed ones between them.
        let sizes = Sizes { window, around: 2 * 28 };
        let (found, _) = told(&query, vec![past.sweep("one", &query, sizes)]);
        let offsets: Vec<_> = found.iter().map(|found| found.offset).collect();
        prop_assert_eq!(offsets, expected);
    }
}

#[test]
fn a_match_is_shown_in_its_line_with_those_around_it() {
    let mut past = Past::default();
    past.add(Kind::Rx, None, b"first\r\n\x1b[31msec");
    past.add(Kind::Tx, Some("anna"), b"reboot\r");
    past.add(Kind::Rx, None, b"ond\x1b[0m line\r\n\r\nthird\r\nfo");
    let mut query = query(
        Pattern::text("COND L", false).unwrap(),
        &[Kind::Rx],
        Order::Newest,
    );
    query.context = 2;
    let (found, _) = told(&query, vec![past.sweep("dev", &query, Sizes::DEFAULT)]);
    assert_eq!(
        found,
        [],
        "an escape sequence stands between the characters"
    );
    query.pattern = Pattern::text("COND", false).unwrap();
    let (found, _) = told(&query, vec![past.sweep("dev", &query, Sizes::DEFAULT)]);
    let text = |text: &str| text.to_owned();
    let expected = Match {
        port: text("dev"),
        kind: Kind::Rx,
        offset: Offset(14),
        length: 1 + 7 + 3,
        time: Time(1000),
        author: None,
        line: Offset(7),
        text: text("second line"),
        start: 2,
        end: 6,
        before: vec![text("first")],
        after: vec![text(""), text("third")],
    };
    assert_eq!(found, [expected]);
}

#[test]
fn what_is_shown_of_a_long_line_is_short_and_says_where_it_begins() {
    let mut past = Past::default();
    let long = "ä".repeat(10_000);
    past.add(Kind::Rx, None, format!("{long}needle{long}").as_bytes());
    let query = query(
        Pattern::regex("needle.*", false).unwrap(),
        &[Kind::Rx],
        Order::Oldest,
    );
    let (found, _) = told(&query, vec![past.sweep("dev", &query, Sizes::DEFAULT)]);
    let found = &found[0];
    assert_eq!(
        (found.line, found.start, found.end),
        (Offset(20_000 - 4096), 2048, 2048 + 6 + 2045)
    );
    assert_eq!(found.text.chars().count(), found.end);
    assert_eq!(found.length, 20_006);
}

#[test]
fn notes_and_typed_lines_say_who_it_was() {
    let mut past = Past::default();
    past.note("the fan began to rattle, rattle");
    past.add(Kind::Tx, Some("bob"), b"rat");
    past.add(Kind::Tx, Some("anna"), b"rattle");
    past.add(Kind::Tx, Some("bob"), b"tle");
    let query = query(
        Pattern::text("rattle", false).unwrap(),
        &[Kind::Tx, Kind::Note],
        Order::Oldest,
    );
    let (found, _) = told(&query, vec![past.sweep("dev", &query, Sizes::DEFAULT)]);
    let shown: Vec<_> = found
        .iter()
        .map(|found| {
            (
                found.author.as_deref().unwrap(),
                found.text.as_str(),
                found.start,
            )
        })
        .collect();
    let expected = [
        ("anna", "the fan began to rattle, rattle", 17),
        ("bob", "rattle", 0),
        ("anna", "rattle", 0),
    ];
    assert_eq!(shown, expected);
    assert_eq!(found[0].length, found[1].offset.0, "a Note is named whole");
}

#[test]
fn several_ports_come_in_the_order_of_time_and_go_on_where_they_stopped() {
    let mut pasts = [Past::default(), Past::default()];
    for number in 0..500 {
        // Offsets are times here; what lies between belongs to the other port.
        let past = &mut pasts[number % 2];
        past.lose(number * 20 - past.head.0 as usize, Why::Crash);
        past.add(Kind::Rx, None, b"tick\n");
    }
    for order in [Order::Newest, Order::Oldest] {
        let mut query = query(Pattern::text("tick", true).unwrap(), &[Kind::Rx], order);
        query.limit = 30;
        let sizes = Sizes {
            window: 64,
            around: 32,
        };
        let mut times = Vec::new();
        let mut places = More(vec![
            (
                "a".to_owned(),
                if order == Order::Newest {
                    pasts[0].head
                } else {
                    Offset(0)
                },
            ),
            (
                "b".to_owned(),
                if order == Order::Newest {
                    pasts[1].head
                } else {
                    Offset(0)
                },
            ),
        ]);
        loop {
            let sweeps = places.0.iter().map(|(port, place)| {
                let past = &pasts[usize::from(port == "b")];
                let stretch = match order {
                    Order::Newest => Offset(0)..*place,
                    Order::Oldest => *place..past.head,
                };
                let read = |from, limit, span: &mut _| past.read(from, limit, span);
                Sweep::new(port.clone(), Box::new(read), &query, stretch, sizes)
            });
            let (found, more) = told(&query, sweeps.collect());
            times.extend(found.iter().map(|found| found.time));
            let Some(more) = more else { break };
            places = more;
        }
        let mut sorted = times.clone();
        sorted.sort_unstable();
        if order == Order::Newest {
            sorted.reverse();
        }
        assert_eq!(times.len(), 500);
        assert_eq!(times, sorted);
    }
}

#[test]
fn whoever_has_enough_is_told_no_more() {
    let mut past = Past::default();
    past.add(Kind::Rx, None, &b"x\n".repeat(100));
    let query = query(
        Pattern::text("x", true).unwrap(),
        &[Kind::Rx],
        Order::Newest,
    );
    let mut count = 0;
    let done = merge(
        &query,
        [past.sweep("dev", &query, Sizes::DEFAULT)].into_iter(),
        |event| {
            count += usize::from(matches!(event, Event::Match(_)));
            if count == 3 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        },
    );
    assert!(done.is_break());
    assert_eq!(count, 3);
}

#[test]
fn an_expression_that_takes_long_for_each_match_can_be_stopped() {
    let mut past = Past::default();
    past.add(Kind::Rx, None, &b"x".repeat(1 << 20));
    let pattern = Pattern::regex("(?s).*y|x", true).unwrap();
    let query = query(pattern, &[Kind::Rx], Order::Newest);
    let mut asked = 0;
    let sweeps = [past.sweep("dev", &query, Sizes::DEFAULT)].into_iter();
    let done = merge(&query, sweeps, |_| {
        asked += 1;
        if asked == 3 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert!(done.is_break());
}

#[test]
fn the_journal_itself_is_searched_as_far_back_as_it_is_kept() {
    let journal = Journal::new(Journal::MIN_CAPACITY);
    for number in 0..50_000 {
        journal.append(
            Kind::Rx,
            Time(number),
            None,
            format!("line {number}\r\n").as_bytes(),
        );
    }
    let oldest = journal.reach().oldest;
    let stretch = |from, to| Stretch {
        port: "dev".to_owned(),
        journal: Arc::clone(&journal),
        from,
        to,
    };
    let mut query = query(
        Pattern::regex(r"^line \d+$", true).unwrap(),
        &[Kind::Rx],
        Order::Oldest,
    );
    let all = |query: &Query, from, to| {
        let mut found = Vec::new();
        let done = search(query, vec![stretch(from, to)], |event| {
            if let Event::Match(one) = event {
                found.push(one);
            }
            ControlFlow::Continue(())
        });
        assert!(done.is_continue());
        found
    };
    let found = all(&query, Offset(0), journal.reach().head);
    assert!(found[0].offset.since(oldest) < 20, "{:?}", found[0]);
    assert!(found.len() > 1000);
    query.order = Order::Newest;
    let found = all(&query, Offset(0), found[9].offset);
    assert_eq!(found.len(), 9);
}

#[test]
fn a_long_gap_is_gone_through_in_few_steps() {
    let mut past = Past::default();
    past.add(Kind::Rx, None, b"needle");
    past.lose(1 << 50, Why::Crash);
    past.add(Kind::Rx, None, b"needle");
    for order in [Order::Newest, Order::Oldest] {
        let query = query(Pattern::text("needle", true).unwrap(), &[Kind::Rx], order);
        let reads = std::cell::Cell::new(0);
        let read = |from, limit, span: &mut _| {
            reads.set(reads.get() + 1);
            past.read(from, limit, span)
        };
        let stretch = Offset(0)..past.head;
        let sweep = Sweep::new(
            "dev".into(),
            Box::new(read),
            &query,
            stretch,
            Sizes::DEFAULT,
        );
        assert_eq!(told(&query, vec![sweep]).0.len(), 2);
        assert!(reads.get() < 500, "{}", reads.get());
    }
}
