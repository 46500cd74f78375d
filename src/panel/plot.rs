//! A plot, as a panel describes it.

use serde::{Deserialize, Serialize};

use super::fault::{Fault, expect_words};
use super::widget::{NAME, UNIT};

/// A plot shows at most so many series.
const SERIES: usize = 32;
/// The longest window, in seconds: a week.
const WINDOW: f64 = 604_800.0;

/// What a plot shows, and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plot {
    /// Which series; all where it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<Vec<Curve>>,
    /// What kind of picture; over time where it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Picture>,
    /// How much time it shows, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<f64>,
    /// The axis on the left; it fits itself where this is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<Extent>,
    /// The axis on the right, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<Extent>,
}

/// A series in a plot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curve {
    /// The series' name.
    pub name: String,
    /// What it is called here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The number of its colour, 1 to 8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour: Option<u8>,
    /// Its unit, where the device does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The axis that it is measured by; the left one where it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub axis: Option<Side>,
}

/// The kinds of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "docs/panels.md defines each")]
pub enum Picture {
    Time,
    Xy,
    Histogram,
    Spectrum,
}

/// A side of the plot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the two sides")]
pub enum Side {
    Left,
    Right,
}

/// What an axis reaches from and to; each end fits itself where it is absent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the two ends")]
pub struct Extent {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

impl Plot {
    pub(super) fn check(&self) -> Result<(), Fault> {
        let series = self.series.as_deref().unwrap_or_default();
        if series.len() > SERIES {
            let message = format!(
                "{} series are too many; {SERIES} can be shown",
                series.len()
            );
            return Err(Fault::new("series", message));
        }
        for (place, curve) in series.iter().enumerate() {
            curve
                .check()
                .map_err(|fault| fault.within(format_args!("series[{place}]")))?;
        }
        if let Some(window) = self.window
            && !(window > 0.0 && window <= WINDOW)
        {
            let message = format!("{window} s is not possible; above 0 up to {WINDOW} s are");
            return Err(Fault::new("window", message));
        }
        for (name, extent) in [("left", self.left), ("right", self.right)] {
            if let Some(Extent {
                min: Some(min),
                max: Some(max),
            }) = extent
            {
                expect_order("max", min, max).map_err(|fault| fault.within(name))?;
            }
        }
        Ok(())
    }
}

impl Curve {
    fn check(&self) -> Result<(), Fault> {
        expect_words("name", &self.name, NAME)?;
        if let Some(title) = &self.title {
            expect_words("title", title, NAME)?;
        }
        if let Some(unit) = &self.unit {
            expect_words("unit", unit, UNIT)?;
        }
        match self.colour {
            None | Some(1..=8) => Ok(()),
            Some(colour) => {
                let message = format!("there is no colour {colour}; there are 1 to 8");
                Err(Fault::new("colour", message))
            }
        }
    }
}

/// Refuses a range that ends before it begins.
pub(super) fn expect_order(at: &str, min: f64, max: f64) -> Result<(), Fault> {
    if min < max {
        Ok(())
    } else {
        Err(Fault::new(at, format!("{max} must be more than {min}")))
    }
}
