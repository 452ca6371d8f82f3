//! Push and pull, by the OCI distribution specification.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, StatusCode};
use url::Url;

use crate::artifact::{Artifact, Layer, MANIFEST};
use crate::client::{self, Ask, Client, Http, host};
use crate::credential::Credential;
use crate::digest::Digest;
use crate::error::{Error, Kind};
use crate::reference::{Reference, Version};

/// What was pulled, and is what its digest says.
#[derive(Debug)]
pub struct Pulled {
    /// The component, or the WIT package.
    pub component: Bytes,
    /// The digest of the manifest, which names it for good.
    pub digest: Digest,
}

/// Registries, as one credential sees them.
#[derive(Debug)]
pub struct Registry {
    http: Http,
    credential: Option<Credential>,
}

impl Registry {
    /// Without a credential it is what everybody sees. Certificates are those of this system.
    ///
    /// # Errors
    ///
    /// When the certificates of this system cannot be read.
    pub fn new(credential: Option<Credential>) -> Result<Registry, Error> {
        Ok(Registry { http: client::http()?, credential })
    }

    /// Pushes an artifact to a tag, and answers the digest that names it from then on. What is there already is not sent
    /// again; the tag is moved.
    pub async fn push(&self, reference: &Reference, artifact: &Artifact) -> Result<Digest, Error> {
        let Version::Tag(tag) = reference.version() else { return Err(Kind::NoTag(reference.to_string()).into()) };
        let mut client = self.client(reference, "pull,push")?;
        for blob in [&artifact.layer, &artifact.config] {
            upload(&mut client, blob).await?;
        }
        let mut ask = Ask::new("a manifest", Method::PUT, below(&client.root, &["manifests", tag])?);
        ask.header = Some((CONTENT_TYPE, MANIFEST));
        ask.body = artifact.manifest.clone();
        client.expect(&ask, StatusCode::CREATED).await?;
        Ok(artifact.digest())
    }

    /// Pulls a component of at most so many bytes.
    ///
    /// By a digest it is the one that was meant, or an error. By a tag it is what the registry has there today.
    pub async fn pull(&self, reference: &Reference, most: usize) -> Result<Pulled, Error> {
        let mut client = self.client(reference, "pull")?;
        let name = match reference.version() {
            Version::Tag(tag) => tag.clone(),
            Version::Digest(digest) => digest.to_string(),
        };
        let mut ask = Ask::new("a request for a manifest", Method::GET, below(&client.root, &["manifests", &name])?);
        ask.header = Some((ACCEPT, MANIFEST));
        let manifest = client.get(ask, MANIFEST_BYTES).await?;
        let digest = Digest::of(&manifest);
        same("the manifest", digest, reference.digest().unwrap_or(digest))?;
        let answer = |why| Error::from(Kind::Answer { host: host(&client.root), why });
        let layer = Layer::read(&manifest).map_err(answer)?;
        if layer.size > u64::try_from(most).unwrap_or(u64::MAX) {
            return Err(answer(format!("the component has {} bytes, and at most {most} are taken", layer.size)));
        }
        let url = below(&client.root, &["blobs", &layer.digest.to_string()])?;
        let component = client.get(Ask::new("a request for a component", Method::GET, url), most).await?;
        same("the component", Digest::of(&component), layer.digest)?;
        Ok(Pulled { component, digest })
    }

    fn client(&self, reference: &Reference, actions: &str) -> Result<Client<'_>, Error> {
        Ok(Client {
            http: &self.http,
            credential: self.credential.as_ref(),
            root: reference.url()?,
            scope: format!("repository:{}:{actions}", reference.repository()),
            authorization: None,
        })
    }
}

/// Sends a blob in one piece, unless it is there.
async fn upload(client: &mut Client<'_>, blob: &Bytes) -> Result<(), Error> {
    let digest = Digest::of(blob).to_string();
    let known = Ask::new("a question for a blob", Method::HEAD, below(&client.root, &["blobs", &digest])?);
    if client.has(&known).await? {
        return Ok(());
    }
    let begin = Ask::new("the beginning of an upload", Method::POST, below(&client.root, &["blobs", "uploads", ""])?);
    let answer = client.expect(&begin, StatusCode::ACCEPTED).await?;
    let mut url = client.location(answer.headers(), &begin.url)?;
    url.query_pairs_mut().append_pair("digest", &digest);
    let mut ask = Ask::new("an upload", Method::PUT, url);
    ask.header = Some((CONTENT_TYPE, "application/octet-stream"));
    ask.body = blob.clone();
    client.expect(&ask, StatusCode::CREATED).await?;
    Ok(())
}

fn below(root: &Url, path: &[&str]) -> Result<Url, Error> {
    let mut url = root.clone();
    let unsuitable = || Error::from(Kind::Location { host: host(root), why: "it is no base" });
    url.path_segments_mut().map_err(|()| unsuitable())?.pop_if_empty().extend(path);
    Ok(url)
}

fn same(what: &'static str, found: Digest, wanted: Digest) -> Result<(), Error> {
    if found == wanted { Ok(()) } else { Err(Kind::Mismatch { what, found, wanted }.into()) }
}

/// The specification asks registries to bear 4 MiB; one of a component has a few hundred bytes.
const MANIFEST_BYTES: usize = 1 << 20;
