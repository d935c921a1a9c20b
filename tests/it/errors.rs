//! Errors are the right ones, short, plain and silent about what lies behind.

use crate::support::{Gate, Server, eventually, jobs, settings};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tintype::codec::{CodecError, Format};
use tintype::loader::{Conditions, LoadError, Loaded, Loader};

#[tokio::test]
async fn errors_are_short_and_plain() {
    let server = Server::start(settings(), jobs::at_once).await;
    let long = format!("/unsafe/{}.png", "x".repeat(4000));
    let cases = [
        ("/", 400),
        ("/unsafe/99999999999x1/a.png", 400),
        ("/unsafe/none.png", 404),
        (long.as_str(), 404),
        ("/unsafe/text.png", 415),
        ("/unsafe/half.png", 422),
        ("/unsafe/huge.png", 422),
        ("/-/nothing", 404),
    ];
    for (path, status) in cases {
        let answer = server.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.body.len() < 200 && answer.text().ends_with('\n'), "{}", answer.text());
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("server"), Some("tintype"));
        assert_eq!(answer.header("etag"), None);
    }
}

#[tokio::test]
async fn errors_about_sources_may_be_kept_where_the_settings_say_so() {
    let mut config = settings();
    config.server.error_max_age_s = 30;
    let server = Server::start(config, jobs::at_once).await;
    let age = async |path: &str| server.get(path).await.header("cache-control").map(str::to_owned);
    assert_eq!(age("/unsafe/none.png").await.as_deref(), Some("max-age=30"));
    assert_eq!(age("/unsafe/text.png").await.as_deref(), Some("max-age=30"));
    assert_eq!(age("/nonsense").await.as_deref(), Some("no-store"));
}

#[tokio::test]
async fn a_panicking_job_answers_500_and_disturbs_nobody() {
    let server = Server::start(settings(), |job, _| match job.recipe.source.as_str() {
        "a.png" => panic!("drawn by a test"),
        _ => Ok(jobs::rendered(jobs::BODY)),
    })
    .await;
    for _ in 0..3 {
        let answer = server.get("/unsafe/a.png").await;
        assert_eq!((answer.status, answer.text()), (500, "internal error\n"));
        assert_eq!(server.get("/unsafe/b.png").await.status, 200);
    }
    assert_eq!((server.pipeline.waiting(), server.pipeline.passengers()), (0, 0));
}

#[tokio::test]
async fn a_job_that_fails_says_what_is_wrong() {
    let server = Server::start(settings(), |_, _| {
        Err(CodecError::Broken { format: Format::Png, reason: "row 7 is missing".into() }.into())
    })
    .await;
    let answer = server.get("/unsafe/a.png").await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("row 7 is missing"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_out_of_time_is_504_and_stopped() {
    for gate in [Gate::closed(), Gate::stubborn()] {
        let mut config = settings();
        config.admission.render_timeout = Duration::from_millis(20);
        let server = Server::start(config, gate.work()).await;
        assert_eq!(server.get("/unsafe/a.png").await.status, 504);
        if gate.listens() {
            eventually("the job has stopped", || gate.cancelled() == 1).await;
        }
        gate.open(); // for the one that does not listen
        eventually("nobody waits", || server.pipeline.passengers() == 0).await;
    }
}

/// A source whose origin fails in all ways.
#[derive(Debug)]
struct Faulty;

#[async_trait::async_trait]
impl Loader for Faulty {
    async fn load(&self, id: &str, _: &Conditions) -> Result<Loaded, LoadError> {
        Err(match id {
            "refused" => LoadError::Unreachable {
                host: "db.internal".into(),
                source: Arc::new(io::Error::other("10.0.0.3 refused")),
            },
            "late" => LoadError::Timeout,
            "forbids" => LoadError::Upstream { status: 403 },
            "large" => LoadError::TooLarge { limit_bytes: 7 },
            "io" => LoadError::Io(Arc::new(io::Error::other("/srv/secret: input/output error"))),
            "panics" => panic!("drawn by a test"),
            _ => LoadError::NotFound,
        })
    }
}

impl std::fmt::Display for Faulty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("faulty")
    }
}

#[tokio::test]
async fn the_faults_of_origins_become_the_right_status() {
    let server = Server::start_with(settings(), Arc::new(Faulty), jobs::at_once).await;
    let cases =
        [("refused", 502), ("late", 504), ("forbids", 502), ("large", 413), ("io", 500), ("panics", 500), ("x", 404)];
    for (source, status) in cases {
        let answer = server.get(&format!("/unsafe/{source}")).await;
        assert_eq!(answer.status, status, "{source}");
        for secret in ["internal:", "db.", "10.0.0.3", "/srv", "403"] {
            assert!(!answer.text().contains(secret), "{}", answer.text());
        }
    }
}

#[tokio::test]
async fn errors_are_objects_where_the_settings_say_so() {
    let mut config = settings();
    config.server.error_format = tintype::config::ErrorFormat::Json;
    let server = Server::start(config, jobs::at_once).await;
    let check = async |method: &str, path: &str, status: u16, code: &str, message: &str| {
        let answer = server.request(method, path, "Content-Length: 0\r\n").await;
        let expected = format!("{{\"status\":{status},\"code\":\"{code}\",\"message\":\"{message}\"}}");
        assert_eq!((answer.status, answer.text()), (status, expected.as_str()));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("content-length"), Some(expected.len().to_string().as_str()));
    };
    check("GET", "/unsafe/none.png", 404, "NoSuchKey", "source not found").await;
    check("POST", "/unsafe/a.png", 405, "MethodNotAllowed", "only GET, HEAD can be used here").await;
    check("GET", "/-/nothing", 404, "NotFound", "nothing here").await;
    assert_eq!(server.get("/unsafe/a.png").await.body, jobs::BODY);
    let head = server.request("HEAD", "/unsafe/none.png", "").await;
    assert_eq!(head.header("content-length"), Some("62"));
}
