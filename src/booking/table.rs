//! The table: all bookings that have not ended. No two of one port overlap.

use serde::{Deserialize, Serialize};

use crate::record::Time;
use crate::state::Booked;

/// Ports that are somebody's from one time until another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// The ports.
    pub ports: Vec<String>,
    /// The account that it was made with, which may change it; none where nobody was asked for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What their states say of it.
    #[serde(flatten)]
    pub booked: Booked,
}

impl Booking {
    fn overlaps(&self, from: Time, until: Time) -> bool {
        self.booked.from < until && from < self.booked.until
    }

    fn is_of(&self, port: &str) -> bool {
        self.ports.iter().any(|own| own == port)
    }
}

/// Ports of which so many are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Those that will do, the first choice first.
    pub ports: Vec<String>,
    /// How many of them: 1 at least.
    pub count: usize,
}

/// All bookings that have not ended, in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The number of the newest, which none gets again.
    last: u64,
    bookings: Vec<Booking>,
}

impl Table {
    /// All of them.
    pub fn all(&self) -> &[Booking] {
        &self.bookings
    }

    /// The one of this number.
    pub fn get(&self, id: u64) -> Option<&Booking> {
        self.bookings.iter().find(|known| known.booked.id == id)
    }

    /// The first that is in the way of a port at that time, but for the one of the number `but`.
    fn in_the_way(&self, port: &str, from: Time, until: Time, but: u64) -> Option<&Booking> {
        let mut all = self.bookings.iter();
        all.find(|known| known.booked.id != but && known.is_of(port) && known.overlaps(from, until))
    }

    /// As many ports as are wanted that are free all that time.
    pub fn free(&self, wanted: &Wanted, from: Time, until: Time) -> Option<Vec<String>> {
        let is_free = |port: &&String| self.in_the_way(port, from, until, 0).is_none();
        let free = wanted.ports.iter().filter(is_free).take(wanted.count);
        let free: Vec<_> = free.cloned().collect();
        (free.len() == wanted.count).then_some(free)
    }

    /// A port that is wanted and not free at that time, and whose it is.
    pub fn taken<'a>(
        &'a self,
        wanted: &'a Wanted,
        from: Time,
        until: Time,
    ) -> Option<(&'a str, &'a Booking)> {
        wanted.ports.iter().find_map(|port| {
            let booking = self.in_the_way(port, from, until, 0)?;
            Some((port.as_str(), booking))
        })
    }

    /// When as many ports as are wanted are free for `length` microseconds: at that time or later.
    pub fn free_from(&self, wanted: &Wanted, from: Time, length: u64) -> Time {
        let concerns = |known: &&Booking| wanted.ports.iter().any(|port| known.is_of(port));
        let ends = self.bookings.iter().filter(concerns);
        let ends = ends.map(|known| known.booked.until);
        let mut times: Vec<_> = ends.filter(|end| *end > from).chain([from]).collect();
        times.sort_unstable();
        let is_free = |time: &Time| self.free(wanted, *time, plus(*time, length)).is_some();
        let found = times.into_iter().find(is_free);
        found.expect("they are free when all bookings have ended")
    }

    /// Adds a booking of ports that are [free](Self::free), and gives it its number.
    pub fn add(&mut self, mut booking: Booking) -> Booking {
        self.last += 1;
        booking.booked.id = self.last;
        self.bookings.push(booking.clone());
        booking
    }

    /// What keeps one from ending at another time, and on which port, if something does.
    pub fn next_to(&self, id: u64, until: Time) -> Option<(&str, &Booking)> {
        let Booking { ports, booked, .. } = self.get(id)?;
        ports.iter().find_map(|port| {
            let next = self.in_the_way(port, booked.from, until, id)?;
            Some((port.as_str(), next))
        })
    }

    /// Lets one end at another time, from which [nothing](Self::next_to) keeps it.
    pub fn extend(&mut self, id: u64, until: Time) {
        let mut all = self.bookings.iter_mut();
        if let Some(known) = all.find(|known| known.booked.id == id) {
            known.booked.until = until;
        }
    }

    /// Removes one.
    pub fn end(&mut self, id: u64) {
        self.bookings.retain(|known| known.booked.id != id);
    }

    /// Removes those whose time is over; says whether there were any.
    pub fn tidy(&mut self, now: Time) -> bool {
        let before = self.bookings.len();
        self.bookings.retain(|known| known.booked.until > now);
        self.bookings.len() < before
    }

    /// Whose a port is now, and next.
    pub fn of(&self, port: &str, now: Time) -> (Option<Booked>, Option<Booked>) {
        let own = || self.bookings.iter().filter(|known| known.is_of(port));
        let is_now = |known: &&Booking| known.overlaps(now, plus(now, 1));
        let later = own().filter(|known| known.booked.from > now);
        let next = later.min_by_key(|known| known.booked.from);
        let told = |known: &Booking| known.booked.clone();
        (own().find(is_now).map(told), next.map(told))
    }

    /// When the next one begins or ends.
    pub fn next_change(&self, now: Time) -> Option<Time> {
        let times = self.bookings.iter();
        let times = times.flat_map(|known| [known.booked.from, known.booked.until]);
        times.filter(|time| *time > now).min()
    }

    /// Two that overlap, if somebody has written such into the file.
    pub fn clash(&self) -> Option<(u64, u64)> {
        self.bookings.iter().find_map(|known| {
            let Booked {
                id, from, until, ..
            } = known.booked;
            let mut ports = known.ports.iter();
            let other = ports.find_map(|port| self.in_the_way(port, from, until, id))?;
            Some((id, other.booked.id))
        })
    }
}

/// So many microseconds later.
pub fn plus(time: Time, length: u64) -> Time {
    Time(time.0.saturating_add(length))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wanted(ports: &[&str], count: usize) -> Wanted {
        let ports = ports.iter().map(|port| (*port).to_owned()).collect();
        Wanted { ports, count }
    }

    fn booking(ports: &[&str], from: u64, until: u64) -> Booking {
        Booking {
            ports: wanted(ports, 1).ports,
            account: None,
            booked: Booked {
                id: 0,
                by: "ada".to_owned(),
                job: None,
                title: None,
                from: Time(from),
                until: Time(until),
                programs: false,
            },
        }
    }

    fn table(bookings: &[(&[&str], u64, u64)]) -> Table {
        let mut table = Table::default();
        for (ports, from, until) in bookings {
            table.add(booking(ports, *from, *until));
        }
        table
    }

    #[test]
    fn what_ends_when_another_begins_is_in_nobodys_way() {
        let table = table(&[(&["a", "b"], 10, 20), (&["a"], 30, 40)]);
        let free = |port: &str, from, until| {
            let free = table.free(&wanted(&[port], 1), Time(from), Time(until));
            free.is_some()
        };
        assert!(free("a", 0, 10) && free("a", 20, 30) && free("b", 20, 99));
        assert!(
            !free("a", 0, 11) && !free("a", 19, 21) && !free("a", 25, 50) && !free("b", 12, 13)
        );
        assert!(free("c", 0, 99), "nobody has booked it");
    }

    #[test]
    fn all_are_given_or_none_and_of_any_the_first_that_is_free() {
        let table = table(&[(&["a"], 10, 20)]);
        let free = |ports: &[&str], count| table.free(&wanted(ports, count), Time(15), Time(25));
        assert_eq!(free(&["a", "b"], 2), None);
        assert_eq!(free(&["a", "b", "c"], 1), Some(vec!["b".to_owned()]));
        let two = ["b".to_owned(), "c".to_owned()];
        assert_eq!(free(&["b", "a", "c"], 2), Some(two.to_vec()));
        assert_eq!(free(&["b", "a", "c"], 3), None);
    }

    #[test]
    fn it_is_told_when_all_are_free_for_as_long_as_is_wanted() {
        let table = table(&[(&["a"], 10, 20), (&["b"], 25, 30), (&["a", "b"], 35, 40)]);
        let from = |ports: &[&str], count, from, length| {
            table.free_from(&wanted(ports, count), Time(from), length).0
        };
        assert_eq!(from(&["a"], 1, 0, 10), 0);
        assert_eq!(from(&["a"], 1, 5, 10), 20);
        assert_eq!(from(&["a", "b"], 2, 12, 5), 20);
        assert_eq!(from(&["a", "b"], 2, 12, 6), 40);
        assert_eq!(from(&["a", "b"], 1, 12, 6), 12);
        assert_eq!(from(&["c"], 1, 7, 1000), 7);
    }

    #[test]
    fn a_port_is_somebodys_now_and_somebodys_next() {
        let table = table(&[(&["a"], 30, 40), (&["a", "b"], 10, 20), (&["a"], 20, 25)]);
        let ids = |port: &str, now| {
            let (now, next) = table.of(port, Time(now));
            (now.map(|now| now.id), next.map(|next| next.id))
        };
        assert_eq!(ids("a", 9), (None, Some(2)));
        assert_eq!(ids("a", 10), (Some(2), Some(3)));
        assert_eq!(ids("b", 19), (Some(2), None));
        assert_eq!(ids("a", 20), (Some(3), Some(1)));
        assert_eq!(ids("a", 40), (None, None));
        let change = |now| table.next_change(Time(now)).map(|time| time.0);
        assert_eq!(
            (change(0), change(20), change(40)),
            (Some(10), Some(25), None)
        );
    }

    #[test]
    fn one_is_extended_as_far_as_the_next() {
        let mut table = table(&[(&["a", "b"], 10, 20), (&["b"], 30, 40)]);
        let next = |table: &Table, until| {
            let (port, next) = table.next_to(1, Time(until))?;
            Some((port.to_owned(), next.booked.id))
        };
        assert_eq!(next(&table, 30), None);
        assert_eq!(next(&table, 31), Some(("b".to_owned(), 2)));
        assert_eq!(next(&table, 12), None, "earlier is always free");
        table.extend(1, Time(30));
        assert_eq!(table.get(1).unwrap().booked.until, Time(30));
    }

    /// What people do to a table, in any order.
    #[derive(Clone, Debug)]
    enum Deed {
        Book(Vec<usize>, usize, u64, u64),
        Extend(u64, u64),
        End(u64),
        Pass(u64),
    }

    fn any_deed() -> impl Strategy<Value = Deed> {
        let ports = prop::collection::vec(0..4usize, 1..4);
        prop_oneof![
            4 => (ports, 1..4usize, 0..50u64, 1..20u64)
                .prop_map(|(ports, count, from, length)| Deed::Book(ports, count, from, length)),
            2 => (1..20u64, 0..80u64).prop_map(|(id, until)| Deed::Extend(id, until)),
            1 => (1..20u64).prop_map(Deed::End),
            1 => (0..60u64).prop_map(Deed::Pass),
        ]
    }

    proptest! {
        #[test]
        fn no_two_bookings_of_a_port_overlap_whatever_people_do(
            deeds in prop::collection::vec(any_deed(), 0..40)
        ) {
            let mut table = Table::default();
            for deed in deeds {
                match deed {
                    Deed::Book(mut ports, count, from, length) => {
                        ports.dedup();
                        let names: Vec<_> = ports.iter().map(|port| ["a", "b", "c", "d"][*port]).collect();
                        let wanted = wanted(&names, count.min(names.len()));
                        let free_from = table.free_from(&wanted, Time(from), length);
                        match table.free(&wanted, Time(from), Time(from + length)) {
                            Some(ports) => {
                                prop_assert_eq!(free_from, Time(from));
                                prop_assert_eq!(ports.len(), wanted.count);
                                let new = Booking { ports, ..booking(&[], from, from + length) };
                                table.add(new);
                            }
                            None => {
                                prop_assert!(free_from > Time(from));
                                let later = table.free(&wanted, free_from, plus(free_from, length));
                                prop_assert!(later.is_some());
                            }
                        }
                    }
                    Deed::Extend(id, until) => {
                        // Who asks looks that it ends behind its beginning.
                        let begins = table.get(id).map(|known| known.booked.from);
                        let may = begins.is_some_and(|from| from < Time(until));
                        if may && table.next_to(id, Time(until)).is_none() {
                            table.extend(id, Time(until));
                        }
                    }
                    Deed::End(id) => table.end(id),
                    Deed::Pass(now) => { table.tidy(Time(now)); }
                }
                prop_assert_eq!(table.clash(), None);
                let text = serde_json::to_string(&table).unwrap();
                prop_assert_eq!(&serde_json::from_str::<Table>(&text).unwrap(), &table);
            }
        }
    }
}
