//! What registries get away with: nothing. Each test has a registry of its own that answers as the test says, over TCP.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a helper of a test ends it as the test itself would")]

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use expect_test::expect;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use portcullis_registry::{Artifact, Credential, Digest, Error, Pulled, Reference, Registry};
use tokio::net::TcpListener;

/// A component of nothing.
const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";
const MOST: usize = 1000;
/// `user:password`
const BASIC: &str = "Basic dXNlcjpwYXNzd29yZA==";

#[tokio::test]
async fn what_was_pushed_is_pulled() {
    let artifact = artifact();
    let parts = Parts::of(&artifact).await;
    let server = serve(move |_, request| parts.answer(request)).await;
    for reference in [server.reference(":1"), server.reference(&format!("@{}", artifact.digest()))] {
        let pulled = pull(&reference, None).await.unwrap();
        assert_eq!((&pulled.component[..], pulled.digest), (EMPTY, artifact.digest()));
    }
}

#[tokio::test]
async fn what_is_not_what_its_digest_says_is_refused() {
    let artifact = artifact();
    let parts = Parts::of(&artifact).await;
    let changed = Parts { component: b"\0asm\x0d\0\x01\x01".to_vec(), ..parts.clone() };
    let server = serve(move |_, request| changed.answer(request)).await;
    let told = pull(&server.reference(":1"), None).await.unwrap_err().to_string();
    expect!["the component has the digest sha256:3d6eb1f75ca6b0ba64c9d9721e2dd0732f9cf79b2c3a1e592acdd862186ef9f5, and not sha256:24eaf3439a60c96764c4f2c92a0a81b52bd4fe5d5b91f090184a0f6486b1bf29"]
        .assert_eq(&told);

    let server = serve(move |_, request| parts.answer(request)).await;
    let other = Digest::of(b"another");
    let told = pull(&server.reference(&format!("@{other}")), None).await.unwrap_err().to_string();
    assert_eq!(told, format!("the manifest has the digest {}, and not {other}", artifact.digest()));
}

#[tokio::test]
async fn more_than_is_taken_is_not_read() {
    let parts = Parts::of(&artifact()).await;
    let long = Parts { component: vec![0; MOST + 1], ..parts.clone() };
    let server = serve(move |_, request| long.answer(request)).await;
    let told = pull(&server.reference(":1"), None).await.unwrap_err().to_string();
    assert_eq!(told, format!("`{}` answers what makes no sense: there is more than 1000 bytes of it", server.address));

    let size = String::from_utf8(parts.manifest.clone()).unwrap().replace("\"size\":8,", "\"size\":1001,");
    let announced = Parts { manifest: size.into_bytes(), ..parts.clone() };
    let server = serve(move |_, request| announced.answer(request)).await;
    let told = pull(&server.reference(":1"), None).await.unwrap_err().to_string();
    let why = "the component has 1001 bytes, and at most 1000 are taken";
    assert_eq!(told, format!("`{}` answers what makes no sense: {why}", server.address));

    let endless = Parts { manifest: vec![b' '; (1 << 20) + 1], ..parts };
    let server = serve(move |_, request| endless.answer(request)).await;
    let told = pull(&server.reference(":1"), None).await.unwrap_err().to_string();
    assert_eq!(
        told,
        format!("`{}` answers what makes no sense: there is more than 1048576 bytes of it", server.address)
    );
}

#[tokio::test]
async fn a_password_is_shown_when_it_is_asked_for_and_not_to_where_a_registry_redirects() {
    let parts = Parts::of(&artifact()).await;
    let stored = parts.clone();
    let storage = serve(move |_, request| stored.answer(request)).await;
    let place = storage.address.clone();
    let server = serve(move |_, request| {
        let path = request.uri().path();
        if !authorized(request, BASIC) {
            challenge("Basic realm=\"registry\"")
        } else if path.contains("/blobs/") {
            redirect(&format!("http://{place}{path}"))
        } else {
            parts.answer(request)
        }
    })
    .await;
    pull(&server.reference(":1"), Some("password")).await.unwrap();
    assert_eq!(server.shown(), ["-", BASIC, BASIC]);
    assert_eq!(storage.shown(), ["-"]);

    for (password, code) in [(None, "401 (UNAUTHORIZED)"), (Some("another"), "401 (UNAUTHORIZED)")] {
        let error = pull(&server.reference(":1"), password).await.unwrap_err();
        assert!(error.is_refused());
        assert_eq!(error.to_string(), format!("`{}` answers {code} to a request for a manifest", server.address));
    }
}

#[tokio::test]
async fn a_token_is_asked_for_this_repository_alone() {
    let parts = Parts::of(&artifact()).await;
    let tokens = serve(|_, request| {
        let query = request.uri().query().unwrap();
        assert_eq!(query, "account=x&service=a+registry&scope=repository%3Aacme%2Fzpa%3Apull");
        if authorized(request, BASIC) {
            answer(200, br#"{"access_token":"t0ken"}"#.to_vec())
        } else {
            answer(401, Vec::new())
        }
    })
    .await;
    let realm = format!("http://{}/token?account=x", tokens.address);
    let server = serve(move |_, request| {
        if authorized(request, "Bearer t0ken") {
            parts.answer(request)
        } else {
            // It asks for more than it should get.
            challenge(&format!(
                "Bearer realm=\"{realm}\",service=\"a registry\",scope=\"repository:acme/zpa:pull,push,delete\""
            ))
        }
    })
    .await;
    pull(&server.reference(":1"), Some("password")).await.unwrap();
    assert_eq!(
        (server.shown().join(" "), tokens.shown().join(" ")),
        ("- Bearer t0ken Bearer t0ken".into(), BASIC.into())
    );
    assert!(pull(&server.reference(":1"), None).await.unwrap_err().is_refused());
}

#[tokio::test]
async fn nobody_is_sent_to_cleartext_elsewhere() {
    let parts = Parts::of(&artifact()).await;
    for place in [
        "http://10.0.0.1/blob",
        "http://localhost/blob",
        "ftp://127.0.0.1/blob",
        "file:///etc/passwd",
        "http://user@127.0.0.1/blob",
    ] {
        let parts = parts.clone();
        let server =
            serve(
                move |_, request| {
                    if request.uri().path().contains("/blobs/") { redirect(place) } else { parts.answer(request) }
                },
            )
            .await;
        let told = pull(&server.reference(":1"), None).await.unwrap_err().to_string();
        let why = "it is neither `https` nor the machine that the registry is on";
        assert_eq!(told, format!("`{}` sends somewhere that is not gone to: {why}", server.address));

        let server = serve(move |_, _| challenge(&format!("Bearer realm=\"{place}\""))).await;
        let told = pull(&server.reference(":1"), Some("password")).await.unwrap_err().to_string();
        let why = "its tokens are neither at `https` nor on its own machine";
        assert_eq!(told, format!("`{}` sends somewhere that is not gone to: {why}", server.address));
    }
    let server = serve(|_, _| redirect("/v2/again")).await;
    let told = pull(&server.reference(":1"), None).await.unwrap_err().to_string();
    assert_eq!(told, format!("`{}` sends somewhere that is not gone to: it redirects again and again", server.address));
}

#[tokio::test]
async fn what_is_not_there_or_out_of_order_is_told_apart() {
    let server = serve(|_, _| answer(404, br#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"x"}]}"#.to_vec())).await;
    let error = pull(&server.reference(":1"), None).await.unwrap_err();
    assert!(error.is_not_found());
    let expected = format!("`{}` answers 404 (MANIFEST_UNKNOWN) to a request for a manifest", server.address);
    assert_eq!(error.to_string(), expected);

    let server = serve(|_, _| answer(503, b"<html>\x1b[2J".to_vec())).await;
    let error = pull(&server.reference(":1"), None).await.unwrap_err();
    assert!(error.is_unavailable());
    assert_eq!(error.to_string(), format!("`{}` answers 503 to a request for a manifest", server.address));

    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = pull(&format!("{gone}/acme/zpa:1").parse().unwrap(), None).await.unwrap_err();
    assert!(error.is_unavailable() && error.to_string().starts_with(&format!("`{gone}` does not answer: ")), "{error}");
}

fn artifact() -> Artifact {
    Artifact::new(EMPTY, "empty.wasm").unwrap()
}

async fn pull(reference: &Reference, password: Option<&str>) -> Result<Pulled, Error> {
    let credential = password.map(|password| Credential::new("user", password).unwrap());
    Registry::new(credential).unwrap().pull(reference, MOST).await
}

/// What a registry has of one artifact, wherever it is asked for it.
#[derive(Clone)]
struct Parts {
    manifest: Vec<u8>,
    component: Vec<u8>,
}

impl Parts {
    /// What arrives of a push.
    async fn of(artifact: &Artifact) -> Parts {
        let manifest = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&manifest);
        let server = serve(move |body, request| match (request.method().as_str(), request.uri().path()) {
            ("HEAD", _) => answer(404, Vec::new()),
            ("POST", "/v2/acme/zpa/blobs/uploads/") => {
                let mut answer = answer(202, Vec::new());
                answer.headers_mut().insert("location", "/upload?state=1".parse().unwrap());
                answer
            }
            ("PUT", "/upload") => {
                assert_eq!(
                    request.uri().query().unwrap(),
                    format!("state=1&digest={}", Digest::of(body)).replace(':', "%3A")
                );
                answer(201, Vec::new())
            }
            ("PUT", "/v2/acme/zpa/manifests/1") => {
                *kept.lock().unwrap() = body.to_vec();
                answer(201, Vec::new())
            }
            _ => answer(400, Vec::new()),
        })
        .await;
        let pushed = Registry::new(None).unwrap().push(&server.reference(":1"), artifact).await.unwrap();
        let manifest = manifest.lock().unwrap().clone();
        assert_eq!((pushed, Digest::of(&manifest)), (artifact.digest(), artifact.digest()));
        Parts { manifest, component: EMPTY.to_vec() }
    }

    fn answer<T>(&self, request: &Request<T>) -> Response<Full<Bytes>> {
        let is_manifest = request.uri().path().contains("/manifests/");
        answer(200, if is_manifest { self.manifest.clone() } else { self.component.clone() })
    }
}

/// A registry on this machine.
struct Server {
    address: String,
    /// The credential of each request, `-` where there was none.
    shown: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn reference(&self, version: &str) -> Reference {
        format!("{}/acme/zpa{version}", self.address).parse().unwrap()
    }

    fn shown(&self) -> Vec<String> {
        std::mem::take(&mut self.shown.lock().unwrap())
    }
}

async fn serve<F>(answer: F) -> Server
where
    F: Fn(&[u8], &Request<()>) -> Response<Full<Bytes>> + Send + Sync + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (answer, shown) = (Arc::new(answer), Arc::new(Mutex::new(Vec::new())));
    let server = Server { address, shown: Arc::clone(&shown) };
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let (answer, shown) = (Arc::clone(&answer), Arc::clone(&shown));
            let service = service_fn(move |request: Request<Incoming>| {
                let (answer, shown) = (Arc::clone(&answer), Arc::clone(&shown));
                async move {
                    let (parts, body) = request.into_parts();
                    let body = body.collect().await.unwrap().to_bytes();
                    let credential = parts.headers.get("authorization").map_or("-", |value| value.to_str().unwrap());
                    shown.lock().unwrap().push(credential.to_owned());
                    Ok::<_, Infallible>(answer(&body, &Request::from_parts(parts, ())))
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    server
}

fn authorized<T>(request: &Request<T>, credential: &str) -> bool {
    request.headers().get("authorization").is_some_and(|value| value == credential)
}

fn answer(status: u16, body: Vec<u8>) -> Response<Full<Bytes>> {
    Response::builder().status(status).body(Full::from(body)).unwrap()
}

fn redirect(place: &str) -> Response<Full<Bytes>> {
    Response::builder().status(307).header("location", place).body(Full::default()).unwrap()
}

fn challenge(how: &str) -> Response<Full<Bytes>> {
    let body = br#"{"errors":[{"code":"UNAUTHORIZED"}]}"#.to_vec();
    Response::builder().status(401).header("www-authenticate", how).body(Full::from(body)).unwrap()
}
