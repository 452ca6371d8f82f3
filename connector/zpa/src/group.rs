//! SCIM group to unified group.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::field::{self, Value};
use crate::layout::Layout;
use crate::mapping::Unified;
use crate::row::Row;
use crate::wit;

/// The unified group of a row, or why there is none.
pub fn from_scim(row: Row<'_>, layout: &Layout, remote_data: Option<String>) -> Result<wit::Group, String> {
    let mut group = wit::Group {
        id: String::new(),
        external_id: None,
        name: None,
        description: None,
        group_type: None,
        created_at: None,
        updated_at: None,
        extras: Vec::new(),
        remote_data,
    };
    let mut extras = Vec::new();
    for field in &layout.fields {
        let Some(Value::Text(text)) = field::read(field, &row, &mut extras) else {
            continue;
        };
        match field.field {
            Unified::Id => group.id = text,
            Unified::ExternalId => group.external_id = Some(text),
            Unified::Name => group.name = Some(text),
            Unified::CreatedAt => group.created_at = Some(text),
            Unified::UpdatedAt => group.updated_at = Some(text),
            // The table of groups has no other field.
            _ => {}
        }
    }
    if group.id.is_empty() {
        return Err("it has no `id`".to_owned());
    }
    field::rest(row, &mut extras);
    Ok(wit::Group { extras, ..group })
}
