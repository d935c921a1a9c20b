//! The HTTP client of an account.

use super::BucketError;
use crate::config::BucketConfig;
use object_store::client::{HttpClient, HttpConnector, ReqwestConnector};
use object_store::{ClientConfigKey, ClientOptions};

/// Gives all buckets of an account the same client, and so the same connections.
#[derive(Clone, Debug)]
pub(super) struct SharedClient {
    client: HttpClient,
    /// As the options that ask for this client spell it.
    connect_timeout: Option<String>,
}

impl SharedClient {
    /// Unlike the loader's client this one asks only hosts that the operator has named, so it needs no guard and
    /// uses the proxy that the environment names, as AWS's programs do.
    pub(super) fn new(config: &BucketConfig) -> Result<Self, BucketError> {
        let builder = || {
            reqwest::Client::builder()
                .user_agent(concat!("tintype/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(config.connect_timeout)
                .timeout(config.request_timeout)
                .redirect(reqwest::redirect::Policy::none())
        };
        // A machine without CA certificates may still have a store in its own network.
        let client = builder().build().or_else(|error| builder().tls_certs_only([]).build().map_err(|_| error));
        let client = HttpClient::new(client.map_err(BucketError::Client)?);
        Ok(Self { client, connect_timeout: connect_timeout(&super::client_options(config, None)) })
    }
}

impl HttpConnector for SharedClient {
    /// Metadata services, recognized by their own timeout, get a client that gives up as soon as they want.
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        if connect_timeout(options) == self.connect_timeout {
            return Ok(self.client.clone());
        }
        ReqwestConnector::default().connect(options)
    }
}

fn connect_timeout(options: &ClientOptions) -> Option<String> {
    options.get_config_value(&ClientConfigKey::ConnectTimeout)
}
