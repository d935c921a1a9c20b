//! `purge`: has a running server throw away what it made from a source.

use clap::Args;
use std::path::PathBuf;
use tintype::request::ImageId;

/// What to purge, and where.
#[derive(Args, Debug)]
#[command(after_help = PURGE_EXAMPLES)]
pub(crate) struct PurgeArgs {
    /// Path or address of the picture, not encoded
    #[arg(required_unless_present_any = ["prefix", "tag"], conflicts_with_all = ["prefix", "tag"])]
    image: Option<String>,
    /// All pictures whose path or address begins like this
    #[arg(long, value_name = "TEXT", conflicts_with = "tag")]
    prefix: Option<String>,
    /// The pictures with this tag, as `Cache-Tag` carries it
    #[arg(long)]
    tag: Option<String>,
    /// Address of the server
    #[arg(short, long, default_value = "http://127.0.0.1:8888", value_name = "URL")]
    server: String,
    /// One of the server's `API_TOKENS`; other users of this machine may see it [default: the variable `API_TOKENS`]
    #[arg(short, long)]
    token: Option<String>,
    /// File that holds the token; spaces and line ends around it do not count
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    tokenfile: Option<PathBuf>,
}

const PURGE_EXAMPLES: &str = "\
Examples:
  API_TOKENS=s3cr3t tintype purge photos/cat.jpg
  tintype purge --tokenfile /etc/tintype/token --server https://img.example.com --prefix photos/2024/";

/// Why nothing was purged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PurgeError {
    #[error("no token to show: give --token or --tokenfile, or set API_TOKENS")]
    NoToken,
    #[error("token file `{path}` cannot be read: {source}")]
    TokenFile { path: PathBuf, source: std::io::Error },
    #[error("`{server}` cannot be asked: {source}")]
    Server { server: String, source: reqwest::Error },
    #[error("`{server}` answered {status}: {text}")]
    Refused { server: String, status: u16, text: String },
}

impl PurgeArgs {
    /// Asks the server and gives its answer. `environment_token` is taken when no flag gives one.
    ///
    /// # Errors
    /// [`PurgeError`].
    pub(crate) async fn run(self, environment_token: Option<String>) -> Result<String, PurgeError> {
        let url = self.url();
        let token = match (&self.tokenfile, self.token) {
            (Some(path), _) => {
                let text = std::fs::read_to_string(path);
                Some(text.map_err(|source| PurgeError::TokenFile { path: path.clone(), source })?.trim().to_owned())
            }
            (None, token) => token.or(environment_token),
        };
        let token = token.filter(|token| !token.is_empty()).ok_or(PurgeError::NoToken)?;
        let server = self.server;
        let failed = |source| PurgeError::Server { server: server.clone(), source };
        let client = reqwest::Client::builder().build().map_err(failed)?;
        let answer = client.delete(url).bearer_auth(token).send().await.map_err(failed)?;
        let status = answer.status();
        let text = answer.text().await.map_err(failed)?;
        if status.is_success() {
            return Ok(text);
        }
        Err(PurgeError::Refused { server, status: status.as_u16(), text: text.trim().to_owned() })
    }

    fn url(&self) -> String {
        let server = self.server.trim_end_matches('/');
        let quoted = |text: &str| ImageId::of(text).to_string();
        match (&self.image, &self.prefix, &self.tag) {
            (_, Some(prefix), _) => format!("{server}/-/purge?prefix={}", quoted(prefix)),
            (_, _, Some(tag)) => format!("{server}/-/purge?tag={}", quoted(tag)),
            (image, None, None) => format!("{server}/-/purge/{}", quoted(image.as_deref().unwrap_or_default())),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cli::{Cli, Command};
    use clap::Parser as _;

    #[test]
    fn what_is_picked_becomes_a_url() {
        let check = |line: &[&str], url: &str| match Cli::try_parse_from([&["tintype", "purge"], line].concat())
            .unwrap()
            .chosen()
        {
            Command::Purge(args) => assert_eq!(args.url(), url),
            other => panic!("{other:?}"),
        };
        check(&["a b.jpg"], "http://127.0.0.1:8888/-/purge/a%20b.jpg");
        check(&["http://host/a.jpg", "-s", "https://img/"], "https://img/-/purge/http%3A//host/a.jpg");
        check(&["--prefix", "a&b/"], "http://127.0.0.1:8888/-/purge?prefix=a%26b/");
        check(&["--tag", "src-0123456789abcdef"], "http://127.0.0.1:8888/-/purge?tag=src-0123456789abcdef");
        for wrong in [&[][..], &["a", "--tag", "b"], &["--prefix", "a", "--tag", "b"]] {
            assert!(Cli::try_parse_from([&["tintype", "purge"], wrong].concat()).is_err(), "{wrong:?}");
        }
    }
}
