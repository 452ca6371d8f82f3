//! Certificates of the operator's own: whom to trust besides those whom the platform trusts, and who to be.
//!
//! They are parsed once, from PEM (RFC 7468), and what cannot be used is refused here and not at the first handshake.
//! Nothing here reads a file, and nothing of a private key can be printed.

use std::fmt;
use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{Error as TlsError, RootCertStore};

use crate::egress::tls;
use crate::error::{Error, Kind};

/// Authorities that vouch for servers, such as a company's own, for
/// [`RuntimeBuilder::trust`](crate::RuntimeBuilder::trust).
#[derive(Clone)]
pub struct Authorities(RootCertStore);

impl Authorities {
    /// Reads certificates in PEM, one or several; what else is in the text is passed over.
    pub fn from_pem(pem: &[u8]) -> Result<Authorities, Error> {
        let mut roots = RootCertStore::empty();
        for (at, certificate) in certificates(pem, AUTHORITIES)?.into_iter().enumerate() {
            let number = at + 1;
            let refused = |_| unusable(AUTHORITIES, format!("holds a damaged certificate, number {number}"));
            roots.add(certificate).map_err(refused)?;
        }
        Ok(Authorities(roots))
    }

    pub(crate) fn none() -> Authorities {
        Authorities(RootCertStore::empty())
    }

    pub(crate) fn extend(&mut self, more: Authorities) {
        self.0.roots.extend(more.0.roots);
    }

    pub(crate) fn roots(&self) -> &RootCertStore {
        &self.0
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Authorities({})", self.0.len())
    }
}

/// A certificate and its private key, with which an account shows a server who it is (mutual TLS), for
/// [`Account::with_client_certificate`](crate::Account::with_client_certificate).
///
/// `Debug` shows how many certificates there are and nothing of the key.
#[derive(Clone)]
pub struct ClientCertificate(Arc<CertifiedKey>);

impl ClientCertificate {
    /// Reads a chain of certificates in PEM, the account's own first, and its key in PEM: PKCS #8, PKCS #1 or SEC 1,
    /// not encrypted.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<ClientCertificate, Error> {
        let chain = certificates(chain, CERTIFICATE)?;
        let key = private_key(key)?;
        let certified = CertifiedKey::from_der(chain, key, &tls::provider()).map_err(|error| match error {
            TlsError::InconsistentKeys(_) => unusable(KEY, "is not that of the certificate"),
            TlsError::InvalidCertificate(_) => unusable(CERTIFICATE, "holds a damaged certificate"),
            // What is said of a key may be made of it.
            _ => unusable(KEY, "holds a key of no kind that can be used"),
        })?;
        Ok(ClientCertificate(Arc::new(certified)))
    }

    pub(crate) fn resolver(&self) -> Arc<dyn ResolvesClientCert> {
        Arc::new(SingleCertAndKey::from(Arc::clone(&self.0)))
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ClientCertificate({}, key redacted)", self.0.cert.len())
    }
}

fn certificates(pem: &[u8], what: &'static str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err(unusable(what, "holds no certificate")),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(unusable(what, format!("is damaged: {}", damage(&error)))),
    }
}

fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, Error> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| {
        // RFC 7468 section 11, and the older form of OpenSSL (RFC 1421 section 4.6.1.1).
        let is_encrypted = [&b"BEGIN ENCRYPTED PRIVATE KEY"[..], b"Proc-Type: 4,ENCRYPTED"]
            .iter()
            .any(|mark| pem.windows(mark.len()).any(|window| window == *mark));
        if is_encrypted {
            unusable(KEY, "is encrypted, and there is nobody to ask for its password")
        } else if matches!(error, PemError::NoItemsFound) {
            unusable(KEY, "holds no private key")
        } else {
            unusable(KEY, format!("is damaged: {}", damage(&error)))
        }
    })
}

/// What is wrong, and nothing of the text: that may be a key.
fn damage(error: &PemError) -> &'static str {
    match error {
        PemError::MissingSectionEnd { .. } => "a section has no end",
        PemError::IllegalSectionStart { .. } => "a section has no right first line",
        PemError::Base64Decode(_) => "a section is no base64",
        _ => "it cannot be read",
    }
}

fn unusable(what: &'static str, reason: impl Into<String>) -> Error {
    Kind::Certificate { what, reason: reason.into() }.into()
}

const AUTHORITIES: &str = "authorities";
const CERTIFICATE: &str = "client certificate";
const KEY: &str = "client key";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair};

    use super::*;
    use crate::error::Blame;

    /// A certificate that nobody trusts, its key, and the key of another.
    fn made() -> (String, String, String) {
        let (own, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let certificate = CertificateParams::new(vec!["test.example".to_owned()]).unwrap().self_signed(&own).unwrap();
        (certificate.pem(), own.serialize_pem(), other.serialize_pem())
    }

    fn refusal(chain: &str, key: &str) -> String {
        let error = ClientCertificate::from_pem(chain.as_bytes(), key.as_bytes()).unwrap_err();
        assert_eq!((error.blame(), error.is_certificate_refused()), (Blame::Host, true));
        error.to_string()
    }

    fn edited(pem: &str, old: &str, new: &str) -> String {
        assert!(pem.contains(old));
        pem.replacen(old, new, 1)
    }

    fn cut(pem: &str) -> &str {
        pem.split_once("-----END").unwrap().0
    }

    #[test]
    fn what_can_be_used_is_taken_and_shows_nothing_of_the_key() {
        let (chain, key, _) = made();
        let certificate = ClientCertificate::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
        assert_eq!(format!("{certificate:?}"), "ClientCertificate(1, key redacted)");
        // One file may hold both.
        let both = key + &chain;
        assert!(ClientCertificate::from_pem(both.as_bytes(), both.as_bytes()).is_ok());
        let two = format!("{chain}some words\n{chain}");
        assert_eq!(format!("{:?}", Authorities::from_pem(two.as_bytes()).unwrap()), "Authorities(2)");
    }

    #[test]
    fn a_key_that_cannot_be_used_is_refused_for_what_it_is() {
        let (chain, key, another) = made();
        let key_is = |key: &str| refusal(&chain, key);
        assert_eq!(key_is(&another), "the PEM of the client key is not that of the certificate");
        assert_eq!(key_is(""), "the PEM of the client key holds no private key");
        assert_eq!(key_is(&chain), "the PEM of the client key holds no private key");
        let encrypted = edited(&key, "BEGIN PRIVATE", "BEGIN ENCRYPTED PRIVATE");
        assert_eq!(
            key_is(&encrypted),
            "the PEM of the client key is encrypted, and there is nobody to ask for its password"
        );
        assert_eq!(key_is(cut(&key)), "the PEM of the client key is damaged: a section has no end");
        assert_eq!(key_is(&edited(&key, "MIG", "?!?")), "the PEM of the client key is damaged: a section is no base64");
        assert_eq!(
            key_is(&edited(&key, "MIG", "AAA")),
            "the PEM of the client key holds a key of no kind that can be used"
        );
    }

    #[test]
    fn certificates_that_are_none_are_refused_for_what_they_are() {
        let (chain, key, _) = made();
        assert_eq!(refusal("", &key), "the PEM of the client certificate holds no certificate");
        let damaged = edited(&chain, "MII", "AAA");
        assert_eq!(refusal(&damaged, &key), "the PEM of the client certificate holds a damaged certificate");
        let refused = |pem: &str| Authorities::from_pem(pem.as_bytes()).unwrap_err().to_string();
        assert_eq!(refused("\n"), "the PEM of the authorities holds no certificate");
        assert_eq!(refused(&key), "the PEM of the authorities holds no certificate");
        assert_eq!(refused(cut(&chain)), "the PEM of the authorities is damaged: a section has no end");
        let second = "the PEM of the authorities holds a damaged certificate, number 2";
        assert_eq!(refused(&(chain + &damaged)), second);
    }

    proptest! {
        #[test]
        fn no_bytes_panic_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0_usize..200, byte: u8) {
            let (chain, key, _) = made();
            let mut key = key.into_bytes();
            if let Some(place) = key.get_mut(at) {
                *place = byte;
            }
            let _ = (Authorities::from_pem(&bytes), ClientCertificate::from_pem(chain.as_bytes(), &key));
        }
    }
}
