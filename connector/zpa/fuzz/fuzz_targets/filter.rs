//! A text on its way to the vendor: as a value in a filter, as an id in a path, and as a path of the vendor's own API.
//! Whatever it is, it stays where it was put.

#![no_main]

use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode_str;
use portcullis_zpa::account::segment;
use portcullis_zpa::attribute::Path;
use portcullis_zpa::filter;
use portcullis_zpa::http::{Request, Response, encode};
use portcullis_zpa::vendor::{self, VendorRequest};
use portcullis_zpa_fuzz as law;

fuzz_target!(|text: &str| {
    filters(text);
    ids(text);
    paths(text);
});

fn filters(value: &str) {
    for path in ["userName", "emails.value", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"] {
        let filter = filter::equals(&Path::parse(path).unwrap(), value);
        let json = filter.strip_prefix(path).and_then(|rest| rest.strip_prefix(" eq ")).unwrap();
        assert_eq!(serde_json::from_str::<String>(json).unwrap(), value);
        law::encoded(&encode(&filter), &filter);
    }
}

fn ids(id: &str) {
    match segment("id", id) {
        Ok(segment) => {
            assert!(!id.is_empty() && id != "." && id != ".." && !id.contains(['/', '\\', '?', '#']));
            law::encoded(&segment, id);
        }
        Err(err) => law::error(&err),
    }
}

/// The first line is a method and a path, the others are headers; what follows a `?` is a query.
fn paths(text: &str) {
    let mut lines = text.split('\n');
    let (method, path) = lines.next().and_then(|line| line.split_once(' ')).unwrap_or(("GET", text));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let pair = |text: &str, separator| {
        let (name, value) = text.split_once(separator).unwrap_or((text, ""));
        (name.to_owned(), value.to_owned())
    };
    let wanted = VendorRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.split('&').map(|text| pair(text, '=')).collect(),
        headers: lines.map(|line| pair(line, ':')).collect(),
        body: None,
    };
    let account = law::account(None).unwrap();
    let mut sent = None;
    let mut send = |request: &Request| {
        sent = Some(request.clone());
        Ok(Response { status: 200, ..Response::default() })
    };
    let answer = vendor::request(&account, wanted.clone(), &mut send);
    match (answer, sent) {
        (Ok(reply), Some(request)) => {
            assert_eq!(reply.status, 200);
            stays_inside(&request, &wanted);
        }
        (Err(err), None) => law::error(&err),
        _ => panic!("a refusal that was sent, or an answer that was not"),
    }
}

fn stays_inside(request: &Request, wanted: &VendorRequest) {
    assert_eq!(format!("{}://{}", request.scheme, request.authority), "https://scim1.private.zscaler.com");
    let (path, query) = request.path.split_once('?').unwrap();
    let below = path.strip_prefix("/scim/1/7/v2/").unwrap_or_else(|| panic!("`{path}` is outside"));
    for segment in below.split('/') {
        let plain = percent_decode_str(segment).collect::<Vec<u8>>();
        assert!(plain != b"." && plain != b"..", "`{path}` climbs");
        assert!(!plain.contains(&b'/') && !plain.contains(&b'\\'), "`{path}` hides a separator");
        // Encoding what it encodes to changes nothing: one reading is the only one.
        law::encoded(&encode(segment), segment);
        assert!(segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)), "{segment}");
    }
    // A path that has nothing encoded in it arrives as it is.
    if !wanted.path.contains('%') {
        assert_eq!(percent_decode_str(below).decode_utf8().unwrap(), wanted.path);
    }

    let pairs: Vec<_> = query.split('&').map(|pair| pair.split_once('=').unwrap()).collect();
    assert_eq!(pairs.len(), wanted.query.len());
    for ((name, value), wanted) in pairs.iter().zip(&wanted.query) {
        law::encoded(name, &wanted.0);
        law::encoded(value, &wanted.1);
    }

    for (name, value) in &request.headers {
        assert!(
            !name.is_empty() && !name.contains(|c: char| c.is_ascii_uppercase() || !c.is_ascii_graphic()),
            "{name}"
        );
        assert!(!["authorization", "cookie", "host", "content-length", "transfer-encoding"].contains(&name.as_str()));
        assert!(!value.contains(['\r', '\n', '\0']), "{value:?}");
    }
}
