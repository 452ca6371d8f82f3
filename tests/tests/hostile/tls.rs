//! Servers that are not who they say they are, with certificates of every kind that proves it.

use std::fs;
use std::path::Path;
use std::process::Command;

use portcullis_directory::{Directory as _, VendorRequest};
use portcullis_runtime::{Runtime, StaticToken};
use portcullis_tests::TOKEN;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use crate::address::Changing;
use crate::attack::{HOSTILE, account, pairs, send, shown};
use crate::wire::{Act, Wire};

const NAME: &str = "vendor.example";
const ROOTS: &str = "SSL_CERT_FILE";
const TEST: &str = "tls::a_server_that_is_not_who_it_says_it_is_gets_no_token";

/// The platform's roots are read once in a process, and this one trusts nobody whom a test could be. So the test runs in
/// a process of its own, whose roots are in a file of the test's.
#[tokio::test]
async fn a_server_that_is_not_who_it_says_it_is_gets_no_token() {
    let roots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-roots.pem");
    if std::env::var_os(ROOTS).is_some_and(|file| file == roots.as_os_str()) {
        return judge(&roots).await;
    }
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program).args(["--exact", TEST, "--nocapture"]).env(ROOTS, &roots).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}{}", String::from_utf8_lossy(&output.stderr));
}

async fn judge(roots: &Path) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params.clone(), KeyPair::generate().unwrap()).unwrap();
    let stranger = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    fs::write(roots, pem(authority.der())).unwrap();
    let runtime = Runtime::builder().allow_loopback(true).resolver(Changing::new(&[&["127.0.0.1"]])).build().unwrap();
    let connector = runtime.load(HOSTILE).await.unwrap();

    let of = |name: &str| CertificateParams::new(vec![name.to_owned()]).unwrap();
    let years = |name: &str, from: i32, to: i32| {
        let mut params = of(name);
        (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
        params
    };
    for (what, params, issuer, told) in [
        ("right", of(NAME), &authority, "ok"),
        ("another name", of("other.example"), &authority, "tls: "),
        ("a name above it", of("example"), &authority, "tls: "),
        ("no name", of("127.0.0.1"), &authority, "tls: "),
        ("out of date", years(NAME, 2019, 2020), &authority, "tls: "),
        ("not yet valid", years(NAME, 2190, 2191), &authority, "tls: "),
        ("of an unknown authority", of(NAME), &stranger, "tls: "),
    ] {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, issuer).unwrap();
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_vec();
        let config = server(certificate.der().clone(), &key);
        let vendor = Wire::secure(vec![Act::Request, Act::Say(answer)], config).await;
        let authority = format!("{NAME}:{}", vendor.address.port());
        let account = account(&format!("https://{authority}/v2"));
        let directory = connector.directory(account, StaticToken::new(TOKEN).unwrap()).unwrap();
        let query = pairs(&[("scheme", "https"), ("authority", &authority), ("method", "POST")]);
        let request = VendorRequest { query, ..send("", "/v2/Users") };
        let outcome = directory.request(request).await;
        if let Err(error) = &outcome {
            assert_eq!(error.effect, portcullis_directory::Effect::None, "{what}: {error}");
        }
        let shown = shown(outcome);
        assert!(shown.starts_with(told), "{what}: {shown}");
        let asked = vendor.asked();
        assert_eq!(asked.iter().any(|asked| asked.contains(TOKEN)), told == "ok", "{what}: {asked:?}");
        assert_eq!(vendor.connections(), 1, "{what}");
    }
    // The library carries roots of its own and looks at names and dates by them, so a naive host refuses all of these.
}

fn server(certificate: CertificateDer<'static>, key: &KeyPair) -> ServerConfig {
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let builder = ServerConfig::builder().with_no_client_auth();
    builder.with_single_cert(vec![certificate], key.into()).unwrap()
}

/// RFC 7468.
fn pem(certificate: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for bytes in certificate.chunks(3) {
        let number = (0..3).fold(0_usize, |sum, at| sum << 8 | usize::from(bytes.get(at).copied().unwrap_or(0)));
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let letter = char::from(LETTERS[number >> shift & 63]);
            text.push(if at <= bytes.len() { letter } else { '=' });
        }
    }
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}
