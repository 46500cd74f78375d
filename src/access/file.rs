//! The file of people: read and changed under a lock, by the server and by the command line alike.
//! All of it may wait for a disk.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::NamedTempFile;

use super::people::{People, PeopleError};
use crate::private;

/// What it is called in the data folder.
const NAME: &str = "people.json";
/// What whoever changes it holds meanwhile; the file itself is replaced.
const LOCK: &str = "people.lock";
/// The longest file, in bytes.
const LENGTH: u64 = 16 << 20;

/// The file of people in a data folder.
#[derive(Clone, Debug)]
pub struct PeopleFile {
    folder: PathBuf,
}

impl PeopleFile {
    /// The file in this data folder, whether it is there or not.
    pub fn within(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What stands in it; none if there is no such file.
    ///
    /// # Errors
    /// If it cannot be read, or something is wrong in it.
    pub fn read(&self) -> Result<Option<People>, PeopleError> {
        let path = self.path();
        let Some(text) = read(&path).map_err(|error| self.failed(error))? else {
            return Ok(None);
        };
        let people = serde_json::from_slice(&text).map_err(|error| error.to_string());
        let people = people.and_then(|people: People| match people.check() {
            Ok(()) => Ok(people),
            Err(why) => Err(why.to_string()),
        });
        people
            .map(Some)
            .map_err(|why| PeopleError::Broken { path, why })
    }

    /// Changes it, alone; gives what stands in it then. Whoever reads it meanwhile, or after a crash,
    /// has what was there before or after.
    ///
    /// # Errors
    /// If `act` fails, or the disk does. Then all is as it was.
    pub fn change<T>(
        &self,
        act: impl FnOnce(&mut People) -> Result<T, PeopleError>,
    ) -> Result<(People, T), PeopleError> {
        let _lock = self.lock().map_err(|error| self.failed(error))?;
        let mut people = self.read()?.unwrap_or_default();
        let made = act(&mut people)?;
        replace(&self.path(), &people).map_err(|error| self.failed(error))?;
        Ok((people, made))
    }

    /// Shows others that a server takes in what they change, for as long as this is kept. None where the
    /// folder is not there yet.
    pub(super) fn serve(&self) -> Option<File> {
        let folder = File::open(&self.folder).ok()?;
        folder.try_lock_shared().ok()?;
        Some(folder)
    }

    /// Whether a server takes in what is changed.
    pub fn is_served(&self) -> bool {
        let served = |folder: File| matches!(folder.try_lock(), Err(TryLockError::WouldBlock));
        // Where folders cannot be opened there may be one.
        cfg!(not(unix)) || File::open(&self.folder).is_ok_and(served)
    }

    /// Held until it is dropped.
    fn lock(&self) -> io::Result<File> {
        fs::create_dir_all(&self.folder)?;
        let mut options = private::options();
        options.create(true).truncate(false).write(true);
        let file = options.open(self.folder.join(LOCK))?;
        give_to_owner(&file, &self.folder)?;
        file.lock()?;
        Ok(file)
    }

    fn failed(&self, error: io::Error) -> PeopleError {
        let path = self.path();
        match error.kind() {
            ErrorKind::FileTooLarge => PeopleError::TooLong(path),
            _ => PeopleError::Disk { path, error },
        }
    }
}

/// What is told where there is no file, or no folder for it.
const ABSENT: [ErrorKind; 2] = [ErrorKind::NotFound, ErrorKind::NotADirectory];

/// A file, if there is one. Only so much of it as shows that it is too long.
pub fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut text = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(LENGTH + 1).read_to_end(&mut text)?,
        Err(error) if ABSENT.contains(&error.kind()) => return Ok(None),
        Err(error) => return Err(error),
    };
    if text.len() as u64 > LENGTH {
        return Err(ErrorKind::FileTooLarge.into());
    }
    Ok(Some(text))
}

/// Replaces a file as a whole, for its owner's eyes; by nothing that [`read`] would refuse.
pub fn replace(path: &Path, content: &impl Serialize) -> io::Result<()> {
    let folder = path.parent().expect("a file in a folder");
    let mut text = serde_json::to_vec_pretty(content)?;
    text.push(b'\n');
    if text.len() as u64 > LENGTH {
        return Err(ErrorKind::FileTooLarge.into());
    }
    let mut file = NamedTempFile::new_in(folder)?;
    give_to_owner(file.as_file(), folder)?;
    file.write_all(&text)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    // The disk has the name too. Only where folders can be opened.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// What root writes into the folder of a service belongs to the service, which has to read it.
#[cfg(unix)]
fn give_to_owner(file: &File, folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};

    let owner = fs::metadata(folder)?;
    if file.metadata()?.uid() == owner.uid() || !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    fchown(file, Some(owner.uid()), Some(owner.gid()))
}

#[cfg(not(unix))]
fn give_to_owner(_: &File, _: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::access::people::User;
    use crate::access::secret::SecretHash;
    use crate::access::tokens::NewToken;
    use crate::record::Time;

    fn file() -> (tempfile::TempDir, PeopleFile) {
        let parent = tempfile::tempdir().unwrap();
        let file = PeopleFile::within(&parent.path().join("data"));
        (parent, file)
    }

    #[test]
    fn what_was_changed_is_read_again_and_is_for_its_owner_alone() {
        let (_parent, file) = file();
        assert!(file.read().unwrap().is_none());
        let ada = User::with("ada", &["administer"]);
        let (people, ()) = file.change(|people| people.add(ada)).unwrap();
        assert_eq!(file.read().unwrap(), Some(people));
        #[cfg(unix)]
        for name in [NAME, LOCK] {
            use std::os::unix::fs::MetadataExt;
            let mode = fs::metadata(file.folder.join(name)).unwrap().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        let left = fs::read_dir(&file.folder).unwrap().count();
        assert_eq!(left, 2, "nothing is left over");
    }

    #[test]
    fn what_fails_changes_nothing() {
        let (_parent, file) = file();
        let ada = User::with("ada", &["administer"]);
        file.change(|people| people.add(ada)).unwrap();
        let before = fs::read(file.path()).unwrap();
        let bob = User::with("bob", &["see"]);
        let failed = file.change(|people| {
            people.add(bob)?;
            people.remove("ada")
        });
        assert!(matches!(failed, Err(PeopleError::NoAdministrator)));
        assert_eq!(fs::read(file.path()).unwrap(), before);
    }

    #[test]
    fn what_would_be_too_long_to_be_read_is_not_written() {
        let (_parent, file) = file();
        let ada = User::with("ada", &["administer"]);
        file.change(|people| people.add(ada)).unwrap();
        let before = fs::read(file.path()).unwrap();
        let failed = file.change(|people| {
            let user = |number| User {
                password: None,
                ..User::with(&format!("u{number}"), &["see"])
            };
            people.users.extend((0..LENGTH / 64).map(user));
            Ok(())
        });
        assert!(matches!(failed, Err(PeopleError::TooLong(_))));
        assert_eq!(fs::read(file.path()).unwrap(), before);
    }

    #[test]
    fn changes_at_the_same_time_come_one_after_the_other() {
        let (_parent, file) = file();
        let ada = User::with("ada", &["administer"]);
        file.change(|people| people.add(ada)).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let file = &file;
                scope.spawn(move || {
                    for number in 0..10 {
                        let title = format!("{thread}-{number}");
                        let wish = NewToken {
                            title,
                            user: "ada".to_owned(),
                            grants: None,
                            expires: None,
                        };
                        file.change(|people| people.give(wish, false)).unwrap();
                    }
                });
            }
        });
        assert_eq!(file.read().unwrap().unwrap().tokens.len(), 40);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_with_its_place_and_the_file_stays() {
        let (_parent, file) = file();
        fs::create_dir_all(&file.folder).unwrap();
        let user = r#"{"name": "ada", "grants": ["see"], "created": 1}"#;
        for (text, told) in [
            ("{\n\"users\" 1}", "line 2"),
            ("", "EOF"),
            (r#"{"users": [], "more": 1}"#, "`more`"),
            (&format!("{{\"users\": [{user}, {user}]}}"), "ada"),
            (
                &format!("{{\"users\": [{}]}}", user.replace("ada", "anyone")),
                "anyone",
            ),
            (
                &format!("{{\"users\": [{}]}}", user.replace("see", "read")),
                "no right",
            ),
            (
                &format!(
                    "{{\"users\": [{}]}}",
                    user.replace("1}", r#"1, "password": "x"}"#)
                ),
                "$argon2id$",
            ),
            (
                r#"{"users": [], "tokens": [{"id": "1", "title": "x", "user": "bob", "created": 1,
                "hash": "0000000000000000000000000000000000000000000000000000000000000000"}]}"#,
                "bob",
            ),
        ] {
            fs::write(file.path(), text).unwrap();
            let error = file.read().unwrap_err().to_string();
            assert!(
                error.contains(told) && error.contains(NAME),
                "{told}: {error}"
            );
            assert!(file.change(|_| Ok(())).is_err());
            assert_eq!(fs::read_to_string(file.path()).unwrap(), text);
        }
    }

    fn any_user() -> impl Strategy<Value = User> {
        let grant = "(see|type|control|administer)(:[a-z0-9*?._-]{1,20})?";
        let grants = prop::collection::vec(grant, 0..4);
        let groups = prop::collection::btree_set("[a-z0-9._-]{1,8}", 0..4);
        ("u[A-Za-z0-9._@-]{0,20}", grants, groups, any::<u64>()).prop_map(
            |(name, grants, groups, created)| User {
                name,
                grants: grants.iter().map(|grant| grant.parse().unwrap()).collect(),
                groups,
                password: None,
                created: Time(created),
            },
        )
    }

    proptest! {
        #[test]
        fn people_read_back_as_they_are_written(
            users in prop::collection::vec(any_user(), 0..5),
            title in "[^\\pC]{1,60}x",
            expires in any::<Option<u64>>(),
        ) {
            let mut people = People::default();
            for user in [User::with("ada", &["administer"])].into_iter().chain(users) {
                // A name may come twice.
                let _added: Result<(), PeopleError> = people.add(user);
            }
            let wish = NewToken {
                title,
                user: "ada".to_owned(),
                grants: None,
                expires: expires.map(Time),
            };
            if let Ok((token, secret)) = people.give(wish, false) {
                prop_assert_eq!(people.token(SecretHash::of(&secret)), Some(&token));
            }
            let (_parent, file) = file();
            let (kept, ()) = file.change(|kept| { *kept = people.clone(); Ok(()) }).unwrap();
            prop_assert_eq!(&kept, &people);
            prop_assert_eq!(file.read().unwrap().unwrap(), people);
        }
    }
}
