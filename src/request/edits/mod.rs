//! Requests of later editions of Serverless Image Handler (4 to 7), said in Thumbor's words: an object in JSON, written
//! in Base64, in place of a path, and edits in the query.
//!
//! What comes out is an [`ImageRequest`] like any other, so that nothing behind this room knows of them. An edit that
//! has no word here becomes a filter that does not exist: it is skipped and told, or refused, as the settings say.

mod body;
mod color;
mod query;
mod signature;
mod size;
#[cfg(test)]
mod tests;
mod words;

pub use body::{Body, is_body};
pub use query::{Query, in_query};
pub use signature::{Stamp, message};

use super::{Access, FilterCall, ImageId, ImageRequest};
use serde_json::Value;

/// Edits in the order in which they were written.
pub type Edits = Vec<(String, Value)>;

/// What there is to know besides the request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surroundings<'a> {
    /// Buckets that may be named; none: all. The first one is meant where none is named.
    pub buckets: &'a [String],
    /// Names begin with the bucket.
    pub bucket_in_name: bool,
    /// A format that is chosen for the client, whatever `outputFormat` says.
    pub negotiated: bool,
}

/// A request that cannot be understood, or that asks what must not be asked.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EditsError {
    /// It is no object in JSON.
    #[error("the request is not an object in JSON: {reason}")]
    NotJson {
        /// What is wrong with it.
        reason: String,
    },
    /// It names no picture.
    #[error("`key` is missing: the name of the picture")]
    NoKey,
    /// The bucket is not one of those that may be named.
    #[error("bucket `{name}` may not be asked")]
    Bucket {
        /// Its name.
        name: String,
    },
    /// A side that is no number above 0.
    #[error("resize: `{value}` is no width or height")]
    Side {
        /// What it is.
        value: String,
    },
    /// A format that is not written.
    #[error("format `{name}` is not written here")]
    Format {
        /// Its name.
        name: String,
    },
    /// A value that its edit cannot take.
    #[error("{edit}: `{value}` is not {expected}")]
    Value {
        /// The edit.
        edit: &'static str,
        /// The value.
        value: String,
        /// What would be good.
        expected: &'static str,
    },
    /// An edit without which the picture must not be shown.
    #[error("{edit} is not done here")]
    Refused {
        /// The edit.
        edit: &'static str,
    },
    /// A value in the query that cannot be read.
    #[error("query: {name} `{value}` is not {expected}")]
    Query {
        /// The name.
        name: &'static str,
        /// The value.
        value: String,
        /// What would be good.
        expected: &'static str,
    },
    /// URLs need a signature, and there is none.
    #[error("the URL needs `signature`")]
    Unsigned,
    /// No key makes this signature.
    #[error("the signature does not match")]
    Signature,
    /// The time until which a URL is good is none.
    #[error("expires `{value}` is not a time such as 20300101T000000Z")]
    NotATime {
        /// What it is.
        value: String,
    },
    /// The time until which the URL was good has passed.
    #[error("the URL has expired")]
    Expired,
}

/// The request that a body asks for.
///
/// # Errors
/// [`EditsError`].
pub fn request(body: &Body, surroundings: &Surroundings<'_>) -> Result<ImageRequest, EditsError> {
    let key = body.key.as_deref().filter(|key| !key.is_empty()).ok_or(EditsError::NoKey)?;
    let mut request = ImageRequest::new(Access::Vouched, picture(body.bucket.as_deref(), key, surroundings)?);
    words::put(&body.edits, &mut request, surroundings)?;
    let named = request.filters.iter().any(|call| call.name == "format");
    if let Some(format) = body.output_format.as_deref().filter(|_| !named && !surroundings.negotiated) {
        request.filters.push(words::format(format)?);
    }
    Ok(request)
}

/// The request with these edits on top. Those that say a size replace the one that it has.
///
/// # Errors
/// [`EditsError`].
pub fn edited(
    mut request: ImageRequest,
    edits: &Edits,
    surroundings: &Surroundings<'_>,
) -> Result<ImageRequest, EditsError> {
    if edits.iter().any(|(name, _)| name == "resize") {
        let sizing = |call: &FilterCall| !matches!(&*call.name, "stretch" | "upscale" | "no_upscale");
        request.filters.retain(sizing);
        (request.size, request.fit) = Default::default();
    }
    words::put(edits, &mut request, surroundings)?;
    Ok(request)
}

/// The name of a picture in a bucket.
///
/// # Errors
/// [`EditsError::Bucket`].
pub fn picture(bucket: Option<&str>, key: &str, surroundings: &Surroundings<'_>) -> Result<ImageId, EditsError> {
    let &Surroundings { buckets, bucket_in_name, .. } = surroundings;
    let bucket = match bucket {
        Some(name) if !buckets.is_empty() && !buckets.iter().any(|allowed| allowed == name) => {
            return Err(EditsError::Bucket { name: name.to_owned() });
        }
        Some(name) => Some(name),
        None => buckets.first().map(String::as_str),
    };
    Ok(match bucket.filter(|_| bucket_in_name) {
        Some(bucket) => ImageId::of(&format!("{bucket}/{key}")),
        None => ImageId::of(key),
    })
}

/// A value as it stands in an error.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 40;
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    text.chars().take(LONGEST).collect()
}
