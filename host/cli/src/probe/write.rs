//! What can be found out by writing, to objects that the probe made itself.

mod creation;
mod email;
mod group;
mod life;
mod user;

use portcullis_directory::Directory;
use serde_json::{Value, json};

use super::bench::Bench;
use super::finding::Findings;
use super::ledger::Kind;

/// Asks everything that writing answers. Usernames end with this domain.
pub(super) async fn probe<D: Directory>(
    bench: &mut Bench<'_, D>,
    findings: &mut Findings,
    domain: &str,
) -> anyhow::Result<()> {
    let user = user(bench, domain, json!({})).await?;
    creation::visibility(bench, findings, &user).await?;
    creation::probe(bench, findings, domain, &user).await?;
    user::probe(bench, findings, &user).await?;
    email::probe(bench, findings, domain).await?;
    let group = group::probe(bench, findings, domain).await?;
    life::probe(bench, findings, domain, &group).await
}

/// A user of the probe.
struct Own {
    id: String,
    name: String,
}

/// Makes a user with these attributes beside its name.
async fn user<D: Directory>(bench: &mut Bench<'_, D>, domain: &str, more: Value) -> anyhow::Result<Own> {
    let name = username(bench, domain);
    let id = bench.make(Kind::User, &name, &user_body(&name, more)).await?;
    Ok(Own { id, name })
}

fn username<D: Directory>(bench: &mut Bench<'_, D>, domain: &str) -> String {
    format!("{}@{domain}", bench.name())
}

fn user_body(name: &str, more: Value) -> Value {
    let mut body = json!({
        "schemas": [CORE_USER, ENTERPRISE],
        "userName": name,
        "active": true,
        "displayName": "Portcullis Probe",
        "name": {"givenName": "Portcullis", "familyName": "Probe"},
        "emails": [{"value": name, "type": "work"}],
    });
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    body
}

const CORE_USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const CORE_GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
