//! What a job works on: the source, and the pictures that filters draw with, fetched side by side.

use crate::cache::ResultCache;
use crate::codec::{self, SourceInfo};
use crate::config::Config;
use crate::error::{Error, SharedError};
use crate::flight::Flights;
use crate::geometry::Size;
use crate::loader::{Conditions, Forwarded, Loader, Original};
use crate::originals::{Doubts, Pick, Stamp};
use crate::plan::{self, Findings, Limits};
use crate::recipe::{Asset, AssetSpec, GeometrySpec};
use crate::request::ImageId;
use bytes::Bytes;
use futures_util::future::try_join_all;
use std::sync::Arc;

/// Files up to this size are probed without leaving the thread.
const PROBED_AT_ONCE_BYTES: usize = 1 << 20;

/// A picture file that has come.
#[derive(Clone, Debug)]
pub struct Input {
    /// The file.
    pub body: Bytes,
    /// What its header says.
    pub info: SourceInfo,
}

/// All files that a job needs.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The source.
    pub source: Input,
    /// The recipe's further pictures, in its order.
    pub assets: Vec<Arc<Input>>,
}

impl Inputs {
    /// What headers tell, before a pixel has been looked at.
    pub(super) fn unseen(&self) -> Findings {
        let own_size = |file: &Arc<Input>| Size::new(file.info.size.width, file.info.size.height);
        let assets = self.assets.iter().map(|file| Asset { size: own_size(file), pixels: None }).collect();
        Findings { assets, ..Findings::default() }
    }

    /// Bytes of all files.
    pub(super) fn size_bytes(&self) -> usize {
        self.source.body.len() + self.assets.iter().map(|asset| asset.body.len()).sum::<usize>()
    }
}

impl Input {
    /// Reads the header, which refuses what is no picture or too large before any pixel exists.
    ///
    /// A drawing is to be drawn at the size that the geometry asks for, its own if there is none.
    pub(super) async fn read(file: Original, geometry: Option<&GeometrySpec>, limits: &Limits) -> Result<Self, Error> {
        let info = probe(&file.body).await?;
        let info = geometry.and_then(|spec| plan::drawn(&info, spec, limits)).unwrap_or(info);
        limits.admit(&info)?;
        Ok(Self { body: file.body, info })
    }

    fn size_bytes(&self) -> usize {
        let blocks = [&self.info.icc, &self.info.exif].map(|block| block.as_ref().map_or(0, Vec::len));
        size_of::<Self>() + self.body.len() + blocks.iter().sum::<usize>()
    }
}

/// Reading a small file's header takes microseconds; a large one may hold a long list of frames or a compressed
/// profile, which must not keep other requests waiting.
async fn probe(body: &Bytes) -> Result<SourceInfo, Error> {
    if body.len() <= PROBED_AT_ONCE_BYTES {
        return Ok(codec::probe(body)?);
    }
    let body = body.clone();
    let probed = tokio::task::spawn_blocking(move || codec::probe(&body)).await;
    Ok(probed.map_err(|_| Error::Bug("probing panicked"))??)
}

/// The pictures that filters draw with: the same few again and again, so their files are kept, and those who want one
/// that is under way wait for it together.
#[derive(Debug)]
pub(super) struct Assets {
    loader: Arc<dyn Loader>,
    limits: Limits,
    cache: ResultCache<AssetKey, Arc<Input>>,
    flights: Flights<(AssetKey, Stamp), Result<Arc<Input>, SharedError>>,
    /// Raised by whoever purges.
    doubts: Arc<Doubts>,
}

/// What two requests must share to draw with the same file.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct AssetKey {
    id: String,
    forwarded: Forwarded,
}

impl Assets {
    pub(super) fn new(loader: Arc<dyn Loader>, doubts: Arc<Doubts>, config: &Config) -> Self {
        let cache = ResultCache::new(&config.assets, |key: &AssetKey, file: &Arc<Input>| {
            size_of::<AssetKey>() + key.id.len() + key.forwarded.size_bytes() + file.size_bytes()
        });
        Self { loader, limits: config.limits, cache, flights: Flights::default(), doubts }
    }

    /// The files of these pictures for somebody of whom origins see these headers, or the first failure.
    ///
    /// # Errors
    /// [`Error::Asset`], with the picture's name.
    pub(super) async fn fetch(
        self: &Arc<Self>,
        specs: &[AssetSpec],
        forwarded: &Forwarded,
    ) -> Result<Vec<Arc<Input>>, Error> {
        let fetch = |image: &ImageId| {
            let image = image.clone();
            let key = AssetKey { id: image.as_str().to_owned(), forwarded: forwarded.clone() };
            async move {
                let named = |source| Error::Asset { name: image.decoded().into_owned(), source };
                self.one(key).await.map_err(named)
            }
        };
        try_join_all(specs.iter().map(|spec| fetch(&spec.image))).await
    }

    /// Forgets the files of these pictures.
    pub(super) async fn forget(&self, pick: &Pick) {
        self.cache.remove_where(|key| pick.takes(&key.id)).await;
    }

    async fn one(self: &Arc<Self>, key: AssetKey) -> Result<Arc<Input>, SharedError> {
        if let Some(hit) = self.cache.get(&key).await {
            return Ok(hit);
        }
        let stamp = self.doubts.stamp(&key.id);
        let landing = self.flights.join((key, stamp), |(key, stamp)| Arc::clone(self).load(key, stamp)).await;
        landing.outcome.unwrap_or_else(|| Err(Error::Bug("a flight ended without a picture").into()))
    }

    async fn load(self: Arc<Self>, key: AssetKey, stamp: Stamp) -> Result<Arc<Input>, SharedError> {
        if let Some(hit) = self.cache.get(&key).await {
            return Ok(hit); // another flight landed after we looked
        }
        let asked = Conditions { forwarded: key.forwarded.clone(), ..Conditions::default() };
        let original = self.loader.load(&key.id, &asked).await?.whole()?;
        let file = Arc::new(Input::read(original, None, &self.limits).await?);
        if let Some(_sure) = self.doubts.none_since(stamp, &key.id).await {
            self.cache.insert(key.clone(), Arc::clone(&file)).await;
        }
        Ok(file)
    }
}
