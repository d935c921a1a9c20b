//! Amazon Rekognition: faces found by asking over the network.
//!
//! One call, `DetectFaces`, signed as AWS wants it. Credentials and region are those of S3, unless another region is set.

use crate::bucket::{self, BucketError};
use crate::config::{BucketConfig, RekognitionConfig};
use crate::detect::Region;
use crate::geometry::{Origin, Window};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Limited};
use object_store::ClientOptions;
use object_store::aws::{AwsAuthorizer, AwsCredentialProvider};
use object_store::client::{HttpClient, HttpConnector as _, HttpRequestBody, ReqwestConnector};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longer answers are not read: a face takes some hundred bytes, and there are at most a hundred.
const LONGEST_ANSWER_BYTES: usize = 1 << 20;
/// Pixels of the longer side of the picture that is sent, which keeps it far below the 5 MB that are accepted.
pub const SIDE_PX: u32 = 1600;

/// The service, in one region.
pub struct Rekognition {
    client: HttpClient,
    credentials: AwsCredentialProvider,
    endpoint: String,
    region: String,
}

/// Why no faces were told.
#[derive(Debug, thiserror::Error)]
pub enum RekognitionError {
    /// There is no client to ask with.
    #[error("rekognition cannot be asked: {0}")]
    Client(#[source] object_store::Error),
    /// The settings of credentials, or what the environment holds, do not fit together.
    #[error("rekognition cannot be asked: {0}")]
    Setup(#[source] BucketError),
    /// There are no credentials, or the request cannot be signed.
    #[error("rekognition cannot be asked with these credentials: {0}")]
    Credentials(#[source] object_store::Error),
    /// The service cannot be reached or breaks off.
    #[error("rekognition cannot be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The service refuses.
    #[error("rekognition answers {status}: {reason}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// What it says, cut.
        reason: String,
    },
    /// The answer makes no sense.
    #[error("rekognition answers nonsense")]
    Nonsense(#[source] serde_json::Error),
    /// The endpoint is no address.
    #[error("rekognition's address is none")]
    Address(#[source] http::Error),
}

impl Rekognition {
    /// A way to the service, in the name of `account`. Nothing is asked over the network yet.
    ///
    /// # Errors
    /// [`RekognitionError::Client`], [`RekognitionError::Setup`].
    pub fn new(config: &RekognitionConfig, account: &BucketConfig) -> Result<Self, RekognitionError> {
        let options = ClientOptions::new().with_timeout(config.timeout).with_allow_http(config.endpoint.is_some());
        let client = ReqwestConnector::default().connect(&options).map_err(RekognitionError::Client)?;
        let (credentials, region) = bucket::aws(account).map_err(RekognitionError::Setup)?;
        let region = config.region.clone().unwrap_or(region);
        let endpoint = config.endpoint.clone();
        let endpoint = endpoint.unwrap_or_else(|| format!("https://rekognition.{region}.amazonaws.com/"));
        Ok(Self { client, credentials, endpoint, region })
    }

    /// The faces in a JPEG.
    ///
    /// # Errors
    /// [`RekognitionError`], of whatever kind: there may be faces all the same.
    pub async fn faces(&self, jpeg: &[u8]) -> Result<Vec<Region>, RekognitionError> {
        let asked = DetectFaces { image: Image { bytes: BASE64_STANDARD.encode(jpeg) }, attributes: ["DEFAULT"] };
        let body = serde_json::to_vec(&asked).map_err(RekognitionError::Nonsense)?;
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(&self.endpoint)
            .header(CONTENT_TYPE, "application/x-amz-json-1.1")
            .header("x-amz-target", "RekognitionService.DetectFaces")
            .body(HttpRequestBody::from(body))
            .map_err(RekognitionError::Address)?;
        let credential = self.credentials.get_credential().await.map_err(RekognitionError::Credentials)?;
        AwsAuthorizer::new(&credential, "rekognition", &self.region)
            .try_authorize(&mut request, None)
            .map_err(RekognitionError::Credentials)?;
        let answer = self.client.execute(request).await.map_err(|e| RekognitionError::Unreachable(e.into()))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LONGEST_ANSWER_BYTES).collect().await;
        let body: Bytes = body.map_err(RekognitionError::Unreachable)?.to_bytes();
        if !status.is_success() {
            let reason = String::from_utf8_lossy(&body).chars().take(200).collect();
            return Err(RekognitionError::Refused { status: status.as_u16(), reason });
        }
        let faces: Faces = serde_json::from_slice(&body).map_err(RekognitionError::Nonsense)?;
        Ok(faces.faces.iter().filter_map(|face| face.place.region()).collect())
    }
}

impl fmt::Debug for Rekognition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rekognition").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DetectFaces {
    image: Image,
    attributes: [&'static str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Image {
    bytes: String,
}

#[derive(Deserialize)]
struct Faces {
    #[serde(rename = "FaceDetails")]
    faces: Vec<Face>,
}

#[derive(Deserialize)]
struct Face {
    #[serde(rename = "BoundingBox")]
    place: Place,
}

/// In fractions of the sides; a face at an edge may reach over it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Place {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Place {
    fn region(&self) -> Option<Region> {
        let inside = |start: f64, length: f64| (start.clamp(0.0, 1.0), (start + length).clamp(0.0, 1.0));
        let ((left, right), (top, bottom)) = (inside(self.left, self.width), inside(self.top, self.height));
        let area = Window::new(left, top, right - left, bottom - top);
        (area.width > 0.0 && area.height > 0.0).then_some(Region { area, origin: Origin::Rekognition })
    }
}
