//! The files in which AWS's programs keep credentials: `~/.aws/credentials` and `~/.aws/config`.

use async_trait::async_trait;
use object_store::CredentialProvider;
use object_store::aws::AwsCredential;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long keys are used before the files are looked at again: other programs write short-lived keys there.
const KEPT: Duration = Duration::from_mins(1);

/// What the files say about one profile.
#[derive(Debug, Default)]
pub(super) struct Profile {
    pub(super) region: Option<String>,
    /// `None` without keys. Roles, SSO and credential processes are not followed.
    pub(super) credential: Option<AwsCredential>,
}

/// Why a profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// A file is there and cannot be read.
    #[error("`{path}` cannot be read: {source}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What failed.
        source: std::io::Error,
    },
    /// No file has keys under this name.
    #[error("profile `{name}` has no aws_access_key_id and aws_secret_access_key")]
    NoKeys {
        /// The profile.
        name: String,
    },
}

impl Profile {
    /// Reads the profile of this name, `default` without one. Files that are not there say nothing.
    pub(super) fn read(name: Option<&str>) -> Result<Self, ProfileError> {
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let file = |variable: &str, name: &str| {
            let named = std::env::var_os(variable).map(PathBuf::from);
            named.or_else(|| Some(home.as_ref()?.join(".aws").join(name)))
        };
        let text = |path: Option<PathBuf>| match path.map(|path| (std::fs::read_to_string(&path), path)) {
            None => Ok(String::new()),
            Some((Ok(text), _)) => Ok(text),
            Some((Err(error), _)) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
            Some((Err(source), path)) => Err(ProfileError::Unreadable { path, source }),
        };
        let config = text(file("AWS_CONFIG_FILE", "config"))?;
        let credentials = text(file("AWS_SHARED_CREDENTIALS_FILE", "credentials"))?;
        Ok(Self::parse(name.unwrap_or("default"), &config, &credentials))
    }

    /// Credentials files name sections plainly, config files with the word `profile` before, but for the default one.
    fn parse(name: &str, config: &str, credentials: &str) -> Self {
        let mut values = section(config, &[&format!("profile {name}"), if name == "default" { name } else { "" }]);
        values.extend(section(credentials, &[name]));
        let mut take = |key: &str| values.remove(key).filter(|value| !value.is_empty());
        let credential = match (take("aws_access_key_id"), take("aws_secret_access_key")) {
            (Some(key_id), Some(secret_key)) => {
                Some(AwsCredential { key_id, secret_key, token: take("aws_session_token") })
            }
            _ => None,
        };
        Self { region: take("region"), credential }
    }
}

/// The values of the sections of these names.
fn section(text: &str, names: &[&str]) -> HashMap<String, String> {
    let (mut values, mut inside) = (HashMap::new(), false);
    for line in text.lines() {
        // An indented line belongs to the value before it, which is then a table that nobody here asks for.
        let indented = line.starts_with([' ', '\t']);
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            inside = names.contains(&name.as_str());
        } else if let Some((key, value)) =
            line.split_once('=').filter(|_| inside && !indented && !line.starts_with(['#', ';']))
        {
            values.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    values
}

/// The keys of a profile, read again from time to time.
#[derive(Debug)]
pub(super) struct ProfileCredentials {
    name: Option<String>,
    kept: Mutex<Option<(Instant, Arc<AwsCredential>)>>,
}

impl ProfileCredentials {
    pub(super) fn new(name: Option<String>) -> Self {
        Self { name, kept: Mutex::new(None) }
    }
}

#[async_trait]
impl CredentialProvider for ProfileCredentials {
    type Credential = AwsCredential;

    /// Two small files once a minute are not worth another thread.
    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, credential)) = kept.as_ref().filter(|(since, _)| since.elapsed() < KEPT) {
            return Ok(Arc::clone(credential));
        }
        let name = || self.name.clone().unwrap_or_else(|| "default".to_owned());
        let read = Profile::read(self.name.as_deref());
        let found = read.and_then(|profile| profile.credential.ok_or_else(|| ProfileError::NoKeys { name: name() }));
        let credential =
            Arc::new(found.map_err(|error| object_store::Error::Generic { store: "S3", source: error.into() })?);
        *kept = Some((Instant::now(), Arc::clone(&credential)));
        Ok(credential)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDENTIALS: &str = "\
# keys
[default]
aws_access_key_id = AKID
aws_secret_access_key=secret/with=signs+
[ work ]
aws_access_key_id=AKWORK
aws_secret_access_key=worksecret
aws_session_token=token
region = us-west-2
[half]
aws_access_key_id=AKHALF
";
    const CONFIG: &str = "\
[default]
region = eu-central-1
s3 =
  addressing_style = path
  region = nested
[profile work]
region = eu-north-1
output = json
[profile sso]
sso_session = x
region = ap-south-1
";

    #[test]
    fn both_files_make_a_profile() {
        let check = |name: &str, region: Option<&str>, keys: Option<(&str, &str, Option<&str>)>| {
            let profile = Profile::parse(name, CONFIG, CREDENTIALS);
            assert_eq!(profile.region.as_deref(), region, "{name}");
            let found = profile.credential.as_ref();
            let found = found.map(|it| (it.key_id.as_str(), it.secret_key.as_str(), it.token.as_deref()));
            assert_eq!(found, keys, "{name}");
        };
        check("default", Some("eu-central-1"), Some(("AKID", "secret/with=signs+", None)));
        check("work", Some("us-west-2"), Some(("AKWORK", "worksecret", Some("token"))));
        check("half", None, None);
        check("sso", Some("ap-south-1"), None);
        check("missing", None, None);
        check("profile work", None, None);
    }
}
