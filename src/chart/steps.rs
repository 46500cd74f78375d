//! Steps: of each series and each step of time the lowest and the highest value, so that no spike
//! is lost.

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::record::{Offset, Time};
use crate::values::{Reading, Series};

/// So many steps of series are kept, all together.
const MOST: usize = 1 << 20;

/// Equal steps of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Grid {
    from: Time,
    to: Time,
    /// In microseconds, at least 1.
    step: u64,
    /// The number of the last.
    #[serde(skip)]
    last: u32,
}

impl Grid {
    /// So many steps, at least one, from one time to another.
    pub fn new(from: Time, to: Time, points: u32) -> Self {
        let points = points.max(1);
        let to = to.max(from);
        let step = (to.0 - from.0).div_ceil(u64::from(points)).max(1);
        let last = points - 1;
        Self {
            from,
            to,
            step,
            last,
        }
    }

    /// The step of a time; what lies outside counts to the first or the last.
    fn number(&self, time: Time) -> u32 {
        let number = time.0.saturating_sub(self.from.0) / self.step;
        u32::try_from(number).map_or(self.last, |number| number.min(self.last))
    }
}

/// The values of a stretch in steps, as they are told.
#[derive(Debug, Serialize, ToSchema)]
pub struct Chart {
    #[serde(flatten)]
    grid: Grid,
    /// The number of the journal that offsets are of.
    journal: u32,
    /// Up to where was read.
    head: Offset,
    /// By the parser's numbers; none where it is not wanted.
    #[serde(serialize_with = "tell")]
    series: Vec<Option<Line>>,
    /// The steps in which bytes are missing, in order.
    breaks: Vec<u32>,
    readings: u64,
    ignored: u64,
    /// How many steps of series there are.
    #[serde(skip)]
    cells: usize,
}

/// Tells the series that have values.
fn tell<S: Serializer>(all: &[Option<Line>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(all.iter().flatten().filter(|line| line.count > 0))
}

/// The steps of one series that have values. The columns belong together, but for `breaks`.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ChartSeries)]
struct Line {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    count: u64,
    last: f64,
    at: Vec<u32>,
    low: Vec<f64>,
    high: Vec<f64>,
    low_at: Vec<Offset>,
    high_at: Vec<Offset>,
    /// The steps in which it has no value, in order.
    breaks: Vec<u32>,
}

impl Line {
    /// Adds a value; false if there is no room for a new step.
    fn add(&mut self, at: u32, value: f64, offset: Offset, has_room: bool) -> bool {
        let (place, is_new) = match self.at.last() {
            Some(last) if *last == at => (self.at.len() - 1, false),
            Some(last) if *last < at => (self.at.len(), true),
            None => (0, true),
            // A clock that was put back, or a line that tells of earlier.
            Some(_) => match self.at.binary_search(&at) {
                Ok(place) => (place, false),
                Err(place) => (place, true),
            },
        };
        if is_new {
            if !has_room {
                return false;
            }
            self.at.insert(place, at);
            self.low.insert(place, value);
            self.high.insert(place, value);
            self.low_at.insert(place, offset);
            self.high_at.insert(place, offset);
        } else if value < self.low[place] {
            (self.low[place], self.low_at[place]) = (value, offset);
        } else if value > self.high[place] {
            (self.high[place], self.high_at[place]) = (value, offset);
        }
        self.count += 1;
        self.last = value;
        true
    }
}

impl Chart {
    /// A chart without values.
    pub(super) fn new(grid: Grid, journal: u32, head: Offset) -> Self {
        Self {
            grid,
            journal,
            head,
            series: Vec::new(),
            breaks: Vec::new(),
            readings: 0,
            ignored: 0,
            cells: 0,
        }
    }

    /// Adds a reading, of all series or only of those that are wanted.
    pub(super) fn add(&mut self, reading: &Reading<'_>, wanted: Option<&[String]>) {
        let is_wanted = |name| wanted.is_none_or(|names| names.contains(name));
        for Series { name, .. } in &reading.series[self.series.len()..] {
            let name = Some(name).filter(|name| is_wanted(name)).cloned();
            self.series.push(name.map(|name| Line {
                name,
                ..Line::default()
            }));
        }
        let at = self.grid.number(reading.time);
        let mut is_one = false;
        for value in reading.values {
            let number = usize::from(value.series);
            let Some(line) = &mut self.series[number] else {
                continue;
            };
            is_one = true;
            if value.value.is_nan() {
                put(&mut line.breaks, at);
                continue;
            }
            let before = line.at.len();
            if !line.add(at, value.value, reading.offset, self.cells < MOST) {
                self.ignored += 1;
            }
            self.cells += line.at.len() - before;
            if line.unit.is_none() {
                line.unit.clone_from(&reading.series[number].unit);
            }
        }
        self.readings += u64::from(is_one);
    }

    /// Adds that bytes are missing behind this time.
    pub(super) fn add_break(&mut self, time: Time) {
        put(&mut self.breaks, self.grid.number(time));
    }

    /// Takes how many values were not understood.
    pub(super) fn end(&mut self, ignored: u64) {
        self.ignored += ignored;
    }
}

/// Adds a number to some that are in order.
fn put(all: &mut Vec<u32>, number: u32) {
    if let Err(place) = all.binary_search(&number) {
        all.insert(place, number);
    }
}
