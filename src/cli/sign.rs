//! `sign`: signed URLs, with the options of `thumbor-url`.

use clap::Args;
use std::path::PathBuf;
use tintype::config::{Flags, SecurityConfig, Sources};
use tintype::request::{ComposeError, Digest, PathOptions, Scheme};

/// The options of `thumbor-url`.
#[derive(Args, Debug)]
#[command(after_help = SIGN_EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub(crate) struct SignArgs {
    /// Secret to sign with; other users of this machine may see it [default: that of the server's settings]
    #[arg(short, long)]
    key: Option<String>,
    /// File that holds the secret; spaces and line ends around it do not count
    #[arg(short = 'l', long, value_name = "FILE", conflicts_with = "key")]
    keyfile: Option<PathBuf>,
    /// File with the server's settings [default: ./tintype.toml, else /etc/tintype/tintype.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Hash function of the signature: sha1, sha256 or sha512 [default: the setting `SIGNER_TYPE`]
    #[arg(long, value_parser = digest)]
    signer_type: Option<Digest>,
    /// Characters of the signature that are left; 0 for all [default: the setting `SIGNER_TRUNCATE`]
    #[arg(long, value_name = "CHARACTERS")]
    signer_truncate: Option<usize>,
    /// A preset of the server; what else is given wins over it
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// Width in pixels, `orig`, or nothing for "as the height says"
    #[arg(short, long, default_value = "", allow_hyphen_values = true, hide_default_value = true)]
    width: String,
    /// Height in pixels, `orig`, or nothing for "as the width says"
    #[arg(short = 'e', long, default_value = "", allow_hyphen_values = true, hide_default_value = true)]
    height: String,
    /// Fit into width and height instead of cropping
    #[arg(short = 'n', long = "fitin", visible_alias = "fit-in")]
    fit_in: bool,
    /// Cover width and height; goes with --fitin
    #[arg(long)]
    full: bool,
    /// Turn width and height to lie as the picture does; goes with --fitin
    #[arg(long)]
    adaptive: bool,
    /// Find what matters and keep it
    #[arg(short, long)]
    smart: bool,
    /// Cut off a border of one color; optionally a corner and a tolerance, as --trim=top-left:10
    #[arg(short, long, num_args = 0..=1, require_equals = true, default_missing_value = "", value_name = "CORNER[:TOLERANCE]")]
    trim: Option<String>,
    /// Mirror left to right
    #[arg(short = 'f', long = "horizontal-flip", visible_alias = "horizontal_flip")]
    flip_x: bool,
    /// Mirror top to bottom
    #[arg(short = 'v', long = "vertical-flip", visible_alias = "vertical_flip")]
    flip_y: bool,
    /// What to keep when cropping: left, center or right
    #[arg(short = 'a', long)]
    halign: Option<String>,
    /// What to keep when cropping: top, middle or bottom
    #[arg(short = 'i', long)]
    valign: Option<String>,
    /// Ask for what would be done, as JSON
    #[arg(short, long)]
    meta: bool,
    /// Cut this out first: left, top, right and bottom in pixels
    #[arg(short, long, value_name = "LxT:RxB")]
    crop: Option<String>,
    /// A filter such as "blur(2)"; may be given several times
    #[arg(long, value_name = "FILTER")]
    filters: Vec<String>,
    /// Path or address of the picture, not encoded
    image: String,
}

const SIGN_EXAMPLES: &str = "\
Examples:
  tintype sign -k s3cr3t -w 120 -e 90 example.com/pic.jpg
  tintype sign -l /etc/tintype/key -w 300 -n --filters 'quality(70)' --filters 'grayscale()' 'folder/a b.jpg'
Put the address of the server before the path that is printed.";

/// Why no URL could be signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignError {
    #[error("no secret to sign with: give --key or --keyfile, or set SECURITY_KEY in the environment or in --config")]
    NoKey,
    #[error("key file `{path}` cannot be read: {source}")]
    KeyFile { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Options(#[from] ComposeError),
}

impl SignArgs {
    /// Where the settings are of the server that the URL is for.
    pub(crate) fn sources(&self) -> Sources {
        Sources::of_process(self.config.clone(), Flags::default())
    }

    /// What `thumbor-url` prints, signed as the server's settings say where no flag says otherwise.
    ///
    /// # Errors
    /// [`SignError`].
    pub(crate) fn run(self, settings: &SecurityConfig) -> Result<String, SignError> {
        let key = match (&self.keyfile, &self.key) {
            (Some(path), _) => Some(read_key(path)?),
            (None, key) => key.clone().or_else(|| Some(settings.keys.first()?.reveal().to_owned())),
        };
        let key = key.filter(|key| !key.is_empty()).ok_or(SignError::NoKey)?;
        let Scheme { digest, length } = settings.scheme;
        let scheme =
            Scheme { digest: self.signer_type.unwrap_or(digest), length: self.signer_truncate.unwrap_or(length) };
        Ok(format!("URL:\n{}\n", self.options().compose()?.signed_path(key.as_bytes(), scheme)))
    }

    fn options(self) -> PathOptions {
        PathOptions {
            preset: self.preset,
            debug: false,
            meta: self.meta,
            trim: self.trim,
            crop: self.crop,
            fit_in: self.fit_in,
            full: self.full,
            adaptive: self.adaptive,
            width: self.width,
            height: self.height,
            flip_x: self.flip_x,
            flip_y: self.flip_y,
            halign: self.halign,
            valign: self.valign,
            smart: self.smart,
            filters: self.filters,
            image: self.image,
        }
    }
}

/// A hash function by its name.
fn digest(name: &str) -> Result<Digest, String> {
    match name.to_ascii_lowercase().as_str() {
        "sha1" => Ok(Digest::Sha1),
        "sha256" => Ok(Digest::Sha256),
        "sha512" => Ok(Digest::Sha512),
        _ => Err("sha1, sha256 and sha512 are known".into()),
    }
}

fn read_key(path: &PathBuf) -> Result<String, SignError> {
    let text = std::fs::read_to_string(path).map_err(|source| SignError::KeyFile { path: path.clone(), source })?;
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{Cli, Command};
    use clap::Parser as _;
    use tintype::config::{Secret, SecurityConfig};
    use tintype::request::{Digest, Scheme};

    fn sign(args: &[&str]) -> Result<String, String> {
        sign_for(&SecurityConfig::default(), args)
    }

    /// For a server with these settings.
    fn sign_for(settings: &SecurityConfig, args: &[&str]) -> Result<String, String> {
        let line = ["tintype", "sign"].into_iter().chain(args.iter().copied());
        match Cli::try_parse_from(line).map_err(|error| error.to_string())?.chosen() {
            Command::Sign(args) => args.run(settings).map_err(|error| error.to_string()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn signing_prints_what_thumbor_url_prints() {
        let check = |args: &[&str], path: &str| assert_eq!(sign(args).unwrap(), format!("URL:\n{path}\n"), "{args:?}");
        check(
            &["-k", "s3cr3t", "-w", "120", "-e", "90", "example.com/pic.jpg"],
            "/_4MFzHga10zwVWkflHwVkTWnHKc=/120x90/example.com/pic.jpg",
        );
        check(
            &[
                "-k",
                "K",
                "-t",
                "-s",
                "-w",
                "10",
                "--filters",
                "blur(2)",
                "--filters",
                "grayscale()",
                "http://a.b/c?d=1",
            ],
            "/e6aDcrEKaeuD8tO_6Ssj8_Uxpi0=/trim/10x0/smart/filters:blur(2):grayscale()/http%3A//a.b/c%3Fd%3D1",
        );
    }

    #[test]
    fn every_flag_has_its_segment() {
        let check = |args: &[&str], rest: &str| {
            let line = sign(&[&["-k", "k"], args, &["i.jpg"]].concat()).unwrap();
            let path = line.trim_end().strip_prefix("URL:\n/").unwrap().split_once('/').unwrap().1;
            assert_eq!(path, rest, "{args:?}");
        };
        check(&[], "i.jpg");
        check(&["-n", "-w", "30", "-e", "20"], "fit-in/30x20/i.jpg");
        check(&["--fit-in", "--full", "--adaptive", "-w", "30"], "adaptive-full-fit-in/30x0/i.jpg");
        check(&["-f", "-v", "-w", "30", "-e", "20"], "-30x-20/i.jpg");
        check(&["-w", "-30"], "-30x0/i.jpg");
        check(&["-a", "left", "-i", "top", "-w", "3"], "3x0/left/top/i.jpg");
        check(&["-m", "-c", "1x2:30x40"], "meta/1x2:30x40/i.jpg");
        check(&["--trim=bottom-right:10"], "trim:bottom-right:10/i.jpg");
        check(&["--smart"], "smart/i.jpg");
        check(&["--signer-type", "SHA256", "--signer-truncate", "40"], "i.jpg");
        check(&["--preset", "thumb", "-w", "30"], "preset:thumb/30x0/i.jpg");
    }

    #[test]
    fn the_secret_comes_from_a_flag_a_file_or_the_settings() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), " s3cr3t\n").unwrap();
        let path = file.path().to_str().unwrap();
        let by_flag = sign(&["-k", "s3cr3t", "i.jpg"]);
        assert!(by_flag.is_ok());
        assert_eq!(sign(&["-l", path, "i.jpg"]), by_flag);
        let settings =
            SecurityConfig { keys: vec![Secret::new("s3cr3t"), Secret::new("older")], ..SecurityConfig::default() };
        assert_eq!(sign_for(&settings, &["i.jpg"]), by_flag);
        assert_eq!(sign_for(&settings, &["-k", "other", "i.jpg"]), sign(&["-k", "other", "i.jpg"]));
        assert!(sign(&["i.jpg"]).unwrap_err().starts_with("no secret to sign with"));
        assert!(sign(&["-l", "/no/such/key", "i.jpg"]).unwrap_err().starts_with("key file `/no/such/key`"));
        assert!(sign(&["-k", "k", "-a", "upwards", "i.jpg"]).unwrap_err().contains("`upwards`"));
    }

    #[test]
    fn the_signature_is_made_as_flags_or_settings_say() {
        let scheme = Scheme { digest: Digest::Sha256, length: 40 };
        let settings = SecurityConfig { scheme, ..SecurityConfig::default() };
        let flags = ["--signer-type", "sha256", "--signer-truncate", "40"];
        let by_flags = sign(&[&["-k", "k"], &flags[..], &["i.jpg"]].concat());
        assert_eq!(by_flags.as_deref().unwrap().len(), "URL:\n/".len() + 40 + "/i.jpg\n".len());
        assert_eq!(sign_for(&settings, &["-k", "k", "i.jpg"]), by_flags);
        let plain = ["-k", "k", "--signer-type", "sha1", "--signer-truncate", "0", "i.jpg"];
        assert_eq!(sign_for(&settings, &plain), sign(&["-k", "k", "i.jpg"]));
    }
}
