//! Own panel: the one line of JSON with which a device describes the panel that it would like to have.

/// The line for a panel that is written over several lines, for people.
pub fn line(file: &str) -> String {
    file.lines().map(str::trim_start).collect()
}

/// The same, after a look at what a device has to keep to.
#[cfg(test)]
pub fn checked(file: &str) -> String {
    let line = line(file);
    assert!(line.starts_with("{\"seriald\":1,"), "{line}");
    assert!(line.len() <= 16 << 10, "{} bytes", line.len());
    crate::panel::Panel::parse(&line).expect("a panel");
    line
}
