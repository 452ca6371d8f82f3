//! Builds the connector that misbehaves, for the tests of what becomes of it.

use portcullis_component_build::{Failure, component, directive};

fn main() -> Result<(), Failure> {
    let path = component("portcullis-hostile-guest", "tests/guests/hostile")?;
    directive("rustc-env", &format!("PORTCULLIS_HOSTILE_COMPONENT={}", path.display()));
    Ok(())
}
