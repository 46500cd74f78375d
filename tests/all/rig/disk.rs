//! A disk: a small file system of its own that can become full or read-only.

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A mounted file system in memory; unmounted on drop.
pub struct Disk(PathBuf);

impl Disk {
    /// Mounts one of so many KiB; none where this user may not, which is told.
    pub fn mounted(at: &Path, size: usize) -> Option<Self> {
        std::fs::create_dir_all(at).expect("a folder");
        match mount(at, 0, size) {
            Ok(()) => Some(Self(at.to_owned())),
            Err(error) => {
                eprintln!("skipped: no file system can be mounted here: {error}");
                None
            }
        }
    }

    /// Makes it larger or smaller.
    pub fn resize(&self, size: usize) {
        mount(&self.0, libc::MS_REMOUNT, size).expect("it can be mounted");
    }

    /// Lets nobody write any more.
    pub fn protect(&self, size: usize) {
        mount(&self.0, libc::MS_REMOUNT | libc::MS_RDONLY, size).expect("it can be mounted");
    }

    /// Fills it up to so many bytes.
    pub fn fill(&self, spare: u64) -> PathBuf {
        let path = self.0.join("filler");
        let mut file = std::fs::File::create(&path).expect("a file");
        let full = io::copy(&mut io::repeat(b'x'), &mut file).expect_err("it is full at last");
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        let size = file.metadata().expect("a file").len();
        file.set_len(size - spare).expect("a file");
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let path = text(&self.0);
        // SAFETY: the path is a C string that lives during the call.
        unsafe { libc::umount2(path.as_ptr(), libc::MNT_DETACH) };
    }
}

fn mount(at: &Path, flags: libc::c_ulong, size: usize) -> io::Result<()> {
    let (path, size) = (text(at), format!("size={size}k,mode=777"));
    let size = CString::new(size).expect("no zero");
    // SAFETY: all pointers are C strings that live during the call, or none where none is needed.
    let done = unsafe {
        libc::mount(
            c"tmpfs".as_ptr(),
            path.as_ptr(),
            c"tmpfs".as_ptr(),
            flags,
            size.as_ptr().cast(),
        )
    };
    if done == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

fn text(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).expect("no zero in a path")
}
