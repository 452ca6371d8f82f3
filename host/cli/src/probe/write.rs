//! What can be found out by writing, to objects that the probe made itself.

mod creation;
mod email;
mod group;
mod life;
mod user;

use portcullis_directory::Directory;
use serde_json::{Value, json};

use super::bench::{Bench, Unclear};
use super::finding::Findings;
use super::ledger::Kind;

/// Asks everything that writing answers. Usernames end with this domain.
pub(super) async fn probe<D: Directory>(
    bench: &mut Bench<'_, D>,
    findings: &mut Findings,
    domain: &str,
) -> anyhow::Result<()> {
    match ask(bench, findings, domain).await {
        Ok(None) => Ok(()),
        Ok(Some(Unclear(why))) => {
            findings.add_missing(&why);
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Asks, part by part: where the vendor did not show what became of a write, the rest of that part is not found out.
/// Answers why, where there was one.
async fn ask<D: Directory>(
    bench: &mut Bench<'_, D>,
    findings: &mut Findings,
    domain: &str,
) -> anyhow::Result<Option<Unclear>> {
    let user = user(bench, domain, json!({})).await?;
    if let Err(why) = clear(creation::visibility(bench, findings, &user).await)? {
        // What is seen late cannot be told from what is not done.
        return Ok(Some(why));
    }
    let made = clear(creation::probe(bench, findings, domain, &user).await)?;
    let changed = clear(user::probe(bench, findings, &user).await)?;
    let addressed = clear(email::probe(bench, findings, domain).await)?;
    let ended = match clear(group::probe(bench, findings, domain).await)? {
        Ok(group) => clear(life::probe(bench, findings, domain, &group).await)?,
        Err(why) => Err(why),
    };
    Ok([made, changed, addressed, ended].into_iter().find_map(Result::err))
}

/// What became of a part that can be left out.
fn clear<T>(asked: anyhow::Result<T>) -> anyhow::Result<Result<T, Unclear>> {
    match asked {
        Ok(found) => Ok(Ok(found)),
        Err(error) => error.downcast().map(Err),
    }
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
