//! What a component is at a registry: a layer, a config, and a manifest that names both (CNCF, "Wasm OCI Artifact"; OCI
//! image specification, "Image Manifest"). Pure: the same component is the same artifact, with the same digest,
//! whoever pushes it and when.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use wit_component::DecodedWasm;
use wit_parser::{PackageId, Resolve};

use crate::digest::Digest;
use crate::error::{Error, Kind};

pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.wasm.config.v0+json";
const LAYER: &str = "application/wasm";
/// Magic, version 13, layer 1 (Component Model, `Binary.md`); a WIT package has them as well.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
/// A time that says nothing, as the clock would make another artifact of the same component.
const CREATED: &str = "1970-01-01T00:00:00Z";

/// A component, or a WIT package in its binary form, ready to be pushed.
#[derive(Debug)]
pub struct Artifact {
    pub(crate) manifest: Bytes,
    pub(crate) config: Bytes,
    pub(crate) layer: Bytes,
}

impl Artifact {
    /// `file` is the name that other tools give it on disk.
    ///
    /// # Errors
    ///
    /// When it is neither a component nor a WIT package.
    pub fn new(component: impl Into<Bytes>, file: &str) -> Result<Artifact, Error> {
        let layer = component.into();
        if !layer.starts_with(COMPONENT) {
            return Err(Kind::NoComponent("it begins with other bytes".to_owned()).into());
        }
        let decoded = wit_component::decode(&layer).map_err(|error| Kind::NoComponent(error.to_string()))?;
        let (imports, exports) = match &decoded {
            DecodedWasm::Component(resolve, world) => {
                let world = resolve.worlds.get(*world).ok_or_else(|| Kind::NoComponent("no world".to_owned()))?;
                let names = |keys: Vec<_>| keys.into_iter().map(|key| resolve.name_world_key(key)).collect();
                (names(world.imports.keys().collect()), names(world.exports.keys().collect()))
            }
            DecodedWasm::WitPackage(resolve, package) => (Vec::new(), package_exports(resolve, *package)),
        };
        let config = Config {
            created: CREATED,
            author: None,
            architecture: "wasm",
            os: "wasip2",
            layer_digests: [Digest::of(&layer).to_string()],
            component: Names { exports, imports, target: None },
        };
        let config = Bytes::from(serde_json::to_vec(&config).map_err(|error| Kind::NoComponent(error.to_string()))?);
        let title = BTreeMap::from([("org.opencontainers.image.title".to_owned(), file.to_owned())]);
        let manifest = Manifest {
            schema_version: 2,
            media_type: Some(MANIFEST.to_owned()),
            config: Descriptor::of(CONFIG, &config, BTreeMap::new()),
            layers: vec![Descriptor::of(LAYER, &layer, title)],
        };
        let manifest = serde_json::to_vec(&manifest).map_err(|error| Kind::NoComponent(error.to_string()))?;
        Ok(Artifact { manifest: Bytes::from(manifest), config, layer })
    }

    /// The digest of the manifest, which pins everything else.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.manifest)
    }
}

/// What `wkg` writes of a WIT package: its worlds, what they export, and its interfaces.
fn package_exports(resolve: &Resolve, id: PackageId) -> Vec<String> {
    let Some(package) = resolve.packages.get(id) else { return Vec::new() };
    let mut names = BTreeSet::new();
    for world in package.worlds.values().filter_map(|world| resolve.worlds.get(*world)) {
        names.extend(world.exports.keys().map(|key| resolve.name_world_key(key)));
        names.insert(package.name.interface_id(&world.name));
    }
    names.extend(package.interfaces.values().filter_map(|interface| resolve.id_of(*interface)));
    names.into_iter().collect()
}

/// What a manifest says of its one layer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Layer {
    pub(crate) digest: Digest,
    pub(crate) size: u64,
}

impl Layer {
    /// Reads a manifest. Anything else that a registry may hold, such as an image for several machines, is refused.
    pub(crate) fn read(manifest: &[u8]) -> Result<Layer, String> {
        let manifest: Manifest = serde_json::from_slice(manifest).map_err(|error| format!("no manifest: {error}"))?;
        if let Some(other) = manifest.media_type.filter(|kind| kind != MANIFEST) {
            return Err(format!("the manifest is of type `{}`, and not of `{MANIFEST}`", printable(&other)));
        }
        if manifest.config.media_type != CONFIG {
            let other = printable(&manifest.config.media_type);
            return Err(format!("the config is of type `{other}`, and not of `{CONFIG}`: it is no component"));
        }
        let [layer] = manifest.layers.as_slice() else {
            return Err(format!("there are {} layers, and a component is one", manifest.layers.len()));
        };
        if layer.media_type != LAYER {
            return Err(format!("the layer is of type `{}`, and not of `{LAYER}`", printable(&layer.media_type)));
        }
        let digest =
            layer.digest.parse().map_err(|_| format!("the layer has no SHA-256: `{}`", printable(&layer.digest)))?;
        Ok(Layer { digest, size: layer.size })
    }
}

/// The form of a config, in the order in which its members are written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    created: &'static str,
    author: Option<&'static str>,
    architecture: &'static str,
    os: &'static str,
    layer_digests: [String; 1],
    component: Names,
}

#[derive(Serialize)]
struct Names {
    exports: Vec<String>,
    imports: Vec<String>,
    target: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u32,
    media_type: Option<String>,
    config: Descriptor,
    layers: Vec<Descriptor>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    size: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

impl Descriptor {
    fn of(media_type: &str, blob: &[u8], annotations: BTreeMap<String, String>) -> Descriptor {
        let size = u64::try_from(blob.len()).unwrap_or(u64::MAX);
        Descriptor { media_type: media_type.to_owned(), digest: Digest::of(blob).to_string(), size, annotations }
    }
}

/// A text of the registry's for a message: short, and nothing that a terminal obeys.
pub(crate) fn printable(text: &str) -> String {
    text.chars().filter(char::is_ascii_graphic).take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use serde_json::{Value, json};

    /// A component of nothing.
    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    #[test]
    fn an_artifact_is_what_other_tools_expect_and_always_the_same() {
        let artifact = Artifact::new(EMPTY, "empty.wasm").unwrap();
        let [config, manifest] = [&artifact.config, &artifact.manifest].map(|json| str::from_utf8(json).unwrap());
        expect![[r#"{"created":"1970-01-01T00:00:00Z","author":null,"architecture":"wasm","os":"wasip2","layerDigests":["sha256:24eaf3439a60c96764c4f2c92a0a81b52bd4fe5d5b91f090184a0f6486b1bf29"],"component":{"exports":[],"imports":[],"target":null}}"#]].assert_eq(config);
        expect![[r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.wasm.config.v0+json","digest":"sha256:d00291c02f6c8db8caa5cd4dca22a6932a7af40f27b95a984309d6d220a3dbb8","size":229},"layers":[{"mediaType":"application/wasm","digest":"sha256:24eaf3439a60c96764c4f2c92a0a81b52bd4fe5d5b91f090184a0f6486b1bf29","size":8,"annotations":{"org.opencontainers.image.title":"empty.wasm"}}]}"#]].assert_eq(manifest);
        assert_eq!(artifact.digest(), Artifact::new(EMPTY.to_vec(), "empty.wasm").unwrap().digest());
        let layer = Layer { digest: Digest::of(EMPTY), size: 8 };
        assert_eq!(Layer::read(&artifact.manifest).unwrap(), layer);
    }

    #[test]
    fn what_is_no_component_is_no_artifact() {
        for bytes in [&b""[..], b"no component", b"\0asm\x01\0\0\0"] {
            let error = Artifact::new(bytes, "x.wasm").unwrap_err();
            assert!(error.is_caller_fault() && error.to_string().starts_with("it is no component: "), "{error}");
        }
    }

    #[test]
    fn a_manifest_of_anything_else_is_refused_with_what_it_is() {
        let artifact = Artifact::new(EMPTY, "empty.wasm").unwrap();
        let manifest: Value = serde_json::from_slice(&artifact.manifest).unwrap();
        let changed = |path: &str, value: Value| {
            let mut manifest = manifest.clone();
            *manifest.pointer_mut(path).unwrap() = value;
            Layer::read(manifest.to_string().as_bytes()).unwrap_err()
        };
        let told = [
            changed("/mediaType", json!("application/vnd.oci.image.index.v1+json")),
            changed("/config/mediaType", json!("application/vnd.oci.image.config.v1+json")),
            changed("/layers", json!([])),
            changed("/layers/0/mediaType", json!("application/\u{1b}[2Jtar")),
            changed("/layers/0/digest", json!("sha512:00")),
            Layer::read(b"<html>").unwrap_err(),
        ]
        .join("\n");
        expect![[r#"
            the manifest is of type `application/vnd.oci.image.index.v1+json`, and not of `application/vnd.oci.image.manifest.v1+json`
            the config is of type `application/vnd.oci.image.config.v1+json`, and not of `application/vnd.wasm.config.v0+json`: it is no component
            there are 0 layers, and a component is one
            the layer is of type `application/[2Jtar`, and not of `application/wasm`
            the layer has no SHA-256: `sha512:00`
            no manifest: expected value at line 1 column 1
        "#]].assert_eq(&format!("{told}\n"));
    }
}
