//! S3: region, endpoint and credentials.

use super::connect::SharedClient;
use super::profile::{self, Profile, ProfileCredentials};
use super::{BucketError, NO_BUCKET, Service, client_options, retries};
use crate::config::{BucketConfig, S3Config};
use object_store::StaticCredentialProvider;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey, AwsCredential, AwsCredentialProvider};
use std::sync::Arc;

/// Region of `tc_aws` where none is set.
const DEFAULT_REGION: &str = "eu-west-1";

/// All buckets of one account.
pub(super) struct Buckets {
    builder: AmazonS3Builder,
    pub(super) credentials: AwsCredentialProvider,
    pub(super) region: String,
    /// The host that bucket names go before, if they go there, with its scheme.
    virtual_host: Option<(String, String)>,
}

impl Buckets {
    pub(super) fn new(config: &BucketConfig, http: SharedClient) -> Result<Self, BucketError> {
        let s3 = &config.s3;
        let profile = Profile::read(s3.profile.as_deref()).map_err(BucketError::Profile)?;
        let mut builder = AmazonS3Builder::from_env()
            .with_retry(retries(config))
            .with_client_options(client_options(config, s3.endpoint.as_deref()))
            .with_http_connector(http)
            .with_virtual_hosted_style_request(!s3.path_style);
        let of_environment = [AmazonS3ConfigKey::Region, AmazonS3ConfigKey::DefaultRegion];
        let of_environment = of_environment.iter().find_map(|key| builder.get_config_value(key));
        let region = s3.region.clone().or(of_environment).or_else(|| profile.region.clone());
        let region = region.unwrap_or_else(|| DEFAULT_REGION.to_owned());
        builder = builder.with_region(&region);
        if let Some(endpoint) = &s3.endpoint {
            // Also instead of AWS_ENDPOINT_URL_S3, which would otherwise win.
            builder = builder.with_config(AmazonS3ConfigKey::S3Endpoint, endpoint);
        }
        builder = with_credentials(builder, s3, &profile)?;
        let setup = |source| BucketError::Setup { service: Service::S3, source };
        let any = builder.clone().with_bucket_name(NO_BUCKET).build().map_err(setup)?;
        let credentials = Arc::clone(any.credentials());
        let builder = builder.with_credentials(Arc::clone(&credentials));
        let split = |endpoint: &String| endpoint.split_once("://").map(|(a, b)| (a.to_owned(), b.to_owned()));
        let virtual_host = s3.endpoint.as_ref().filter(|_| !s3.path_style).and_then(split);
        Ok(Self { builder, credentials, region, virtual_host })
    }

    pub(super) fn bucket(&self, name: &str) -> object_store::Result<AmazonS3> {
        let mut builder = self.builder.clone().with_bucket_name(name);
        if let Some((scheme, host)) = &self.virtual_host {
            builder = builder.with_config(AmazonS3ConfigKey::S3Endpoint, format!("{scheme}://{name}.{host}"));
        }
        builder.build()
    }
}

/// Keys that are set, then the profile that is named, then web identity, then the default profile; what is left,
/// container and instance, the builder looks up itself.
fn with_credentials(
    builder: AmazonS3Builder,
    s3: &S3Config,
    profile: &Profile,
) -> Result<AmazonS3Builder, BucketError> {
    let key_id = s3.access_key_id.reveal();
    if !key_id.is_empty() {
        if s3.secret_access_key.reveal().is_empty() {
            return Err(BucketError::NoSecret);
        }
        let token = s3.session_token.reveal();
        return Ok(builder.with_credentials(Arc::new(StaticCredentialProvider::new(AwsCredential {
            key_id: key_id.to_owned(),
            secret_key: s3.secret_access_key.reveal().to_owned(),
            token: (!token.is_empty()).then(|| token.to_owned()),
        }))));
    }
    let web_identity = builder.get_config_value(&AmazonS3ConfigKey::WebIdentityTokenFile).is_some();
    match (&s3.profile, profile.credential.is_some()) {
        (Some(name), false) => Err(BucketError::Profile(profile::ProfileError::NoKeys { name: name.clone() })),
        (None, true) if web_identity => Ok(builder),
        (_, true) => Ok(builder.with_credentials(Arc::new(ProfileCredentials::new(s3.profile.clone())))),
        (None, false) => Ok(builder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;
    use object_store::signer::Signer as _;
    use std::time::Duration;

    #[tokio::test]
    async fn buckets_stand_where_the_settings_say() {
        let check = async |endpoint: Option<&str>, region: Option<&str>, path_style: bool, expected: &str| {
            let s3 = S3Config {
                region: region.map(str::to_owned),
                endpoint: endpoint.map(str::to_owned),
                path_style,
                access_key_id: Secret::new("id"),
                secret_access_key: Secret::new("secret"),
                ..S3Config::default()
            };
            let config = BucketConfig { s3, ..BucketConfig::default() };
            let bucket =
                Buckets::new(&config, SharedClient::new(&config).unwrap()).unwrap().bucket("pictures").unwrap();
            let url = bucket.signed_url(reqwest::Method::GET, &"a b.jpg".into(), Duration::from_secs(1)).await.unwrap();
            assert!(url.as_str().starts_with(&format!("{expected}/a%20b.jpg?")), "{url}");
            assert!(url.query().unwrap().contains(region.unwrap_or("")), "{url}");
        };
        check(None, Some("eu-north-1"), true, "https://s3.eu-north-1.amazonaws.com/pictures").await;
        check(None, Some("eu-north-1"), false, "https://pictures.s3.eu-north-1.amazonaws.com").await;
        check(Some("http://minio:9000"), Some("x"), true, "http://minio:9000/pictures").await;
        check(Some("https://objects.example"), Some("x"), false, "https://pictures.objects.example").await;
    }
}
