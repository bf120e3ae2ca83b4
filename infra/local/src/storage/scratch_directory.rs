//! A folder for each unit test, which is removed at the end.

use std::path::{Path, PathBuf};

/// An empty folder. Dropping this deletes it.
pub struct ScratchDirectory(PathBuf);

impl ScratchDirectory {
    pub fn new() -> ScratchDirectory {
        let path = std::env::temp_dir().join(format!("countersign-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&path).unwrap();
        ScratchDirectory(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ScratchDirectory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
