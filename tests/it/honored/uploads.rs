//! Originals that clients bring.

use super::with_all;
use crate::support::Configured;
use crate::support::fixtures::{quadrants_file, small_png};
use image::ImageFormat;

/// A server that anybody may bring originals, with these settings.
async fn open(settings: &[(&str, &str)]) -> Configured {
    let usual = [("STORAGE", "file"), ("UPLOAD_ENABLED", "true"), ("UPLOAD_ACCESS", "open"), ("API_TOKENS", "t")];
    with_all(&[&usual, settings].concat()).await
}

/// Brings a picture of 3 by 2 pixels: the status, and where it is.
async fn bring(server: &Configured, more: &str) -> (u16, String) {
    let answer = server.send("POST", "/image", &format!("Content-Type: image/png\r\n{more}"), &small_png()).await;
    (answer.status, answer.header("location").unwrap_or_default().to_owned())
}

#[tokio::test]
async fn upload_enabled_opens_image() {
    for (value, status) in [("true", 201), ("false", 405)] {
        assert_eq!(bring(&open(&[("UPLOAD_ENABLED", value)]).await, "").await.0, status, "{value}");
    }
}

#[tokio::test]
async fn upload_put_allowed_and_upload_delete_allowed_let_clients_change_originals() {
    for (key, method, status) in [("UPLOAD_PUT_ALLOWED", "PUT", 204), ("UPLOAD_DELETE_ALLOWED", "DELETE", 204)] {
        for (value, status) in [("true", status), ("false", 405)] {
            let server = open(&[(key, value)]).await;
            let (_, place) = bring(&server, "").await;
            let body = if method == "PUT" { quadrants_file(8, 8, ImageFormat::Png) } else { Vec::new() };
            assert_eq!(server.send(method, &place, "", &body).await.status, status, "{key} = {value}");
        }
    }
}

#[tokio::test]
async fn upload_max_size_min_width_and_min_height_refuse_originals() {
    let bytes = small_png().len();
    let check = async |key: &str, value: &str, status: u16| {
        assert_eq!(bring(&open(&[(key, value)]).await, "").await.0, status, "{key} = {value}");
    };
    check("UPLOAD_MAX_SIZE", &bytes.to_string(), 201).await;
    check("UPLOAD_MAX_SIZE", &(bytes - 1).to_string(), 412).await;
    check("MIN_WIDTH", "3", 201).await;
    check("MIN_WIDTH", "4", 412).await;
    check("MIN_HEIGHT", "2", 201).await;
    check("MIN_HEIGHT", "3", 412).await;
}

#[tokio::test]
async fn upload_default_filename_is_the_name_of_what_has_none() {
    let server = open(&[("UPLOAD_DEFAULT_FILENAME", "snapshot")]).await;
    assert!(bring(&server, "").await.1.ends_with("/snapshot.png"));
    assert!(bring(&server, "Slug: mine.png\r\n").await.1.ends_with("/mine.png"));
}

#[tokio::test]
async fn max_id_length_lets_names_follow_the_id() {
    for (value, status) in [("32", 200), ("0", 404)] {
        let server = open(&[("MAX_ID_LENGTH", value)]).await;
        let (_, place) = bring(&server, "").await;
        let id = place.split('/').nth(2).unwrap();
        assert_eq!(server.get(&format!("/unsafe/{id}")).await.status, 200);
        assert_eq!(server.get(&format!("/unsafe/{id}/any.png")).await.status, status, "{value}");
    }
}

#[tokio::test]
async fn upload_photo_storage_is_where_originals_are_kept_that_no_storage_keeps() {
    let settings =
        [("STORAGE", "thumbor.storages.no_storage"), ("UPLOAD_PHOTO_STORAGE", "thumbor.storages.file_storage")];
    let server = open(&settings).await;
    let (status, place) = bring(&server, "").await;
    assert_eq!(status, 201);
    assert!(!server.files("stored").is_empty());
    assert_eq!(server.get(&format!("/unsafe/{}", place.split('/').nth(2).unwrap())).await.status, 200);
}

#[tokio::test]
async fn use_blacklist_keeps_a_list_of_what_is_not_shown() {
    for (value, put, shown) in [("true", 200, 400), ("false", 405, 200)] {
        let server = open(&[("USE_BLACKLIST", value)]).await;
        let answer = server.send("PUT", "/blacklist?a.png", "Authorization: Bearer t\r\n", b"").await;
        assert_eq!(answer.status, put, "{value}");
        assert_eq!(server.get("/unsafe/a.png").await.status, shown, "{value}");
    }
}
