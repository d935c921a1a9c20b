//! Where originals come from.

use super::{Key, key};
use crate::config::kind::{
    Buckets, Bytes, Choice, Flag, HeaderName, HeaderText, Hidden, HttpUrl, List, Maybe, Network, Path, Text, Time,
    Whole,
};
use crate::config::{LoaderKind, Symlinks};

pub(super) const KEYS: &[Key] = &[
    key!(
        "LOADER",
        Choice<LoaderKind>,
        config.loader.kind,
        "file, http, https (the same with https:// as the default scheme), strict_https (https:// and nothing else),\n\
         file_http (files, and what is not there over HTTP), s3, gcs, azure or samples (pictures that come with the\n\
         program). Module names of Thumbor, tc_aws and thumbor-aws are good, too. docs/sources.md tells of each."
    ),
    key!(
        "FILE_LOADER_ROOT_PATH",
        Path,
        config.loader.file_root,
        "Folder with the originals. Nothing outside is served."
    ),
    key!(
        "FILE_LOADER_SYMLINKS",
        Choice<Symlinks>,
        config.loader.symlinks,
        "Symbolic links that are followed: none, inside (those that stay in the folder) or outside (all)."
    ),
    key!("MAX_SOURCE_BYTES", Bytes<1>, config.loader.max_bytes, "Larger originals are refused. Bytes."),
    key!(
        "ALLOWED_SOURCES",
        List<HeaderText>,
        config.loader.allowed_sources,
        "Host names that originals may come from; an entry with any of \\^$*+?{}[]()| is a regular expression for the\n\
         whole name. An entry with a / or in re.compile(r'...') is one for the beginning of the whole address; end its\n\
         host with a /, or longer names will fit, too. Empty: all hosts on the public internet."
    ),
    key!(
        "ALLOW_PRIVATE_SOURCES",
        List<Network>,
        config.loader.allow_private,
        "Networks that originals may come from although they are not public, such as \"10.0.0.0/8\"."
    ),
    key!("HTTP_LOADER_CONNECT_TIMEOUT", Time<1>, config.loader.connect_timeout, "Time for a connection to an origin."),
    key!(
        "HTTP_LOADER_REQUEST_TIMEOUT",
        Time<1>,
        config.loader.request_timeout,
        "Time for an original in all, the wait for a free client included."
    ),
    key!(
        "HTTP_LOADER_FOLLOW_REDIRECTS",
        Flag,
        follow_redirects,
        "Follow redirects. Every hop is judged like the first."
    ),
    key!("HTTP_LOADER_MAX_REDIRECTS", Whole<usize, 0, 20>, config.loader.max_redirects, "Hops followed."),
    key!(
        "HTTP_LOADER_MAX_CLIENTS",
        Whole<usize, 1, 65536>,
        config.loader.max_clients,
        "Originals fetched over the network at a time, from buckets too."
    ),
    key!(
        "HTTP_LOADER_MAX_CLIENTS_PER_HOST",
        Whole<usize, 1, 65536>,
        config.loader.max_clients_per_host,
        "How many of them from one host or bucket, so that one that does not answer leaves room for the others."
    ),
    key!(
        "HTTP_LOADER_MAX_RETRY",
        Whole<usize, 0, 10>,
        config.loader.http.max_retries,
        "How often a connection to an origin that was lost or could not be made is tried again."
    ),
    key!(
        "HTTP_LOADER_DEFAULT_USER_AGENT",
        HeaderText,
        config.loader.user_agent,
        "What origins are told; {version} is replaced."
    ),
    key!(
        "HTTP_LOADER_FORWARD_USER_AGENT",
        Flag,
        config.loader.http.forward_user_agent,
        "Origins see the client's User-Agent. What is forwarded tells results apart: every browser gets its own."
    ),
    key!(
        "HTTP_LOADER_FORWARD_HEADERS_WHITELIST",
        List<HeaderName>,
        config.loader.http.forward_headers,
        "Names of the client's headers that origins see. Cookie and Authorization have to be named here, and are never\n\
         sent on to the next host of a redirect."
    ),
    key!(
        "HTTP_LOADER_FORWARD_ALL_HEADERS",
        Flag,
        config.loader.http.forward_all,
        "Origins see all headers of the client but Host, Cookie, Authorization and those about the connection. Nearly\n\
         every client gets its own results then."
    ),
    key!(
        "HTTP_LOADER_FORWARD_TRACE",
        Flag,
        config.loader.http.forward_trace,
        "Origins are told the trace that a fetch belongs to, in the header traceparent."
    ),
    key!(
        "HTTP_LOADER_PROXY_HOST",
        Maybe<HeaderText>,
        config.loader.http.proxy_host,
        "Proxy for all origins over HTTP."
    ),
    key!("HTTP_LOADER_PROXY_PORT", Maybe<Whole<u16, 1, 65535>>, config.loader.http.proxy_port, "Its port."),
    key!(
        "HTTP_LOADER_PROXY_USERNAME",
        Maybe<Text>,
        config.loader.http.proxy_username,
        "Name that the proxy knows this server by."
    ),
    key!("HTTP_LOADER_PROXY_PASSWORD", Hidden, config.loader.http.proxy_password, "Password for it."),
    key!(
        "HTTP_LOADER_CA_CERTS",
        Maybe<Path>,
        config.loader.http.ca_certs,
        "PEM file with the authorities that certificates of origins may come from. none: those of the machine."
    ),
    key!(
        "HTTP_LOADER_VALIDATE_CERTS",
        Maybe<Flag>,
        config.loader.http.validate_certs,
        "Check certificates of origins. none: yes."
    ),
    key!(
        "HTTP_LOADER_CLIENT_CERT",
        Maybe<Path>,
        config.loader.http.client_cert,
        "PEM file with the certificate that this server shows to origins."
    ),
    key!(
        "HTTP_LOADER_CLIENT_KEY",
        Maybe<Path>,
        config.loader.http.client_key,
        "PEM file with its key. none: it is in the same file."
    ),
    key!(
        "TC_AWS_LOADER_BUCKET",
        Maybe<Text>,
        config.loader.s3.bucket,
        "Bucket with the originals of LOADER = \"s3\". none: the first part of a name is the bucket."
    ),
    key!("TC_AWS_LOADER_ROOT_PATH", Text, config.loader.s3.root, "What stands before all names in the bucket."),
    key!(
        "TC_AWS_ROOT_IMAGE_NAME",
        Text,
        config.loader.s3.index,
        "Appended to names that end in a slash. Empty: those are not there."
    ),
    key!(
        "TC_AWS_ALLOWED_BUCKETS",
        Buckets,
        config.loader.s3.allowed,
        "Buckets that names may tell; others are not there. Empty: all that the credentials open."
    ),
    key!(
        "TC_AWS_ENABLE_HTTP_LOADER",
        Flag,
        config.loader.s3_or_http,
        "Names that begin with http:// or https:// are fetched from there, as LOADER = \"http\" does."
    ),
    key!(
        "TC_AWS_ENDPOINT",
        Maybe<HttpUrl>,
        config.loader.bucket.s3.endpoint,
        "Address of a server that speaks S3, for all buckets. none: AWS."
    ),
    key!(
        "TC_AWS_REGION",
        Maybe<Text>,
        config.loader.bucket.s3.region,
        "Region of the buckets. none: as the environment or the profile says, else eu-west-1."
    ),
    key!(
        "TC_AWS_MAX_RETRY",
        Whole<usize, 0, 10>,
        config.loader.bucket.max_retries,
        "How often a request to an object store that failed is tried again, all services alike."
    ),
    key!(
        "S3_PATH_STYLE",
        Flag,
        config.loader.bucket.s3.path_style,
        "The bucket stands in the path of the address, not before the host name."
    ),
    key!(
        "AWS_PROFILE",
        Maybe<Text>,
        config.loader.bucket.s3.profile,
        "Section of ~/.aws/credentials and ~/.aws/config with the keys to be used."
    ),
    key!(
        "AWS_ACCESS_KEY_ID",
        Hidden,
        config.loader.bucket.s3.access_key_id,
        "Access key of S3. Empty: web identity, profile, container or instance, whichever is there first."
    ),
    key!("AWS_SECRET_ACCESS_KEY", Hidden, config.loader.bucket.s3.secret_access_key, "Secret of the access key."),
    key!("AWS_SESSION_TOKEN", Hidden, config.loader.bucket.s3.session_token, "Token of a short-lived access key."),
    key!("GCS_LOADER_BUCKET", Maybe<Text>, config.loader.gcs.bucket, "Bucket with the originals of LOADER = \"gcs\"."),
    key!("GCS_LOADER_ROOT_PATH", Text, config.loader.gcs.root, "What stands before all names in the bucket."),
    key!("GCS_ENDPOINT", Maybe<HttpUrl>, config.loader.bucket.gcs.endpoint, "Address of the service. none: Google."),
    key!(
        "GOOGLE_APPLICATION_CREDENTIALS",
        Maybe<Path>,
        config.loader.bucket.gcs.credentials_file,
        "File with Google's credentials. none: that of gcloud, else the instance's account."
    ),
    key!(
        "AZURE_LOADER_CONTAINER",
        Maybe<Text>,
        config.loader.azure.bucket,
        "Container with the originals of LOADER = \"azure\"."
    ),
    key!("AZURE_LOADER_ROOT_PATH", Text, config.loader.azure.root, "What stands before all names in the container."),
    key!("AZURE_STORAGE_ACCOUNT", Maybe<Text>, config.loader.bucket.azure.account, "Storage account."),
    key!(
        "AZURE_STORAGE_KEY",
        Hidden,
        config.loader.bucket.azure.access_key,
        "Key of the account. Empty: service principal, workload or managed identity, as the environment says."
    ),
    key!("AZURE_ENDPOINT", Maybe<HttpUrl>, config.loader.bucket.azure.endpoint, "Address of the service. none: Azure."),
];
