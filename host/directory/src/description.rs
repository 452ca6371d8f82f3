//! A connector's description of itself. Mirrors `descriptor` of `wit/`; promises nothing that it does not say.

use serde::{Deserialize, Serialize};

use crate::Json;

/// A connector's description of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// The connector's name, such as `zpa`.
    pub name: String,
    /// The connector's version, such as `0.1.0`.
    pub version: String,
    /// The vendor and product, for a person.
    pub vendor: String,
    /// The largest `size` of a page; `None` when there is no such limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<u32>,
    /// The field mapping as it is in force; users first, then groups.
    pub fields: Vec<Field>,
    /// Every operation.
    pub operations: Vec<Operation>,
    /// JSON Schema (2020-12) of an account's settings, so that a platform can draw its form.
    pub settings_schema: Json,
}

/// One row of the field mapping, as it is in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// `user` or `group`.
    pub resource: String,
    /// The unified name (`first_name`) or `custom.<name>`.
    pub name: String,
    /// `text`, `boolean`, `number`, `texts`, `emails`, `status` or `references`; an open set.
    pub r#type: String,
    /// Vendor paths that are read, the first that has a value winning.
    pub read: Vec<String>,
    /// Vendor path that is written; `None` for a field that cannot be set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write: Option<String>,
    /// Vendor path that is removed in order to clear the field; `None` for a field that cannot be cleared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear: Option<String>,
    /// What can be done with it.
    pub abilities: FieldAbilities,
    /// Where the vendor documents it, or that the account's settings made it.
    pub source: String,
}

/// What can be done with a field.
#[expect(clippy::struct_excessive_bools, reason = "four independent flags of the contract, not one state")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldAbilities {
    /// It is filled when the vendor has it.
    pub readable: bool,
    /// It can be set.
    pub writable: bool,
    /// It can be cleared.
    pub clearable: bool,
    /// It can be looked up by `find_user` or `find_group`.
    pub findable: bool,
}

/// One function of the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// The function's name in the contract, such as `list-users`; a case of a key is named behind a colon
    /// (`find-user:email`).
    pub name: String,
    /// How far it can be relied on.
    pub support: Support,
    /// Why, in one sentence; `None` when it is plainly supported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How far an operation can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Support {
    /// It does what the contract says.
    Supported,
    /// It does less than one would expect; the reason says what.
    Degraded,
    /// It works, and it may destroy what cannot be brought back; the reason says what.
    Destructive,
    /// It answers `unsupported`; the reason says why.
    Unsupported,
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_description_embeds_its_schema() {
        let description = Description {
            name: "zpa".to_owned(),
            version: "0.1.0".to_owned(),
            vendor: "Zscaler Private Access".to_owned(),
            page_size: Some(100),
            fields: vec![Field {
                resource: "user".to_owned(),
                name: "first_name".to_owned(),
                r#type: "text".to_owned(),
                read: vec!["name.givenName".to_owned()],
                write: Some("name.givenName".to_owned()),
                clear: None,
                abilities: FieldAbilities { readable: true, writable: true, ..FieldAbilities::default() },
                source: "RFC 7643 section 4.1.1".to_owned(),
            }],
            operations: vec![
                Operation { name: "list-users".to_owned(), support: Support::Supported, reason: None },
                Operation {
                    name: "delete-user".to_owned(),
                    support: Support::Destructive,
                    reason: Some("a deleted user cannot be brought back".to_owned()),
                },
            ],
            settings_schema: Json::from_text(r#"{"type": "object"}"#),
        };
        let json = serde_json::to_string(&description).unwrap();
        expect![[r#"{"name":"zpa","version":"0.1.0","vendor":"Zscaler Private Access","page_size":100,"fields":[{"resource":"user","name":"first_name","type":"text","read":["name.givenName"],"write":"name.givenName","abilities":{"readable":true,"writable":true,"clearable":false,"findable":false},"source":"RFC 7643 section 4.1.1"}],"operations":[{"name":"list-users","support":"supported"},{"name":"delete-user","support":"destructive","reason":"a deleted user cannot be brought back"}],"settings_schema":{"type": "object"}}"#]].assert_eq(&json);
        assert_eq!(serde_json::from_str::<Description>(&json).unwrap(), description);
    }
}
