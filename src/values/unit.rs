//! Units: the well-known ones, which may stand behind a number or in brackets behind a name.

/// The unit that is all of a text, if it is well known.
pub fn unit(text: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(text).ok()?;
    let is_known = matches!(
        text,
        // Temperature, share, angle
        "C" | "F" | "K" | "°" | "°C" | "°F" | "'C" | "'F" | "degC" | "degF" | "deg" | "rad"
            | "%" | "‰" | "%RH" | "%rH" | "ppm" | "ppb" | "dB" | "dBm" | "dBi" | "dBV" | "pH"
        // Electricity
            | "V" | "mV" | "uV" | "µV" | "μV" | "kV" | "A" | "mA" | "uA" | "µA" | "μA" | "nA"
            | "W" | "mW" | "uW" | "kW" | "VA" | "Wh" | "mWh" | "kWh" | "Ah" | "mAh" | "Ω"
            | "Ohm" | "ohm" | "kΩ" | "kOhm" | "kohm" | "MΩ" | "nF" | "pF" | "uF" | "µF" | "μF"
            | "uH" | "µH" | "μH" | "mH" | "mT" | "uT" | "µT" | "μT" | "G" | "mG"
        // Time
            | "h" | "min" | "s" | "sec" | "ms" | "us" | "µs" | "μs" | "ns"
            | "Hz" | "kHz" | "MHz" | "GHz" | "rpm" | "RPM" | "bpm" | "BPM" | "fps"
        // Length, speed, mass, force, pressure
            | "m" | "mm" | "cm" | "km" | "um" | "µm" | "μm" | "m/s" | "m/s2" | "m/s^2" | "m/s²"
            | "mm/s" | "km/h" | "mph" | "kn" | "mg" | "g" | "kg" | "N" | "mN" | "kN" | "Nm" | "J"
            | "Pa" | "hPa" | "kPa" | "MPa" | "bar" | "mbar" | "psi" | "rad/s" | "deg/s" | "°/s"
            | "dps"
        // Volume, air, light, data
            | "l" | "L" | "ml" | "mL" | "l/min" | "L/min" | "l/h" | "L/h" | "m3" | "m³"
            | "ug/m3" | "µg/m3" | "μg/m3" | "ug/m³" | "µg/m³" | "μg/m³" | "lx" | "lux" | "lm"
            | "cd" | "W/m2" | "W/m²" | "uSv/h" | "µSv/h" | "μSv/h" | "cpm" | "CPM"
            | "B" | "kB" | "KB" | "KiB" | "MB" | "MiB" | "GB" | "bit" | "bits" | "byte" | "bytes"
            | "bps" | "kbps" | "Mbps" | "B/s" | "kB/s" | "MB/s"
    );
    is_known.then_some(text)
}

/// The unit at the beginning of a text, which goes up to what ends a value, and its length.
/// Nothing where there is something else; an empty unit where the value ends right here.
pub fn behind(text: &[u8]) -> Option<(&str, usize)> {
    let run = text.iter().position(|byte| ends(*byte));
    let run = &text[..run.unwrap_or(text.len())];
    // The end of a sentence.
    let run = run.strip_suffix(b".").unwrap_or(run);
    if run.is_empty() {
        return Some(("", 0));
    }
    Some((unit(run)?, run.len()))
}

fn ends(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b',' | b';' | b'|' | b')' | b']' | b'}' | b'>' | b'"'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_stands_up_to_what_ends_a_value() {
        for (text, expected) in [
            ("C, hum", Some(("C", 1))),
            ("°C", Some(("°C", 3))),
            ("%", Some(("%", 1))),
            ("m/s)", Some(("m/s", 3))),
            ("V.", Some(("V", 1))),
            ("", Some(("", 0))),
            (" of 5", Some(("", 0))),
            (". Then", Some(("", 0))),
            ("ab", None),
            (":00", None),
            ("-11", None),
            (".2.3", None),
            ("..", None),
            ("Cold", None),
        ] {
            assert_eq!(behind(text.as_bytes()), expected, "{text}");
        }
    }
}
