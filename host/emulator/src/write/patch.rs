//! The operations of a PATCH in the dialects of zpa-scim.md 7. Says what they are; never does them.

use serde_json::{Map, Value};

use super::assign::Operator;
use super::body::{member, object, syntax};
use crate::error_body::Problem;
use crate::filter::Path;
use crate::switches::Switches;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operation {
    pub(super) operator: Operator,
    /// `None` where the value says by its members what it is for.
    pub(super) path: Option<Path>,
    pub(super) value: Option<Value>,
}

impl Operation {
    /// The value of an operation without a path, which must be an object.
    pub(super) fn members(&self) -> Result<&Map<String, Value>, Problem> {
        let members = self.value.as_ref().and_then(Value::as_object);
        members.ok_or_else(|| syntax("an operation without a path has no object as its value"))
    }
}

pub(super) fn operations(bytes: &[u8], switches: &Switches) -> Result<Vec<Operation>, Problem> {
    let body = object(bytes)?;
    // A whole resource, as Zscaler's own SDK sends it, is no PATCH (zpa-scim.md 7).
    let operations = member(&body, "Operations").and_then(Value::as_array);
    let operations = operations.ok_or_else(|| syntax("`Operations` is not a list"))?;
    let most = usize::try_from(switches.most_operations).unwrap_or(usize::MAX);
    if most > 0 && operations.len() > most {
        return Err(Problem::new(400, format!("more than {most} operations")).of_type("tooMany"));
    }
    operations.iter().map(|operation| one(operation, switches)).collect()
}

fn one(operation: &Value, switches: &Switches) -> Result<Operation, Problem> {
    let operation = operation.as_object().ok_or_else(|| syntax("an operation is not an object"))?;
    let name = member(operation, "op").and_then(Value::as_str).unwrap_or_default();
    let spelling = if switches.capital_operators { name.to_ascii_lowercase() } else { name.to_owned() };
    let operator = match spelling.as_str() {
        "add" => Operator::Add,
        "replace" => Operator::Replace,
        "remove" => Operator::Remove,
        _ => return Err(syntax(format!("op `{name}` is not one of add, replace, remove"))),
    };
    let path = match member(operation, "path") {
        None | Some(Value::Null) if switches.patch_without_path || operator == Operator::Remove => None,
        Some(Value::String(path)) => Some(parsed(path)?),
        _ => return Err(Problem::new(400, "`path` is not a text").of_type("invalidPath")),
    };
    let value = member(operation, "value").cloned();
    if operator == Operator::Remove && path.is_none() {
        return Err(Problem::new(400, "`remove` has no path").of_type("noTarget"));
    }
    if operator != Operator::Remove && value.is_none() {
        return Err(super::invalid("an operation has no value"));
    }
    Ok(Operation { operator, path, value })
}

fn parsed(path: &str) -> Result<Path, Problem> {
    let refusal = || Problem::new(400, format!("path `{path}` is not a path")).of_type("invalidPath");
    Path::parse(path).ok_or_else(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[expect(clippy::needless_pass_by_value, reason = "it is called with what `json!` makes")]
    fn read(operation: Value) -> Result<Operation, String> {
        let body = json!({"Operations": [operation]}).to_string();
        let operations = operations(body.as_bytes(), &Switches::zpa());
        operations.map(|mut operations| operations.remove(0)).map_err(|problem| problem.detail)
    }

    #[test]
    fn operators_have_no_case_and_paths_may_be_missing() {
        let operation = read(json!({"OP": "Replace", "value": {"active": false}})).unwrap();
        assert_eq!((operation.operator, operation.path), (Operator::Replace, None));
        let operation = read(json!({"op": "add", "path": null, "value": {}})).unwrap();
        assert_eq!((operation.operator, operation.path), (Operator::Add, None));
    }

    #[test]
    fn what_is_no_operation_says_why() {
        let refusal = |operation| read(operation).unwrap_err();
        assert_eq!(refusal(json!(5)), "an operation is not an object");
        assert_eq!(refusal(json!({"op": "move"})), "op `move` is not one of add, replace, remove");
        assert_eq!(refusal(json!({"op": "remove"})), "`remove` has no path");
        assert_eq!(refusal(json!({"op": "add", "path": "title"})), "an operation has no value");
        assert_eq!(refusal(json!({"op": "add", "path": 5, "value": 1})), "`path` is not a text");
        assert_eq!(refusal(json!({"op": "add", "path": "a b", "value": 1})), "path `a b` is not a path");
    }
}
