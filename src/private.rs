//! Private files: for their owner's eyes alone, and never behind a link that somebody planted.

use std::fs::OpenOptions;

/// How one is opened, or made; what is done with it is still to be said.
pub fn options() -> OpenOptions {
    let options = OpenOptions::new();
    #[cfg(unix)]
    let options = {
        use std::os::unix::fs::OpenOptionsExt;
        let mut options = options;
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW);
        options
    };
    options
}
