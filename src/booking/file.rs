//! The file of bookings: read when the server starts, replaced whenever one changes. All of it may
//! wait for a disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::table::Table;
use crate::access::file::{read, replace};

/// What it is called in the data folder.
const NAME: &str = "bookings.json";

/// The file of bookings in a data folder.
#[derive(Debug)]
pub struct File(PathBuf);

impl File {
    /// The file in this data folder, whether it is there or not.
    pub fn within(folder: &Path) -> Self {
        Self(folder.join(NAME))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What stands in it; nothing if there is none.
    ///
    /// # Errors
    /// If it cannot be read, or something is wrong in it.
    pub fn read(&self) -> anyhow::Result<Table> {
        let table = self.table();
        table.with_context(|| format!("{}; repair or delete it", self.0.display()))
    }

    fn table(&self) -> anyhow::Result<Table> {
        let Some(text) = read(&self.0)? else {
            return Ok(Table::default());
        };
        let table: Table = serde_json::from_slice(&text)?;
        if let Some((one, other)) = table.clash() {
            bail!("bookings {one} and {other} overlap");
        }
        Ok(table)
    }

    /// Puts that in its place.
    ///
    /// # Errors
    /// If the disk does not take it.
    pub fn write(&self, table: &Table) -> io::Result<()> {
        fs::create_dir_all(self.0.parent().expect("a file in a folder"))?;
        replace(&self.0, table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_the_file_is_told_with_its_name_and_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let file = File::within(folder.path());
        assert_eq!(file.read().unwrap(), Table::default());
        let one = |id| {
            format!(r#"{{"id": {id}, "ports": ["uno"], "by": "ada", "from": 1, "until": {id}0}}"#)
        };
        for (bookings, told) in [
            ("[".to_owned(), "line 1"),
            (format!("[{}, {}]", one(1), one(2)), "1 and 2 overlap"),
            (r#"[{"id": 1}]"#.to_owned(), "ports"),
        ] {
            let text = format!(r#"{{"last": 2, "bookings": {bookings}}}"#);
            fs::write(file.path(), text).unwrap();
            let error = format!("{:#}", file.read().unwrap_err());
            assert!(error.contains(told) && error.contains(NAME), "{error}");
            assert!(error.contains("delete it"), "{error}");
        }
        fs::write(
            file.path(),
            format!(r#"{{"last": 2, "bookings": [{}]}}"#, one(1)),
        )
        .unwrap();
        let table = file.read().unwrap();
        file.write(&table).unwrap();
        assert_eq!(file.read().unwrap(), table);
    }
}
