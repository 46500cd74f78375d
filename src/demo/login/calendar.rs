//! Calendar: a time since the epoch as people write it.

use std::time::Duration;

const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [(&str, u64); 12] = [
    ("Jan", 31),
    ("Feb", 28),
    ("Mar", 31),
    ("Apr", 30),
    ("May", 31),
    ("Jun", 30),
    ("Jul", 31),
    ("Aug", 31),
    ("Sep", 30),
    ("Oct", 31),
    ("Nov", 30),
    ("Dec", 31),
];

/// The date and time in UTC, as `date` prints them.
pub fn date(wall: Duration) -> String {
    let days = wall.as_secs() / 86_400;
    let (mut year, mut day) = (1970, days);
    while day >= 365 + leap_day(year) {
        day -= 365 + leap_day(year);
        year += 1;
    }
    let mut names = MONTHS.iter().cycle();
    let mut month = "";
    for (name, length) in names.by_ref() {
        let length = length + if *name == "Feb" { leap_day(year) } else { 0 };
        month = name;
        if day < length {
            break;
        }
        day -= length;
    }
    let weekday = WEEKDAYS[(days % 7) as usize];
    format!("{weekday} {month} {:>2} {} UTC {year}", day + 1, time(wall))
}

/// The time of day in UTC.
pub fn time(wall: Duration) -> String {
    let seconds = wall.as_secs() % 86_400;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

fn leap_day(year: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    u64::from(leap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "Thu Jan  1 00:00:00 UTC 1970"),
            (951_782_399, "Mon Feb 28 23:59:59 UTC 2000"),
            (951_868_799, "Tue Feb 29 23:59:59 UTC 2000"),
            (1_735_689_599, "Tue Dec 31 23:59:59 UTC 2024"),
            (4_107_542_400, "Mon Mar  1 00:00:00 UTC 2100"),
        ] {
            assert_eq!(date(Duration::from_secs(seconds)), expected);
        }
    }
}
