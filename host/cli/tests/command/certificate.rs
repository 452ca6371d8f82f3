//! Certificates of the operator's own: the binary against the emulator behind TLS that asks for one.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use expect_test::expect;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::run::{Company, TOKEN, bare, directory, tell, tell_with};

/// A company behind a server that shows a certificate of this authority and demands one of it; and files of the
/// operator's in a directory.
struct Guarded {
    company: Company,
    address: SocketAddr,
    files: PathBuf,
    _runtime: tokio::runtime::Runtime,
}

impl Guarded {
    fn new() -> Guarded {
        let company = Company::small();
        let (runtime, files) = (tokio::runtime::Runtime::new().unwrap(), directory());
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let issue = |name: &str| {
            let key = KeyPair::generate().unwrap();
            (CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap(), key)
        };
        let (own, key) = issue("client.example");
        write(&files.join("ca.pem"), &authority.pem());
        write(&files.join("own.pem"), &own.pem());
        write(&files.join("key.pem"), &key.serialize_pem());
        write(&files.join("other.pem"), &KeyPair::generate().unwrap().serialize_pem());
        write(&files.join("empty.pem"), "");

        let mut clients = RootCertStore::empty();
        clients.add(authority.der().clone()).unwrap();
        let clients = WebPkiClientVerifier::builder(Arc::new(clients)).build().unwrap();
        let (server, key) = issue("127.0.0.1");
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = ServerConfig::builder().with_client_cert_verifier(clients);
        let config = config.with_single_cert(vec![server.der().clone()], key.into()).unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(relay(listener, TlsAcceptor::from(Arc::new(config)), company.emulator.address()));
        Guarded { company, address, files, _runtime: runtime }
    }

    fn endpoint(&self) -> String {
        self.company
            .emulator
            .endpoint()
            .replace("http:", "https:")
            .replace(&self.company.emulator.address().to_string(), &self.address.to_string())
    }

    /// The binary with these flags, each with a file of the directory.
    fn command(&self, arguments: &[&str], flags: &[(&str, &str)]) -> Command {
        let mut command = bare(arguments);
        command.env("PORTCULLIS_DATA_DIR", self.files.join("data"));
        for (flag, file) in flags {
            command.arg(flag).arg(self.files.join(file));
        }
        command
    }

    fn list(&self, flags: &[(&str, &str)]) -> String {
        let arguments = ["groups", "list", "--output", "csv", "--endpoint", &self.endpoint()];
        self.blind(&tell(self.command(&arguments, flags).env("PORTCULLIS_TOKEN", TOKEN)))
    }

    fn blind(&self, told: &str) -> String {
        let told = told.replace(&self.address.to_string(), "ADDRESS");
        told.replace(&*self.files.to_string_lossy(), "FILES")
    }
}

/// For its owner alone, as a key has to be.
fn write(file: &Path, text: &str) {
    std::fs::write(file, text).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

async fn relay(listener: TcpListener, acceptor: TlsAcceptor, to: SocketAddr) {
    while let Ok((stream, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            match acceptor.accept(stream).into_fallible().await {
                Ok(mut stream) => {
                    let mut emulator = TcpStream::connect(to).await?;
                    tokio::io::copy_bidirectional(&mut stream, &mut emulator).await.map(drop)
                }
                // It is heard out, so that it learns why it is refused.
                Err((_, mut stream)) => tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.map(drop),
            }
        });
    }
}

const ALL: [(&str, &str); 3] = [("--ca-file", "ca.pem"), ("--client-cert", "own.pem"), ("--client-key", "key.pem")];

#[test]
fn a_server_of_the_companys_own_authority_that_demands_a_certificate_is_reached_with_both() {
    let guarded = Guarded::new();
    expect![[r#"
        id,external_id,name,description,group_type,created_at,updated_at,extras,remote_data
        8935b08d-2796-43e2-b859-ad5c63ccdb90,grp-shared,Finance EU,,,2024-04-29T00:46:23Z,2024-04-29T00:46:23Z,,
        bf3fb73c-bda3-4686-8889-0d5b4ac42fb5,grp-shared,Ops,,,2024-12-16T23:28:53Z,2025-01-12T04:14:57Z,,
        exit 0
    "#]]
    .assert_eq(&guarded.list(&ALL));
    expect![[r#"
        error: no secure connection: invalid peer certificate: UnknownIssuer (`tls`)
        hint: a server is judged by the authorities of this system and those of `--ca-file`; one that asks for a certificate gets that of `--client-cert` and `--client-key`
        exit 5
    "#]].assert_eq(&guarded.list(&ALL[1..]));
    expect![[r#"
        error: no secure connection: received fatal alert: CertificateRequired (`tls`)
        hint: a server is judged by the authorities of this system and those of `--ca-file`; one that asks for a certificate gets that of `--client-cert` and `--client-key`
        exit 5
    "#]].assert_eq(&guarded.list(&ALL[..1]));
    // By the environment as well, and for an account that is kept.
    let add = ["account", "add", "acme", "--endpoint", &guarded.endpoint(), "--token-stdin"];
    tell_with(TOKEN, &mut guarded.command(&add, &[]));
    let mut check = guarded.command(&["account", "check", "acme"], &[]);
    for (name, file) in
        [("PORTCULLIS_CA_FILE", "ca.pem"), ("PORTCULLIS_CLIENT_CERT", "own.pem"), ("PORTCULLIS_CLIENT_KEY", "key.pem")]
    {
        check.env(name, guarded.files.join(file));
    }
    expect![[r#"
        {
          "name": "acme",
          "endpoint": "https://ADDRESS/scim/1/111222333444555666/v2",
          "outcome": "ok",
          "users": 3
        }
        exit 0
    "#]]
    .assert_eq(&guarded.blind(&tell(&mut check)));
}

#[test]
fn a_file_that_cannot_be_used_is_named_with_what_is_wrong_and_what_to_do() {
    let guarded = Guarded::new();
    let told = |flags: &[(&str, &str)]| guarded.list(flags);
    expect![[r#"
        error: `FILES/empty.pem` cannot be used: the PEM of the authorities holds no certificate
        hint: `openssl x509 -in FILE -noout -subject` and `openssl pkey -in FILE -noout` tell whether a file is what it should be
        exit 2
    "#]].assert_eq(&told(&[("--ca-file", "empty.pem")]));
    expect![[r#"
        error: `FILES/nowhere.pem` cannot be read: No such file or directory
        hint: `--ca-file` takes a PEM file that you can read
        exit 2
    "#]]
    .assert_eq(&told(&[("--ca-file", "nowhere.pem")]));
    expect![[r#"
        error: `--client-cert` is given without `--client-key`
        hint: a certificate and its key belong together: give `--client-key` or PORTCULLIS_CLIENT_KEY
        exit 2
    "#]]
    .assert_eq(&told(&[("--client-cert", "own.pem")]));
    expect![[r#"
        error: `--client-key` is given without `--client-cert`
        hint: a certificate and its key belong together: give `--client-cert` or PORTCULLIS_CLIENT_CERT
        exit 2
    "#]]
    .assert_eq(&told(&[("--client-key", "key.pem")]));
    expect![[r#"
        error: `FILES/own.pem` and `FILES/other.pem` cannot be used together: the PEM of the client key is not that of the certificate
        hint: `openssl x509 -in FILE -noout -subject` and `openssl pkey -in FILE -noout` tell whether a file is what it should be
        exit 2
    "#]].assert_eq(&told(&[("--client-cert", "own.pem"), ("--client-key", "other.pem")]));
    expect![[r#"
        error: `FILES/own.pem` and `FILES/own.pem` cannot be used together: the PEM of the client key holds no private key
        hint: `openssl x509 -in FILE -noout -subject` and `openssl pkey -in FILE -noout` tell whether a file is what it should be
        exit 2
    "#]].assert_eq(&told(&[("--client-cert", "own.pem"), ("--client-key", "own.pem")]));
    #[cfg(unix)]
    {
        let key = guarded.files.join("key.pem");
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        expect![[r#"
            error: `FILES/key.pem` can be read or written by others (mode 640)
            hint: `chmod 600 FILES/key.pem` keeps others out; if somebody may have read it, rotate tokens and key
            exit 1
        "#]]
        .assert_eq(&told(&ALL));
    }
}
