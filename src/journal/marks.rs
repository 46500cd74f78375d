//! Marks: the moments that somebody pinned a text to, listed so that nobody has to look for them
//! through the whole journal.

use std::collections::VecDeque;

use serde::Serialize;
use utoipa::ToSchema;

use crate::record::{Note, Offset, Time, What};

/// A text that somebody pinned to a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Mark {
    /// Where its Note stands.
    pub offset: Offset,
    /// The moment that it is pinned to.
    pub at: Offset,
    /// That moment's time.
    pub time: Time,
    /// What it says.
    pub text: String,
    /// Who made it.
    pub by: Option<String>,
}

/// The newest marks of a journal, in the order in which they were made.
#[derive(Default)]
pub(super) struct Marks(VecDeque<Mark>);

impl Marks {
    /// So many are listed.
    pub(super) const KEPT: usize = 1000;

    /// Adds what this Note marks, if it is a mark. Notes may come in any order: those that are
    /// read from a disk come late.
    pub(super) fn add(&mut self, offset: Offset, time: Time, note: &Note) {
        if note.what != What::Mark {
            return;
        }
        let place = self.0.partition_point(|mark| mark.offset < offset);
        if self.0.get(place).is_some_and(|mark| mark.offset == offset) {
            return;
        }
        let mark = Mark {
            offset,
            at: note.at.unwrap_or(offset),
            time: note.time.unwrap_or(time),
            text: note.text.clone(),
            by: note.by.clone(),
        };
        self.0.insert(place, mark);
        if self.0.len() > Self::KEPT {
            self.0.pop_front();
        }
    }

    /// Those whose Notes stand at `oldest` or behind it.
    pub(super) fn since(&self, oldest: Offset) -> Vec<Mark> {
        let gone = self.0.partition_point(|mark| mark.offset < oldest);
        self.0.range(gone..).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(what: What, at: Option<u64>, time: Option<u64>) -> Note {
        Note {
            by: Some("anna".to_owned()),
            at: at.map(Offset),
            time: time.map(Time),
            ..Note::new(what, "here")
        }
    }

    fn offsets(all: &[Mark]) -> Vec<u64> {
        all.iter().map(|mark| mark.offset.0).collect()
    }

    #[test]
    fn a_mark_is_pinned_to_its_own_place_if_it_names_none() {
        let mut marks = Marks::default();
        marks.add(Offset(50), Time(5), &note(What::Mark, None, None));
        marks.add(Offset(60), Time(6), &note(What::Mark, Some(10), Some(1)));
        let all = marks.since(Offset(0));
        let places = all
            .iter()
            .map(|mark| (mark.offset.0, mark.at.0, mark.time.0));
        assert_eq!(places.collect::<Vec<_>>(), [(50, 50, 5), (60, 10, 1)]);
        assert_eq!(
            serde_json::to_value(&all[1]).unwrap(),
            serde_json::json!({"offset": 60, "at": 10, "time": 1, "text": "here", "by": "anna"})
        );
    }

    #[test]
    fn only_marks_are_listed_each_once_in_order_whenever_they_come() {
        let mut marks = Marks::default();
        for offset in [70, 20, 50, 20, 60] {
            marks.add(Offset(offset), Time(1), &note(What::Mark, None, None));
        }
        marks.add(Offset(55), Time(1), &note(What::Break, None, None));
        assert_eq!(offsets(&marks.since(Offset(0))), [20, 50, 60, 70]);
    }

    #[test]
    fn the_newest_are_kept_as_long_as_their_notes_are() {
        let mut marks = Marks::default();
        for offset in (0..1500).rev() {
            marks.add(Offset(offset), Time(1), &note(What::Mark, None, None));
        }
        let newest: Vec<_> = (500..1500).collect();
        assert_eq!(offsets(&marks.since(Offset(0))), newest);
        assert_eq!(offsets(&marks.since(Offset(1498))), [1498, 1499]);
    }
}
