//! Teleplot: lines such as `>temp:23.5§°C`, of which each names its values by itself.

use super::catch::Catch;
use super::number;

/// What begins so is not for plots.
const APART: [&str; 2] = ["3D|", "statsd"];

/// Finds the values of a line; true if it is one of Teleplot's.
pub fn find(line: &str, catch: &mut Catch) -> bool {
    let Some(line) = line.strip_prefix('>') else {
        return false;
    };
    if APART.iter().any(|name| line.starts_with(name)) {
        return true;
    }
    let Some((name, rest)) = line.split_once(':') else {
        return false;
    };
    // Behind a comma stands the widget.
    let name = name.split(',').next().unwrap_or_default().trim();
    let (rest, flags) = rest.rsplit_once('|').unwrap_or((rest, ""));
    let (points, unit) = rest.split_once('§').unwrap_or((rest, ""));
    let has = |flag| flags.split(',').any(|one| one.trim() == flag);
    if name.is_empty() {
        return false;
    }
    if has("t") {
        return true;
    }
    let (points, unit) = (points.trim_end_matches(';'), unit.trim());
    let all = || points.split(';').map(|text| Point::read(text, has("xy")));
    // Times are the device's own: only how far they lie apart means something here.
    let now = all().flatten().last().and_then(|last| last.at);
    if name.is_empty() || all().any(|point| point.is_none()) {
        return false;
    }
    for point in all().flatten() {
        let ago = match (now, point.at) {
            (Some(now), Some(at)) => ((now - at) * 1000.0) as u64,
            _ => 0,
        };
        match point.y {
            None => catch.add_of(&[name], unit, point.x, ago),
            Some(y) => {
                catch.add_of(&[name, ".x"], unit, point.x, ago);
                catch.add_of(&[name, ".y"], unit, y, ago);
            }
        }
    }
    true
}

/// One point of a line.
struct Point {
    x: f64,
    /// Of a curve.
    y: Option<f64>,
    /// When it was measured, in milliseconds by the device's clock.
    at: Option<f64>,
}

impl Point {
    fn read(text: &str, xy: bool) -> Option<Self> {
        let mut parts = text.split(':').map(whole);
        let first = parts.next()??;
        let second = parts.next().map_or(Some(None), |part| part.map(Some))?;
        let third = parts.next().map_or(Some(None), |part| part.map(Some))?;
        let point = match (xy, second, third) {
            (true, Some(y), at) => (first, Some(y), at),
            (false, Some(value), None) => (value, None, Some(first)),
            (false, None, None) => (first, None, None),
            _ => return None,
        };
        let (x, y, at) = point;
        parts.next().is_none().then_some(Self { x, y, at })
    }
}

/// The value that is all of a text.
fn whole(text: &str) -> Option<f64> {
    let text = text.trim().as_bytes();
    let (value, length) = number::value(text, false)?;
    (length == text.len()).then_some(value)
}
