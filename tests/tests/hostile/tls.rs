//! Servers that are not who they say they are, with certificates of every kind that proves it; and what certificates of
//! the operator's own change of that, and what they do not.
//!
//! The platform's roots are read when the first account needs them, and the machine's trust nobody whom a test could be.
//! So each test runs in a process of its own, whose roots are in a file of the test's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use portcullis_directory::{Directory as _, Effect, VendorRequest};
use portcullis_runtime::{Account, Authorities, ClientCertificate, Connector, Runtime, RuntimeBuilder, StaticToken};
use portcullis_tests::TOKEN;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::address::Changing;
use crate::attack::{HOSTILE, account, pairs, send, shown};
use crate::wire::{Act, Wire};

const NAME: &str = "vendor.example";
const ROOTS: &str = "SSL_CERT_FILE";

/// Where the platform's roots of the test of this name are, in the process that has them. In any other the test is run
/// in such a process.
fn platform(test: &str) -> Option<PathBuf> {
    let roots = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}.pem"));
    if std::env::var_os(ROOTS).is_some_and(|file| file == roots.as_os_str()) {
        return Some(roots);
    }
    let (program, test) = (std::env::current_exe().unwrap(), format!("tls::{test}"));
    let output = Command::new(program).args(["--exact", &test, "--nocapture"]).env(ROOTS, &roots).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}{}", String::from_utf8_lossy(&output.stderr));
    None
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn trust(authority: &Authority) -> RuntimeBuilder {
    builder().trust(Authorities::from_pem(authority.pem().as_bytes()).unwrap())
}

fn builder() -> RuntimeBuilder {
    Runtime::builder().allow_loopback(true).resolver(Changing::new(&[&["127.0.0.1"]]))
}

async fn connector(builder: RuntimeBuilder) -> Connector {
    builder.build().unwrap().load(HOSTILE).await.unwrap()
}

fn params(name: &str) -> CertificateParams {
    CertificateParams::new(vec![name.to_owned()]).unwrap()
}

fn years(from: i32, to: i32) -> CertificateParams {
    let mut params = params(NAME);
    (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
    params
}

/// A vendor with such a certificate, that answers each request with `ok`.
async fn vendor(params: CertificateParams, issuer: &Authority, clients: Option<Arc<dyn ClientCertVerifier>>) -> Wire {
    answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", params, issuer, clients).await
}

async fn answering(
    answer: &str,
    params: CertificateParams,
    issuer: &Authority,
    clients: Option<Arc<dyn ClientCertVerifier>>,
) -> Wire {
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, issuer).unwrap();
    let builder = match clients {
        Some(clients) => ServerConfig::builder().with_client_cert_verifier(clients),
        None => ServerConfig::builder().with_no_client_auth(),
    };
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = builder.with_single_cert(vec![certificate.der().clone()], key.into()).unwrap();
    Wire::secure(vec![Act::Request, Act::Say(answer.into())], config).await
}

/// The account of this vendor.
fn of(vendor: &Wire) -> Account {
    account(&format!("https://{NAME}:{}/v2", vendor.address.port()))
}

/// What becomes of a write of an account, which is nothing where there is no secure connection.
async fn told(connector: &Connector, account: Account) -> String {
    let authority = account.endpoint().split('/').nth(2).unwrap().to_owned();
    let directory = connector.directory(account, StaticToken::new(TOKEN).unwrap()).unwrap();
    let query = pairs(&[("scheme", "https"), ("authority", &authority), ("method", "POST")]);
    let outcome = directory.request(VendorRequest { query, ..send("", "/v2/Users") }).await;
    if let Err(error) = &outcome {
        assert_eq!(error.effect, Effect::None, "{error}");
    }
    shown(outcome)
}

fn has_token(vendor: &Wire) -> bool {
    vendor.asked().iter().any(|asked| asked.contains(TOKEN))
}

#[tokio::test]
async fn a_server_that_is_not_who_it_says_it_is_gets_no_token() {
    let Some(roots) = platform("a_server_that_is_not_who_it_says_it_is_gets_no_token") else { return };
    let (authority, stranger) = (authority(), authority());
    fs::write(roots, authority.pem()).unwrap();
    let connector = connector(builder()).await;
    for (what, params, issuer, good) in [
        ("right", params(NAME), &authority, true),
        ("another name", params("other.example"), &authority, false),
        ("a name above it", params("example"), &authority, false),
        ("no name", params("127.0.0.1"), &authority, false),
        ("out of date", years(2019, 2020), &authority, false),
        ("not yet valid", years(2190, 2191), &authority, false),
        ("of an unknown authority", params(NAME), &stranger, false),
    ] {
        let vendor = vendor(params, issuer, None).await;
        let told = told(&connector, of(&vendor)).await;
        assert!(told.starts_with(if good { "ok" } else { "tls: " }), "{what}: {told}");
        assert_eq!((has_token(&vendor), vendor.connections()), (good, 1), "{what}");
    }
    // The library carries roots of its own and looks at names and dates by them, so a naive host refuses all of these.
}

#[tokio::test]
async fn an_authority_of_the_operators_is_trusted_besides_the_platforms_and_loosens_nothing_else() {
    let test = "an_authority_of_the_operators_is_trusted_besides_the_platforms_and_loosens_nothing_else";
    let Some(roots) = platform(test) else { return };
    let (platform, own, stranger) = (authority(), authority(), authority());
    fs::write(roots, platform.pem()).unwrap();
    let (plain, trusting) = (connector(builder()).await, connector(trust(&own)).await);
    for (what, connector, params, issuer, good) in [
        ("not trusted", &plain, params(NAME), &own, false),
        ("trusted", &trusting, params(NAME), &own, true),
        ("of the platform", &trusting, params(NAME), &platform, true),
        ("of neither", &trusting, params(NAME), &stranger, false),
        ("another name", &trusting, params("other.example"), &own, false),
        ("out of date", &trusting, years(2019, 2020), &own, false),
    ] {
        let vendor = vendor(params, issuer, None).await;
        let told = told(connector, of(&vendor)).await;
        assert!(told.starts_with(if good { "ok" } else { "tls: " }), "{what}: {told}");
        assert_eq!(has_token(&vendor), good, "{what}");
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_the_accounts_own_server_and_to_no_other() {
    let test = "a_client_certificate_is_shown_to_the_accounts_own_server_and_to_no_other";
    let Some(roots) = platform(test) else { return };
    let (servers, clients) = (authority(), authority());
    fs::write(roots, servers.pem()).unwrap();
    let connector = connector(builder()).await;
    let verifier = || {
        let mut roots = RootCertStore::empty();
        roots.add(clients.der().clone()).unwrap();
        WebPkiClientVerifier::builder(Arc::new(roots))
    };
    let (asking, demanding) = (verifier().allow_unauthenticated().build().unwrap(), verifier().build().unwrap());
    let client = || {
        let key = KeyPair::generate().unwrap();
        let certificate = params("client.example").signed_by(&key, &clients).unwrap();
        let pair = ClientCertificate::from_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes()).unwrap();
        (pair, Some(certificate.der().clone()), key.serialize_pem())
    };
    let ((first, first_shown, first_key), (second, second_shown, _)) = (client(), client());
    let nothing: Option<CertificateDer<'_>> = None;

    let vendor = vendor(params(NAME), &servers, Some(demanding.clone())).await;
    let account = of(&vendor).with_client_certificate(first.clone());
    let printed = format!("{account:?}");
    assert!(first_key.lines().all(|line| !printed.contains(line)), "{printed}");
    assert_eq!(told(&connector, account).await, "ok");
    assert_eq!(told(&connector, of(&vendor).with_client_certificate(second.clone())).await, "ok");
    // No session of theirs lets another account in.
    let refused = told(&connector, of(&vendor)).await;
    assert_eq!(refused, "tls: no secure connection: received fatal alert: CertificateRequired");
    assert_eq!(vendor.client_certificates(), [first_shown, second_shown]);

    let curious = self::vendor(params(NAME), &servers, Some(asking)).await;
    assert_eq!(told(&connector, of(&curious)).await, "ok");
    assert_eq!(curious.client_certificates(), [nothing]);

    // Who is not who it says it is sees none, and neither does whom a redirect names.
    let false_one = self::vendor(params("other.example"), &servers, Some(demanding.clone())).await;
    let told_by = told(&connector, of(&false_one).with_client_certificate(first.clone())).await;
    assert!(told_by.starts_with("tls: "), "{told_by}");
    let elsewhere = of(&vendor).endpoint().to_owned();
    let redirect = format!("HTTP/1.1 307 Away\r\nlocation: {elsewhere}\r\ncontent-length: 4\r\n\r\naway");
    let redirecting = answering(&redirect, params(NAME), &servers, Some(demanding)).await;
    assert_eq!(told(&connector, of(&redirecting).with_client_certificate(first)).await, "away");
    assert_eq!((false_one.client_certificates().len(), vendor.connections()), (0, 3));
}
