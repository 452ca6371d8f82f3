//! One assignment to one attribute of a user: what every write of a user is made of (zpa-scim.md 3.1, 7).
//! Works on a copy, so that a refusal half way leaves nothing behind.

use serde_json::{Map, Value};

use super::invalid;
use super::text::{self, Text};
use crate::User;
use crate::error_body::Problem;
use crate::filter::{AttributePath, Filter, Path};
use crate::switches::{EmailReplacement, OverLong, Permission, Switches, UnknownAttributes};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Replace,
    Remove,
}

/// Assigns every member of an object. The members of a request's own body are names, those of an operation without
/// a path are paths.
pub(super) fn assign_all(
    user: &mut User,
    operator: Operator,
    object: &Map<String, Value>,
    has_paths: bool,
    switches: &Switches,
) -> Result<(), Problem> {
    for (key, value) in object {
        let path = if has_paths { Path::parse(key) } else { None };
        let path = path.unwrap_or_else(|| Path { attribute: AttributePath::of_member(key), values: None, sub: None });
        assign(user, operator, &path, Some(value), switches)?;
    }
    Ok(())
}

/// An absent value is for removals alone; `null` clears, whatever the operator.
pub(super) fn assign(
    user: &mut User,
    operator: Operator,
    path: &Path,
    value: Option<&Value>,
    switches: &Switches,
) -> Result<(), Problem> {
    let is_removal = operator == Operator::Remove || value.is_some_and(Value::is_null);
    let attribute = &path.attribute;
    let (name, sub) = attribute.folded();
    let is_plain = path.values.is_none() && sub.is_none();
    if attribute.is_core() && name == "emails" && names_values(path) {
        return emails(user, operator, path, value.filter(|_| !is_removal), switches);
    }
    if path.values.is_some() {
        return unknown(&name, switches);
    }
    if let Some(text) = Text::named(attribute, switches.enterprise_at_root) {
        *text.of(user) = if is_removal { None } else { Some(string(&name, value, switches)?) };
        return Ok(());
    }
    match name.as_str() {
        "" if attribute.is_enterprise() => parts(user, &text::ENTERPRISE, &name, value, is_removal, switches),
        "name" if is_plain && attribute.is_core() => parts(user, &text::NAME, &name, value, is_removal, switches),
        "username" if is_plain && attribute.is_core() => {
            if is_removal {
                return Err(invalid("`userName` is required").of_type("mutability"));
            }
            user_name(user, string("userName", value, switches)?, switches)
        }
        "active" if is_plain && attribute.is_core() => {
            match value {
                None => return Err(invalid("`active` cannot be removed").of_type("mutability")),
                Some(Value::Null) => {}
                Some(value) => user.active = boolean(value, switches)?,
            }
            Ok(())
        }
        // The server's own, and `groups`, which are silently ignored (zpa-scim.md 3.3).
        "schemas" | "id" | "meta" | "groups" if attribute.is_core() => Ok(()),
        _ => unknown(&name, switches),
    }
}

/// Whether a path leads to values of a list as a whole, or to the `value` of each, which is all that they have.
pub(super) fn names_values(path: &Path) -> bool {
    [&path.attribute.sub, &path.sub].into_iter().flatten().all(|sub| sub.eq_ignore_ascii_case("value"))
}

fn unknown(name: &str, switches: &Switches) -> Result<(), Problem> {
    match switches.unknown_attributes {
        UnknownAttributes::Dropped => Ok(()),
        UnknownAttributes::Refused => {
            Err(Problem::new(400, format!("attribute `{name}` is not known")).of_type("invalidPath"))
        }
    }
}

/// A complex attribute: what the value does not name stays (RFC 7644 3.5.2.3).
fn parts(
    user: &mut User,
    parts: &[(&str, Text)],
    name: &str,
    value: Option<&Value>,
    is_removal: bool,
    switches: &Switches,
) -> Result<(), Problem> {
    if is_removal {
        for (_, text) in parts {
            *text.of(user) = None;
        }
        return Ok(());
    }
    let object = value.and_then(Value::as_object).ok_or_else(|| invalid(format!("`{name}` is not an object")))?;
    for (key, value) in object {
        let known = parts.iter().find(|(part, _)| part.eq_ignore_ascii_case(key));
        match known {
            Some((_, text)) if value.is_null() => *text.of(user) = None,
            Some((_, text)) => *text.of(user) = Some(string(key, Some(value), switches)?),
            None => unknown(key, switches)?,
        }
    }
    Ok(())
}

fn user_name(user: &mut User, name: String, switches: &Switches) -> Result<(), Problem> {
    if name.trim().is_empty() {
        return Err(invalid("`userName` is empty"));
    }
    let is_change = !user.user_name.is_empty() && user.user_name != name;
    if is_change && switches.user_name_change == Permission::Refused {
        return Err(Problem::new(400, "`userName` cannot be changed").of_type("mutability"));
    }
    user.user_name = name;
    Ok(())
}

pub(super) fn string(name: &str, value: Option<&Value>, switches: &Switches) -> Result<String, Problem> {
    let text = value.and_then(Value::as_str).ok_or_else(|| invalid(format!("`{name}` is not a text")))?;
    let longest = usize::try_from(switches.longest_value).unwrap_or(usize::MAX);
    match text.char_indices().nth(longest) {
        Some((end, _)) if longest > 0 => match switches.over_long {
            OverLong::Refused => Err(invalid(format!("`{name}` has more than {longest} characters"))),
            OverLong::Truncated => Ok(text.get(..end).unwrap_or_default().to_owned()),
        },
        _ => Ok(text.to_owned()),
    }
}

fn boolean(value: &Value, switches: &Switches) -> Result<bool, Problem> {
    match value {
        Value::Bool(value) => Ok(*value),
        Value::String(text) if switches.active_as_text && text.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if switches.active_as_text && text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(invalid("`active` is not a boolean")),
    }
}

/// Addresses have a value and no type: each counts as one for work, the only kind in the metadata (zpa-scim.md 3.1).
fn emails(
    user: &mut User,
    operator: Operator,
    path: &Path,
    value: Option<&Value>,
    switches: &Switches,
) -> Result<(), Problem> {
    let chosen = |email: &String| match &path.values {
        None => true,
        Some(filter) => is_chosen(filter, email),
    };
    let Some(value) = value else {
        user.emails.retain(|email| !chosen(email));
        return Ok(());
    };
    let given = addresses(value, switches)?;
    let is_filtered = path.values.is_some();
    match operator {
        Operator::Replace if !is_filtered => user.emails.clear(),
        Operator::Replace => match switches.email_replacement {
            EmailReplacement::All => user.emails.retain(|email| !chosen(email)),
            EmailReplacement::First => {
                let first = user.emails.iter_mut().find(|email| chosen(email));
                if let (Some(first), [given]) = (first, given.as_slice()) {
                    first.clone_from(given);
                    return Ok(());
                }
            }
            EmailReplacement::Appends => {}
            EmailReplacement::Refused => {
                return Err(Problem::new(400, "no address has a type").of_type("noTarget"));
            }
        },
        Operator::Add | Operator::Remove => {}
    }
    for address in given {
        // An equal value is not added again (RFC 7644 3.5.2.1).
        if !user.emails.contains(&address) {
            user.emails.push(address);
        }
    }
    Ok(())
}

fn is_chosen(filter: &Filter, email: &str) -> bool {
    filter.matches(&serde_json::json!({"value": email, "type": "work", "primary": true}))
}

/// One text, one object, or a list of either.
fn addresses(value: &Value, switches: &Switches) -> Result<Vec<String>, Problem> {
    match value {
        Value::Array(values) => {
            let read: Result<Vec<Vec<String>>, Problem> =
                values.iter().map(|value| addresses(value, switches)).collect();
            read.map(|read| read.concat())
        }
        Value::Object(email) => {
            string("emails.value", super::body::member(email, "value"), switches).map(|email| vec![email])
        }
        _ => string("emails.value", Some(value), switches).map(|email| vec![email]),
    }
}
