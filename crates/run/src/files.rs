//! Writing files so that a killed run leaves the old file or the new one, and hashing them.

use crate::error::{Error, Result};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::NamedTempFile;

/// Prefix of the temporary files next to an output. A leftover of a killed run may be deleted, so it
/// is a name that nobody else gives.
pub const TEMPORARY_PREFIX: &str = ".selectron-partial-";

/// The temporary files of this process, so that an interrupt can remove them.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes this process's unfinished files, and lets none be finished any more: the guard that is
/// returned is to be held until the process ends.
pub(crate) fn abandon_unfinished() -> impl Drop {
    let mut files = unfinished();
    for path in std::mem::take(&mut *files) {
        // It may be gone already; there is nobody left to tell.
        let _ = std::fs::remove_file(path);
    }
    files
}

/// Removes what killed runs have left unfinished in a folder.
///
/// # Errors
/// When the folder cannot be listed.
pub fn remove_leftovers(folder: &Path) -> Result<()> {
    let failed = |source| Error::io("list", folder, source);
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(TEMPORARY_PREFIX.as_bytes())
        {
            std::fs::remove_file(entry.path())
                .map_err(|source| Error::io("remove", entry.path(), source))?;
        }
    }
    Ok(())
}

/// A file that comes into being under its final name only when [`AtomicFile::commit`] is called.
///
/// Until then it lives beside its destination under a temporary name, and dropping it removes it.
#[derive(Debug)]
pub struct AtomicFile {
    /// None once committed.
    writer: Option<BufWriter<NamedTempFile>>,
    destination: PathBuf,
}

impl AtomicFile {
    /// Opens a temporary file in the folder of `destination`.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn create(destination: impl AsRef<Path>) -> Result<Self> {
        let destination = destination.as_ref().to_owned();
        let folder = match destination.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        // An interrupt that comes between here and the entry in the list waits for it.
        let mut unfinished = unfinished();
        let file = tempfile::Builder::new()
            .prefix(TEMPORARY_PREFIX)
            .tempfile_in(&folder)
            .map_err(|source| Error::io("write into", &folder, source))?;
        unfinished.insert(file.path().to_owned());
        drop(unfinished);
        Ok(Self {
            writer: Some(BufWriter::new(file)),
            destination,
        })
    }

    fn open(&mut self) -> std::io::Result<&mut BufWriter<NamedTempFile>> {
        self.writer
            .as_mut()
            .ok_or_else(|| std::io::Error::other("the file is committed"))
    }

    /// Where the file will be.
    pub fn destination(&self) -> &Path {
        &self.destination
    }

    /// Flushes the content to disk and gives the file its final name.
    ///
    /// # Errors
    /// When the disk is full or the destination cannot be replaced.
    pub fn commit(self) -> Result<()> {
        self.finish(true)
    }

    /// As [`AtomicFile::commit`], but without waiting for the disk: for a file whose loss in a power
    /// failure is noticed and costs only the work.
    ///
    /// # Errors
    /// When the disk is full or the destination cannot be replaced.
    pub fn commit_unsynced(self) -> Result<()> {
        self.finish(false)
    }

    fn finish(mut self, sync: bool) -> Result<()> {
        let destination = std::mem::take(&mut self.destination);
        let Some(mut writer) = self.writer.take() else {
            return Err(Error::bug("a file was committed twice"));
        };
        writer
            .flush()
            .map_err(|source| Error::io("write", &destination, source))?;
        let file = writer
            .into_inner()
            .map_err(|error| Error::io("write", &destination, error.into_error()))?;
        if sync {
            file.as_file()
                .sync_all()
                .map_err(|source| Error::io("write", &destination, source))?;
        }
        set_ordinary_permissions(file.as_file(), &destination)?;
        // An interrupt that comes between here and the rename waits for it.
        let mut unfinished = unfinished();
        unfinished.remove(file.path());
        file.persist(&destination)
            .map_err(|error| Error::io("replace", &destination, error.error))?;
        Ok(())
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if let Some(writer) = &self.writer {
            unfinished().remove(writer.get_ref().path());
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        self.open()?.write(buffer)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.open()?.flush()
    }
}

/// Temporary files are private to their owner; outputs are meant to be shared.
#[cfg(unix)]
fn set_ordinary_permissions(file: &File, destination: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
        .map_err(|source| Error::io("set the permissions of", destination, source))
}

#[cfg(not(unix))]
fn set_ordinary_permissions(_file: &File, _destination: &Path) -> Result<()> {
    Ok(())
}

/// Writes `content` to `path` through a temporary file.
///
/// # Errors
/// As [`AtomicFile::create`] and [`AtomicFile::commit`].
pub fn write_atomically(path: impl AsRef<Path>, content: &[u8]) -> Result<()> {
    let path = path.as_ref();
    let mut file = AtomicFile::create(path)?;
    file.write_all(content)
        .map_err(|source| Error::io("write", path, source))?;
    file.commit()
}

/// Creates a folder and its parents.
///
/// # Errors
/// When the operating system refuses.
pub fn create_folder(path: impl AsRef<Path>) -> Result<()> {
    let path = path.as_ref();
    std::fs::create_dir_all(path).map_err(|source| Error::io("create the folder", path, source))
}

/// Reads a text file that the user gave, which must be UTF-8. A byte-order mark is dropped.
///
/// # Errors
/// When the file cannot be read, or is not UTF-8 (the message names the line).
pub fn read_text(path: impl AsRef<Path>) -> Result<String> {
    let path = path.as_ref();
    let bytes = std::fs::read(path).map_err(|source| Error::io("read", path, source))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error
            .as_bytes()
            .iter()
            .take(valid)
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        Error::input(
            format_args!("{}, line {line}", path.display()),
            "the file is not valid UTF-8",
            "save it as UTF-8",
        )
    })?;
    Ok(text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text))
}

/// SHA-256 of some bytes, in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 of a file, or of a folder of parts (name and content of each part, in order of name).
///
/// # Errors
/// When something cannot be read.
pub fn sha256_of_path(path: impl AsRef<Path>) -> Result<String> {
    let path = path.as_ref();
    if path.is_dir() {
        let mut parts = Vec::new();
        for part in folder_entries(path)? {
            let name = part.file_name().unwrap_or_default();
            parts.push((name.to_string_lossy().into_owned(), sha256_of_path(&part)?));
        }
        return Ok(sha256_of_parts(&parts));
    }
    let mut digest = Sha256::new();
    let mut file = File::open(path).map_err(|source| Error::io("read", path, source))?;
    let mut buffer = vec![0_u8; 1 << 20];
    loop {
        let count = file
            .read(&mut buffer)
            .map_err(|source| Error::io("read", path, source))?;
        match buffer.get(..count) {
            Some(read) if count > 0 => digest.update(read),
            _ => break,
        }
    }
    Ok(hex(&digest.finalize()))
}

/// Removes a file, or a folder with all that is in it; one that is not there is no error.
///
/// # Errors
/// When the operating system refuses.
pub fn remove_path(path: impl AsRef<Path>) -> Result<()> {
    let path = path.as_ref();
    let removed = if path.is_dir() {
        std::fs::remove_dir_all(path)
    } else {
        std::fs::remove_file(path)
    };
    match removed {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io("remove", path, source))
        }
        _ => Ok(()),
    }
}

/// The SHA-256 of a folder whose entries have these names and SHA-256s, in order of name.
pub fn sha256_of_parts(parts: &[(String, String)]) -> String {
    let mut digest = Sha256::new();
    for (name, sha256) in parts {
        digest.update(name);
        digest.update([0]);
        digest.update(sha256);
    }
    hex(&digest.finalize())
}

/// The entries of a folder in order of name, without hidden ones.
///
/// # Errors
/// When the folder cannot be listed.
pub fn folder_entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let list = std::fs::read_dir(folder).map_err(|source| Error::io("list", folder, source))?;
    let mut entries = Vec::new();
    for entry in list {
        let entry = entry.map_err(|source| Error::io("list", folder, source))?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            entries.push(entry.path());
        }
    }
    entries.sort();
    Ok(entries)
}

/// The files below a folder by relative path, without hidden files and folders.
///
/// # Errors
/// When a folder cannot be listed.
pub fn files_below(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for path in folder_entries(&current)? {
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(folder).unwrap_or(&path).to_owned());
            }
        }
    }
    Ok(files)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_of_abc_is_the_published_one() {
        // FIPS 180-4, example 1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc"), expected);
    }

    #[test]
    fn an_uncommitted_file_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.parquet");
        write_atomically(&path, b"old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        drop(file);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn text_that_is_not_utf8_names_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words.txt");
        std::fs::write(&path, b"time\nyear\n\xff\xfe\n").unwrap();
        let message = read_text(&path).unwrap_err().to_string();
        assert!(
            message.contains("words.txt, line 3: the file is not valid UTF-8"),
            "{message}"
        );
    }
}
