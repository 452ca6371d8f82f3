//! Whether a request may go where it wants to go.
//!
//! The check compares and never repairs. What passes is rebuilt from the account's own origin, so that not even the
//! spelling of a host comes from a connector.

use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, Uri};

use super::failure::Failure;
use super::{header, path};
use crate::origin::Origin;

/// What is left of a request once it has passed.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
}

/// Lets a request through that goes to the origin and below its path prefix, with an everyday method and no header
/// that belongs to the host.
pub(crate) fn check(request: Parts, origin: &Origin) -> Result<Target, Failure> {
    let denied = |reason: &str| Err(Failure::Denied(format!("the request {reason}")));
    if !METHODS.contains(&request.method) {
        return denied("has a method that is not allowed");
    }
    let (Some(scheme), Some(authority)) = (request.uri.scheme(), request.uri.authority()) else {
        return denied("names no host");
    };
    if !origin.is_at(scheme, authority) {
        return denied("goes to another place than the account's endpoint");
    }
    let path = request.uri.path();
    if !path::is_below(path, origin.prefix()) {
        return denied("goes to another path than the account's endpoint");
    }
    if let Err(reason) = path::check(path) {
        return denied(reason);
    }
    let headers = match header::request(request.headers) {
        Ok(headers) => headers,
        Err(name) => return denied(&format!("sets the header `{name}`, which is not allowed")),
    };
    let path_and_query = request.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    match origin.uri(path_and_query) {
        Ok(uri) => Ok(Target { method: request.method, uri, headers }),
        Err(_) => denied("has no valid path"),
    }
}

const METHODS: [Method; 6] = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

#[cfg(test)]
mod tests {
    use http::Request;
    use proptest::prelude::*;

    use super::*;

    const ENDPOINT: &str = "https://scim1.private.zscaler.com/scim/1/222/v2";

    fn checked(method: &str, uri: &str) -> Result<String, String> {
        let (parts, ()) =
            Request::builder().method(method).uri(uri).body(()).map_err(|error| error.to_string())?.into_parts();
        let origin = Origin::parse(ENDPOINT).unwrap();
        check(parts, &origin).map(|target| target.uri.to_string()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_request_below_the_endpoint_passes_in_the_endpoints_own_spelling() {
        let expected = "https://scim1.private.zscaler.com/scim/1/222/v2/Users?count=1";
        for uri in [
            "https://scim1.private.zscaler.com/scim/1/222/v2/Users?count=1",
            "HTTPS://SCIM1.PRIVATE.ZSCALER.COM/scim/1/222/v2/Users?count=1",
            "https://scim1.private.zscaler.com.:443/scim/1/222/v2/Users?count=1",
        ] {
            assert_eq!(checked("GET", uri).as_deref(), Ok(expected), "{uri}");
        }
    }

    #[test]
    fn no_spelling_of_another_place_passes() {
        for uri in [
            "http://scim1.private.zscaler.com/scim/1/222/v2/Users",
            "https://scim1.private.zscaler.com:8443/scim/1/222/v2/Users",
            "https://scim1.private.zscaler.com:80/scim/1/222/v2/Users",
            "https://scim2.private.zscaler.com/scim/1/222/v2/Users",
            "https://scim1.private.zscaler.com.evil.example/scim/1/222/v2/Users",
            "https://evil.example/scim/1/222/v2/Users",
            "https://scim1.private.zscaler.com@evil.example/scim/1/222/v2/Users",
            "https://evil.example@scim1.private.zscaler.com/scim/1/222/v2/Users",
            "https://127.0.0.1/scim/1/222/v2/Users",
            "https://[::1]/scim/1/222/v2/Users",
            "https://scim1.private.zscaler.com../scim/1/222/v2/Users",
            "ftp://scim1.private.zscaler.com/scim/1/222/v2/Users",
        ] {
            let denied = "the request goes to another place than the account's endpoint";
            assert_eq!(checked("GET", uri).unwrap_err(), denied, "{uri}");
        }
    }

    #[test]
    fn no_spelling_of_another_path_passes() {
        let at = |path: &str| checked("GET", &format!("https://scim1.private.zscaler.com{path}")).unwrap_err();
        let elsewhere = "the request goes to another path than the account's endpoint";
        for path in
            ["", "/", "/scim/1/223/v2/Users", "/scim/1/222/v22/Users", "/scim/1/222", "/scim/1/222/%76%32/Users"]
        {
            assert_eq!(at(path), elsewhere, "{path}");
        }
        assert_eq!(at("/scim/1/222/v2/../../223/v2/Users"), "the request has a path that climbs");
        assert_eq!(at("/scim/1/222/v2/%2e%2e/x"), "the request has a path that climbs");
        assert_eq!(at("/scim/1/222/v2/..%2f..%2fx"), "the request has a path with a hidden slash");
        assert_eq!(at("/scim/1/222/v2//Users"), "the request has a path with an empty segment");
    }

    #[test]
    fn methods_that_change_the_connection_or_ask_about_it_are_denied() {
        let uri = "https://scim1.private.zscaler.com/scim/1/222/v2/Users";
        for method in ["CONNECT", "TRACE", "OPTIONS", "get", "SEARCH"] {
            assert_eq!(checked(method, uri).unwrap_err(), "the request has a method that is not allowed", "{method}");
        }
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
            assert_eq!(checked(method, uri).as_deref(), Ok(uri), "{method}");
        }
    }

    #[test]
    fn a_header_of_the_host_is_denied_by_name() {
        let request =
            Request::get(format!("{ENDPOINT}/Users")).header("Authorization", "Bearer mine").body(()).unwrap();
        let failure = check(request.into_parts().0, &Origin::parse(ENDPOINT).unwrap()).unwrap_err();
        assert_eq!(failure.to_string(), "the request sets the header `authorization`, which is not allowed");
    }

    /// Pieces that make many URLs nearly right.
    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            prop::sample::select(vec![
                "https",
                "http",
                "HTTPS",
                "://",
                ":",
                "//",
                "/",
                "@",
                "?",
                "#",
                "\\",
                "..",
                ".",
                "%2e",
                "%2f",
                "%5c",
                ";",
                "scim1.private.zscaler.com",
                "SCIM1.private.zscaler.com.",
                "evil.example",
                "127.0.0.1",
                "[::1]",
                ":443",
                ":80",
                "/scim/1/222/v2",
                "/Users",
                "v2",
            ])
            .prop_map(str::to_owned),
            "[ -~]{0,3}",
        ]
    }

    proptest! {
        #[test]
        fn what_passes_is_below_the_endpoint_in_the_eyes_of_another_parser(
            start in prop::bool::weighted(0.7),
            pieces in prop::collection::vec(piece(), 0..9),
        ) {
            let uri = format!("{}{}", if start { ENDPOINT } else { "" }, pieces.concat());
            if checked("GET", &uri).is_ok() {
                let (endpoint, url) = (url::Url::parse(ENDPOINT).unwrap(), url::Url::parse(&uri).unwrap());
                // The other parser keeps the dot at the end of a name.
                prop_assert_eq!(url.host_str().unwrap().trim_end_matches('.'), endpoint.host_str().unwrap());
                prop_assert_eq!((url.scheme(), url.port_or_known_default()), ("https", Some(443)));
                prop_assert_eq!((url.username(), url.password()), ("", None));
                let segments: Vec<_> = url.path_segments().unwrap().collect();
                prop_assert!(segments.starts_with(&["scim", "1", "222", "v2"]), "{}", url);
            }
        }

        #[test]
        fn no_text_panics_the_check(uri in "\\PC{0,60}") {
            let _ = checked("GET", &uri);
            let _ = Origin::parse(&uri);
        }
    }
}
