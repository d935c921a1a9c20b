use super::*;
use crate::config::{Flags, Sources};
use std::collections::BTreeMap;

async fn examined(environment: &[(&str, &str)], image: Option<&str>) -> Diagnosis {
    let environment: BTreeMap<_, _> =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let sources = Sources {
        environment,
        flags: Flags::default().with("HOST", "--host", Some("127.0.0.1")).with("PORT", "--port", Some(0)),
        ..Sources::default()
    };
    Box::pin(examine(sources.load(), image)).await
}

/// What is said of a subject.
fn of<'a>(diagnosis: &'a Diagnosis, subject: &str) -> Vec<&'a Finding> {
    diagnosis.findings.iter().filter(|finding| finding.subject == subject).collect()
}

#[tokio::test]
async fn a_good_server_is_told_so() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/config/samples");
    let key = "0123456789abcdef0123456789abcdef";
    let diagnosis = examined(&[("SECURITY_KEY", key), ("FILE_LOADER_ROOT_PATH", root)], None).await;
    for subject in ["settings", "keys", "address", "source", "storage", "formats"] {
        let findings = of(&diagnosis, subject);
        assert!(!findings.is_empty() && findings.iter().all(|finding| finding.state == State::Ok), "{findings:?}");
    }
    assert!(of(&diagnosis, "source")[0].text.contains("bytes, read in"), "{diagnosis}");
    assert!(!diagnosis.to_string().contains(key));
    assert!(!diagnosis.json().contains(key));
}

#[tokio::test]
async fn each_problem_comes_with_what_to_do() {
    let diagnosis = examined(&[("SECURITY_KEY", "short"), ("ALLOW_UNSAFE_URL", "true")], Some("no/such.jpg")).await;
    assert_eq!(diagnosis.state(), State::Problem);
    assert_eq!(of(&diagnosis, "keys").len(), 2, "{diagnosis}");
    let source = of(&diagnosis, "source")[0];
    assert!(
        source.text.contains("`no/such.jpg`") && source.fix.as_ref().unwrap().contains("is the name right?"),
        "{source:?}"
    );

    let diagnosis = examined(&[("QUALITY", "much"), ("SECURITY_KEY", "MY_SECURE_KEY")], None).await;
    let settings = of(&diagnosis, "settings");
    assert_eq!(settings.len(), 2, "{diagnosis}");
    assert!(settings.iter().all(|finding| finding.state == State::Problem && finding.fix.is_some()));
    assert_eq!(of(&diagnosis, "formats").len(), 1, "formats do not need settings");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let diagnosis = examined(&[("ALLOW_UNSAFE_URL", "true"), ("FILE_LOADER_ROOT_PATH", "/no/such/folder")], None).await;
    assert!(of(&diagnosis, "source")[0].text.contains("/no/such/folder"), "{diagnosis}");
}

#[tokio::test]
async fn storages_are_written_to_and_left_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("results");
    // Nobody can have a folder below a file, root included.
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let bad = file.join("originals");
    let environment = [
        ("ALLOW_UNSAFE_URL", "true"),
        ("RESULT_STORAGE", "file"),
        ("RESULT_STORAGE_FILE_STORAGE_ROOT_PATH", good.to_str().unwrap()),
        ("STORAGE", "file"),
        ("FILE_STORAGE_ROOT_PATH", bad.to_str().unwrap()),
    ];
    let diagnosis = examined(&environment, None).await;
    let [originals, results] = of(&diagnosis, "storage")[..] else { panic!("{diagnosis}") };
    assert_eq!((originals.state, results.state), (State::Problem, State::Ok), "{diagnosis}");
    assert!(originals.fix.as_ref().unwrap().contains(bad.to_str().unwrap()), "{originals:?}");
    let mut files = Vec::new();
    let mut folders = vec![good];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    assert_eq!(files, Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn a_unix_socket_is_tried_without_a_trace() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sock");
    let asked = async |path: &std::path::Path| {
        let environment = [("ALLOW_UNSAFE_URL", "true"), ("UNIX_SOCKET", path.to_str().unwrap())];
        of(&examined(&environment, None).await, "address")[0].state
    };
    assert_eq!(asked(&path).await, State::Ok);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let living = std::os::unix::net::UnixListener::bind(&path).unwrap();
    assert_eq!(asked(&path).await, State::Warning);
    drop(living); // its file is for the next server to replace
    assert_eq!(asked(&path).await, State::Ok);
    std::fs::write(folder.path().join("file"), "text").unwrap();
    assert_eq!(asked(&folder.path().join("file")).await, State::Problem);
    assert_eq!(asked(&folder.path().join("none/a.sock")).await, State::Problem);
}
