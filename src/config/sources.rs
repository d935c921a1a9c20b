//! `[[sources]]`: where pictures come from, by the beginning of their names or the host of their addresses.

use super::Secret;
use super::key::{Key, key};
use super::kind::{Choice, Flag, HeaderText, Hidden, HttpUrl, List, Maybe, Network, Path, Text};
use super::loader::{LoaderConfig, LoaderKind};
use super::table::Row;
use ipnet::IpNet;
use std::path::PathBuf;

/// One source. What it does not say is as in the settings above the table.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceConfig {
    /// Beginning of the names of its pictures; empty: see `host`.
    pub prefix: String,
    /// Host of the addresses of its pictures; empty: see `prefix`.
    pub host: String,
    /// The prefix is no part of the name that the loader is asked for.
    pub strip_prefix: bool,
    /// How its pictures are fetched.
    pub loader: LoaderKind,
    /// Folder with the pictures, or what stands before all names in the bucket.
    pub root: Option<String>,
    /// The bucket or container.
    pub bucket: Option<String>,
    /// Address of the object store.
    pub endpoint: Option<String>,
    /// Region of the bucket.
    pub region: Option<String>,
    /// Profile with the keys of AWS.
    pub profile: Option<String>,
    /// Access key of S3.
    pub access_key_id: Secret,
    /// Its secret.
    pub secret_access_key: Secret,
    /// Google's credentials.
    pub credentials_file: Option<PathBuf>,
    /// Account of Azure.
    pub account: Option<String>,
    /// Its key.
    pub account_key: Secret,
    /// As `ALLOWED_SOURCES`.
    pub allowed_sources: Option<Vec<String>>,
    /// As `ALLOW_PRIVATE_SOURCES`.
    pub allow_private_sources: Option<Vec<IpNet>>,
}

impl Default for SourceConfig {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            host: String::new(),
            strip_prefix: false,
            loader: LoaderKind::default(),
            root: None,
            bucket: None,
            endpoint: None,
            region: None,
            profile: None,
            access_key_id: Secret::new(""),
            secret_access_key: Secret::new(""),
            credentials_file: None,
            account: None,
            account_key: Secret::new(""),
            allowed_sources: None,
            allow_private_sources: None,
        }
    }
}

impl Row for SourceConfig {
    const FIELDS: &'static [Key<Self>] = &[
        key!("prefix", Text, prefix, "Beginning of the names of its pictures, such as \"avatars/\"."),
        key!(
            "host",
            Text,
            host,
            "Instead of a prefix: host of the addresses of its pictures, img.example.com in http://img.example.com/a.jpg.\n\
             Loaders other than HTTP are asked for the path."
        ),
        key!("strip_prefix", Flag, strip_prefix, "The prefix is no part of the name that the loader is asked for."),
        key!("loader", Choice<LoaderKind>, loader, "How its pictures are fetched, as LOADER."),
        key!(
            "root",
            Maybe<Text>,
            root,
            "Folder with the pictures, or what stands before all names in the bucket. none: as FILE_LOADER_ROOT_PATH,\n\
             TC_AWS_LOADER_ROOT_PATH and so on."
        ),
        key!("bucket", Maybe<Text>, bucket, "Bucket or container. none: as TC_AWS_LOADER_BUCKET and so on."),
        key!("endpoint", Maybe<HttpUrl>, endpoint, "Address of the object store. none: as TC_AWS_ENDPOINT and so on."),
        key!("region", Maybe<Text>, region, "Region of the bucket. none: as TC_AWS_REGION."),
        key!("profile", Maybe<Text>, profile, "Profile with the keys of AWS. none: as AWS_PROFILE."),
        key!("access_key_id", Hidden, access_key_id, "Access key of S3. Empty: as AWS_ACCESS_KEY_ID."),
        key!("secret_access_key", Hidden, secret_access_key, "Secret of the access key."),
        key!("credentials_file", Maybe<Path>, credentials_file, "As GOOGLE_APPLICATION_CREDENTIALS."),
        key!("account", Maybe<Text>, account, "As AZURE_STORAGE_ACCOUNT."),
        key!("account_key", Hidden, account_key, "As AZURE_STORAGE_KEY."),
        key!("allowed_sources", Maybe<List<HeaderText>>, allowed_sources, "As ALLOWED_SOURCES."),
        key!("allow_private_sources", Maybe<List<Network>>, allow_private_sources, "As ALLOW_PRIVATE_SOURCES."),
    ];
    const REQUIRED: &'static [&'static str] = &["loader"];

    fn judge(&self) -> Result<(), String> {
        match (self.prefix.trim_matches('/').is_empty(), self.host.is_empty()) {
            (true, true) => Err("it needs a prefix or a host; what belongs to no source is LOADER's".into()),
            (false, false) => Err("it has both a prefix and a host".into()),
            (true, false) if self.strip_prefix => Err("strip_prefix needs a prefix".into()),
            _ if self.access_key_id.reveal().is_empty() != self.secret_access_key.reveal().is_empty() => {
                Err("access_key_id and secret_access_key need each other".into())
            }
            _ => Ok(()),
        }
    }
}

impl SourceConfig {
    /// The settings of this source alone: its own over the general ones.
    pub fn over(&self, general: &LoaderConfig) -> LoaderConfig {
        let mut own = LoaderConfig { kind: self.loader, sources: Vec::new(), ..general.clone() };
        let objects = match self.loader {
            LoaderKind::Gcs => &mut own.gcs,
            LoaderKind::Azure => &mut own.azure,
            _ => &mut own.s3,
        };
        objects.bucket = self.bucket.clone().or(objects.bucket.take());
        if self.bucket.is_some() {
            objects.allowed.clear();
        }
        if let Some(root) = &self.root {
            objects.root.clone_from(root);
            own.file_root = root.into();
        }
        let endpoint = match self.loader {
            LoaderKind::Gcs => &mut own.bucket.gcs.endpoint,
            LoaderKind::Azure => &mut own.bucket.azure.endpoint,
            _ => &mut own.bucket.s3.endpoint,
        };
        *endpoint = self.endpoint.clone().or(endpoint.take());
        let s3 = &mut own.bucket.s3;
        s3.region = self.region.clone().or(s3.region.take());
        if self.profile.is_some() || !self.access_key_id.reveal().is_empty() {
            s3.profile.clone_from(&self.profile);
            s3.access_key_id = self.access_key_id.clone();
            s3.secret_access_key = self.secret_access_key.clone();
            s3.session_token = Secret::new("");
        }
        let (gcs, azure) = (&mut own.bucket.gcs, &mut own.bucket.azure);
        gcs.credentials_file = self.credentials_file.clone().or(gcs.credentials_file.take());
        azure.account = self.account.clone().or(azure.account.take());
        if !self.account_key.reveal().is_empty() {
            azure.access_key = self.account_key.clone();
        }
        // A source of its own takes nothing from the web on the side.
        own.s3_or_http = false;
        own.allowed_sources = self.allowed_sources.clone().unwrap_or(own.allowed_sources);
        own.allow_private = self.allow_private_sources.clone().unwrap_or(own.allow_private);
        own
    }
}
