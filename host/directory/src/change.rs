//! What a write sets and clears. Never a whole object: a field that is not named is left as it is.

use crate::Email;

/// One field to set or to clear.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The field: a unified name (`first_name`) or `custom.<name>`.
    pub field: String,
    /// The new value; `None` clears the field.
    pub value: Option<Value>,
}

/// A value of a field in a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text; also for dates.
    Text(String),
    /// True or false.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A list of texts.
    Texts(Vec<String>),
    /// A list of e-mail addresses: exactly the wanted ones.
    Emails(Vec<Email>),
}
