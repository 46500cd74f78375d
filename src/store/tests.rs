//! What holds of a recording as a whole, whatever is written, and however the program ends.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::record::{Gap, Kind, Offset, Time, Why};
use crate::span::{Entry, Span};

const PORT: &str = "dev";

/// A record without a place.
type Given = (Kind, Option<&'static str>, Vec<u8>, u64);

/// What happens to a recording.
#[derive(Clone, Debug)]
enum Deed {
    /// Records are written in one commit.
    Batch(Vec<Given>),
    /// They are not committed any more.
    Crash(Vec<Given>),
    Restart,
}

fn records() -> impl Strategy<Value = Vec<Given>> {
    let kind = prop_oneof![
        4 => Just((Kind::Rx, None)),
        1 => Just((Kind::Tx, Some("anna"))),
        1 => Just((Kind::Tx, Some("bert"))),
        1 => Just((Kind::Note, None)),
    ];
    let bytes = prop_oneof![
        8 => prop::collection::vec(any::<u8>(), 1..50),
        2 => prop::collection::vec(any::<u8>(), 1..5000),
        1 => prop::collection::vec(any::<u8>(), 60_000..64_000),
    ];
    let record = (kind, bytes, 0..1_u64 << 50);
    let record = record.prop_map(|((kind, author), bytes, time)| (kind, author, bytes, time));
    prop::collection::vec(record, 1..12)
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        6 => records().prop_map(Deed::Batch),
        1 => records().prop_map(Deed::Crash),
        1 => Just(Deed::Restart),
    ];
    prop::collection::vec(deed, 1..15)
}

/// Records in their places.
fn span(from: Offset, given: &[Given]) -> Span {
    let (mut span, mut offset) = (Span::default(), from);
    for (kind, author, bytes, time) in given {
        let entry = Entry {
            offset,
            time: Time(*time),
            length: bytes.len(),
            kind: *kind,
            author: author.map(Arc::from),
        };
        span.push(entry, bytes);
        offset = offset.plus(bytes.len());
    }
    span
}

/// A byte in its place, with what is known of it.
type Known = (Offset, Kind, Option<String>, Time, u8);

fn known(span: &Span) -> Vec<Known> {
    let mut all = Vec::new();
    for record in span.records() {
        let author = record.author.map(str::to_owned);
        for (place, byte) in record.bytes.iter().enumerate() {
            let offset = record.offset.plus(place);
            all.push((offset, record.kind, author.clone(), record.time, *byte));
        }
    }
    all
}

fn open(folder: &Path) -> Arc<Recording> {
    Arc::new(Recording::open(folder, PORT, Records::All))
}

/// The more, the larger the segments.
fn keep(bytes: u64) -> Keep {
    Keep {
        bytes,
        age: None,
        ports: BTreeMap::new(),
    }
}

fn writer(recording: &Arc<Recording>) -> Writer {
    Writer::new(Arc::clone(recording), Durability::Normal, &keep(1 << 20))
}

/// Reads all from an offset on, in pages of about `most` bytes.
fn read(recording: &Recording, mut from: Offset, most: usize) -> (Vec<Known>, Vec<Gap>) {
    let (mut all, mut gaps, mut page) = (Vec::new(), Vec::new(), Span::default());
    loop {
        match recording.page(from, most, &mut page) {
            Found::End => return (all, gaps),
            Found::Hole(gap) => {
                assert!(gap.from == from && gap.to > from, "{gap} at {from}");
                gaps.push(gap);
                from = gap.to;
            }
            Found::Records => {
                let end = page.end().unwrap();
                assert!(page.start().unwrap() <= from && end > from);
                all.extend(known(&page).into_iter().filter(|known| known.0 >= from));
                from = end;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn whatever_was_committed_reads_back_and_nothing_else(
        deeds in deeds(),
        from in any::<Index>(),
        most in prop_oneof![1..100_usize, 1..300_000_usize],
    ) {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join(PORT);
        let (mut all, mut gaps) = (Vec::new(), Vec::new());
        let mut recording = open(&folder);
        let (mut journal, mut writing, mut head) = (None, writer(&recording), Offset(0));
        for deed in &deeds {
            match deed {
                Deed::Batch(given) => {
                    let span = span(head, given);
                    writing.begin(head, span.end().unwrap()).unwrap();
                    writing.put(&span).unwrap();
                    head = span.end().unwrap();
                    writing.commit(head).unwrap();
                    all.extend(known(&span));
                }
                Deed::Crash(given) => {
                    let span = span(head, given);
                    writing.begin(head, span.end().unwrap()).unwrap();
                    writing.put(&span).unwrap();
                    drop((writing, recording));
                    recording = open(&folder);
                    let to = recording.resume();
                    prop_assert!(to >= span.end().unwrap(), "{to}");
                    gaps.push(Gap { from: head, to, why: Why::Crash });
                    (writing, head) = (writer(&recording), to);
                }
                Deed::Restart => {
                    writing.close(head);
                    // Its lock goes with it.
                    drop(recording);
                    recording = open(&folder);
                    prop_assert_eq!(recording.resume(), head);
                    writing = writer(&recording);
                }
            }
            // Where nothing was ever recorded, there is nothing to remember.
            if !matches!(deed, Deed::Restart) || journal.is_some() {
                let known = *journal.get_or_insert(recording.journal());
                prop_assert_eq!(recording.journal(), known);
            }
        }
        let ((got, told), before) = (read(&recording, Offset(0), most), all.len());
        prop_assert!(got == all, "{} bytes of {before}", got.len());
        // Where one crash follows the other, nothing lies between.
        gaps.dedup_by(|next, gap| gap.to == next.from && { gap.to = next.to; true });
        let mut joined = told.clone();
        joined.dedup_by(|next, gap| gap.to == next.from && { gap.to = next.to; true });
        prop_assert_eq!(joined, gaps);
        if !all.is_empty() {
            let place = from.index(all.len());
            let (got, _) = read(&recording, all[place].0, most);
            prop_assert!(got == all[place..]);
        }
        let (got, _) = read(&Recording::look(&folder, PORT).unwrap(), Offset(0), most);
        prop_assert!(got == all, "one who only reads");
    }
}

/// A recording of one segment, well closed, and what is in it.
fn written(folder: &Path, bytes: usize) -> Vec<Known> {
    let recording = open(folder);
    let mut writer = Writer::new(Arc::clone(&recording), Durability::Normal, &keep(1 << 40));
    let given: Vec<Given> = (0..bytes / 100)
        .map(|n| (Kind::Rx, None, vec![n as u8; 100], n as u64))
        .collect();
    let span = span(Offset(0), &given);
    let end = span.end().unwrap();
    writer.begin(Offset(0), end).unwrap();
    writer.put(&span).unwrap();
    writer.commit(end).unwrap();
    writer.close(end);
    known(&span)
}

const PAGE: u64 = 4096;

/// What becomes of pages: nothing of one is left, or one bit is not what it was.
fn damages() -> [fn(&mut [u8]); 2] {
    [
        |page| page.fill(0xA5),
        |page| page[PAGE as usize / 2] ^= 0x10,
    ]
}

#[test]
fn a_damaged_page_costs_what_stood_on_it_and_recording_goes_on() {
    let sound = tempfile::tempdir().unwrap();
    let all = written(sound.path(), 600_000);
    let file = sound.path().join(recording::file_name(Offset(0)));
    let pages = fs::metadata(&file).unwrap().len() / PAGE;
    let mut dear = 0;
    let places = || (1..pages).step_by(11).chain([pages - 1]);
    for (page, damage) in places().flat_map(|page| damages().map(|damage| (page, damage))) {
        let damaged = tempfile::tempdir().unwrap();
        let copy = damaged.path().join(file.file_name().unwrap());
        let mut bytes = fs::read(&file).unwrap();
        damage(&mut bytes[(page * PAGE) as usize..][..PAGE as usize]);
        fs::write(&copy, bytes).unwrap();
        fs::copy(sound.path().join("head"), damaged.path().join("head")).unwrap();
        let recording = open(damaged.path());
        let (got, gaps) = read(&recording, Offset(0), 256 << 10);
        let mut wanted = all.iter();
        let is_in_order = got.iter().all(|known| wanted.any(|wanted| wanted == known));
        assert!(is_in_order, "page {page}: bytes that never were");
        let missing: u64 = gaps.iter().map(|gap| gap.to.since(gap.from)).sum();
        // At the end there may be nothing to say that something is missing.
        let lost = all.len() - got.len();
        assert!(missing <= lost as u64, "page {page}: {missing} of {lost}");
        // A row is four pages.
        dear += usize::from(lost > 4 * PAGE as usize);

        let mut writer = Writer::new(Arc::clone(&recording), Durability::Normal, &keep(1 << 40));
        let next = recording.resume();
        let more = span(next, &[(Kind::Rx, None, b"more".to_vec(), 1)]);
        let end = more.end().unwrap();
        let batch = |writer: &mut Writer| {
            writer.begin(next, end)?;
            writer.put(&more)?;
            writer.commit(end)
        };
        if let Err(error) = batch(&mut writer) {
            writer.give_up(&error);
            batch(&mut writer).unwrap_or_else(|error| panic!("page {page}: {error}"));
        }
        assert_eq!(read(&recording, next, 100).0, known(&more), "page {page}");
    }
    assert!(dear <= 3, "{dear} pages cost more than themselves");
}

#[test]
fn a_file_that_is_cut_off_gives_what_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let all = written(folder.path(), 600_000);
    let file = folder.path().join(recording::file_name(Offset(0)));
    let file = fs::OpenOptions::new().write(true).open(file).unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len(length / 2 / PAGE * PAGE).unwrap();
    let recording = open(folder.path());
    let (got, _) = read(&recording, Offset(0), 256 << 10);
    assert!(got.len() > 200_000, "{} bytes", got.len());
    assert!(got == all[..got.len()]);
    assert!(recording.resume() >= Offset(all.len() as u64));
}

#[test]
fn a_strange_file_of_the_name_that_would_be_ours_is_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    let strange = folder.path().join(recording::file_name(Offset(0)));
    for contents in [&b""[..], b"SQLite format 3\0 but not really", &[7; 9000]] {
        fs::write(&strange, contents).unwrap();
        let recording = open(folder.path());
        let (next, mut writer) = (recording.resume(), writer(&recording));
        let more = span(next, &[(Kind::Rx, None, b"more".to_vec(), 1)]);
        writer.begin(next, more.end().unwrap()).unwrap();
        writer.put(&more).unwrap();
        writer.commit(more.end().unwrap()).unwrap();
        writer.close(more.end().unwrap());
        assert_eq!(read(&recording, next, 100).0, known(&more));
        assert_eq!(fs::read(&strange).unwrap(), contents);
    }
}

#[test]
fn what_is_left_out_at_the_end_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let recording = Arc::new(Recording::open(folder.path(), PORT, Records::Rx));
    let mut writer = writer(&recording);
    let span = span(
        Offset(0),
        &[
            (Kind::Rx, None, b"login: ".to_vec(), 1),
            (Kind::Tx, Some("anna"), b"secret".to_vec(), 2),
        ],
    );
    writer.begin(Offset(0), Offset(13)).unwrap();
    writer.put(&span).unwrap();
    writer.commit(Offset(13)).unwrap();
    let gap = Gap {
        from: Offset(7),
        to: Offset(13),
        why: Why::Withheld,
    };
    assert_eq!(read(&recording, Offset(0), 100).1, [gap]);
}
