//! What is deployed at AWS: the template of a stack, and the archive of a function.

use crate::support::docs::tree;
use crate::support::s3::environment;
use std::fs;
use std::path::Path;
use std::process::Command;
use tintype::config::{Known, lookup};

/// Parameters of Serverless Image Handler 3 and 7, whose stacks this one takes the place of.
const PARAMETERS: &[&str] = &[
    "OriginS3Bucket",
    "OriginS3BucketRegion",
    "EnableCors",
    "CorsOrig",
    "LambdaLogRetention",
    "DeployUI",
    "UIDestPrefix",
    "SourceBucketsParameter",
    "CorsEnabledParameter",
    "CorsOriginParameter",
    "DeployDemoUIParameter",
    "LogRetentionPeriodParameter",
    "AutoWebPParameter",
    "EnableSignatureParameter",
    "SecretsManagerSecretParameter",
    "SecretsManagerKeyParameter",
    "EnableDefaultFallbackImageParameter",
    "FallbackImageS3BucketParameter",
    "FallbackImageS3KeyParameter",
    "CloudFrontPriceClassParameter",
    "OriginShieldRegionParameter",
    "UseExistingCloudFrontDistributionParameter",
    "ExistingCloudFrontDistributionIdParameter",
];

#[test]
fn the_template_is_sound_and_has_the_parameters_of_the_handler() {
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("docker/lambda/template.yaml");
    let text = fs::read_to_string(&template).unwrap();
    let section = |from: &str, to: &str| text.split_once(from).unwrap().1.split_once(to).unwrap().0;
    let parameters = section("\nParameters:\n", "\nRules:\n");
    for name in PARAMETERS {
        assert!(parameters.contains(&format!("  {name}:\n")), "{name}");
    }
    let outputs = text.split_once("\nOutputs:\n").unwrap().1;
    for name in [
        "SampleRequest",
        "ApiEndpoint",
        "DemoUI",
        "DemoUrl",
        "SourceBuckets",
        "CorsEnabled",
        "CorsOrigin",
        "LogRetentionPeriod",
    ] {
        assert!(outputs.contains(&format!("  {name}:\n")), "{name}");
    }
    let variables = section("        Variables:\n", "      Policies:\n");
    let lines = variables.lines().filter_map(|line| line.strip_prefix("          ")?.split_once(": "));
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let names: Vec<_> = lines.map(|(name, _)| name).filter(|name| is_name(name)).collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(
            name == "PROFILE" || matches!(lookup(name), Known::Key { .. } | Known::Alias { .. }),
            "`{name}` is no setting"
        );
    }
    let linter = environment("cfn-lint", &tree("tests/lambda/requirements.txt")).with_file_name("cfn-lint");
    let regions = ["--regions", "us-east-1", "eu-west-1", "ap-southeast-2", "--"];
    let told = Command::new(linter).args(regions).arg(&template).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
}

#[test]
fn the_archive_brings_along_what_the_program_needs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("function.zip");
    let pack = |name: &Path| {
        let mut pack = Command::new("python3");
        pack.arg(root.join("docker/lambda/package.py")).arg("/bin/echo").arg(name);
        assert!(pack.status().unwrap().success());
        fs::read(name).unwrap()
    };
    assert_eq!(pack(&archive), pack(&folder.path().join("again.zip")), "the same every time");
    let unpack = "import os, sys, zipfile\nwith zipfile.ZipFile(sys.argv[1]) as z:\n for i in z.infolist():\n  \
                  os.chmod(z.extract(i, sys.argv[2]), i.external_attr >> 16)";
    assert!(Command::new("python3").args(["-c", unpack]).arg(&archive).arg(folder.path()).status().unwrap().success());
    let started =
        Command::new(folder.path().join("bootstrap")).env("LAMBDA_TASK_ROOT", folder.path()).output().unwrap();
    assert!(started.status.success() && started.stdout == b"\n", "{started:?}");
    let own = fs::read_dir(folder.path().join("lib")).unwrap().map(|file| file.unwrap().file_name());
    assert!(own.into_iter().any(|name| name == "libc.so.6"));
}
