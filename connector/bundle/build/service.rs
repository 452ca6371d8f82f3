//! A connector with the HTTP service in front of it, as one component.

use std::fs;
use std::path::{Path, PathBuf};

use portcullis_component_build::{Failure, component, directive};
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, plug};

/// Builds the service, plugs the connector to it and returns the path of the whole.
pub(crate) fn of(connector: &Path) -> Result<PathBuf, Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for input in ["host/directory", "host/runtime/src/conversion.rs"] {
        directive("rerun-if-changed", &root.join(input).display().to_string());
    }
    let service = component("portcullis-service", "connector/service")?;

    let mut graph = CompositionGraph::new();
    let [connector, socket] = [("portcullis:connector", connector), ("portcullis:service", &service)]
        .map(|(name, path)| Package::from_file(name, None, path, graph.types_mut()));
    let connector = graph.register_package(connector?)?;
    let socket = graph.register_package(socket?)?;
    plug(&mut graph, vec![connector], socket)?;
    let composed = service.with_file_name("portcullis-zpa.service.wasm");
    fs::write(&composed, graph.encode(EncodeOptions::default())?)?;
    Ok(composed)
}
