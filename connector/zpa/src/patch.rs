//! The body of a PATCH (RFC 7644 section 3.5.2): operations in lower case, each with a path (zpa-scim 7).

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::change::Edit;
use crate::field::Value;
use crate::json::{list, object, quoted};
use crate::settings::EmailReplacement;

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `add`, `replace` or `remove`.
    pub op: &'static str,
    /// What it is about.
    pub path: String,
    /// JSON text; `None` for a removal.
    pub value: Option<String>,
}

/// The body that makes these edits.
pub fn body(edits: &[Edit<'_>], emails: EmailReplacement) -> Vec<u8> {
    let mut operations = Vec::with_capacity(edits.len() + 1);
    for edit in edits {
        let path = edit.path.to_string();
        match (&edit.value, edit.to_scim()) {
            (Some(Value::Emails(wanted)), Some(value)) => {
                let attribute = edit.path.whole().to_string();
                if emails == EmailReplacement::Replace {
                    operations.push(Operation { op: "replace", path: attribute, value: Some(value) });
                    continue;
                }
                // An addition alone would leave the addresses that are there (zpa-scim 7).
                operations.push(Operation { op: "remove", path: attribute.clone(), value: None });
                operations.push(match wanted.as_slice() {
                    [only] if only.type_.is_none() && only.is_primary.is_none() => {
                        Operation { op: "add", path, value: Some(quoted(&only.email)) }
                    }
                    _ => Operation { op: "add", path: attribute, value: Some(value) },
                });
            }
            (Some(Value::Texts(_)), value) => {
                operations.push(Operation { op: "replace", path: edit.path.whole().to_string(), value });
            }
            (Some(_), value) => operations.push(Operation { op: "replace", path, value }),
            (None, _) => operations.push(Operation { op: "remove", path, value: None }),
        }
    }
    text(&operations)
}

/// The body of these operations.
pub fn text(operations: &[Operation]) -> Vec<u8> {
    let operation = |Operation { op, path, value }: &Operation| {
        object(&[("op", Some(quoted(op))), ("path", Some(quoted(path))), ("value", value.clone())])
    };
    let operations: Vec<_> = operations.iter().map(operation).collect();
    let schemas = r#"["urn:ietf:params:scim:api:messages:2.0:PatchOp"]"#.to_owned();
    object(&[("schemas", Some(schemas)), ("Operations", Some(list(&operations)))]).into_bytes()
}
