//! Copies thrown away on demand.

use super::copy;
use super::keeper::Keeper;
use crate::storage::{Layout, Note, PINNED, StorageError, Store, tag_of};
use futures_util::stream::TryStreamExt as _;

/// Some sources. Ids are quoted as Thumbor has them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Pick {
    /// This one.
    Image(String),
    /// All whose id begins like this.
    Prefix(String),
    /// Those that have this tag.
    Tag(String),
}

impl Pick {
    /// Whether it picks the source with this id.
    pub fn takes(&self, id: &str) -> bool {
        match self {
            Self::Image(image) => image == id,
            Self::Prefix(prefix) => id.starts_with(prefix.as_str()),
            Self::Tag(tag) => tag_of(id).eq_ignore_ascii_case(tag),
        }
    }
}

impl Keeper {
    pub(super) async fn forget(&self, pick: &Pick) -> Result<usize, StorageError> {
        let _doubt = self.doubts.raise(pick).await;
        let in_memory = self.forget_in_memory(pick).await;
        let stored = match &self.store {
            Some(store) => forget_stored(store, pick).await?,
            None => 0,
        };
        if let (Some(notes), Pick::Image(id)) = (&self.notes, pick) {
            notes.shelf.remove(&notes.layout.note(id, Note::Detectors)).await?;
        }
        Ok(in_memory.max(stored))
    }

    /// Removes what is in memory. Whoever does has raised a doubt before.
    pub(super) async fn forget_in_memory(&self, pick: &Pick) -> usize {
        self.setbacks.remove_where(|asked| pick.takes(&asked.id)).await;
        self.loose_notes.remove_where(|(id, _)| pick.takes(id)).await;
        self.memory.remove_where(|asked| pick.takes(&asked.id)).await
    }
}

async fn forget_stored(store: &Store, pick: &Pick) -> Result<usize, StorageError> {
    let prefix = match pick {
        Pick::Image(id) => {
            // What Thumbor has stored under such a name is an upload, of which there is no other copy.
            let picked = |said: Option<&str>| said.is_some() || !is_id_of_upload(id);
            store.shelf.settle().await;
            return forget_one(store, &store.layout.original(id), picked).await.map(usize::from);
        }
        Pick::Prefix(prefix) => Some(store.layout.originals(prefix)),
        Pick::Tag(tag) => store.layout.originals_with(tag),
    };
    let Some(prefix) = prefix else { return Ok(0) };
    store.shelf.settle().await; // what was kept before this is there to be found
    let mut keys = store.shelf.storage().list(&prefix);
    let mut removed = 0;
    while let Some(key) = keys.try_next().await? {
        if Layout::is_note(&key) {
            continue; // goes with its original
        }
        // Who has stored it without saying of what is known by the key alone, as far as that goes.
        let picked = |said: Option<&str>| match said.map(str::to_owned).or_else(|| store.layout.id_of_original(&key)) {
            Some(id) => pick.takes(&id),
            None => matches!(pick, Pick::Tag(_)),
        };
        removed += usize::from(forget_one(store, &key, picked).await?);
    }
    Ok(removed)
}

/// Removes an entry with its notes, if it is picked and not an upload.
pub(super) async fn forget_one(
    store: &Store,
    key: &str,
    picked: impl Fn(Option<&str>) -> bool,
) -> Result<bool, StorageError> {
    let Some(meta) = store.shelf.head(key).await? else { return Ok(false) };
    if meta.contains_key(PINNED) || !picked(meta.get(copy::IMAGE).map(String::as_str)) {
        return Ok(false);
    }
    store.shelf.remove(&store.layout.note_beside(key, Note::Detectors)).await?;
    store.shelf.remove(key).await
}

pub(super) fn is_id_of_upload(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}
