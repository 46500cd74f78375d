//! The server's token, which lets others in while there are no accounts. Its hash alone is kept.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, bail};

use super::secret::{self, SecretHash};
use crate::private;

/// The file in the data folder.
const FILE: &str = "token.sha256";

/// The one that is kept, or a new one, with its secret. May wait for a disk.
///
/// # Errors
/// If the file cannot be read, or something else stands in it.
pub fn open(data: Option<&Path>, anew: bool) -> anyhow::Result<(SecretHash, Option<String>)> {
    let file = data.map(|data| data.join(FILE));
    if let Some(file) = file.as_ref().filter(|_| !anew) {
        match fs::read_to_string(file) {
            Ok(hex) => {
                let hash = SecretHash::try_from(hex).with_context(|| {
                    format!(
                        "{} does not hold a token's hash; --new-token makes a new one",
                        file.display()
                    )
                })?;
                return Ok((hash, None));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => bail!(
                "{}: {error}; make it readable, or name another folder with --data",
                file.display()
            ),
        }
    }
    let made = secret::make::<24>("").context("the system gives no random numbers")?;
    let (secret, hash) = made;
    if let Some(file) = file
        && let Err(error) = keep(&file, &hash.to_hex())
    {
        tracing::warn!(
            "{}: {error}; the token will be another after a restart",
            file.display()
        );
    }
    Ok((hash, Some(secret)))
}

fn keep(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = private::options();
    options.write(true).create(true).truncate(true);
    options.open(file)?.write_all(text.as_bytes())
}
