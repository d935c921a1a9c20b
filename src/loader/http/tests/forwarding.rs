//! What origins see of clients.

use super::*;
use crate::config::HttpConfig;
use crate::loader::Forwarded;
use reqwest::header::{HeaderName, HeaderValue};

/// A client with secrets and a header of its own.
fn client() -> HeaderMap {
    let headers = [
        ("authorization", "Bearer secret"),
        ("cookie", "session=secret"),
        ("host", "tintype.example"),
        ("user-agent", "browser"),
        ("x-tenant", "seven"),
    ];
    headers.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).into_iter().collect()
}

async fn load_as_client(http: HttpConfig, id: &str) -> Result<Loaded, LoadError> {
    let forwarded = Forwarding::new(&http).of(&client());
    let asked = Conditions { forwarded, ..Conditions::default() };
    HttpLoader::new(&LoaderConfig { http, ..config() }).unwrap().load(id, &asked).await
}

fn named(names: &[&str]) -> HttpConfig {
    HttpConfig { forward_headers: names.iter().map(|&name| name.to_owned()).collect(), ..HttpConfig::default() }
}

fn has(head: &str, line: &str) -> bool {
    head.to_ascii_lowercase().contains(&format!("\r\n{line}\r\n"))
}

#[tokio::test]
async fn origins_see_what_the_settings_name() {
    let user_agent = HttpConfig { forward_user_agent: true, ..HttpConfig::default() };
    let all = HttpConfig { forward_all: true, ..HttpConfig::default() };
    for (http, seen) in [
        (HttpConfig::default(), [false, false, false, false]),
        (user_agent, [false, false, true, false]),
        (named(&["x-tenant"]), [false, false, false, true]),
        (named(&["cookie", "authorization"]), [true, true, false, false]),
        (all, [false, false, true, true]),
    ] {
        let origin = Origin::saying(whole("200 OK", "", "x")).await;
        load_as_client(http.clone(), &origin.id("a")).await.unwrap();
        let head = origin.heads().remove(0);
        let lines =
            ["authorization: bearer secret", "cookie: session=secret", "user-agent: browser", "x-tenant: seven"];
        assert_eq!(lines.map(|line| has(&head, line)), seen, "{http:?}: {head}");
        assert!(has(&head, &format!("host: {}", origin.address)), "{head}");
    }
}

#[tokio::test]
async fn a_loader_sends_only_what_its_own_settings_name() {
    let origin = Origin::saying(whole("200 OK", "", "x")).await;
    let asked = Conditions { forwarded: Forwarded::pick(&client(), |_| true), ..Conditions::default() };
    HttpLoader::new(&config()).unwrap().load(&origin.id("a"), &asked).await.unwrap();
    let head = origin.heads().remove(0);
    assert!(!head.contains("secret") && !head.contains("seven") && !head.contains("browser"), "{head}");
}

#[tokio::test]
async fn credentials_never_go_to_the_next_host() {
    let second = Origin::saying(whole("200 OK", "", "x")).await;
    let location = format!("location: {}\r\n", second.url("b"));
    let first = Origin::saying(whole("302 Found", &location, "")).await;
    load_as_client(named(&["cookie", "authorization", "x-tenant"]), &first.id("a")).await.unwrap();
    let heads = [first.heads().remove(0), second.heads().remove(0)];
    for (head, seen) in heads.iter().zip([true, false]) {
        assert_eq!(has(head, "authorization: bearer secret"), seen, "{head}");
        assert_eq!(has(head, "cookie: session=secret"), seen, "{head}");
        assert!(has(head, "x-tenant: seven"), "{head}");
    }
    // Nor does the password of an address.
    let with_password = first.url("a").replace("http://", "http://user:secret@");
    load_as_client(HttpConfig::default(), &conformance::quote(&with_password)).await.unwrap();
    assert!(has(&first.heads()[1], "authorization: basic dxnlcjpzzwnyzxq="), "{:?}", first.heads());
    assert!(!second.heads()[1].to_ascii_lowercase().contains("authorization"), "{:?}", second.heads());
    // On the same host they stay.
    let home = Origin::start(|stream, head| {
        let away = path_of(&head) == "/a";
        say(stream, if away { whole("302 Found", "location: /b\r\n", "") } else { whole("200 OK", "", "x") })
    })
    .await;
    load_as_client(named(&["cookie"]), &home.id("a")).await.unwrap();
    assert!(home.heads().iter().all(|head| has(head, "cookie: session=secret")), "{:?}", home.heads());
}
