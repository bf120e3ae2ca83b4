//! The data folder that a second start uses again, and the lock that lets only one
//! process use it.
//!
//! The folder has `dynamodb.db` (the database), `kms.key` (the master key of the KMS
//! stand-in), `clock` (the clock's offset), the certificate's files and `lock`.

use crate::problem::Problem;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The folder. It stays open and locked while this value exists.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    _lock: File,
}

impl DataDirectory {
    /// Opens the folder. If the folder does not exist, makes it, readable by its owner
    /// only. Refuses a folder that cannot be written, or that another process has open.
    pub fn open(path: &Path) -> Result<DataDirectory, Problem> {
        let unusable = |error: io::Error| {
            Problem::new(format!(
                "cannot use the folder {}: {error}; choose another with --data DIR",
                path.display()
            ))
        };
        make_private(path).map_err(unusable)?;
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path.join("lock"))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(DataDirectory {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(Problem::new(format!(
                "another countersign is using {}: stop it, or choose another folder with --data DIR",
                path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of the database.
    pub fn database_file(&self) -> PathBuf {
        self.path.join("dynamodb.db")
    }

    /// The key that the KMS stand-in wraps data keys with. The first use makes it. A
    /// file of another length is refused and not replaced, because a new key could not
    /// read the database.
    pub fn kms_master_key(&self) -> Result<[u8; 32], Problem> {
        let file = self.path.join("kms.key");
        let failed = |error: io::Error| {
            Problem::new(format!("cannot keep a key in {}: {error}", file.display()))
        };
        match std::fs::read(&file) {
            Ok(bytes) => bytes.try_into().map_err(|_| {
                Problem::new(format!(
                    "{} is not 32 bytes long: delete the folder {} to begin anew",
                    file.display(),
                    self.path.display()
                ))
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut key = [0; 32];
                aws_lc_rs::rand::fill(&mut key)
                    .map_err(|_| Problem::new("the system gives no random bytes"))?;
                write_private(&file, &key).map_err(failed)?;
                Ok(key)
            }
            Err(error) => Err(failed(error)),
        }
    }
}

/// Replaces the content of `file` by `bytes` in one step. The file is readable by its
/// owner only. A reader or a crash sees the old content or the new content, and never a
/// mix.
pub(crate) fn write_private(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = file.with_added_extension("new");
    let mut out = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    std::fs::rename(&new, file)
}

/// Makes the folder with mode 0700, and its parent folders with the usual mode. An
/// existing folder stays unchanged, because it may be the user's own.
fn make_private(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::scratch_directory::ScratchDirectory;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_folder_and_its_key_are_the_owners_alone() {
        let scratch = ScratchDirectory::new();
        let path = scratch.path().join("a/b");
        let directory = DataDirectory::open(&path).unwrap();
        let key = directory.kms_master_key().unwrap();
        assert_ne!(key, [0; 32]);
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join("kms.key")), 0o600);
    }

    #[test]
    fn a_second_start_finds_the_same_key() {
        let scratch = ScratchDirectory::new();
        let first = DataDirectory::open(scratch.path()).unwrap();
        let key = first.kms_master_key().unwrap();
        drop(first);
        let second = DataDirectory::open(scratch.path()).unwrap();
        assert_eq!(second.kms_master_key().unwrap(), key);
    }

    #[test]
    fn a_damaged_key_is_refused_and_not_replaced() {
        let scratch = ScratchDirectory::new();
        let directory = DataDirectory::open(scratch.path()).unwrap();
        std::fs::write(scratch.path().join("kms.key"), b"short").unwrap();
        let problem = directory.kms_master_key().unwrap_err();
        assert!(problem.to_string().contains("not 32 bytes long"));
        let kept = std::fs::read(scratch.path().join("kms.key")).unwrap();
        assert_eq!(kept, b"short");
    }

    #[test]
    fn one_folder_serves_one_process() {
        let scratch = ScratchDirectory::new();
        let _open = DataDirectory::open(scratch.path()).unwrap();
        let problem = DataDirectory::open(scratch.path()).unwrap_err();
        assert!(
            problem
                .to_string()
                .starts_with("another countersign is using ")
        );
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_one_line() {
        let scratch = ScratchDirectory::new();
        let file = scratch.path().join("file");
        std::fs::write(&file, b"").unwrap();
        for path in [file.clone(), file.join("below")] {
            let line = DataDirectory::open(&path).unwrap_err().to_string();
            assert!(line.starts_with("cannot use the folder ") && !line.contains('\n'));
            assert!(line.ends_with("--data DIR"));
        }
    }
}
