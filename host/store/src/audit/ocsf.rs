//! Records as events of the Open Cybersecurity Schema Framework, version 1.5.0 (<https://schema.ocsf.io/1.5.0>): Account
//! Change (3001) for users, Group Management (3006) for groups, one event a member, and Entity Management (3004) for what
//! went to the vendor's own API and for accounts that are kept. Pure.

use portcullis_directory::Effect;
use serde_json::{Map, Value, json};

use super::entry::{Event, Object};
use super::record::Record;
use crate::instant;

/// The events of a record; none for a line that is about no write.
pub fn events(record: &Record, product_version: &str) -> Vec<Value> {
    if record.intent.event != Event::Intent {
        return Vec::new();
    }
    let object = record.object().cloned().unwrap_or_default();
    let event = |class: Class, activity: Activity| base(record, class, activity, product_version);
    match (object.kind.as_str(), record.intent.operation.as_deref().unwrap_or_default()) {
        ("user", operation) => {
            let mut event = event(Class::ACCOUNT_CHANGE, user_activity(operation, record));
            event.insert("user".to_owned(), named(&object));
            if let Some(after) = record.outcome.as_ref().and_then(|outcome| outcome.after.as_ref()) {
                event.insert("user_result".to_owned(), user_result(after));
            }
            vec![Value::Object(event)]
        }
        ("group", operation @ ("add-members" | "remove-members")) => {
            let activity =
                if operation == "add-members" { Activity(3, "Add User") } else { Activity(4, "Remove User") };
            let members = record.intent.request.as_ref().and_then(|request| request.get("members")?.as_array());
            let members = members.into_iter().flatten();
            members
                .map(|member| membership(event(Class::GROUP_MANAGEMENT, activity), record, &object, member))
                .collect()
        }
        ("group", operation) => {
            let activity = match operation {
                "delete-group" => Activity(5, "Delete"),
                "create-group" => Activity(6, "Create"),
                _ => Activity(99, "Update"),
            };
            let mut event = event(Class::GROUP_MANAGEMENT, activity);
            event.insert("group".to_owned(), named(&object));
            vec![Value::Object(event)]
        }
        ("account", operation) => {
            let activity = match operation {
                "add-account" => Activity(1, "Create"),
                "remove-account" => Activity(4, "Delete"),
                _ => Activity(3, "Update"),
            };
            let mut event = event(Class::ENTITY_MANAGEMENT, activity);
            event.insert("entity".to_owned(), json!({ "type": "Account", "name": object.name }));
            vec![Value::Object(event)]
        }
        _ => {
            let method = record.intent.request.as_ref().and_then(|request| request.get("method")?.as_str());
            let activity = match method.unwrap_or_default() {
                "POST" => Activity(1, "Create"),
                "DELETE" => Activity(4, "Delete"),
                "PUT" | "PATCH" => Activity(3, "Update"),
                _ => Activity(99, "Other"),
            };
            let mut event = event(Class::ENTITY_MANAGEMENT, activity);
            event.insert("entity".to_owned(), json!({ "type": "Vendor API path", "name": object.id }));
            vec![Value::Object(event)]
        }
    }
}

/// Number and caption of a class.
#[derive(Clone, Copy)]
struct Class(u32, &'static str);

impl Class {
    const ACCOUNT_CHANGE: Class = Class(3001, "Account Change");
    const ENTITY_MANAGEMENT: Class = Class(3004, "Entity Management");
    const GROUP_MANAGEMENT: Class = Class(3006, "Group Management");
}

/// Number and caption of an activity in its class; 99 has a caption of its own.
#[derive(Clone, Copy)]
struct Activity(u32, &'static str);

fn user_activity(operation: &str, record: &Record) -> Activity {
    let is_active = record.intent.request.as_ref().and_then(|request| request.get("active")?.as_bool());
    match (operation, is_active) {
        ("create-user", _) => Activity(1, "Create"),
        ("delete-user", _) => Activity(6, "Delete"),
        ("set-user-active", Some(true)) => Activity(2, "Enable"),
        ("set-user-active", Some(false)) => Activity(5, "Disable"),
        // The class has no activity for it in this version.
        _ => Activity(99, "Update"),
    }
}

fn base(record: &Record, class: Class, Activity(activity, caption): Activity, version: &str) -> Map<String, Value> {
    let intent = &record.intent;
    let (status, status_word) = status(record);
    let uid = u64::from(class.0) * 100 + u64::from(activity);
    let mut event = Map::new();
    let mut set = |name: &str, value: Value| drop(event.insert(name.to_owned(), value));
    set("category_uid", json!(3));
    set("category_name", json!("Identity & Access Management"));
    set("class_uid", json!(class.0));
    set("class_name", json!(class.1));
    set("activity_id", json!(activity));
    set("activity_name", json!(caption));
    set("type_uid", json!(uid));
    set("type_name", json!(format!("{}: {caption}", class.1)));
    set("severity_id", json!(1));
    set("severity", json!("Informational"));
    set("status_id", json!(status));
    set("status", json!(status_word));
    set("time", json!(instant::milliseconds(&intent.time)));
    set(
        "metadata",
        json!({
            "version": "1.5.0",
            "uid": intent.id,
            "sequence": intent.sequence,
            "log_name": "audit.jsonl",
            "correlation_uid": intent.id,
            "product": { "name": "Portcullis", "vendor_name": "Portcullis", "version": version },
        }),
    );
    if let Some(actor) = &intent.actor {
        let mut who = Map::new();
        who.insert("user".to_owned(), json!({ "name": actor.user, "uid": actor.uid.map(|uid| uid.to_string()) }));
        who.insert("app_name".to_owned(), json!("portcullis"));
        set("actor", Value::Object(who));
    }
    if let Some(error) = record.outcome.as_ref().and_then(|outcome| outcome.error.as_ref()) {
        set("status_code", json!(error.code.as_deref().unwrap_or(error.kind.name())));
        set("status_detail", json!(error.message));
    }
    set(
        "unmapped",
        json!({
            "account": intent.account,
            "actor_text": intent.actor.as_ref().and_then(|actor| actor.text.as_ref()),
            "operation": intent.operation,
            "effect": record.effect(),
            "request": intent.request,
            "before": intent.before,
            "after": record.outcome.as_ref().and_then(|outcome| outcome.after.as_ref()),
            "result": record.outcome.as_ref().and_then(|outcome| outcome.result.as_ref()),
            "request_ids": record.outcome.as_ref().map(|outcome| &outcome.request_ids),
        }),
    );
    event
}

fn status(record: &Record) -> (u32, &'static str) {
    match (record.outcome_word(), record.effect()) {
        ("done", _) => (1, "Success"),
        ("failed", Some(Effect::None | Effect::Applied)) => (2, "Failure"),
        ("partly", _) => (99, "Partly"),
        _ => (0, "Unknown"),
    }
}

/// One member's event, which has that member's own outcome.
fn membership(mut event: Map<String, Value>, record: &Record, group: &Object, member: &Value) -> Value {
    let id = member.get("id").and_then(Value::as_str).unwrap_or_default();
    let result = record.outcome.as_ref().and_then(|outcome| outcome.result.as_ref());
    let has = |list: &str| {
        let rows = result.and_then(|result| result.get(list)?.as_array()).into_iter().flatten();
        rows.filter_map(|row| row.as_str().or_else(|| row.get("id")?.as_str())).any(|row| row == id)
    };
    if has("applied") || has("unchanged") {
        event.insert("status_id".to_owned(), json!(1));
        event.insert("status".to_owned(), json!("Success"));
    } else if has("failed") {
        event.insert("status_id".to_owned(), json!(2));
        event.insert("status".to_owned(), json!("Failure"));
    }
    event.insert("group".to_owned(), named(group));
    event.insert("user".to_owned(), json!({ "uid": id, "name": member.get("username") }));
    Value::Object(event)
}

fn named(object: &Object) -> Value {
    json!({ "uid": object.id, "name": object.name })
}

fn user_result(after: &Value) -> Value {
    let get = |name: &str| after.get(name).cloned().unwrap_or(Value::Null);
    json!({ "uid": get("id"), "name": get("username"), "full_name": get("name") })
}
