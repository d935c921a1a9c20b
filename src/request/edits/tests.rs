//! Requests of later editions, and what they come to in Thumbor's words.

use super::*;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

/// A path with this object in it.
fn path(object: &Value) -> String {
    format!("/{}", BASE64_STANDARD.encode(object.to_string()))
}

/// What an object of these edits, in this order, comes to: options, filters and the picture.
fn said(edits: &str) -> Result<String, EditsError> {
    let text = format!(r#"{{"key":"a.jpg","edits":{edits}}}"#);
    let body = Body::read(&format!("/{}", BASE64_STANDARD.encode(text)))?;
    let request = request(&body, &Surroundings::default())?;
    Ok(words(&request))
}

/// The request without its first segment.
fn words(request: &ImageRequest) -> String {
    let request = ImageRequest { access: Access::Unsafe, ..request.clone() };
    request.to_string().trim_start_matches("unsafe/").to_owned()
}

#[test]
fn sizes_are_said_in_thumbors_words() {
    let check = |resize: &str, expected: &str| {
        assert_eq!(said(&format!(r#"{{"resize":{resize}}}"#)).as_deref(), Ok(expected), "{resize}");
    };
    check(r#"{"width":200,"height":100}"#, "200x100/a.jpg");
    check(r#"{"width":200,"height":100,"fit":"cover"}"#, "200x100/a.jpg");
    check(r#"{"width":"200","height":99.6}"#, "200x100/a.jpg");
    check(r#"{"width":200}"#, "200x0/a.jpg");
    check(r#"{"width":null,"height":100,"fit":"inside"}"#, "0x100/a.jpg");
    check(r#"{"width":200,"height":100,"fit":"inside"}"#, "fit-in/200x100/filters:upscale()/a.jpg");
    check(r#"{"width":200,"height":100,"fit":"inside","withoutEnlargement":true}"#, "fit-in/200x100/a.jpg");
    check(r#"{"width":200,"height":100,"withoutEnlargement":true}"#, "200x100/filters:no_upscale()/a.jpg");
    check(r#"{"width":200,"height":100,"fit":"outside"}"#, "full-fit-in/200x100/filters:upscale()/a.jpg");
    check(r#"{"width":200,"height":100,"fit":"fill"}"#, "200x100/filters:stretch()/a.jpg");
    check(r#"{"width":200,"height":100,"fit":"contain"}"#, "fit-in/200x100/filters:upscale():fill(000000)/a.jpg");
    check(
        r#"{"width":200,"height":100,"fit":"contain","background":{"r":255,"g":0,"b":16,"alpha":0.5}}"#,
        "fit-in/200x100/filters:upscale():fill(ff001080)/a.jpg",
    );
    check(r#"{"width":200,"height":100,"position":"right top"}"#, "200x100/right/top/a.jpg");
    check(r#"{"width":200,"height":100,"gravity":"southwest"}"#, "200x100/left/bottom/a.jpg");
    check(r#"{"width":200,"height":100,"position":"attention"}"#, "200x100/smart/a.jpg");
    check("{}", "a.jpg");
}

#[test]
fn sizes_that_are_none_are_refused() {
    for resize in [r#"{"width":0}"#, r#"{"width":-5}"#, r#"{"height":"tall"}"#, r#"{"width":0.2}"#, r#"{"width":1e12}"#]
    {
        let error = said(&format!(r#"{{"resize":{resize}}}"#)).unwrap_err();
        assert!(matches!(error, EditsError::Side { .. }), "{resize}: {error}");
    }
    for resize in ["5", r#"{"width":5,"fit":"squeeze"}"#, r#"{"width":5,"position":"up"}"#] {
        let error = said(&format!(r#"{{"resize":{resize}}}"#)).unwrap_err();
        assert!(matches!(error, EditsError::Value { edit: "resize", .. }), "{resize}: {error}");
    }
}

#[test]
fn edits_are_made_in_the_order_of_sharp_and_not_as_written() {
    let check = |edits: &str, expected: &str| assert_eq!(said(edits).as_deref(), Ok(expected), "{edits}");
    check(
        r##"{"negate":true,"blur":2,"rotate":90,"grayscale":true,"resize":{"width":9},"flatten":{"background":"#FF8000"}}"##,
        "9x0/filters:background_color(ff8000):grayscale():rotate(270):blur(6,2):curve([(0,255),(255,0)],[(0,0),(255,255)],[(0,0),(255,255)],[(0,0),(255,255)])/a.jpg",
    );
    check(r#"{"flip":true,"flop":true}"#, "-0x-0/a.jpg");
    check(r#"{"flip":false,"flop":null,"grayscale":false,"blur":false}"#, "a.jpg");
    check(r#"{"crop":{"left":1,"top":2,"width":30,"height":40},"resize":{"width":9}}"#, "1x2:31x42/9x0/a.jpg");
    check(r#"{"rotate":null}"#, "filters:strip_exif():strip_icc()/a.jpg");
    check(r#"{"rotate":-90}"#, "filters:rotate(90)/a.jpg");
    check(r#"{"blur":true}"#, "filters:convolution(1;1;1;1;1;1;1;1;1,3,true)/a.jpg");
    check(
        r#"{"convolve":{"width":3,"height":3,"kernel":[-1,0,1,-2,0,2,-1,0,1],"scale":2}}"#,
        "filters:convolution(-0.5;0;0.5;-1;0;1;-0.5;0;0.5,3,false)/a.jpg",
    );
    check(r#"{"trim":true}"#, "trim:top-left:10/a.jpg");
    check(r#"{"animated":false}"#, "filters:cover()/a.jpg");
    check(r#"{"smartCrop":true}"#, "filters:face_crop(1,0,0)/a.jpg");
    check(r#"{"smartCrop":{"faceIndex":1,"padding":40}}"#, "filters:face_crop(2,0,40)/a.jpg");
    check(r#"{"roundCrop":true}"#, "filters:round_crop(auto,auto,auto,auto)/a.jpg");
    check(r#"{"roundCrop":{"rx":30,"ry":20,"top":5,"left":"7"}}"#, "filters:round_crop(30,20,7,5)/a.jpg");
    check(r#"{"tint":{"r":1},"clahe":true}"#, "filters:edit:tint():edit:clahe()/a.jpg");
}

#[test]
fn values_that_edits_cannot_take_are_refused_by_name() {
    let check = |edits: &str, expected: &str| assert_eq!(said(edits).unwrap_err().to_string(), expected, "{edits}");
    check(r#"{"rotate":45}"#, "rotate: `45` is not a multiple of 90");
    check(r#"{"blur":0}"#, "blur: `0` is not a number from 0.3 to 1000");
    check(r#"{"crop":{"left":1}}"#, r#"crop: `{"left":1}` is not an object with left, top, width and height"#);
    check(
        r#"{"resize":{"width":9},"crop":{"left":0,"top":0,"width":1,"height":1}}"#,
        "crop after resize is not done here",
    );
    check(r#"{"contentModeration":true}"#, "contentModeration is not done here");
    check(r#"{"toFormat":"heic"}"#, "format `heic` is not written here");
    check(r#"{"jpeg":{"quality":101}}"#, "quality: `101` is not a number from 1 to 100");
    check(r#"{"flatten":{"background":7}}"#, "flatten: `7` is not a color");
    check(r#"{"overlayWith":{"bucket":"b"}}"#, r#"overlayWith: `{"bucket":"b"}` is not one with a key"#);
    check(
        r#"{"overlayWith":{"key":"l.png","options":{"left":"far"}}}"#,
        "overlayWith: `far` is not pixels, or percent as 50p",
    );
}

#[test]
fn an_overlay_is_a_watermark() {
    let check = |options: &str, expected: &str| {
        let edits = format!(r#"{{"overlayWith":{{"bucket":"b","key":"l,(1).png"{options}}}}}"#);
        assert_eq!(said(&edits).unwrap(), format!("filters:watermark('l,(1).png',{expected})/a.jpg"), "{options}");
    };
    check("", "center,center,0,none,none");
    check(r#","alpha":"30","wRatio":40,"hRatio":"50","options":{"left":"-10p","top":7}"#, "-10p,7,30,40,50");
}

#[test]
fn the_format_is_that_of_the_edit_or_of_the_encoder_or_of_the_request() {
    let check = |object: Value, negotiated, expected: &str| {
        let body = Body::read(&path(&object)).unwrap();
        let surroundings = Surroundings { negotiated, ..Surroundings::default() };
        assert_eq!(words(&request(&body, &surroundings).unwrap()), expected, "{object}");
    };
    check(json!({"key": "a.jpg", "outputFormat": "png"}), false, "filters:format(png)/a.jpg");
    check(json!({"key": "a.jpg", "outputFormat": "png"}), true, "a.jpg");
    check(
        json!({"key": "a.jpg", "outputFormat": "png", "edits": {"toFormat": "jpg"}}),
        true,
        "filters:format(jpeg)/a.jpg",
    );
    check(json!({"key": "a.jpg", "edits": {"webp": {"quality": 50}}}), false, "filters:format(webp):quality(50)/a.jpg");
    check(
        json!({"key": "a.jpg", "edits": {"jpeg": {"quality": 50}, "toFormat": "jpg"}}),
        false,
        "filters:quality(50):format(jpeg)/a.jpg",
    );
    check(
        json!({"key": "a.jpg", "edits": {"jpeg": {"quality": 50}, "toFormat": "webp"}}),
        false,
        "filters:format(webp)/a.jpg",
    );
}

#[test]
fn buckets_are_those_of_the_list() {
    let buckets = ["one".to_owned(), "two".to_owned()];
    let check = |bucket: Option<&str>, bucket_in_name, expected: Option<&str>| {
        let surroundings = Surroundings { buckets: &buckets, bucket_in_name, ..Surroundings::default() };
        let found = picture(bucket, "a b.jpg", &surroundings).ok();
        assert_eq!(found.as_ref().map(ImageId::as_str), expected, "{bucket:?}");
    };
    check(Some("two"), true, Some("two/a%20b.jpg"));
    check(None, true, Some("one/a%20b.jpg"));
    check(Some("two"), false, Some("a%20b.jpg"));
    check(Some("three"), true, None);
    check(Some("three"), false, None);
    let anywhere = picture(Some("any"), "a.jpg", &Surroundings { bucket_in_name: true, ..Surroundings::default() });
    assert_eq!(anywhere.unwrap().as_str(), "any/a.jpg");
}

#[test]
fn what_begins_like_an_object_is_read_as_one() {
    let object = json!({"bucket": "b", "key": "été/ÿ?>.jpg", "headers": {"Cache-Control": "max-age=5"}});
    let standard = path(&object);
    let body = Body::read(&standard).unwrap();
    assert_eq!((body.bucket.as_deref(), body.key.as_deref()), (Some("b"), Some("été/ÿ?>.jpg")));
    assert_eq!(body.headers, [("Cache-Control".to_owned(), json!("max-age=5"))]);
    for other in [
        standard.trim_end_matches('=').to_owned(),
        standard.replace('+', "-").replacen('/', "\0", 1).replace('/', "_").replace('\0', "/"),
        standard.replace('=', "%3D").replace('+', "%2B"),
    ] {
        assert!(is_body(&other), "{other}");
        assert_eq!(Body::read(&other), Ok(body.clone()), "{other}");
    }
    for path in ["/a.jpg", "/eyJhbbreviated.jpg", "/eyJ a", "/unsafe/eyJrZXkiOiJhIn0=", "/300x200/a.jpg"] {
        assert!(!is_body(path), "{path}");
    }
    for path in ["/eyJrZXkiOiJh", "/eyJ", "/eyJrZXkiOjV9", "/eyJ%ff"] {
        assert!(is_body(path));
        assert!(matches!(Body::read(path), Err(EditsError::NotJson { .. })), "{path}");
    }
    assert_eq!(request(&Body::default(), &Surroundings::default()), Err(EditsError::NoKey));
}

#[test]
fn the_query_edits_too() {
    let check = |query: &str, expected: &str| {
        let before = crate::request::parse("/unsafe/fit-in/30x20/filters:upscale():blur(1)/a.jpg").unwrap();
        let query = in_query(Some(query)).unwrap();
        let request = edited(before, &query.edits, &Surroundings::default()).unwrap();
        assert_eq!(words(&request), expected);
    };
    check("", "fit-in/30x20/filters:upscale():blur(1)/a.jpg");
    check("x=1&utm=2", "fit-in/30x20/filters:upscale():blur(1)/a.jpg");
    check("width=9&height=8", "9x8/filters:blur(1)/a.jpg");
    check("width=9&height=0&fit=inside", "9x0/filters:blur(1)/a.jpg");
    check("width=9&height=8&fit=inside", "fit-in/9x8/filters:blur(1):upscale()/a.jpg");
    check("format=webp&rotate=90", "fit-in/30x20/filters:upscale():blur(1):rotate(270):format(webp)/a.jpg");
    check("rotate=", "fit-in/30x20/filters:upscale():blur(1):strip_exif():strip_icc()/a.jpg");
    check("flip=true&flop=1&grayscale=", "fit-in/-30x-20/filters:upscale():blur(1)/a.jpg");
    check("greyscale=true&format=png&format=", "fit-in/30x20/filters:upscale():blur(1):grayscale():format(png)/a.jpg");
    let error = |query| in_query(Some(query)).unwrap_err().to_string();
    assert_eq!(error("width=wide"), "query: width `wide` is not a number of pixels");
    assert_eq!(error("rotate=left"), "query: rotate `left` is not a number of degrees");
    assert_eq!(error("flip=maybe"), "query: flip `maybe` is not true or false");
    assert_eq!(error("expires=2030"), "expires `2030` is not a time such as 20300101T000000Z");
}

#[test]
fn the_path_is_signed_with_its_query_sorted_and_decoded() {
    let check = |path: &str, query: Option<&str>, expected: &str| assert_eq!(message(path, query), expected);
    check("/a/b.jpg", None, "/a/b.jpg");
    check("/a/b.jpg", Some("signature=x"), "/a/b.jpg");
    check(
        "/a/b.jpg",
        Some("width=200&signature=x&format=webp&expires=20300101T000000Z&height=100"),
        "/a/b.jpg?expires=20300101T000000Z&format=webp&height=100&width=200",
    );
    check("/a%20b.jpg", Some("width=50&x=%20%2B"), "/a%20b.jpg?width=50&x= +");
}

#[test]
fn moments_are_told_to_the_second() {
    let left = |text: &str, now| Stamp::read(text).unwrap().left_s(now);
    assert_eq!(left("20300101T000000Z", 1_893_455_999), Some(1));
    assert_eq!(left("20300101T000000Z", 1_893_456_000), None);
    assert_eq!(left("20240229T123456Z", 1_709_210_096 - 7), Some(7));
    assert_eq!(left("19700101T000001Z", 0), Some(1));
    for text in [
        "",
        "20300101",
        "20300101T000000",
        "20301301T000000Z",
        "20300229T000000Z",
        "20300101T240000Z",
        "19691231T235959Z",
        "2030010aT000000Z",
        "00000101T000000Z",
        "２０300101T000000Z",
    ] {
        assert!(Stamp::read(text).is_err(), "{text}");
    }
}
