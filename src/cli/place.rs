//! Where a command begins and ends: `--from` and `--to`.

use anyhow::bail;
use clap::Args;
use seriald::journal::Journal;
use seriald::place::Place;
use seriald::record::Offset;

/// What a command is about.
#[derive(Args)]
pub struct Stretch {
    /// Begin here: an offset, -N for N bytes before the end, a time (2026-11-22T10:00:00Z, or
    /// @MICROSECONDS since 1970), or so long ago (-10m, -1h30m, -2d).
    #[arg(long, value_name = "PLACE", allow_hyphen_values = true)]
    pub from: Option<Place>,
    /// End before this; written in the same way.
    #[arg(long, value_name = "PLACE", allow_hyphen_values = true)]
    pub to: Option<Place>,
}

impl Stretch {
    /// Whether it means something in every journal.
    pub fn is_of_times(&self) -> bool {
        let mut places = self.from.into_iter().chain(self.to);
        places.all(Place::is_time)
    }

    /// The offsets in the journal of a port. What is not said is its beginning and its end.
    pub fn within(&self, port: &str, journal: &Journal) -> anyhow::Result<(Offset, Offset)> {
        let reach = journal.reach();
        let known = |flag: &str, place: Option<Place>, usual: Offset| {
            let offset = place.map_or(Some(usual), |place| place.within(journal));
            offset.ok_or_else(|| {
                anyhow::anyhow!(
                    "--{flag}: {port} has no such offset; its recording reaches from {} to {}",
                    reach.oldest,
                    reach.head
                )
            })
        };
        let from = known("from", self.from, reach.oldest)?;
        let to = known("to", self.to, reach.head)?;
        if to < from {
            bail!("it would end at offset {to}, before it begins at {from}; change --from or --to");
        }
        Ok((from, to))
    }
}
