//! Originals that clients bring, by Thumbor's rules, and pictures that are not shown.

use crate::support::client::Answer;
use crate::support::fixtures::{huge_png_header, quadrants_file};
use crate::support::{Client, Server, settings};
use image::ImageFormat;
use sha1::{Digest as _, Sha1};
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use tintype::config::{BlacklistMode, Config, Secret, StorageKind, UploadAccess};
use tintype::request::ImageId;

const TOKEN: &str = "Authorization: Bearer open sesame\r\n";
const NO_ID: &str = "0123456789abcdef0123456789abcdef";

fn keeping(folder: &Path) -> Config {
    let mut config = settings();
    config.security.tokens = vec![Secret::new("open sesame")];
    config.originals.place.kind = StorageKind::File;
    config.originals.place.folder = folder.into();
    config.uploads.enabled = true;
    config.uploads.put_allowed = true;
    config.uploads.delete_allowed = true;
    config
}

async fn server(config: Config) -> Server {
    Server::of(config, [("a.png", quadrants_file(8, 8, ImageFormat::Png))]).await
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

async fn send(server: &Server, method: &str, path: &str, more: &str, body: &[u8]) -> Answer {
    let mut client = Client::connect(server.address).await;
    client.send(format!("{method} {path} HTTP/1.1\r\nHost: a\r\n{more}Content-Length: {}\r\n\r\n", body.len())).await;
    client.send(body).await;
    client.answer(method).await
}

/// Uploads a picture and gives its path.
async fn uploaded(server: &Server, more: &str, body: &[u8]) -> String {
    let answer = send(server, "POST", "/image", &format!("{TOKEN}{more}"), body).await;
    assert_eq!((answer.status, answer.body.len()), (201, 0), "{}", answer.text());
    answer.header("location").unwrap().to_owned()
}

fn id(path: &str) -> &str {
    path.split('/').nth(2).unwrap()
}

#[tokio::test]
async fn an_upload_comes_back_as_it_was_and_can_be_rendered_under_any_name() {
    let folder = folder();
    let server = server(keeping(folder.path())).await;
    let file = quadrants_file(80, 40, ImageFormat::Png);
    let path = uploaded(&server, "Content-Type: image/png\r\nSlug: my photo.png\r\n", &file).await;
    let id = id(&path);
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{path}");
    assert_eq!(path, format!("/image/{id}/my%20photo.png"));
    for path in [&path, &format!("/image/{id}"), &format!("/image/{id}/other/name")] {
        let answer = server.request("GET", path, TOKEN).await;
        assert_eq!((answer.status, &answer.body), (200, &file), "{path}");
        assert_eq!(answer.header("content-type"), Some("image/png"));
        assert_eq!(answer.header("cache-control"), Some("max-age=86400,public"));
        assert!(answer.header("content-security-policy").unwrap().contains("sandbox"));
        let known = format!("{TOKEN}If-None-Match: {}\r\n", answer.etag());
        assert_eq!(server.request("GET", path, &known).await.status, 304);
    }
    for name in [id.to_owned(), format!("{id}/any-name.jpg"), format!("{id}/a/b.png")] {
        assert_eq!(server.get(&format!("/unsafe/20x10/{name}")).await.picture().dimensions(), (20, 10), "{name}");
    }
    assert_eq!(server.get(&format!("/unsafe/20x10/{NO_ID}/a.jpg")).await.status, 404);

    let later = self::server(keeping(folder.path())).await;
    assert_eq!(later.request("GET", &path, TOKEN).await.body, file);
}

#[tokio::test]
async fn a_form_brings_it_as_media() {
    let folder = folder();
    let server = server(keeping(folder.path())).await;
    let file = quadrants_file(20, 10, ImageFormat::Jpeg);
    let form = |field: &str| {
        let head = format!("--b\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"x.jpg\"\r\n\r\n");
        [head.as_bytes(), &file, b"\r\n--b--\r\n"].concat()
    };
    let kind = "Content-Type: multipart/form-data; boundary=b\r\n";
    let path = uploaded(&server, kind, &form("media")).await;
    assert!(path.ends_with("/x.jpg"));
    assert_eq!(server.request("GET", &path, TOKEN).await.body, file);
    let answer = send(&server, "POST", "/image", &format!("{TOKEN}{kind}"), &form("other")).await;
    assert_eq!((answer.status, answer.text()), (400, "the form holds no file called `media`\n"));
    let nameless = uploaded(&server, "", &file).await;
    assert!(nameless.ends_with("/image.jpg"), "{nameless}");
}

#[tokio::test]
async fn what_is_uploaded_is_a_picture_of_the_right_size() {
    let folder = folder();
    let mut config = keeping(folder.path());
    config.uploads.max_bytes = 2000;
    config.uploads.min_width = 10;
    config.uploads.min_height = 20;
    let server = server(config).await;
    let png = |width, height| quadrants_file(width, height, ImageFormat::Png);
    let large = [png(10, 20), vec![0; 2000]].concat();
    for (body, status) in [
        (png(10, 20), 201),
        (png(8, 20), 412),
        (png(10, 18), 412),
        (large, 412),
        (vec![0; 100_000], 412),
        (b"not a picture".to_vec(), 415),
        (huge_png_header(), 415),
        (Vec::new(), 415),
    ] {
        let answer = send(&server, "POST", "/image", TOKEN, &body).await;
        assert_eq!(answer.status, status, "{} bytes: {}", body.len(), answer.text());
        let answer = send(&server, "PUT", &format!("/image/{NO_ID}"), TOKEN, &body).await;
        assert_eq!(answer.status, if status == 201 { 204 } else { status });
    }
}

#[tokio::test]
async fn an_upload_can_be_replaced_and_removed_with_what_was_made_of_it() {
    let folder = folder();
    let server = server(keeping(folder.path())).await;
    let path = uploaded(&server, "", &quadrants_file(20, 10, ImageFormat::Png)).await;
    let thumbnail = format!("/unsafe/filters:format(png)/{}/x.png", id(&path));
    assert_eq!(server.get(&thumbnail).await.picture().dimensions(), (20, 10));
    let other = quadrants_file(10, 20, ImageFormat::Png);
    assert_eq!(send(&server, "PUT", &path, TOKEN, &other).await.status, 204);
    assert_eq!(server.request("GET", &path, TOKEN).await.body, other);
    assert_eq!(server.get(&thumbnail).await.picture().dimensions(), (10, 20));
    assert_eq!(send(&server, "DELETE", &path, TOKEN, b"").await.status, 204);
    assert_eq!(send(&server, "DELETE", &path, TOKEN, b"").await.status, 404);
    assert_eq!(server.request("GET", &path, TOKEN).await.status, 404);
    assert_eq!(server.get(&thumbnail).await.status, 404);
    assert_eq!(server.request("GET", "/image/", TOKEN).await.status, 404);
    assert_eq!(server.request("GET", "/image/..%2f..%2fetc", TOKEN).await.status, 404);
}

#[tokio::test]
async fn only_who_may_can_write_and_methods_can_be_switched_off() {
    let folder = folder();
    let file = quadrants_file(20, 10, ImageFormat::Png);
    let statuses = async |access: UploadAccess, more: &str| {
        let mut config = keeping(folder.path());
        config.uploads.access = access;
        let server = server(config).await;
        let path = format!("/image/{NO_ID}");
        let put = send(&server, "PUT", &path, more, &file).await.status;
        let post = send(&server, "POST", "/image", more, &file).await.status;
        let get = server.request("GET", &path, more).await.status;
        let delete = send(&server, "DELETE", &path, more, b"").await.status;
        [put, post, get, delete]
    };
    assert_eq!(statuses(UploadAccess::Token, "").await, [401; 4]);
    assert_eq!(statuses(UploadAccess::Token, "Authorization: Bearer other\r\n").await, [401; 4]);
    assert_eq!(statuses(UploadAccess::Token, TOKEN).await, [204, 201, 200, 204]);
    assert_eq!(statuses(UploadAccess::Read, "").await, [401, 401, 404, 401]);
    assert_eq!(statuses(UploadAccess::Open, "").await, [204, 201, 200, 204]);

    let mut config = keeping(folder.path());
    config.uploads.put_allowed = false;
    config.uploads.delete_allowed = false;
    let server = server(config.clone()).await;
    for method in ["PUT", "DELETE", "PATCH", "POST"] {
        let answer = send(&server, method, &format!("/image/{NO_ID}"), TOKEN, b"").await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
    let answer = server.request("GET", "/image", TOKEN).await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    config.uploads.enabled = false;
    let closed = self::server(config).await;
    assert_eq!(send(&closed, "POST", "/image", TOKEN, &file).await.status, 405);
    assert_eq!(closed.request("GET", &format!("/image/{NO_ID}"), TOKEN).await.status, 400);
}

#[tokio::test]
async fn what_could_not_be_shown_is_not_taken() {
    let folder = folder();
    let server = server(keeping(folder.path())).await;
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Tiff] {
        let file = quadrants_file(200, 120, format);
        for length in (0..=10).map(|tenths| file.len() * tenths / 10) {
            let upload = send(&server, "POST", "/image", TOKEN, &file[..length]).await;
            let shown = send(&server, "POST", "/-/render", TOKEN, &file[..length]).await;
            // What was cut off is shown as far as it goes, where its format leaves anything.
            let expected = if shown.status == 200 { 201 } else { 415 };
            assert_eq!(upload.status, expected, "{length} bytes of {format:?}: {}", upload.text());
        }
    }
    let webp = quadrants_file(200, 120, ImageFormat::WebP);
    let refused = send(&server, "POST", "/image", TOKEN, &webp[..40]).await; // its header is whole
    assert_eq!((refused.status, refused.text()), (415, "broken WebP file: ends before the first row\n"));
}

#[tokio::test]
async fn uploads_are_kept_as_files_unless_the_settings_say_otherwise() {
    let folder = folder();
    let mut config = keeping(folder.path());
    config.originals.place.kind = StorageKind::None;
    let server = server(config).await;
    let file = quadrants_file(20, 10, ImageFormat::Png);
    let path = uploaded(&server, "", &file).await;
    let digest = Sha1::digest(id(&path)).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    assert_eq!(fs::read(folder.path().join(&digest[..2]).join(&digest[2..])).unwrap(), file);
    assert_eq!(server.request("GET", &path, TOKEN).await.body, file);
    assert_eq!(server.get(&format!("/unsafe/10x5/{}", id(&path))).await.picture().dimensions(), (10, 5));
}

#[tokio::test]
async fn a_picture_on_the_blacklist_is_not_shown() {
    let folder = folder();
    let mut config = keeping(folder.path());
    config.uploads.blacklist = true;
    config.uploads.blacklist_max_bytes = 40;
    let server = server(config.clone()).await;
    assert_eq!(server.get("/unsafe/a.png").await.status, 200);
    assert_eq!(send(&server, "PUT", "/blacklist?a.png", "", b"").await.status, 401);
    assert_eq!(server.request("GET", "/blacklist", "").await.status, 401);
    for _ in 0..2 {
        assert_eq!(send(&server, "PUT", "/blacklist?a.png", TOKEN, b"").await.status, 200);
    }
    assert_eq!(send(&server, "PUT", "/blacklist/?http://h/b.png", TOKEN, b"").await.status, 200);
    assert_eq!(send(&server, "PUT", "/blacklist", TOKEN, b"").await.status, 400);
    assert_eq!(send(&server, "PUT", "/blacklist?one-too-many-for-it.png", TOKEN, b"").await.status, 413);
    let list = server.request("GET", "/blacklist", TOKEN).await;
    assert_eq!((list.status, list.text()), (200, "a.png\nhttp://h/b.png\n"));
    let refused = server.get("/unsafe/2x2/a.png").await;
    assert_eq!((refused.status, refused.text()), (400, "this picture is not shown here\n"));
    assert_eq!(server.get("/-/explain/unsafe/2x2/a.png").await.status, 400);
    assert_eq!(server.get(&format!("/unsafe/{}", ImageId::of("http://h/b.png"))).await.status, 400);
    assert_eq!(server.get("/unsafe/png").await.status, 404);

    config.uploads.blacklist_mode = BlacklistMode::Substring;
    let later = self::server(config).await;
    assert_eq!(later.get("/unsafe/png").await.status, 400);
    assert_eq!(later.get("/unsafe/other.png").await.status, 404);
    let answer = later.request("DELETE", "/blacklist", TOKEN).await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD, PUT")));
}
